"""What the driver signs for: vouchers as they fall due, and the approval at the end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sdk.chain.accounts import SigningKey
from sdk.chain.channel import Channel
from sdk.events.envelope import Envelope
from sdk.events.service import Phase, Voucher
from sdk.events.settlement import SettlementApproved, SettlementProposed, VoucherReceived
from sdk.ids import Clock
from sdk.p2p.backoff import Backoff
from sdk.p2p.consumer_events import ConsumerEvent, ProposalApproved, VoucherSigned
from sdk.p2p.journal import Journal
from sdk.p2p.payment import Limits, Signed, voucher_due
from sdk.p2p.signing import RequestWriter

PAYABLE: frozenset[Phase] = frozenset({"charging", "stopping", "settling"})
FIRST_PAUSE = 0.8
LONGEST_PAUSE = 20.0
_PAYING = frozenset({"VoucherReceived", "SettlementApproved"})
_AGAIN = frozenset({"overloaded", "too_many_requests", "expired", "replayed"})
"""The refusals after which the same voucher is sent again."""
NONCES_AHEAD = 1000

Send = Callable[[Envelope], Awaitable[bool]]
Emit = Callable[[ConsumerEvent], None]


class Vouchers:
    """Signs for one session, and persists before it sends."""

    def __init__(  # noqa: PLR0913 - everything that it acts through
        self,
        journal: Journal,
        limits: Limits,
        channel: Channel,
        *,
        key: SigningKey,
        writer: RequestWriter,
        clock: Clock,
        send: Send,
        emit: Emit,
    ) -> None:
        self.most_signed = journal.state.voucher.spent if journal.state.voucher else 0
        self._journal = journal
        self._limits = limits
        self._channel = channel
        self._key = key
        self._writer = writer
        self._clock = clock
        self._send = send
        self._emit = emit
        self._again_at: datetime | None = None
        self._pauses = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
        # Readings, the clock and a proposal may all ask for a signature: one after the other.
        self._turn = asyncio.Lock()

    def sign(self, spent: int) -> Voucher:
        """Sign that the station may take `spent` in all."""
        signature = self._channel.sign(self._channel.voucher(spent), self._key)
        return Voucher(spent=spent, signature=signature)

    async def send_due(self, until: datetime) -> None:
        """Send a voucher if one is due, and again one that the station could not take.

        Energy may have flowed until `until`.
        """
        async with self._turn:
            await self._send_due(until)
            voucher = self._journal.state.voucher
            due = self._again_at is not None and self._clock() >= self._again_at
            if due and voucher is not None:
                self._again_at = None
                await self._transmit(voucher)

    async def approve(self, proposal: SettlementProposed, now: datetime) -> None:
        """Sign for a proposal that was checked."""
        async with self._turn:
            voucher = await self._keep(proposal.spent, now)
            if await self._transmit(voucher, SettlementApproved):
                self._emit(ProposalApproved(proposal))

    async def repeat(self, phase: Phase, held: int) -> None:
        """Send the last voucher again if the station holds a lower one."""
        voucher = self._journal.state.voucher
        if voucher is None:  # ours are forgotten: the station tells
            self.most_signed = max(self.most_signed, held)
        elif phase in PAYABLE and held < voucher.spent:
            await self._transmit(voucher)

    def was_refused(self, request: str, reason: str) -> None:
        """Learn that a request was turned away."""
        if request not in _PAYING or reason not in _AGAIN:
            return
        if reason == "replayed":
            self._writer.nonce += NONCES_AHEAD
        self._again_at = self._clock() + timedelta(seconds=self._pauses.next())

    async def _send_due(self, until: datetime) -> None:
        state, now = self._journal.state, self._clock()
        if state.phase not in PAYABLE or state.idle_at is None:
            return
        last = Signed(self.most_signed, state.voucher_at or state.idle_at)
        bound = self._limits.bound(state.idle_at, until)
        amount = min(self._limits.cost(state.usage), bound)
        if voucher_due(self._limits.quote, amount, last, now):
            voucher = await self._keep(amount, now)
            await self._transmit(voucher)
            self._emit(VoucherSigned(amount))

    async def _keep(self, spent: int, now: datetime) -> Voucher:
        voucher = self.sign(spent)
        self.most_signed = max(self.most_signed, spent)
        self._pauses.reset()
        await self._journal.keep(voucher=voucher, voucher_at=now)
        return voucher

    async def _transmit(
        self, voucher: Voucher, model: type[VoucherReceived | SettlementApproved] = VoucherReceived
    ) -> bool:
        quote = self._limits.quote
        request = self._writer.within(
            quote, model, spent=voucher.spent, safe_signature=voucher.signature
        )
        return await self._send(request)
