"""What a bus is: the contract that the Redis and the memory implementation both keep.

Order per charge point and lane holds, doubles (by event id) are dropped, and nothing that `publish`
acknowledged is lost to a durable reader, whatever is killed.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from sdk.bus.commits import Commit, Guard, Once, Outcome, Room, StateWrite, WrittenEnvelope
from sdk.bus.expiring import ExpiringStore
from sdk.bus.keys import Lane
from sdk.bus.messages import MessageStore
from sdk.errors import UnavailableError
from sdk.events.envelope import Envelope

__all__ = [
    "Bus",
    "BusUnavailableError",
    "Commit",
    "DeadLetter",
    "Delivery",
    "Entrance",
    "Follower",
    "Guard",
    "Lease",
    "LogLine",
    "LogSubscription",
    "Once",
    "Outcome",
    "OverloadedError",
    "Published",
    "Room",
    "StateWrite",
    "Subscription",
    "WrittenEnvelope",
]


class BusUnavailableError(UnavailableError):
    """Redis does not answer; nothing was acknowledged; try again."""


class OverloadedError(UnavailableError):
    """The lane is above its cap because its reader lags; try again later."""


@dataclass(frozen=True, slots=True)
class Published:
    """Where an event stands in its stream; `duplicate` if an earlier publish put it there."""

    stream_id: str
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event as a reader gets it."""

    lane: Lane
    stream_id: str
    envelope: Envelope
    gap: bool = False
    """Entries before this one were trimmed unread: build again from the state."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log line; `line_id` is its stream id, which orders all lines of all services."""

    line_id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An entry that no one could read or handle: where it stood, what it was, and why."""

    lane: Lane
    stream_id: str
    data: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to drive one charge point, until it is not renewed in time."""

    charge_point_id: str
    owner: str
    guard: Guard


@dataclass(frozen=True, slots=True)
class Entrance:
    """What the gateway of a charge point's newest socket has to know."""

    guard: Guard
    state: Mapping[str, str]
    """`{CP}:charge_point` as it was before."""
    unanswered: Mapping[str, str]
    """Commands that were sent on an earlier socket: event id -> envelope."""
    cursor: str
    """Stream id of the last command whose effect is committed."""
    newest: str
    """Stream id of the newest command."""


class Subscription(Protocol):
    """The events of one lane of one charge point, in order, without gaps and doubles.

    A subscription buffers a bounded number; a slow reader is served from the stream.
    """

    def __aiter__(self) -> AsyncIterator[Delivery]:
        """Give the deliveries as they come; ends when closed."""
        ...

    def begin(self, after: str, newest: str) -> None:
        """Start from behind `after`; for `Follower.listen`. `newest` is the lane's newest entry."""
        ...

    async def take(self) -> Delivery | None:
        """Give the next delivery; None when there is nothing at the moment, or it is closed."""
        ...

    async def close(self) -> None:
        """Stop following."""
        ...


class LogSubscription(Protocol):
    """The log as it grows: chunks of lines, in order, without gaps and doubles."""

    def __aiter__(self) -> AsyncIterator[list[LogLine]]:
        """Give the lines as they come, up to 500 in a chunk; ends when closed."""
        ...

    async def close(self) -> None:
        """Stop following."""
        ...


class Follower(Protocol):
    """One connection to the bus that follows any number of lanes."""

    async def subscribe(
        self,
        charge_point_id: str,
        lane: Lane,
        *,
        after: str | None,
        reader: str | None = None,
        on_wake: Callable[[], None] | None = None,
    ) -> Subscription:
        """Follow a lane from behind stream id `after` ("0": from its start; None: only new ones).

        `on_wake` is called whenever `Subscription.take` may have something to give.

        With `reader`, a durable one: unreadable entries are put into the dead-letter stream with
        the reason, once, and skipped; without, they are just skipped. Returns when the channel is
        subscribed, so that whatever is published from then on is delivered.

        A reader's name belongs to one lane. From its first subscription on, the lane keeps what it
        has not committed (`Commit.reader`); raises BusUnavailableError.
        """
        ...

    async def listen(
        self, charge_point_id: str, lane: Lane, on_wake: Callable[[], None]
    ) -> Subscription:
        """Hear a lane as a durable reader from now on; `begin` tells from where it is to be read.

        So where to start can be read after the channel is subscribed, and the stream only if there
        is something in it. Raises BusUnavailableError.
        """
        ...

    async def subscribe_log(self, *, after: str | None) -> LogSubscription:
        """Follow the log from behind line id `after` ("0": all that is kept; None: only new)."""
        ...


