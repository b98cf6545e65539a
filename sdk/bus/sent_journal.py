"""The journal of a gas account (`sdk.chain.journal`) over the bus: shared by its processes."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from secrets import token_hex

from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Commit, Lease, Outcome, StateWrite
from sdk.chain.errors import JournalUnavailableError, TurnLostError
from sdk.chain.journal import Sent, Turn

_ASK_AGAIN_S = (0.005, 0.01, 0.02, 0.05, 0.1)


class SentJournal:
    """Keeps the contract of `sdk.chain.journal.Journal`, one turn at a time over all processes.

    A turn is a lease with a fencing token: whoever lost it, because it was frozen for longer than
    `lease_seconds` and another took it, can write nothing any more, and so sends nothing.
    """

    def __init__(self, bus: Bus, chain_id: int, account: str, lease_seconds: float = 10.0) -> None:
        self._bus = bus
        self._name = keys.gas_account(chain_id, account)
        self._key = keys.sent(chain_id, account)
        self._owner = token_hex(8)
        self._lease_seconds = lease_seconds
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """See `Journal.turn`."""
        async with self._lock:
            with _availability():
                lease = await self._take()
            try:
                with _availability():
                    held = await self._bus.read(self._key)
                yield _Turn(self._bus, lease, self._key, _read(held))
            finally:
                with suppress(BusUnavailableError):  # it ends by itself
                    await self._bus.release_lease(lease)

    async def read(self, nonce: int) -> Sent | None:
        """See `Journal.read`."""
        with _availability():
            return _read(await self._bus.read(self._key)).get(nonce)

    async def _take(self) -> Lease:
        attempt = 0
        while True:
            lease = await self._bus.acquire_lease(self._name, self._owner, self._lease_seconds)
            if lease is not None:
                return lease
            pause = _ASK_AGAIN_S[min(attempt, len(_ASK_AGAIN_S) - 1)]
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads them out
            attempt += 1


class _Turn:
    def __init__(self, bus: Bus, lease: Lease, key: str, sent: dict[int, Sent]) -> None:
        self._bus = bus
        self._lease = lease
        self._key = key
        self._sent = sent

    @property
    def sent(self) -> Mapping[int, Sent]:
        """See `Turn.sent`."""
        return self._sent

    async def read(self, nonce: int) -> Sent | None:
        """See `Turn.read`."""
        with _availability():
            return _read(await self._bus.read(self._key)).get(nonce)

    async def write(self, sent: Sent) -> None:
        """See `Turn.write`."""
        fields = {str(sent.nonce): json.dumps(sent.to_fields())}
        try:
            await self._apply(writes=[StateWrite(self._key, fields)])
        except TurnLostError:
            held = await self.read(sent.nonce)
            # its first attempt may have been written, and the answer lost, and then the turn
            if held is None or sent.hashes[-1] not in held.hashes:
                raise
        self._sent[sent.nonce] = sent

    async def forget(self, nonces: Collection[int]) -> None:
        """See `Turn.forget`."""
        if not nonces:
            return
        await self._apply(removed={self._key: [str(nonce) for nonce in nonces]})
        for nonce in nonces:
            self._sent.pop(nonce, None)

    async def _apply(
        self,
        *,
        writes: Collection[StateWrite] = (),
        removed: Mapping[str, list[str]] | None = None,
    ) -> None:
        commit = Commit(
            self._lease.charge_point_id,
            guards=[self._lease.guard],
            writes=list(writes),
            removed_fields=removed or {},
        )
        with _availability():
            outcome = await self._bus.apply(commit)
        if outcome is not Outcome.APPLIED:
            raise TurnLostError("another process sends for the gas account now")


def _read(held: Mapping[str, str]) -> dict[int, Sent]:
    return {int(nonce): Sent.from_fields(json.loads(held[nonce])) for nonce in held}


@contextmanager
def _availability() -> Iterator[None]:
    try:
        yield
    except BusUnavailableError as error:
        raise JournalUnavailableError(f"what the gas account sent: {error}") from error
