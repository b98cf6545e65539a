"""Operations of operators that wait beside the charging commands of one charge point."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from sdk.bus.interface import Delivery

MOST = 16
"""So many may wait behind the one that is carried out; then the charge point's lane waits."""


class OperationLine:
    """Carries out one operation after the other; made for the first, and gone after the last."""

    __slots__ = ("_is_over", "_moved", "_waiting")

    def __init__(self) -> None:
        """Be empty."""
        self._waiting: deque[Delivery] = deque()
        self._moved = asyncio.Event()
        self._is_over = False

    def add(self, delivery: Delivery) -> None:
        """Let one more wait; ask for `room` before the next."""
        self._waiting.append(delivery)

    async def work_off(
        self, carry_out: Callable[[Delivery], Awaitable[object]], is_open: Callable[[], bool]
    ) -> None:
        """Carry out what waits, in its order, as long as the socket `is_open`."""
        try:
            while self._waiting and is_open():
                delivery = self._waiting.popleft()
                self._moved.set()
                await carry_out(delivery)
        finally:
            self._is_over = True
            self._moved.set()

    async def room(self) -> None:
        """Wait until one more may wait, or all is over."""
        while len(self._waiting) >= MOST and not self._is_over:
            await self._move()

    async def end(self) -> None:
        """Wait until all is over."""
        while not self._is_over:
            await self._move()

    async def _move(self) -> None:
        self._moved.clear()
        await self._moved.wait()
