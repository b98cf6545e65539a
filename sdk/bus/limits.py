"""How long lanes may grow and how long doubles are remembered; the same for every kind of bus."""

from dataclasses import dataclass

from sdk.bus.interface import Room
from sdk.bus.keys import Lane
from sdk.events.body import Command
from sdk.events.envelope import Envelope
from sdk.events.signed import SignedBody


@dataclass(frozen=True, slots=True)
class Limits:
    """Entries per lane, log and dead-letter stream; seconds per memory.

    `:in` and `:ocpp` lose only what every durable reader has committed; at `open_entries` a publish
    is refused, at `reserved_entries` also a reserved one. `:out` keeps about `out_entries`.
    """

    open_entries: int = 5_000
    reserved_entries: int = 20_000
    kept_entries: int = 32
    """This many of the newest stay in `:in` and `:ocpp` for readers without a durable cursor."""
    out_entries: int = 256
    dead_entries: int = 1_000
    log_lines: int = 100_000
    event_memory: float = 600.0
    """Seconds that a published event and a committed cause are known as such."""
    command_memory: float = 86_400.0
    """The same for commands and signed requests."""
    repeat_memory: float = 90 * 86_400.0
    """Seconds that a start which comes again is known as such."""
    transaction_memory: float = 400 * 86_400.0
    """Seconds that a transaction is kept from its start; its session has a record of its own."""
    message_entries: int = 1_000
    """Entries of a message log, each of up to 64 records."""
    message_bytes: int = 65_536
    """Memory of a message log in Redis: 10,000 charge points take 0.65 GB at most."""
    message_memory: float = 30 * 86_400.0
    """Seconds after its last record that a message log goes."""

    def room(self, room: Room) -> tuple[int, bool]:
        """Give at how many entries a lane is full for such a commit, and whether it is refused."""
        if room is Room.STATE_ONLY:
            return self.open_entries, False
        more = self.open_entries if room is Room.TRANSACTIONS else 0
        return self.reserved_entries + more, True

    def memory(self, lane: Lane, envelope: Envelope) -> float:
        """Tell for how many seconds a second publish of this event is dropped."""
        body = envelope.body
        lasting = lane is Lane.OCPP or isinstance(body, Command | SignedBody)
        if lasting and envelope.type not in _READ_ONLY:
            return self.command_memory
        return self.event_memory


KEEPS_UNREAD = frozenset({Lane.IN, Lane.OCPP})
"""The lanes that are trimmed below the slowest durable cursor only."""

_READ_ONLY = frozenset({"SessionStateRequested", "QuoteRequested"})
"""Signed requests that change nothing: answering one twice does no harm."""
