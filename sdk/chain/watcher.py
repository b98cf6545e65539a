"""Follows the chain's logs with a persisted cursor, through reorganisations.

Polling is the truth: each step compares block hashes back to the common ancestor, drops what is no
longer on the chain, and reads on. Handlers must be idempotent and look at the state before acting.
"""

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sdk.chain.client import Block, ChainClient
from sdk.chain.heads import NewHeads

_CHUNK = 1000
_REMEMBERED = 64
_Blocks = tuple[tuple[int, str], ...]
"""Numbers and hashes of blocks that were read up to, rising."""


class CursorStore(Protocol):
    """Keeps a watcher's cursor over restarts."""

    async def load(self) -> str | None:
        """Give what was saved last."""
        ...

    async def save(self, cursor: str) -> None:
        """Keep the cursor."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step saw: the logs up to block `head`.

    Where `rolled_back_to` is set, all that was told of blocks above it is void.
    """

    head: int
    logs: tuple[dict[str, Any], ...] = ()
    rolled_back_to: int | None = None


class Watcher:
    """Reads the logs of some addresses at `confirmations` below the head, each block once."""

    def __init__(
        self,
        client: ChainClient,
        heads: NewHeads,
        store: CursorStore,
        filters: Callable[[], tuple[Sequence[str], Sequence[Any]]],
        *,
        confirmations: int = 0,
        start: int | None = None,
    ) -> None:
        """`filters` gives addresses and topics anew at each step.

        A watcher without a saved cursor begins at block `start`, or else at the head.
        """
        self._client = client
        self._heads = heads
        self._store = store
        self._filters = filters
        self._confirmations = confirmations
        self._start = start
        self._seen: _Blocks | None = None
        self._next: _Blocks = ()

    async def batches(self) -> AsyncGenerator[Batch, None]:
        """Give one batch per step that moved, for ever. Raises ChainUnavailableError.

        The cursor is saved when the next batch is asked for: a crash in between repeats the batch.
        """
        while True:
            count = self._heads.count
            batch = await self.step()
            if batch is not None:
                yield batch
                await self.commit()
            await self._heads.wait(count)

    async def step(self) -> Batch | None:
        """Look once; None when there is no news. The same is given again until `commit`."""
        known = await self._known()
        head = await self._client.block()
        kept = await self._still_there(known)
        first = self._first(known, kept, head.number)
        rolled_back_to = first - 1 if len(kept) < len(known) else None
        target = await self._target(head.number, first)
        if target is None:
            self._next = kept
            return None if rolled_back_to is None else Batch(first - 1, (), rolled_back_to)
        logs = await self._read(first, target.number)
        again = await self._client.find_block(target.number)
        if again is None or again.hash != target.hash:
            return None  # reorganised meanwhile: these logs may be of neither branch
        self._next = (*kept, (target.number, target.hash))[-_REMEMBERED:]
        return Batch(target.number, tuple(logs), rolled_back_to)

    async def commit(self) -> None:
        """Save that the last batch is dealt with."""
        await self._store.save(json.dumps(self._next))
        self._seen = self._next

    async def _known(self) -> _Blocks:
        if self._seen is None:
            saved = json.loads(await self._store.load() or "[]")
            self._seen = tuple((int(number), str(block_hash)) for number, block_hash in saved)
        return self._seen

    def _first(self, known: _Blocks, kept: _Blocks, head: int) -> int:
        """Give the first block to read."""
        if kept:
            return kept[-1][0] + 1
        if known:  # reorganised deeper than is remembered
            return known[0][0]
        return max(0, head - self._confirmations) if self._start is None else self._start

    async def _still_there(self, known: _Blocks) -> _Blocks:
        """Drop the newest blocks down to the common ancestor."""
        for length in range(len(known), 0, -1):
            number, block_hash = known[length - 1]
            block = await self._client.find_block(number)
            if block is not None and block.hash == block_hash:
                return known[:length]
        return ()

    async def _target(self, head: int, first: int) -> Block | None:
        number = head - self._confirmations
        return None if number < first else await self._client.find_block(number)

    async def _read(self, first: int, last: int) -> list[dict[str, Any]]:
        addresses, topics = self._filters()
        found: list[dict[str, Any]] = []
        if not addresses and not topics:
            return found
        for start in range(first, last + 1, _CHUNK):
            end = min(start + _CHUNK - 1, last)
            found += await self._client.logs(start, end, addresses, topics)
        return found
