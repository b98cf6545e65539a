"""The idTag register of a charge point: who may charge. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

TagStatus = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One idTag: until when it may charge (None: for ever), and whether a session made it."""

    valid_until: datetime | None = None
    of_session: bool = True

    def to_json(self) -> str:
        """Write the entry as the register keeps it."""
        until = self.valid_until.isoformat() if self.valid_until else None
        return json.dumps({"valid_until": until, "of_session": self.of_session})


def read_entry(text: str) -> Entry:
    """Read an entry."""
    data = json.loads(text)
    until = data.get("valid_until")
    return Entry(
        valid_until=datetime.fromisoformat(until) if until else None,
        of_session=bool(data.get("of_session", True)),
    )


def tag_status(register: Mapping[str, str], id_tag: str, now: datetime) -> TagStatus:
    """Say what the register says of a tag."""
    if id_tag not in register:
        return "Invalid"
    entry = read_entry(register[id_tag])
    if entry.valid_until is not None and now >= entry.valid_until:
        return "Expired"
    return "Accepted"
