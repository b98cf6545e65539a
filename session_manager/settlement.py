"""What sessions need of the chain: deposits seen, wallets paid out.

Everything is derived from the committed state and may be done again; what comes of it is published
to the charge point's own lane, so that the session hears of it like of anything else.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sdk.bus.interface import Bus, BusUnavailableError, OverloadedError
from sdk.bus.keys import Lane
from sdk.chain.accounts import SigningKey
from sdk.chain.channel import Channel
from sdk.chain.client import ChainClient
from sdk.chain.heads import NewHeads
from sdk.chain.sender import Sender
from sdk.chain.settlement import confirmed_deposit, execute
from sdk.errors import NoroamError
from sdk.events.envelope import Envelope
from sdk.events.settlement import DepositConfirmed, SettlementExecuted, SettlementFailed
from sdk.ids import Clock, natural_id
from sdk.logs import Logger
from session_manager.faults import fault_of
from session_manager.payout_facts import executed, failed
from session_manager.session.effects import ChainNeed, Execute, WatchDeposit, chain_need
from session_manager.session.state import Session

_BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 15.0)


@dataclass(frozen=True, slots=True)
class Wallets:
    """The chain as sessions use it."""

    client: ChainClient
    sender: Sender
    heads: NewHeads
    confirmations: int


@dataclass(frozen=True, slots=True)
class Work:
    """One session's need, with all that it takes."""

    charge_point_id: str
    connector_id: int
    session_id: str
    channel: Channel
    key: SigningKey
    need: ChainNeed


class Settlement:
    """Looks after the wallets of all sessions of a process, one task for each need."""

    def __init__(self, bus: Bus, wallets: Wallets, clock: Clock, log: Logger) -> None:
        """Publish over `bus` what the chain says."""
        self._bus = bus
        self._wallets = wallets
        self._clock = clock
        self._log = log
        self._tasks: dict[str, tuple[Work, asyncio.Task[None]]] = {}
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            group.create_task(self._wallets.heads.run())
            await asyncio.Event().wait()

    def look(
        self,
        charge_point_id: str,
        key: SigningKey,
        channel_of: Callable[[Session], Channel],
        sessions: Mapping[str, tuple[int, Session]],
    ) -> None:
        """Take up what a charge point's sessions need now, and drop what they needed before."""
        wanted: dict[str, Work] = {}
        for session_id, (n, session) in sessions.items():
            need = chain_need(session)
            if need is not None:
                wanted[session_id] = Work(
                    charge_point_id, n, session_id, channel_of(session), key, need
                )
        for session_id, (work, task) in list(self._tasks.items()):
            if work.charge_point_id == charge_point_id and wanted.get(session_id) != work:
                task.cancel()
                del self._tasks[session_id]
        for session_id, work in wanted.items():
            if session_id not in self._tasks and self._group is not None:
                self._tasks[session_id] = (work, self._group.create_task(self._do(work)))

    def drop(self, charge_point_id: str) -> None:
        """Stop looking after a charge point that another manager drives now."""
        for session_id, (work, task) in list(self._tasks.items()):
            if work.charge_point_id == charge_point_id:
                task.cancel()
                del self._tasks[session_id]

    async def _do(self, work: Work) -> None:
        attempt = 0
        while (fault := await fault_of(self._meet(work))) is not None:
            self._log.warning(
                "%s waits: %s",
                type(work.need).__name__,
                fault,
                session_id=work.session_id,
                exc_info=None if isinstance(fault, NoroamError) else fault,
            )
            await self._tell_failure(work, fault)
            await asyncio.sleep(_BACK_OFF_S[min(attempt, len(_BACK_OFF_S) - 1)])
            attempt += 1

    async def _meet(self, work: Work) -> None:
        match work.need:
            case WatchDeposit():
                await self._watch_deposit(work, work.need)
            case Execute():
                await self._execute(work, work.need)

    async def _watch_deposit(self, work: Work, need: WatchDeposit) -> None:
        told = 0
        while True:
            client, confirmations = self._wallets.client, self._wallets.confirmations
            blocks = self._wallets.heads.count
            amount, number = await confirmed_deposit(client, work.channel, confirmations)
            if amount > told or (need.last and not await self._is_under_way(work)):
                body = DepositConfirmed(
                    session_id=work.session_id, amount=amount, block_number=number
                )
                cause = natural_id(work.session_id, "deposit", amount)
                await self._publish(work, cause, body)
                told = amount
            await self._wallets.heads.wait(blocks)

    async def _is_under_way(self, work: Work) -> bool:
        """Tell whether a deposit is in a block that is not confirmed yet."""
        amount, _ = await confirmed_deposit(self._wallets.client, work.channel, 0)
        return amount > 0

    async def _execute(self, work: Work, need: Execute) -> None:
        channel, voucher = work.channel, need.voucher
        tx = channel.voucher(voucher.spent)
        signatures = {
            channel.consumer: voucher.signature,
            channel.provider: channel.sign(tx, work.key),
        }
        wallets = self._wallets
        payout = await execute(wallets.client, wallets.sender, channel, tx, signatures)
        self._log.info(
            "paid out %s, gave back %s in %s",
            payout.spent,
            payout.refund,
            payout.transaction_hash,
            session_id=work.session_id,
        )
        cause = natural_id(work.session_id, "executed", payout.transaction_hash)
        await self._publish(work, cause, executed(work.session_id, payout))

    async def _tell_failure(self, work: Work, fault: Exception) -> None:
        body = failed(work.session_id, fault)
        if body is None or isinstance(work.need, WatchDeposit):
            return
        try:
            await self._publish(work, natural_id(work.session_id, body.reason), body)
        except (BusUnavailableError, OverloadedError) as unavailable:
            self._log.warning("can't tell of a failed payout: %s", unavailable)

    async def _publish(
        self,
        work: Work,
        cause: UUID,
        body: DepositConfirmed | SettlementExecuted | SettlementFailed,
    ) -> None:
        envelope = Envelope(
            id=cause,
            charge_point_id=work.charge_point_id,
            connector_id=work.connector_id,
            session_id=work.session_id,
            at=self._clock(),
            body=body,
        )
        await self._bus.publish(Lane.IN, envelope, reserved=True)
