"""What `Consumer.status()` gives: the session as the app sees it, one typed event after another."""

from dataclasses import dataclass

from sdk.events.service import ChargingStatus, Receipt, ServiceDelivered
from sdk.events.settlement import SettlementProposed


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

    One that was sent all the same may still come: `Consumer.refund` takes it back once it is open.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class RequestTurnedAway:
    """The station refused something that the app sent by itself, such as a voucher."""

    request: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The station is not reached; the app keeps trying, and charging may go on meanwhile."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionRestored:
    """The station is reached again and has the session resumed."""


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
    | RequestTurnedAway
    | ConnectionLost
    | ConnectionRestored
)
LAST = (ReceiptDelivered, ReceiptDisputed, SessionRejected)
"""After one of these nothing follows."""
