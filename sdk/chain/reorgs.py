"""Follows the newest blocks, and tells when some of them are no longer part of the chain.

One for a process. Heads wake it; a step asks for one block as long as the chain only grows.
"""

import time
from collections.abc import Callable
from contextlib import suppress

from sdk.chain.client import Block, ChainClient
from sdk.chain.errors import ChainError
from sdk.chain.heads import NewHeads

__all__ = ["Reorganisations"]

_KEPT = 128
_LAG_S = 3.0


class Reorganisations:
    """Remembers the newest blocks by number and hash, and compares them with the chain's.

    A chain that is shorter than before but otherwise the same comes from a node that lags, until
    it has been so for `lag` seconds: then its blocks are gone, as after a restart with an old
    state. `now` gives seconds that never run backwards.
    """

    def __init__(
        self,
        client: ChainClient,
        heads: NewHeads,
        *,
        lag: float = _LAG_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._heads = heads
        self._lag = lag
        self._now = now
        self._known: list[tuple[int, str]] = []
        self._newest: Block | None = None
        self._shorter_since: float | None = None
        self._listeners: list[Callable[[int], None]] = []

    @property
    def newest(self) -> Block | None:
        """The newest block, with its time; None before the first look."""
        return self._newest

    def subscribe(self, reorganised: Callable[[int], None]) -> Callable[[], None]:
        """Call `reorganised` with the first block that is not what it was; gives how to stop.

        All that was read of that block and later ones must be read again.
        """
        self._listeners.append(reorganised)
        return lambda: self._listeners.remove(reorganised)

    async def run(self) -> None:
        """Follow until cancelled, also through times when the chain can't be read."""
        while True:
            count = self._heads.count
            with suppress(ChainError):
                await self.step()
            await self._heads.wait(count)

    async def step(self) -> int | None:
        """Look once; give the first block that is not what it was. Raises ChainUnavailableError."""
        head = await self._client.block()
        self._newest = head
        first = await self._compare(head)
        if first is not None:
            for listener in tuple(self._listeners):
                listener(first)
        return first

    async def _compare(self, head: Block) -> int | None:
        if not self._known:
            self._known = [(head.number, head.hash)]
            return None
        last = self._known[-1]
        if (head.number, head.hash) == last or await self._goes_on(head, last):
            self._add(head)
            return None
        kept = await self._still_there(head)
        lower = [known for known in self._known if known[0] <= head.number]
        if kept == lower != self._known and self._may_lag():
            return None
        self._shorter_since = None
        first = kept[-1][0] + 1 if kept else self._known[0][0]
        self._known = kept
        self._add(head)
        return first

    async def _goes_on(self, head: Block, last: tuple[int, str]) -> bool:
        """Tell whether `head` came after the newest block that we know."""
        number, block_hash = last
        if head.number <= number:
            return False
        if head.number == number + 1:
            return head.parent_hash == block_hash
        return await self._is_there(number, block_hash)

    async def _still_there(self, head: Block) -> list[tuple[int, str]]:
        """Give the known blocks up to the common ancestor."""
        for length in range(len(self._known), 0, -1):
            number, block_hash = self._known[length - 1]
            if number <= head.number and await self._is_there(number, block_hash):
                return self._known[:length]
        return []

    async def _is_there(self, number: int, block_hash: str) -> bool:
        block = await self._client.find_block(number)
        return block is not None and block.hash == block_hash

    def _may_lag(self) -> bool:
        if self._shorter_since is None:
            self._shorter_since = self._now()
        return self._now() - self._shorter_since < self._lag

    def _add(self, head: Block) -> None:
        self._shorter_since = None
        entry = (head.number, head.hash)
        if not self._known or self._known[-1] != entry:
            self._known = [*self._known[-_KEPT + 1 :], entry]
