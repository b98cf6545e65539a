"""The driver's side of one session: hears what the station says, and signs what is right."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sdk.chain.accounts import SigningKey
from sdk.chain.channel import Channel
from sdk.events.envelope import Envelope
from sdk.events.service import (
    ChargingStatus,
    Phase,
    QuoteOffered,
    Receipt,
    RequestRefused,
    ServiceDelivered,
    ServiceRejected,
    SessionResumed,
    SessionStateReported,
    Voucher,
)
from sdk.events.settlement import SettlementApproved, SignedSettlementProposed, VoucherReceived
from sdk.events.signed import Request, read_payload
from sdk.ids import Clock
from sdk.p2p.consumer_errors import NoAnswerError, SettlementDisputedError
from sdk.p2p.consumer_events import (
    ConsumerEvent,
    PayoutAwaited,
    PayoutReleased,
    ProposalApproved,
    ProposalDisputed,
    ReadingDisputed,
    ReceiptDelivered,
    ReceiptDisputed,
    RequestTurnedAway,
    SessionRejected,
    StatusChanged,
    VoucherSigned,
)
from sdk.p2p.consumer_payouts import PayoutCheck
from sdk.p2p.consumer_state import ConsumerState, Store
from sdk.p2p.payment import Limits, Signed, check_proposal, check_receipt, voucher_due
from sdk.p2p.signing import RequestWriter
from sdk.p2p.usage_check import Bounds, usage_fault, usage_of_status

_BEFORE: frozenset[Phase] = frozenset({"verifying", "authorising", "starting"})
_PAYABLE: frozenset[Phase] = frozenset({"charging", "stopping", "settling"})
_CLAIMED: Mapping[Phase, Phase] = {"settled": "executing", "refunded": "refunding"}
"""What a phase means as long as the station alone says that the wallet has paid."""
_ENDING = timedelta(minutes=3)
"""How long a station may take to end the charging once it was told to, or had to."""
_PAYING = frozenset({"VoucherReceived", "SettlementApproved"})
_LATER = frozenset({"overloaded", "too_many_requests"})

Send = Callable[[Envelope], Awaitable[bool]]
Ask = Callable[[Envelope], Awaitable[Envelope]]
Emit = Callable[[ConsumerEvent], None]


class Driver:
    """One session under one quote. Persists before it sends; `state` is what it knows.

    A receipt in `state` is right by itself; the phase is `settled` or `refunded` only once the
    chain shows its payout.
    """

    def __init__(  # noqa: PLR0913 - everything that it acts through
        self,
        state: ConsumerState,
        quote: QuoteOffered,
        *,
        limits: Limits,
        channel: Channel,
        key: SigningKey,
        writer: RequestWriter,
        payout: PayoutCheck,
        store: Store,
        clock: Clock,
        send: Send,
        emit: Emit,
    ) -> None:
        self.state = state
        self.quote = quote
        self.over = False
        self._limits = limits
        self._channel = channel
        self._key = key
        self._writer = writer
        self._payout = payout
        self._store = store
        self._clock = clock
        self._send = send
        self._emit = emit
        self._most_signed = state.voucher.spent if state.voucher else 0
        self._unheard = False
        self._awaited = False
        self.receipt_came = asyncio.Event()
        if state.receipt is not None:
            self.receipt_came.set()
        # Readings, the clock and a proposal may all ask for a signature: one after the other.
        self._signing = asyncio.Lock()

    async def keep(self, **changes: object) -> None:
        """Change the state and make it durable."""
        self.note(nonce=self._writer.nonce, **changes)
        await self._store.save(self.state)

    def note(self, **changes: object) -> None:
        """Change the state; durable with the next `keep`."""
        self.state = self.state.model_copy(update=changes)

    def sign_voucher(self, spent: int) -> Voucher:
        """Sign that the station may take `spent` in all."""
        signature = self._channel.sign(self._channel.voucher(spent), self._key)
        return Voucher(spent=spent, signature=signature)

    def request(self, model: type[Request], **fields: Any) -> Envelope:  # noqa: ANN401 - a model's fields
        """Write a signed request within this session."""
        common = self._writer.common(self.quote.provider_did, self.quote.session_id)
        return self._writer.envelope(
            model(**common, **fields), self.quote.charge_point_id, self.quote.connector_id
        )

    async def hear(self, envelope: Envelope) -> None:
        """Take an event of the station."""
        match envelope.body:
            case ChargingStatus() as status:
                await self._hear_status(status)
            case SessionStateReported(session=ChargingStatus() as status):
                await self._hear_status(status)
            case SignedSettlementProposed() as proposal:
                await self._hear_proposal(proposal)
            case ServiceDelivered() as delivered:
                await self._hear_receipt(delivered)
            case ServiceRejected(reason=reason):
                await self.keep(phase="rejected")
                self._end(SessionRejected(reason))
            case RequestRefused(request=request, reason=reason):
                self._unheard = self._unheard or (request in _PAYING and reason in _LATER)
                self._emit(RequestTurnedAway(request, reason))

    async def resume(self, ask: Ask) -> None:
        """Take the session up again from the peer that we are now. Raises NoAnswerError."""
        answer = await ask(self.request(SessionResumed))
        match answer.body:
            case RequestRefused(reason="overloaded" | "too_many_requests" as reason):
                raise NoAnswerError(f"not resumed: {reason}")
            case RequestRefused(reason="replayed"):
                self._writer.nonce += 1000
                raise NoAnswerError("not resumed: the nonce was behind")
            case RequestRefused(reason="wrong_session") if not self.state.deposited:
                await self.keep(phase="rejected")
                self._end(SessionRejected("it was never held"))
        await self.hear(answer)
        match answer.body:
            case SessionStateReported(session=ChargingStatus(phase=phase, voucher=held)):
                if self.state.voucher is None:  # ours are forgotten: the station tells
                    self._most_signed = max(self._most_signed, held)
                await self._repeat_voucher(phase, held)

    async def check_payout(self) -> None:
        """Ask the chain for the payout of the receipt there is; end the session if it is shown."""
        signed = self.state.receipt
        if self.over or signed is None:
            return
        receipt = read_payload(signed, Receipt)
        fault = await self._payout.fault(receipt)
        if self.over:
            return
        if fault is None:
            await self.keep(phase=receipt.outcome, receipt=signed)
            self._end(ReceiptDelivered(receipt, signed))
        elif self._payout.failed:
            self._end(ReceiptDisputed(signed, fault))
        elif not self._awaited:
            self._awaited = True
            self._emit(PayoutAwaited(receipt, fault))

    async def sign_what_is_due(self) -> None:
        """Send a voucher if one is due now, and again one that the station could not take."""
        async with self._signing:
            await self._sign_what_is_due()
            if self._unheard and self.state.voucher is not None and not self.over:
                self._unheard = False
                await self._send_voucher(self.state.voucher)

    async def _sign_what_is_due(self) -> None:
        state, now = self.state, self._clock()
        if self.over or state.phase not in _PAYABLE or state.idle_at is None:
            return
        last = Signed(self._most_signed, state.voucher_at or state.idle_at)
        bound = self._limits.bound(state.idle_at, self._latest())
        amount = min(self._limits.cost(state.usage), bound)
        if voucher_due(self.quote, amount, last, now):
            voucher = await self._keep_voucher(amount, now)
            await self._send_voucher(voucher)
            self._emit(VoucherSigned(amount))

    async def _hear_status(self, status: ChargingStatus) -> None:
        if status.session_id != self.quote.session_id or self.over:
            return
        phase = _CLAIMED.get(status.phase, status.phase)
        changed = phase != self.state.phase
        self.note(phase=phase)
        if status.phase in _BEFORE:
            self.note(idle_at=self._clock())
        self._take_usage(status)
        if changed:
            await self.keep()
        self._emit(StatusChanged(status, self._limits.cost(self.state.usage)))
        if status.phase == "rejected":
            self._end(SessionRejected(status.failure or "rejected"))
        await self.sign_what_is_due()

    def _take_usage(self, status: ChargingStatus) -> None:
        before, bounds = self.state.usage, self._bounds()
        usage = usage_of_status(self.quote, status, before, bounds.now)
        if usage is None or usage == before:
            return
        fault = usage_fault(self.quote, usage, before, bounds)
        if fault is not None:
            self._emit(ReadingDisputed(status, fault))
        else:
            self.note(usage=usage)

    def _bounds(self) -> Bounds:
        now = self._latest()
        return Bounds(self.state.idle_at or now, now, self._limits.speed)

    def _latest(self) -> datetime:
        """Give the latest moment at which energy may still have flowed."""
        ends_by = datetime.fromtimestamp(self.quote.ends_by, UTC)
        asked = min(ends_by, self.state.stopped_at or ends_by)
        return min(self._clock(), asked + _ENDING)

    async def _hear_proposal(self, signed: SignedSettlementProposed) -> None:
        now = self._clock()
        try:
            proposal = check_proposal(
                signed,
                self._limits,
                self._channel,
                before=self.state.usage,
                bounds=self._bounds(),
            )
        except SettlementDisputedError as error:
            self._emit(ProposalDisputed(None, str(error)))
            return
        if proposal.released:
            await self.keep(released=signed)
            self._emit(PayoutReleased(proposal))
            return
        async with self._signing:
            voucher = await self._keep_voucher(proposal.spent, now)
            approval = self.request(
                SettlementApproved, spent=voucher.spent, safe_signature=voucher.signature
            )
            if await self._send(approval):
                self._emit(ProposalApproved(proposal))

    async def _hear_receipt(self, signed: ServiceDelivered) -> None:
        if self.over or signed == self.state.receipt:
            return
        try:
            check_receipt(signed, self._limits, self._most_signed)
        except SettlementDisputedError as error:
            self._end(ReceiptDisputed(signed, str(error)))
        else:
            await self.keep(receipt=signed)
            self.receipt_came.set()

    async def _keep_voucher(self, spent: int, now: datetime) -> Voucher:
        voucher = self.sign_voucher(spent)
        self._most_signed = max(self._most_signed, spent)
        await self.keep(voucher=voucher, voucher_at=now)
        return voucher

    async def _send_voucher(self, voucher: Voucher) -> None:
        await self._send(
            self.request(VoucherReceived, spent=voucher.spent, safe_signature=voucher.signature)
        )

    async def _repeat_voucher(self, phase: Phase, held: int) -> None:
        voucher = self.state.voucher
        if voucher is not None and phase in _PAYABLE and held < voucher.spent:
            await self._send_voucher(voucher)

    def _end(self, event: ConsumerEvent) -> None:
        if not self.over:
            self.over = True
            self._emit(event)
