"""What `Consumer.status()` gives: the session as the app sees it, one typed event after another."""

from dataclasses import dataclass

from sdk.events.service import ChargingStatus, Receipt, ServiceDelivered
from sdk.events.settlement import SettlementProposed
from sdk.p2p.advice import REQUEST_ADVICE, SERVICE_ADVICE, Advice


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A phase or a reading; `cost` is the app's own sum, by the quoted tariff."""

    status: ChargingStatus
    cost: int


@dataclass(frozen=True, slots=True)
class ReadingDisputed:
    """A status that can't be true, or moves energy to another price; the app signs none of it."""

    status: ChargingStatus
    reason: str


@dataclass(frozen=True, slots=True)
class VoucherSigned:
    """The app signed that the station may take `spent` in all."""

    spent: int


@dataclass(frozen=True, slots=True)
class ProposalApproved:
    """The final reading and its price are right; the app signed for them."""

    proposal: SettlementProposed


@dataclass(frozen=True, slots=True)
class ProposalDisputed:
    """The proposal is wrong and was not signed; the station can take the last voucher."""

    proposal: SettlementProposed | None
    reason: str


@dataclass(frozen=True, slots=True)
class PayoutReleased:
    """The station leaves the payout, and its gas, to the driver: `Consumer.take_payout` does it."""

    proposal: SettlementProposed


@dataclass(frozen=True, slots=True)
class PayoutAwaited:
    """A receipt came that is right by itself; the chain does not show its payout yet."""

    receipt: Receipt
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiptDelivered:
    """The session is over: its receipt, as signed by the station; the chain shows its payout."""

    receipt: Receipt
    signed: ServiceDelivered


@dataclass(frozen=True, slots=True)
class ReceiptDisputed:
    """A receipt came that does not follow from quote and readings, or from what the chain shows.

    `Consumer.refund` is still there for what the wallet holds.
    """

    signed: ServiceDelivered
    reason: str


@dataclass(frozen=True, slots=True)
class SessionRejected:
    """The session ended before the station saw a deposit.

    `refund_opens_at` (seconds since 1970, by block time) is there where one was sent all the same:
    the app goes on watching, RefundOpened tells when `Consumer.refund` takes it back, and the
    station may still settle.
    """

    reason: str
    refund_opens_at: int | None = None

    @property
    def advice(self) -> Advice:
        """What the driver may do."""
        if self.refund_opens_at is not None:
            return "refund_later"
        return SERVICE_ADVICE.get(self.reason, "new_quote")


@dataclass(frozen=True, slots=True)
class RefundOpened:
    """The station has not paid out, and may no longer keep the driver from `Consumer.refund`."""

    opened_at: int


@dataclass(frozen=True, slots=True)
class RefundTaken:
    """The wallet has paid out by the app's own doing, or by then of the station's.

    `spent` went to the station, `refund` back: None where the chain did not show it.
    """

    transaction_hash: str
    spent: int | None = None
    refund: int | None = None


@dataclass(frozen=True, slots=True)
class SessionFailed:
    """This app can't go on with the session: its state could not be kept, or the wallet failed.

    The session itself goes on, and `DriverApp.resume_all` takes it up once the fault is gone.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class RequestTurnedAway:
    """The station refused something that the app sent by itself, such as a voucher.

    What can be sent again is, with growing pauses.
    """

    request: str
    reason: str

    @property
    def advice(self) -> Advice:
        """What the app may do about it."""
        return REQUEST_ADVICE.get(self.reason, "mend")


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The station is not reached; the app keeps trying, and charging may go on meanwhile."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionRestored:
    """The station is reached again, or without a hub now, and has the session resumed.

    `over` is the peer id of the hub that leads to it; None where it is reached directly.
    """

    over: str | None = None


ConsumerEvent = (
    StatusChanged
    | ReadingDisputed
    | VoucherSigned
    | ProposalApproved
    | ProposalDisputed
    | PayoutReleased
    | PayoutAwaited
    | ReceiptDelivered
    | ReceiptDisputed
    | SessionRejected
    | RefundOpened
    | RefundTaken
    | SessionFailed
    | RequestTurnedAway
    | ConnectionLost
    | ConnectionRestored
)
LAST = (ReceiptDelivered, ReceiptDisputed, SessionRejected, RefundTaken, SessionFailed)
"""After one of these nothing follows, unless a deposit was sent for a session that was rejected."""


def is_last(event: ConsumerEvent) -> bool:
    """Tell whether nothing follows an event."""
    waits = isinstance(event, SessionRejected) and event.refund_opens_at is not None
    return isinstance(event, LAST) and not waits
