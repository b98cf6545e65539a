"""The idTag register of a charge point: who may charge, and where. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

TagStatus = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One idTag: until when it may charge (None: for ever), where, and if a session made it."""

    valid_until: datetime | None = None
    of_session: bool = True
    connector_id: int | None = None
    """The one connector that it may charge on; None: any."""

    def to_json(self) -> str:
        """Write the entry as the register keeps it."""
        until = self.valid_until.isoformat() if self.valid_until else None
        place = {"connector_id": self.connector_id} if self.connector_id else {}
        return json.dumps({"valid_until": until, "of_session": self.of_session, **place})


def read_entry(text: str) -> Entry | None:
    """Read an entry; None for one that is damaged, which lets nobody charge."""
    try:
        data = json.loads(text)
        until = data.get("valid_until")
        return Entry(
            valid_until=datetime.fromisoformat(until) if until else None,
            of_session=bool(data.get("of_session", True)),
            connector_id=int(data["connector_id"]) if data.get("connector_id") else None,
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


def _has_passed(until: datetime, now: datetime) -> bool:
    return now >= (until if until.tzinfo else until.replace(tzinfo=now.tzinfo))
