"""The idTag register of a charge point: who may charge, and where. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cpg.translate import write_time

TagStatus = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One idTag: until when it may charge (None: for ever), where, and if a session made it."""

    valid_until: datetime | None = None
    of_session: bool = True
    connector_id: int | None = None
    """The one connector that it may charge on; None: any."""
    parent: str | None = None
    """The parentIdTag: who has the same one may stop each other's transactions (3.9)."""

    def to_json(self) -> str:
        """Write the entry as the register keeps it."""
        until = self.valid_until.isoformat() if self.valid_until else None
        more: dict[str, object] = {"connector_id": self.connector_id} if self.connector_id else {}
        if self.parent:
            more["parent"] = self.parent
        return json.dumps({"valid_until": until, "of_session": self.of_session, **more})


def read_entry(text: str) -> Entry | None:
    """Read an entry; None for one that is damaged, which lets nobody charge."""
    try:
        data = json.loads(text)
        until = data.get("valid_until")
        return Entry(
            valid_until=datetime.fromisoformat(until) if until else None,
            of_session=bool(data.get("of_session", True)),
            connector_id=int(data["connector_id"]) if data.get("connector_id") else None,
            parent=str(data["parent"])[:20] if data.get("parent") else None,
        )
    except (ValueError, TypeError, AttributeError):
        return None


def spelling(register: Mapping[str, str], id_tag: str) -> str:
    """Give the tag as the register writes it: an idTag is a CiString, its case says nothing."""
    if id_tag in register:
        return id_tag
    folded = id_tag.casefold()
    return next((known for known in register if known.casefold() == folded), id_tag)


def tag_status(
    register: Mapping[str, str], id_tag: str, now: datetime, connector_id: int | None = None
) -> TagStatus:
    """Say what the register says of a tag; with a connector, whether it may charge there."""
    text = register.get(spelling(register, id_tag))
    entry = read_entry(text) if text is not None else None
    if entry is None:
        return "Invalid"
    if connector_id is not None and entry.connector_id not in (None, connector_id):
        return "Invalid"
    if entry.valid_until is not None and _has_passed(entry.valid_until, now):
        return "Expired"
    return "Accepted"


def tag_info(
    register: Mapping[str, str], id_tag: str, now: datetime, connector_id: int | None = None
) -> dict[str, str]:
    """Give idTagInfo (7.28) of a tag: its status, parent and expiry."""
    info: dict[str, str] = {"status": tag_status(register, id_tag, now, connector_id)}
    text = register.get(spelling(register, id_tag))
    entry = read_entry(text) if text is not None else None
    if entry is not None and entry.parent:
        info["parentIdTag"] = entry.parent
    if entry is not None and entry.valid_until is not None:
        info["expiryDate"] = write_time(_aware(entry.valid_until, now))
    return info


def _has_passed(until: datetime, now: datetime) -> bool:
    return now >= _aware(until, now)


def _aware(until: datetime, now: datetime) -> datetime:
    return until if until.tzinfo else until.replace(tzinfo=now.tzinfo)
