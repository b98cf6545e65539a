"""Reads a lane as the gateway does: woken when there may be something, until there is nothing."""

import asyncio
from typing import Any

from sdk.bus.interface import Subscription


class Bell:
    """Counts how often it is rung, and wakes who waits."""

    def __init__(self) -> None:
        self.rung = 0
        self._event = asyncio.Event()

    def ring(self) -> None:
        self.rung += 1
        self._event.set()

    def forget(self) -> None:
        self._event.clear()

    async def heard(self) -> None:
        async with asyncio.timeout(5):
            await self._event.wait()
        self._event.clear()


class Reader:
    """Keeps the numbers that a lane's events carry."""

    def __init__(self, subscription: Subscription, bell: Bell) -> None:
        self._subscription = subscription
        self._bell = bell
        self.seen: list[int] = []
        self.last = ""

    async def drain(self) -> list[int]:
        while delivery := await self._subscription.take():
            body: Any = delivery.envelope.body
            self.seen.append(body.energy_wh)
            self.last = delivery.stream_id
        return self.seen

    async def until(self, count: int) -> list[int]:
        while len(await self.drain()) < count:
            await self._bell.heard()
        return self.seen