class Bus(MessageStore, ExpiringStore, Protocol):
    """Events and state of all charge points."""

    async def publish(self, lane: Lane, envelope: Envelope, *, reserved: bool = False) -> Published:
        """Append and announce an event, durable when it returns. `reserved`: may use the reserve.

        An event's id belongs to one lane: on another one of the same charge point it is a double.
        Raises OverloadedError, BusUnavailableError.
        """
        ...

    def follow(self) -> AbstractAsyncContextManager[Follower]:
        """Open a follower; it reconnects and catches up by itself until the context ends."""
        ...

    async def apply(self, commit: Commit) -> Outcome:
        """Commit; see `Commit`. Raises BusUnavailableError: repeat the same commit then.

        Had it gone through all the same, the repeat is DUPLICATE (with a `cause` or `once`) or
        CONFLICT. Raises OverloadedError where `room` refuses it.
        """
        ...

    async def acquire_lease(self, charge_point_id: str, owner: str, ttl: float) -> Lease | None:
        """Take or renew the lease for `ttl` seconds; None while another owner holds it.

        The same owner keeps its fencing token; a new owner gets a new one.
        """
        ...

    async def release_lease(self, lease: Lease) -> None:
        """Give the lease back, if it is still ours."""
        ...

    async def new_fence(self, key: str) -> Guard:
        """Make a new fencing token under `key`; every older one is void from now on."""
        ...

    async def enter(self, charge_point_id: str, reader: str) -> Entrance:
        """Make the fencing token of a charge point's newest socket, as `new_fence` would.

        From now on the lane to the gateway keeps what `reader` has not committed.
        """
        ...

    async def cursor(self, charge_point_id: str, reader: str) -> str | None:
        """Tell how far a durable reader got; None if it never committed."""
        ...

    async def read(self, key: str) -> dict[str, str]:
        """Read a hash; empty if it does not exist."""
        ...

    async def read_many(self, keys: Sequence[str]) -> list[dict[str, str]]:
        """Read several hashes in one round trip, in order."""
        ...

    async def read_blobs(self, keys: Sequence[str]) -> list[bytes]:
        """Read several strings of bytes in one round trip, in order; empty where there is none."""
        ...

    async def read_blob_tails(self, places: Sequence[tuple[str, int]]) -> list[bytes]:
        """Read what strings of bytes have from an offset on, as `read_blobs` does."""
        ...

    async def write(self, key: str, fields: Mapping[str, str]) -> None:
        """Set fields of a hash, outside of any commit; the others stay."""
        ...

    async def delete(self, key: str) -> None:
        """Delete a key of any kind."""
        ...

    async def erase(self, charge_point_id: str, lane: Lane, stream_id: str) -> None:
        """Take an entry out of a lane that may not be kept; who has not read it never will."""
        ...

    async def members(self, key: str) -> set[str]:
        """Read a set."""
        ...

    async def add_member(self, key: str, member: str) -> None:
        """Put a member into a set."""
        ...

    async def remove_member(self, key: str, member: str) -> None:
        """Take a member out of a set."""
        ...

    async def dead_letter(self, delivery: Delivery, reason: str) -> None:
        """Put an event that can't be handled into the dead-letter stream, once per stream id."""
        ...

    async def dead_letters(self, charge_point_id: str) -> list[DeadLetter]:
        """Read a charge point's dead letters, oldest first."""
        ...

    async def append_log(self, lines: Sequence[Mapping[str, str]]) -> None:
        """Append lines to the capped log, in order, and wake its followers."""
        ...

    async def read_log(self, after: str = "0", count: int = 500) -> list[LogLine]:
        """Read up to `count` lines behind line id `after`."""
        ...

    async def read_log_back(self, before: str | None, count: int = 500) -> list[LogLine]:
        """Read up to `count` lines before line id `before` (None: the newest), newest first."""
        ...

    async def open_transaction(
        self, charge_point_id: str, natural_key: str, fields: Mapping[str, str]
    ) -> tuple[int, bool]:
        """Give the transaction id of `natural_key`, and whether it is new.

        A new one comes from the global 32-bit counter, and its hash is stored with `fields` before
        this returns; a repeat gets the id that was given before, and stores nothing.
        """
        ...

    async def close(self) -> None:
        """Let go of all connections; followers must have ended before."""
        ...
