"""What a bus keeps of the messages between charge points and the gateway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class MessageBatch:
    """What is added to one charge point's message log and counts in one go.

    `entries` are lines in the form of `sdk.message_log`; `counts` are added to those that are kept.
    """

    charge_point_id: str
    batch_id: str
    """New for each batch; the batch that came last, sent again, changes nothing."""
    entries: Sequence[bytes] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """One entry of a message log; `entry_id` is its stream id."""

    entry_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class MessagePage:
    """What a log holds behind a position; `gap` if entries between may have been trimmed."""

    entries: Sequence[MessageEntry]
    gap: bool = False


class MessageStore(Protocol):
    """The message logs and counts of all charge points."""

    async def append_messages(self, batches: Sequence[MessageBatch]) -> list[str]:
        """Add to the capped message logs of many charge points, in one round trip.

        Gives the ids of charge points whose log or counts could not be written: something else
        stands under their key. Raises BusUnavailableError: send the same batches again then.
        """
        ...

    async def read_messages(
        self, charge_point_id: str, after: str = "0", count: int = 100
    ) -> MessagePage:
        """Read up to `count` entries of a message log behind entry id `after`."""
        ...

    async def last_message(self, charge_point_id: str) -> str:
        """Give the id of a message log's newest entry; "0-0" if there is none."""
        ...
