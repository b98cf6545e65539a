"""Whom the simulated charge point knows: its local list and its authorization cache."""

from datetime import datetime
from typing import Any

from ocpp.v16.enums import UpdateStatus

from sdk.ids import utc_now
from simulated_configuration import Configuration
from simulated_options import Options

Info = dict[str, Any]
"""idTagInfo by the package's names: status, expiry_date, parent_id_tag."""


class Tags:
    """Knows tags in any spelling (CiString)."""

    def __init__(self, options: Options, configuration: Configuration) -> None:
        self._configuration = configuration
        self._list: dict[str, Info] = {}
        self._cache: dict[str, Info] = {}
        self.version = -1 if options.no_local_list else 0

    def __len__(self) -> int:
        """How many entries the local list has."""
        return len(self._list)

    def known(self, id_tag: str) -> Info | None:
        """Give what is known of a tag: by the local list before the cache."""
        key = id_tag.casefold()
        if key in self._list:
            return self._list[key]
        if self._configuration.is_on("AuthorizationCacheEnabled"):
            return self._cache.get(key)
        return None

    def learn(self, id_tag: str, info: Info) -> None:
        """Keep what the central system said of a tag, unless the local list knows it."""
        if id_tag.casefold() not in self._list:
            self._cache[id_tag.casefold()] = info

    def clear_cache(self) -> bool:
        """Forget what was learnt; False where nothing is kept at all."""
        self._cache.clear()
        return self._configuration.is_on("AuthorizationCacheEnabled")

    def take_list(self, version: int, kind: str, entries: list[dict[str, Any]]) -> UpdateStatus:
        """Keep a local list, or changes of it (SendLocalList, 5.15)."""
        if self.version < 0:
            return UpdateStatus.not_supported
        if kind == "Differential" and version <= self.version:
            return UpdateStatus.version_mismatch
        if version <= 0 or len(entries) > self._configuration.number("SendLocalListMaxLength"):
            return UpdateStatus.failed
        if kind == "Full":
            self._list = {}
        for entry in entries:
            key = entry["id_tag"].casefold()
            self._cache.pop(key, None)
            if entry.get("id_tag_info"):
                self._list[key] = entry["id_tag_info"]
            else:
                self._list.pop(key, None)
        self.version = version
        return UpdateStatus.accepted


def is_accepted(info: Info | None) -> bool:
    """Tell whether a tag may charge."""
    if info is None or info["status"] != "Accepted":
        return False
    expiry = info.get("expiry_date")
    return expiry is None or datetime.fromisoformat(expiry) > utc_now()
