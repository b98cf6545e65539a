"""Deposits: seen when they come, and guarded until they are paid out.

What a wallet holds can only go away by a payout, which needs both signatures, or by a
reorganisation of the chain: so a guarded wallet is read again only after one of those.
"""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from sdk.chain.settlement import confirmed_deposit
from sdk.events.settlement import (
    DepositConfirmed,
    DepositLost,
    RefundOpening,
    SettlementExecuted,
    SettlementFailed,
)
from sdk.ids import natural_id
from session_manager.session.effects import GuardDeposit, WatchDeposit
from session_manager.wallets import Wallets, Work

DepositFact = DepositConfirmed | DepositLost | RefundOpening | SettlementExecuted | SettlementFailed
"""What a session hears of its wallet."""
Told = tuple[UUID, DepositFact]

_PATIENCE_S = 5.0
"""A transaction that a reorganisation took out is mostly back in the next block or two."""


class Deposits:
    """Reads wallets, block by block."""

    def __init__(self, wallets: Wallets, chain_margin: int) -> None:
        """Tell of a refund that opens in `chain_margin` seconds."""
        self._wallets = wallets
        self._margin = chain_margin
        self._reorganised = 0
        wallets.reorgs.subscribe(self._count)

    async def watch(self, work: Work, need: WatchDeposit) -> AsyncIterator[Told]:
        """Give each amount that rose; an empty wallet only where the session would end of it."""
        told = 0
        client, heads = self._wallets.client, self._wallets.heads
        while True:
            blocks = heads.count
            amount, number = await confirmed_deposit(
                client, work.channel, self._wallets.confirmations
            )
            if amount > told or (need.last and not await self._newest(work)):
                body = DepositConfirmed(
                    session_id=work.session_id, amount=amount, block_number=number
                )
                yield natural_id(work.session_id, "deposit", amount, need.last), body
                told = amount
            await heads.wait(blocks)

    async def guard(self, work: Work, need: GuardDeposit) -> AsyncIterator[Told]:
        """Tell when the deposit is gone, and when the driver's own refund is about to open."""
        heads, reorgs = self._wallets.heads, self._wallets.reorgs
        looked_at, opening = -1, False
        while True:
            blocks = heads.count
            # while there is no chain, all sessions would ask it again and again
            if reorgs.newest is not None and self._reorganised != looked_at:
                looked_at = self._reorganised
                amount = await self._amount_left(work, need.deposit)
                if amount < need.deposit:
                    yield self._lost(work, amount)
            now = reorgs.newest.timestamp if reorgs.newest else 0
            if not opening and now >= work.refund_opens_at - self._margin:
                opening = True
                body = RefundOpening(session_id=work.session_id, block_time=now)
                yield natural_id(work.session_id, "refund_opening"), body
            await heads.wait(blocks)

    def _count(self, _: int) -> None:
        self._reorganised += 1

    async def _amount_left(self, work: Work, deposit: int) -> int:
        """Read what is there, giving a transaction that was thrown out time to come back."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE_S
        while (amount := await self._newest(work)) < deposit and loop.time() < until:
            await self._wallets.heads.wait()
        return amount

    def _lost(self, work: Work, amount: int) -> Told:
        newest = self._wallets.reorgs.newest
        body = DepositLost(
            session_id=work.session_id,
            amount=amount,
            block_number=newest.number if newest else 0,
        )
        return natural_id(work.session_id, "lost", amount), body

    async def _newest(self, work: Work) -> int:
        """Read what the newest block says, confirmed or not."""
        amount, _ = await confirmed_deposit(self._wallets.client, work.channel, 0)
        return amount
