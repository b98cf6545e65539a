"""What an account has sent and may have to send again: written before it is sent, under a lock.

A process that sends takes a turn, reads what is under way, reserves a nonce by writing what it will
send, and only then sends it. So whoever takes the next turn knows all that may be on its way,
whatever became of the process before.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from sdk.chain.fees import Fees

__all__ = ["Call", "Journal", "MemoryJournal", "Sent", "Turn"]


@dataclass(frozen=True, slots=True)
class Call:
    """What a transaction does; `touched` are accounts named in advance (EIP-2930)."""

    to: str
    data: bytes
    value: int = 0
    gas: int = 0
    touched: tuple[str, ...] = ()

    def does_the_same(self, other: "Call") -> bool:
        """Tell whether two calls differ in their gas at most."""
        return (self.to, self.data, self.value) == (other.to, other.data, other.value)


@dataclass(frozen=True, slots=True)
class Sent:
    """One nonce of an account: its call, and the transactions that carry it.

    `hashes` has one for each offer of fees, oldest first: any of them may be mined. `fees` are the
    newest offer's, made at `sent_at` (seconds since 1970). `genesis` is the first block's hash.
    """

    nonce: int
    call: Call
    fees: Fees
    hashes: tuple[str, ...]
    sent_at: float
    genesis: str = ""

    def to_fields(self) -> dict[str, Any]:
        """Give it as JSON-able fields; amounts are decimal texts."""
        call = self.call
        return {
            "nonce": self.nonce,
            "to": call.to,
            "data": call.data.hex(),
            "value": str(call.value),
            "gas": call.gas,
            "touched": list(call.touched),
            "fees": [str(fee) for fee in self.fees],
            "hashes": list(self.hashes),
            "sent_at": self.sent_at,
            "genesis": self.genesis,
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "Sent":
        """Read what `to_fields` gave."""
        data, value = bytes.fromhex(fields["data"]), int(fields["value"])
        call = Call(fields["to"], data, value, int(fields["gas"]), tuple(fields["touched"]))
        most, tip = fields["fees"]
        return cls(
            nonce=int(fields["nonce"]),
            call=call,
            fees=Fees(int(most), int(tip)),
            hashes=tuple(fields["hashes"]),
            sent_at=float(fields["sent_at"]),
            genesis=fields["genesis"],
        )


class Turn(Protocol):
    """The right to send for an account, as long as nobody else takes it over."""

    @property
    def sent(self) -> Mapping[int, Sent]:
        """What the journal holds now, by nonce."""
        ...

    async def read(self, nonce: int) -> Sent | None:
        """Read one as it is now, also where the turn is lost. Raises JournalUnavailableError."""
        ...

    async def write(self, sent: Sent) -> None:
        """Put one in; only then may it be sent.

        Raises TurnLostError (nothing was written), JournalUnavailableError.
        """
        ...

    async def forget(self, nonces: Collection[int]) -> None:
        """Take some out: they are deep in the chain, or were never sent. Raises as `write`."""
        ...


class Journal(Protocol):
    """All that one account sent on one chain and that is not deep in the chain yet."""

    def turn(self) -> AbstractAsyncContextManager[Turn]:
        """Wait until nobody else sends for the account. Raises JournalUnavailableError."""
        ...

    async def read(self, nonce: int) -> Sent | None:
        """Read one, as of now; None once it is forgotten. Raises JournalUnavailableError."""
        ...


class MemoryJournal:
    """The journal of a process that has the account for itself; forgets all when it ends."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._sent: dict[int, Sent] = {}

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """See `Journal.turn`."""
        async with self._lock:
            yield _MemoryTurn(self._sent)

    async def read(self, nonce: int) -> Sent | None:
        """See `Journal.read`."""
        return self._sent.get(nonce)


class _MemoryTurn:
    def __init__(self, sent: dict[int, Sent]) -> None:
        self._sent = sent

    @property
    def sent(self) -> Mapping[int, Sent]:
        """See `Turn.sent`."""
        return self._sent

    async def read(self, nonce: int) -> Sent | None:
        """See `Turn.read`."""
        return self._sent.get(nonce)

    async def write(self, sent: Sent) -> None:
        """See `Turn.write`."""
        self._sent[sent.nonce] = sent

    async def forget(self, nonces: Collection[int]) -> None:
        """See `Turn.forget`."""
        for nonce in nonces:
            self._sent.pop(nonce, None)
