"""When a charge point came and went, and when its connectors had faults: kept by its gateway. Pure.

Entries stand in a ring of `SLOTS` fields of one hash, each over the one of so many entries before.
How many there were is in the charge point's state, as `presence`: it is written with each.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, cast

from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.records.moments import to_ms

SLOTS = 4_096
"""Ten entries a day make more than a year; a full ring takes some 200 kB."""
_COUNT = "presence"
_PARTS = 4

ConnectorState = Literal["faulted", "unavailable", "fine"]
What = Literal["came", "gone"] | ConnectorState
_WORDS = frozenset({"came", "gone", "faulted", "unavailable", "fine"})


class Entry(NamedTuple):
    """What happened; connector 0 is the charge point itself."""

    at: datetime
    connector_id: int
    what: What


class Happened(NamedTuple):
    """An entry as it is read: s since 1970."""

    number: int
    at_s: int
    connector_id: int
    what: What


class Uptime(NamedTuple):
    """What of a span of time is known, in s; `known_since`: the oldest entry that is kept."""

    known_since_s: int | None = None
    known_s: int = 0
    connected_s: int = 0
    faulted_s: int = 0
    unavailable_s: int = 0
    faults: int = 0
    disconnects: int = 0


def state_of(status: str) -> ConnectorState:
    """Tell what a status (OCPP 1.6, 7.7) says of whether a connector works."""
    if status == "Faulted":
        return "faulted"
    return "unavailable" if status == "Unavailable" else "fine"


def written_entries(state: Mapping[str, str]) -> int:
    """Tell how many entries there were, by the charge point's state."""
    count = state.get(_COUNT, "")
    return int(count) if count.isdecimal() else 0


def entry_writes(charge_point_id: str, number: int, entry: Entry) -> list[StateWrite]:
    """Give what is committed of an entry that comes after `number` others."""
    at_s = to_ms(entry.at) // 1_000
    text = f"{number} {at_s} {entry.connector_id} {entry.what}"
    return [
        StateWrite(keys.presence(charge_point_id), {str(number % SLOTS): text}),
        StateWrite(keys.state(charge_point_id), {_COUNT: str(number + 1)}),
    ]


def read_entries(fields: Mapping[str, str]) -> list[Happened]:
    """Read what is kept, in its order; what can't be read is left out."""
    return sorted(filter(None, map(_entry, fields.values())))


def uptime(entries: Sequence[Happened], begin_s: int, end_s: int) -> Uptime:
    """Tell what the entries say of a span of time, which is over."""
    if not entries:
        return Uptime()
    since = entries[0].at_s
    connected = faulted = unavailable = faults = disconnects = 0
    states: dict[int, ConnectorState] = {}
    is_here: bool | None = None
    for entry, until in _with_ends(entries, end_s):
        is_within = begin_s <= entry.at_s < end_s
        if entry.what in ("came", "gone"):
            disconnects += is_within and entry.what == "gone" and is_here is not False
            is_here = entry.what == "came"
        else:
            had = states.get(entry.connector_id)
            faults += is_within and entry.what == "faulted" and had != "faulted"
            states[entry.connector_id] = cast("ConnectorState", entry.what)
        lasted = max(0, min(until, end_s) - max(entry.at_s, begin_s))
        connected += lasted * (is_here is not False)
        if "faulted" in states.values():
            faulted += lasted
        elif "unavailable" in states.values():
            unavailable += lasted
    known = max(0, end_s - max(since, begin_s))
    return Uptime(since, known, connected, faulted, unavailable, faults, disconnects)


def _with_ends(entries: Sequence[Happened], end_s: int) -> Iterator[tuple[Happened, int]]:
    """Give each entry with when the next one came; clocks may have been set back."""
    at = entries[0].at_s
    ends: Iterable[int] = (*(entry.at_s for entry in entries[1:]), max(end_s, entries[-1].at_s))
    for entry, end in zip(entries, ends, strict=True):
        at = max(at, entry.at_s)
        yield entry._replace(at_s=at), end


def _entry(text: str) -> Happened | None:
    parts = text.split(" ")
    if len(parts) != _PARTS or parts[3] not in _WORDS:
        return None
    number, at_s, connector_id, what = parts
    if not (number.isdecimal() and at_s.isdecimal() and connector_id.isdecimal()):
        return None
    return Happened(int(number), int(at_s), int(connector_id), cast("What", what))
