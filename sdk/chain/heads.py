"""Wakes whoever waits when the chain has a new block. A wake-up, never the truth.

Where a URL speaks WebSocket the node tells of each block; elsewhere, and while that connection is
away, the interval alone wakes.
"""

import asyncio
import json
from collections.abc import Sequence

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

_RETRY_S = 2.0


class NewHeads:
    """Lets many tasks wait for the next block."""

    def __init__(self, urls: Sequence[str], interval: float = 1.0) -> None:
        """Listen to the first URL of `urls` that begins with ws; else wake every `interval` s."""
        sockets = [url for url in urls if url.startswith("ws")]
        self._url = sockets[0] if sockets else None
        self._interval = interval
        self._waiting: set[asyncio.Future[None]] = set()

    async def wait(self) -> None:
        """Return at the next block, or after the interval."""
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
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def run(self) -> None:
        """Listen until cancelled; connects again when the node goes away."""
        while self._url is not None:
            try:
                await self._listen(self._url)
            except (OSError, WebSocketException, InvalidHandshake, InvalidURI, TimeoutError):
                await asyncio.sleep(_RETRY_S)
        await asyncio.Event().wait()

    async def _listen(self, url: str) -> None:
        request = {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]}
        async with connect(url, open_timeout=5, max_size=2**20) as socket:
            await socket.send(json.dumps(request))
            self.wake()
            async for _ in socket:
                self.wake()
