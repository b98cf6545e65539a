"""Wakes whoever waits when the chain has a new block. A wake-up, never the truth.

Where a URL speaks WebSocket the node tells of each block; elsewhere, and while that connection is
away, the interval alone wakes.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

_RETRY_S = 0.5


class NewHeads:
    """Lets many tasks wait for the next block."""

    def __init__(self, urls: Sequence[str], interval: float = 1.0) -> None:
        """Listen to those `urls` that begin with ws, in turn; else wake every `interval` s."""
        self._urls = [url for url in urls if url.startswith(("ws://", "wss://"))]
        self._interval = interval
        self._waiting: set[asyncio.Future[None]] = set()
        self._count = 0

    @property
    def count(self) -> int:
        """How often the node told of something; take it before looking, for `wait`."""
        return self._count

    async def wait(self, since: int | None = None) -> None:
        """Return at the next block, or after the interval; at once if `count` is above `since`."""
        if since is not None and self._count > since:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            async with asyncio.timeout(self._interval):
                await future
        except TimeoutError:
            return
        finally:
            self._waiting.discard(future)

    def wake(self) -> None:
        """Wake everyone who waits."""
        self._count += 1
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def run(self) -> None:
        """Listen until cancelled; connects again when the node goes away."""
        for url in cycle(self._urls):
            with suppress(OSError, WebSocketException, InvalidHandshake, InvalidURI):
                await self._listen(url)
            await asyncio.sleep(_RETRY_S)
        await asyncio.Event().wait()

    async def _listen(self, url: str) -> None:
        request = {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]}
        async with connect(url, open_timeout=5, max_size=2**20) as socket:
            await socket.send(json.dumps(request))
            self.wake()
            async for _ in socket:
                self.wake()
