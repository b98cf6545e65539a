"""What an app does about a session while nothing comes: ticks, payouts, the refund that opens."""

import asyncio
from collections.abc import Awaitable, Callable

from sdk.chain.errors import ChainError
from sdk.errors import UnavailableError
from sdk.ids import Clock
from sdk.p2p.consumer_events import RefundOpened
from sdk.p2p.consumer_settings import ConsumerChain
from sdk.p2p.conversation import Conversation
from sdk.p2p.driver import Driver
from sdk.p2p.vouchers import Emit

TICK_SECONDS = 1.0
QUIET_SECONDS = 30.0
"""After so long without a word during a session, the station is asked whether it is there."""
REFUND_LOOK_SECONDS = 5.0
CLOCK_TOLERANCE_SECONDS = 120
"""So long before the refund opens by our clock, the chain is asked for its time."""


class SessionWatch:
    """Looks after one session; each of its parts runs until that is over."""

    def __init__(
        self,
        driver: Driver,
        conversation: Conversation,
        chain: ConsumerChain,
        *,
        clock: Clock,
        emit: Emit,
        check_alive: Callable[[], Awaitable[None]],
    ) -> None:
        self._driver = driver
        self._conversation = conversation
        self._chain = chain
        self._clock = clock
        self._emit = emit
        self._check_alive = check_alive

    async def run(self) -> None:
        """Run all parts."""
        async with asyncio.TaskGroup() as group:
            for part in (self._tick, self._check_payout, self._await_refund):
                group.create_task(part())

    async def _tick(self) -> None:
        driver = self._driver
        while not driver.over:
            await asyncio.sleep(TICK_SECONDS)
            await driver.sign_what_is_due()
            if self._conversation.quiet_seconds > QUIET_SECONDS and not driver.over:
                await self._check_alive()

    async def _check_payout(self) -> None:
        await self._driver.receipt_came.wait()
        while not self._driver.over:
            await self._driver.check_payout()
            await asyncio.sleep(TICK_SECONDS)

    async def _await_refund(self) -> None:
        driver = self._driver
        while not driver.over:
            if self._may_be_open() and await self._is_open():
                if not driver.over:
                    self._emit(RefundOpened(driver.quote.refund_opens_at))
                return
            await asyncio.sleep(REFUND_LOOK_SECONDS)

    def _may_be_open(self) -> bool:
        state, opens_at = self._driver.state, self._driver.quote.refund_opens_at
        if not state.deposited or state.receipt is not None:
            return False
        near = self._clock().timestamp() >= opens_at - CLOCK_TOLERANCE_SECONDS
        return near or state.phase == "rejected"

    async def _is_open(self) -> bool:
        quote = self._driver.quote
        try:
            if await self._chain.block_time() < quote.refund_opens_at:
                return False
            return not await self._chain.is_unused(quote.wallet, quote.token)
        except (UnavailableError, ChainError):
            return False
