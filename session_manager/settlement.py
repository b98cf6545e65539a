"""What sessions need of the chain: deposits seen and guarded, wallets paid out.

Everything is derived from the committed state and may be done again; what comes of it is published
to the charge point's own lane, so that the session hears of it like of anything else.
"""

import asyncio
from collections.abc import Callable, Mapping
from uuid import UUID

from sdk.bus.interface import Bus, BusUnavailableError, OverloadedError
from sdk.bus.keys import Lane
from sdk.chain.accounts import SigningKey
from sdk.chain.channel import Channel
from sdk.chain.settlement import execute, find_payout, read_wallet
from sdk.errors import NoroamError
from sdk.events.envelope import Envelope
from sdk.events.settlement import SettlementExecuted
from sdk.ids import Clock, natural_id
from sdk.logs import Logger
from session_manager.deposits import DepositFact, Deposits
from session_manager.faults import fault_of
from session_manager.payout_facts import executed, failed
from session_manager.session.effects import (
    ChainNeed,
    Execute,
    GuardDeposit,
    WatchDeposit,
    WatchPayout,
    chain_need,
)
from session_manager.session.state import Session
from session_manager.wallets import Wallets, Work

_BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 15.0)


class Settlement:
    """Looks after the wallets of all sessions of a process, one task for each need."""

    def __init__(
        self, bus: Bus, wallets: Wallets, clock: Clock, log: Logger, chain_margin: int
    ) -> None:
        """Publish over `bus` what the chain says.

        A wallet has to be paid out `chain_margin` seconds before the driver's refund opens.
        """
        self._bus = bus
        self._wallets = wallets
        self._clock = clock
        self._log = log
        self._deposits = Deposits(wallets, chain_margin)
        self._tasks: dict[str, dict[str, tuple[ChainNeed, asyncio.Task[None]]]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._reorganised = asyncio.Event()
        self._reorganised.set()
        wallets.reorgs.subscribe(lambda _: self._reorganised.set())

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            group.create_task(self._wallets.heads.run())
            group.create_task(self._wallets.reorgs.run())
            group.create_task(self._tend_sent())
            await asyncio.Event().wait()

    def look(
        self,
        charge_point_id: str,
        key: SigningKey,
        channel_of: Callable[[Session], Channel],
        sessions: Mapping[str, tuple[int, Session]],
    ) -> None:
        """Take up what a charge point's sessions need now, and drop what they needed before."""
        if self._group is None:
            return
        wanted = {session_id: chain_need(it) for session_id, (_, it) in sessions.items()}
        tasks = self._tasks.setdefault(charge_point_id, {})
        for session_id, (need, task) in list(tasks.items()):
            if wanted.get(session_id) != need:
                task.cancel()
                del tasks[session_id]
        for session_id, wants in wanted.items():
            if wants is None or session_id in tasks:
                continue
            n, session = sessions[session_id]
            opens_at = session.terms.refund_opens_at
            channel = channel_of(session)
            work = Work(charge_point_id, n, session_id, channel, key, opens_at)
            tasks[session_id] = (wants, self._group.create_task(self._do(work, wants)))

    @property
    def wallets_in_use(self) -> int:
        """How many wallets of this process are still to pay out."""
        every = (need for tasks in self._tasks.values() for need, _ in tasks.values())
        return sum(not isinstance(need, WatchPayout) for need in every)

    def drop(self, charge_point_id: str) -> None:
        """Stop looking after a charge point that another manager drives now."""
        for _, task in self._tasks.pop(charge_point_id, {}).values():
            task.cancel()

    async def _tend_sent(self) -> None:
        """Send again what a reorganisation took out, or an earlier process left behind."""
        while True:
            await self._reorganised.wait()
            self._reorganised.clear()
            fault = await fault_of(self._wallets.sender.tend())
            if fault is not None:
                self._log.warning("what was sent is looked after later: %s", fault)
                await asyncio.sleep(_BACK_OFF_S[-1])
                self._reorganised.set()

    async def _do(self, work: Work, need: ChainNeed) -> None:
        attempt = 0
        while (fault := await fault_of(self._meet(work, need))) is not None:
            self._log.warning(
                "%s waits: %s",
                type(need).__name__,
                fault,
                session_id=work.session_id,
                exc_info=None if isinstance(fault, NoroamError) else fault,
            )
            if isinstance(need, Execute):
                await self._tell_failure(work, fault)
            await asyncio.sleep(_BACK_OFF_S[min(attempt, len(_BACK_OFF_S) - 1)])
            attempt += 1

    async def _meet(self, work: Work, need: ChainNeed) -> None:
        match need:
            case WatchDeposit():
                async for cause, fact in self._deposits.watch(work, need):
                    await self._publish(work, cause, fact)
            case GuardDeposit():
                async for cause, fact in self._deposits.guard(work, need):
                    await self._publish(work, cause, fact)
            case Execute():
                await self._execute(work, need)
            case WatchPayout():
                await self._watch_payout(work)

    async def _execute(self, work: Work, need: Execute) -> None:
        channel, voucher = work.channel, need.voucher
        tx = channel.voucher(voucher.spent)
        signatures = {
            channel.consumer: voucher.signature,
            channel.provider: channel.sign(tx, work.key),
        }
        wallets = self._wallets
        payout = await execute(wallets.client, wallets.sender, channel, tx, signatures)
        await self._tell_payout(work, executed(work.session_id, payout))

    async def _watch_payout(self, work: Work) -> None:
        client, heads = self._wallets.client, self._wallets.heads
        wallet = await read_wallet(client, work.channel)
        while wallet.nonce == 0:
            await heads.wait()
            wallet = await read_wallet(client, work.channel)
        payout = await find_payout(client, work.channel, back=wallet.nonce - 1)
        await self._tell_payout(work, executed(work.session_id, payout))

    async def _tell_payout(self, work: Work, fact: SettlementExecuted) -> None:
        self._log.info(
            "paid out %s, gave back %s in %s",
            fact.spent,
            fact.refund,
            fact.transaction_hash,
            session_id=work.session_id,
        )
        cause = natural_id(work.session_id, "executed", fact.transaction_hash)
        await self._publish(work, cause, fact)

    async def _tell_failure(self, work: Work, fault: Exception) -> None:
        body = failed(work.session_id, fault)
        if body is None:
            return
        try:
            await self._publish(work, natural_id(work.session_id, body.reason), body)
        except (BusUnavailableError, OverloadedError) as unavailable:
            self._log.warning("can't tell of a failed payout: %s", unavailable)

    async def _publish(self, work: Work, cause: UUID, body: DepositFact) -> None:
        envelope = Envelope(
            id=cause,
            charge_point_id=work.charge_point_id,
            connector_id=work.connector_id,
            session_id=work.session_id,
            at=self._clock(),
            body=body,
        )
        await self._bus.publish(Lane.IN, envelope, reserved=True)
