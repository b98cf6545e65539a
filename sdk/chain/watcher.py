"""Follows the chain's logs with a persisted cursor, through reorganisations.

Polling is the truth: each step compares block hashes back to the common ancestor, drops what is no
longer on the chain, and reads on. Handlers must be idempotent and look at the state before acting.
"""

import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sdk.chain.client import ChainClient
from sdk.chain.heads import NewHeads

_CHUNK = 1000
_REMEMBERED = 64


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
    """What one step saw: logs of blocks up to `head`; blocks above `rolled_back_to` are void."""

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
        confirmations: int = 0,
    ) -> None:
        """`filters` gives addresses and topics anew at each step."""
        self._client = client
        self._heads = heads
        self._store = store
        self._filters = filters
        self._confirmations = confirmations
        self._seen: deque[tuple[int, str]] = deque(maxlen=_REMEMBERED)
        self._loaded = False

    async def batches(self) -> AsyncIterator[Batch]:
        """Give one batch per step that moved, for ever. Raises ChainUnavailableError.

        The cursor is saved when the next batch is asked for: a crash in between repeats the batch.
        """
        while True:
            batch = await self.step()
            if batch is not None:
                yield batch
                await self._save()
            await self._heads.wait()

    async def step(self) -> Batch | None:
        """Look once; None when there is no news."""
        await self._load()
        head = await self._client.block()
        target = head.number - self._confirmations
        rolled_back_to = await self._common_ancestor()
        last = self._seen[-1][0] if self._seen else None
        if target < 0 or (last is not None and target <= last and rolled_back_to is None):
            return None
        first = max(0, target) if last is None else last + 1
        logs = await self._read(first, target)
        if target >= first:
            await self._remember(target)
        return Batch(target, tuple(logs), rolled_back_to)

    async def _common_ancestor(self) -> int | None:
        rolled_back = False
        while self._seen:
            number, known = self._seen[-1]
            if await self._hash(number) == known:
                break
            self._seen.pop()
            rolled_back = True
        if not rolled_back:
            return None
        return self._seen[-1][0] if self._seen else 0

    async def _hash(self, number: int) -> str | None:
        raw = await self._client.rpc("eth_getBlockByNumber", hex(number), False)
        return raw["hash"] if raw else None

    async def _read(self, first: int, last: int) -> list[dict[str, Any]]:
        addresses, topics = self._filters()
        found: list[dict[str, Any]] = []
        if not addresses and not topics:
            return found
        for start in range(first, last + 1, _CHUNK):
            end = min(start + _CHUNK - 1, last)
            found += await self._client.logs(start, end, addresses, topics)
        return found

    async def _remember(self, number: int) -> None:
        block_hash = await self._hash(number)
        if block_hash is not None:
            self._seen.append((number, block_hash))

    async def _load(self) -> None:
        if self._loaded:
            return
        saved = await self._store.load()
        if saved:
            self._seen.extend((int(number), str(known)) for number, known in json.loads(saved))
        self._loaded = True

    async def _save(self) -> None:
        await self._store.save(json.dumps(list(self._seen)))
