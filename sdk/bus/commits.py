"""What one input changes, as a value: state, events and cursor that are committed together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sdk.bus.keys import Lane
from sdk.events.envelope import Envelope


class StateWrite(NamedTuple):
    """One hash to write (`fields` are set, others stay) or, with `fields` None, to delete.

    With `expected_version`, the commit goes through only while the hash's `version` field is that
    (0: absent). With `replace`, fields not named are removed.
    """

    key: str
    fields: Mapping[str, str] | None
    expected_version: int | None = None
    replace: bool = False


class Guard(NamedTuple):
    """A fencing token: the commit goes through only while `key` holds `token`."""

    key: str
    token: str


class Once(NamedTuple):
    """A hash field that names the input: a commit whose `value` it holds already is a duplicate.

    One of the commit's writes sets it. It tells only the newest input, and for ever.
    """

    key: str
    field: str
    value: str


class WrittenEnvelope(NamedTuple):
    """An envelope that is JSON already; its double is dropped by the commit, not by its id."""

    id: str
    charge_point_id: str
    json: bytes


class Room(StrEnum):
    """What becomes of a commit whose lane is full because its durable readers lag.

    Without a durable reader the lane's oldest entries go instead.
    """

    STATE_ONLY = "state_only"
    """Above `Limits.open_entries` the state is written, and that lane's events are left out."""
    READINGS = "readings"
    """Above `Limits.reserved_entries` it is refused."""
    TRANSACTIONS = "transactions"
    """Refused only where readings have been refused for long."""


@dataclass(frozen=True, slots=True)
class Commit:
    """All that one input changes: committed together in one call, or not at all.

    `cause` is the input's event id (a repeat is a duplicate and changes nothing), `once` does the
    same for a stream of inputs; `reader` and `stream_id` move the durable cursor of `lane`. With
    `room` the first event's lane is looked at before. All keys belong to `charge_point_id`.
    """

    charge_point_id: str
    cause: UUID | None = None
    guards: Sequence[Guard] = ()
    writes: Sequence[StateWrite] = ()
    events: Sequence[tuple[Lane, Envelope | WrittenEnvelope]] = ()
    reader: str | None = None
    stream_id: str | None = None
    removed_fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Hash fields to delete: key -> names."""
    once: Once | None = None
    room: Room | None = None
    appends: Mapping[str, bytes] = field(default_factory=dict)
    """Bytes to put to the end of a string: key -> what; before the writes, which may delete it."""
    constants: Mapping[str, bytes] = field(default_factory=dict)
    """Strings that are written once and never again: key -> what; one that is there stays."""

    def __post_init__(self) -> None:
        """Refuse appends that a repeat of the call would append again."""
        if self.appends and self.cause is None and self.once is None and not self._is_versioned:
            raise ValueError("appends need a cause, a once or an expected version")

    @property
    def _is_versioned(self) -> bool:
        return any(write.expected_version is not None for write in self.writes)


class Outcome(StrEnum):
    """What became of a commit."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    """The cause was committed before; only the cursor moved."""
    FENCED = "fenced"
    """A guard's token is not the newest; stop writing for this charge point."""
    CONFLICT = "conflict"
    """A version is not the expected one; load the state again."""
