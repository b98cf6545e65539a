"""The driver's side of one session: hears what the station says, and has signed what is right."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
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
)
from sdk.events.settlement import SettlementProposed, SignedSettlementProposed
from sdk.events.signed import Request, read_payload
from sdk.ids import Clock
from sdk.p2p.advice import RETRY_AFTER
from sdk.p2p.consumer_errors import NoAnswerError, SettlementDisputedError, StationBusyError
from sdk.p2p.consumer_events import (
    ConsumerEvent,
    PayoutAwaited,
    PayoutReleased,
    ProposalDisputed,
    ReadingDisputed,
    ReceiptDelivered,
    ReceiptDisputed,
    RefundTaken,
    RequestTurnedAway,
    SessionRejected,
    StatusChanged,
)
from sdk.p2p.consumer_payouts import PayoutCheck
from sdk.p2p.consumer_state import ConsumerState, Store
from sdk.p2p.consumption import Consumption
from sdk.p2p.foreign import is_foreign
from sdk.p2p.journal import Journal
from sdk.p2p.payment import Limits, check_proposal, check_receipt
from sdk.p2p.signing import RequestWriter
from sdk.p2p.vouchers import NONCES_AHEAD, Emit, Send, Vouchers

_BEFORE: frozenset[Phase] = frozenset({"verifying", "authorising", "starting"})
_CLAIMED: Mapping[Phase, Phase] = {"settled": "executing", "refunded": "refunding"}
"""What a phase means as long as the station alone says that the wallet has paid."""

Ask = Callable[[Envelope], Awaitable[Envelope]]


class Driver:
    """One session under one quote. Persists before it sends; `state` is what it knows.

    A receipt in `state` is right by itself; the phase is `settled` or `refunded` only once the
    chain shows its payout, or took the refund. `others` tells the ids of other sessions of this
    app, of which it hears as well.
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
        others: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self.quote = quote
        self.over = False
        self.journal = Journal(state, store, writer)
        self.vouchers = Vouchers(
            self.journal,
            limits,
            channel,
            key=key,
            writer=writer,
            clock=clock,
            send=send,
            emit=emit,
        )
        self.receipt_came = asyncio.Event()
        if state.receipt is not None:
            self.receipt_came.set()
        self._consumption = Consumption(self.journal, limits, clock)
        self._limits = limits
        self._channel = channel
        self._writer = writer
        self._payout = payout
        self._clock = clock
        self._emit = emit
        self._others = others
        self._awaited = False
        self._rejected = False

    @property
    def state(self) -> ConsumerState:
        """What is known."""
        return self.journal.state

    def request(self, model: type[Request], /, **fields: Any) -> Envelope:  # noqa: ANN401 - a model's fields
        """Write a signed request within this session."""
        return self._writer.within(self.quote, model, **fields)

    async def hear(self, envelope: Envelope) -> None:
        """Take an event of the station."""
        if is_foreign(envelope.body, self.quote.session_id, self._others):
            return
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
                await self._reject(reason)
            case RequestRefused(request=request, reason=reason):
                self.vouchers.was_refused(request, reason)
                self._emit(RequestTurnedAway(request, reason))

    async def resume(self, ask: Ask) -> None:
        """Take the session up again from the peer that we are now.

        Raises NoAnswerError, StationBusyError.
        """
        answer = await ask(self.request(SessionResumed))
        match answer.body:
            case RequestRefused(request=request, reason=reason) if reason in RETRY_AFTER:
                raise StationBusyError(request, reason)
            case RequestRefused(reason="replayed"):
                self._writer.nonce += NONCES_AHEAD
                raise NoAnswerError("not resumed: the nonce was behind")
            case RequestRefused(reason="wrong_session") if not self.state.deposited:
                await self._reject("it was never held")
        await self.hear(answer)
        match answer.body:
            case SessionStateReported(session=ChargingStatus(phase=phase, voucher=held)):
                await self.vouchers.repeat(phase, held)

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
            await self.journal.keep(phase=receipt.outcome, receipt=signed)
            self._end(ReceiptDelivered(receipt, signed))
        elif self._payout.failed:
            self._end(ReceiptDisputed(signed, fault))
        elif not self._awaited:
            self._awaited = True
            self._emit(PayoutAwaited(receipt, fault))

    async def note_refund(self, transaction: str, paid: tuple[int, int] | None) -> None:
        """Learn that `transaction` took back what the wallet held, and what it `paid`."""
        if self.state.phase in ("settled", "refunded"):
            return
        spent, back = paid or (None, None)
        phase = "settled" if spent else "refunded"
        await self.journal.keep(phase=phase, refund_transaction=transaction)
        self._end(RefundTaken(transaction, spent, back))

    def end_as_before(self) -> bool:
        """End a session that had ended in an earlier life of the app; False if it had not."""
        state = self.state
        if state.refund_transaction is not None:
            self._end(RefundTaken(state.refund_transaction))
        elif state.phase == "rejected" and not state.deposited:
            self._end(SessionRejected("rejected"))
        # With a receipt, `check_payout` asks the chain once more and ends it.
        return state.is_over and (self.over or state.receipt is not None)

    async def sign_what_is_due(self) -> None:
        """Send a voucher if one is due now, and again one that the station could not take."""
        if not self.over:
            await self.vouchers.send_due(self._consumption.latest)

    async def _hear_status(self, status: ChargingStatus) -> None:
        if status.session_id != self.quote.session_id or self.over:
            return
        if status.phase == "rejected":
            await self._reject(status.failure or "rejected", status)
            return
        phase = _CLAIMED.get(status.phase, status.phase)
        changed = phase != self.state.phase
        self.journal.note(phase=phase)
        if status.phase in _BEFORE:
            self.journal.note(idle_at=self._clock())
        fault = self._consumption.take(status)
        if fault is not None:
            self._emit(ReadingDisputed(status, fault))
        if changed:
            await self.journal.keep()
        self._tell(status)
        await self.sign_what_is_due()

    async def _reject(self, reason: str, status: ChargingStatus | None = None) -> None:
        """Take in that there is no session, which is not the end where a deposit was sent."""
        if self.over:
            return
        await self.journal.keep(phase="rejected")
        if status is not None:
            self._tell(status)
        if not self.state.deposited:
            self._end(SessionRejected(reason))
        elif not self._rejected:
            self._rejected = True
            self._emit(SessionRejected(reason, self.quote.refund_opens_at))

    def _tell(self, status: ChargingStatus) -> None:
        self._emit(StatusChanged(status, self._consumption.cost))

    async def _hear_proposal(self, signed: SignedSettlementProposed) -> None:
        try:
            proposal = self._checked(signed)
        except SettlementDisputedError as error:
            self._emit(ProposalDisputed(None, str(error)))
            return
        if proposal.released:
            await self.journal.keep(released=signed)
            self._emit(PayoutReleased(proposal))
        else:
            await self.vouchers.approve(proposal, self._clock())

    def _checked(self, signed: SignedSettlementProposed) -> SettlementProposed:
        return check_proposal(
            signed,
            self._limits,
            self._channel,
            before=self.state.usage,
            bounds=self._consumption.bounds,
        )

    async def _hear_receipt(self, signed: ServiceDelivered) -> None:
        if self.over or signed == self.state.receipt:
            return
        try:
            check_receipt(signed, self._limits, self.vouchers.most_signed)
        except SettlementDisputedError as error:
            self._end(ReceiptDisputed(signed, str(error)))
        else:
            await self.journal.keep(receipt=signed)
            self.receipt_came.set()

    def _end(self, event: ConsumerEvent) -> None:
        if not self.over:
            self.over = True
            self._emit(event)
