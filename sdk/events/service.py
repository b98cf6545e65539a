"""Service conversation: a driver's app and a station agree on, watch and end one session."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.body import Body
from sdk.events.signed import Payload, Request, RequestRefusal, SignedBody
from sdk.fields import (
    NATIVE_TOKEN,
    Address,
    Bytes32,
    ChainTime,
    ChargePointId,
    ConnectorId,
    Did,
    EnergyWh,
    Frozen,
    Moment,
    Money,
    PowerW,
    SessionId,
    Signature,
    TransactionId,
)
from sdk.tariff import PriceLine, Tariff, Usage

Phase = Literal[
    "idle",
    "verifying",
    "authorising",
    "starting",
    "charging",
    "stopping",
    "settling",
    "executing",
    "refunding",
    "settled",
    "refunded",
    "rejected",
    "disputed",
]

StopReason = Literal[
    "consumer",
    "operator",
    "deposit_used_up",
    "charge_point",
    "voucher_overdue",
    "ends_by",
    "charge_point_offline",
    "deposit_lost",
    "refund_opening",
]
"""Which end a session came to while it was charging.

`deposit_lost`: a reorganisation of the chain took the deposit away; `refund_opening`: the driver's
own refund is about to open.
"""

FailureReason = Literal[
    "deposit_missing",
    "deposit_short",
    "id_tag_refused",
    "authorise_timeout",
    "start_refused",
    "start_timeout",
    "stopped_before_start",
    "connector_faulted",
    "charge_point_offline",
    "deposit_lost",
    "refund_opening",
]
"""Why a session ended before it charged."""


Availability = Literal["free", "busy", "unavailable", "offline"]
"""Whether a driver could have a connector now."""


class QuoteRequested(Request):
    """Payload: asks for a quote on one connector.

    `session_key` is the driver's side of the wallet and must be the signer; `refund_account` gets
    what is left; `deposit` is what the driver means to lock; `consumer_nonce` is random.
    """

    type: Literal["QuoteRequested"] = "QuoteRequested"
    connector_id: ConnectorId = Field(ge=1)
    session_key: Address
    refund_account: Address
    consumer_nonce: Bytes32
    deposit: Money
    token: Address = NATIVE_TOKEN


class QuoteOffered(Payload):
    """Payload: a signed, stateless, short-lived offer, with the refund that nobody can block.

    `wallet` is the CREATE2 address of the 2-of-2 Safe of (`session_key`, `provider`) with
    saltNonce = uint256(keccak256(session_id)). `refund_signature` is the provider's EIP-712 SafeTx
    signature at nonce 0 over Payout.pay(refund_opens_at, token, provider, 0, refund_account),
    `sweep_signature` the same with not_before 0 at nonce 1. A voucher is due when the cost has
    risen by `exposure_step` or `voucher_interval_s` has passed; further than `exposure_limit` ahead
    of the vouchers (absent: no matter how far) the station does not deliver. Charging stops at
    `ends_by`. `token_decimals` and `token_symbol` are the token's own, for display.
    """

    type: Literal["QuoteOffered"] = "QuoteOffered"
    charge_point_id: ChargePointId
    connector_id: ConnectorId
    session_id: SessionId
    consumer_nonce: Bytes32
    provider_nonce: Bytes32
    session_key: Address
    refund_account: Address
    provider: Address
    chain_id: int
    token: Address
    wallet: Address
    tariff: Tariff
    tariff_hash: Bytes32
    deposit: Money
    minimum_deposit: Money
    maximum_power_w: PowerW
    exposure_step: Money
    exposure_limit: Money | None = None
    token_decimals: int = Field(default=18, ge=0, le=255)
    token_symbol: str = Field(default="", max_length=32)
    voucher_interval_s: int
    ends_by: ChainTime
    refund_opens_at: ChainTime
    refund_signature: Signature
    sweep_signature: Signature
    expires_at: Moment


class Voucher(Frozen):
    """The driver's signature under a payout of `spent`.

    EIP-712 SafeTx at nonce 0 over Payout.pay(0, token, provider, spent, refund_account).
    """

    spent: Money
    signature: Signature


class SignedQuoteOffered(SignedBody):
    """QuoteOffered on the wire, signed by the station's key."""

    type: Literal["QuoteOffered"] = "QuoteOffered"


class ServiceRequested(Request):
    """Payload: takes a quote and holds the connector; carries the quote as it came, voucher 0."""

    type: Literal["ServiceRequested"] = "ServiceRequested"
    quote: SignedQuoteOffered
    voucher: Voucher


class StopRequested(Request):
    """Payload: ends the session."""

    type: Literal["StopRequested"] = "StopRequested"


class SessionStateRequested(Request):
    """Payload: asks how a connector and, with a `session_id`, one's own session stand."""

    type: Literal["SessionStateRequested"] = "SessionStateRequested"
    connector_id: ConnectorId = Field(ge=1)


class SessionResumed(Request):
    """Payload: the session goes on from the sending peer; the old one gets nothing more."""

    type: Literal["SessionResumed"] = "SessionResumed"


class SignedQuoteRequested(SignedBody):
    """QuoteRequested on the wire."""

    type: Literal["QuoteRequested"] = "QuoteRequested"


class SignedServiceRequested(SignedBody):
    """ServiceRequested on the wire."""

    type: Literal["ServiceRequested"] = "ServiceRequested"


class SignedStopRequested(SignedBody):
    """StopRequested on the wire."""

    type: Literal["StopRequested"] = "StopRequested"


class SignedSessionStateRequested(SignedBody):
    """SessionStateRequested on the wire."""

    type: Literal["SessionStateRequested"] = "SessionStateRequested"


class SignedSessionResumed(SignedBody):
    """SessionResumed on the wire."""

    type: Literal["SessionResumed"] = "SessionResumed"


class QuoteRefused(Body):
    """No quote: why, and so whether asking again later makes sense."""

    type: Literal["QuoteRefused"] = "QuoteRefused"
    reason: Literal[
        "busy",
        "connector_unavailable",
        "connector_faulted",
        "transaction_open",
        "unknown_connector",
        "offline",
        "not_onboarded",
        "token_not_allowed",
        "deposit_too_small",
        "chain_unavailable",
        "gas_account_low",
    ]


class ServiceAccepted(Body):
    """The connector is held; the deposit must be confirmed by `deposit_until`."""

    type: Literal["ServiceAccepted"] = "ServiceAccepted"
    session_id: SessionId
    wallet: Address
    deposit_until: Moment


class ServiceRejected(Body):
    """No session, or its end before anything was deposited."""

    type: Literal["ServiceRejected"] = "ServiceRejected"
    session_id: SessionId | None = None
    reason: Literal[
        "busy",
        "connector_unavailable",
        "connector_faulted",
        "transaction_open",
        "offline",
        "chain_unavailable",
        "quote_expired",
        "quote_invalid",
        "voucher_invalid",
        "session_used",
        "deposit_missing",
        "stopped_before_start",
    ]


class RequestRefused(Body):
    """A request was turned away and changed nothing; `caused_by` of the envelope names it."""

    type: Literal["RequestRefused"] = "RequestRefused"
    request: str
    reason: RequestRefusal


class ChargingStatus(Body):
    """Where the session stands: sent at each change of phase and each reading.

    `energy_wh` = `meter_wh` - `meter_start_wh`; `cost` is its price by the quoted tariff, never
    more than `deposit`; `voucher` the highest that the station holds; `remaining` is `deposit` -
    `cost`. `usage` is what `cost` is computed from. With `private` nothing is paid: it is a test
    of the operator's.
    """

    type: Literal["ChargingStatus"] = "ChargingStatus"
    session_id: SessionId
    phase: Phase
    transaction_id: TransactionId | None = None
    meter_start_wh: EnergyWh | None = None
    meter_wh: EnergyWh | None = None
    energy_wh: EnergyWh = 0
    power_w: PowerW | None = None
    soc_percent: int | None = None
    sampled_at: Moment | None = None
    deposit: Money = 0
    cost: Money = 0
    remaining: Money = 0
    voucher: Money = 0
    usage: Usage | None = None
    private: bool = False
    stop_reason: StopReason | None = None
    failure: FailureReason | None = None
    flags: tuple[str, ...] = ()


class SessionStateReported(Body):
    """Answer to SessionStateRequested and SessionResumed.

    Whoever has no session of its own here learns only `availability`. `quote` is the session's, as
    signed, with the refund and the sweep: whoever lost them gets them again.
    """

    type: Literal["SessionStateReported"] = "SessionStateReported"
    connector_id: ConnectorId
    availability: Availability
    session: ChargingStatus | None = None
    quote: SignedQuoteOffered | None = None


class Receipt(Payload):
    """Payload of ServiceDelivered: what was charged, what it cost, and where each token went.

    `spent` + `refund` = `deposit`, as moved on the chain by `transaction_hash`. `previous` is the
    SHA-256 of the payload of this station's receipt before, zeros for the first. `price_lines`
    follow from `tariff` and `usage`. `unbilled_wh` was delivered and not paid: the charge point
    told of it when the price was settled.
    """

    type: Literal["ServiceDelivered"] = "ServiceDelivered"
    session_id: SessionId
    charge_point_id: ChargePointId
    connector_id: ConnectorId
    consumer_did: Did
    outcome: Literal["settled", "refunded"]
    stop_reason: StopReason | None = None
    failure: FailureReason | None = None
    flags: tuple[str, ...] = ()
    transaction_id: TransactionId | None = None
    started_at: Moment | None = None
    stopped_at: Moment | None = None
    meter_start_wh: EnergyWh | None = None
    meter_stop_wh: EnergyWh | None = None
    energy_wh: EnergyWh
    unbilled_wh: EnergyWh = 0
    usage: Usage | None = None
    tariff: Tariff
    price_lines: tuple[PriceLine, ...]
    chain_id: int
    token: Address
    token_decimals: int = 18
    token_symbol: str = ""
    wallet: Address
    provider: Address
    refund_account: Address
    deposit: Money
    spent: Money
    refund: Money
    transaction_hash: Bytes32
    previous: Bytes32


class ServiceDelivered(SignedBody):
    """The receipt on the wire, signed by the station's key."""

    type: Literal["ServiceDelivered"] = "ServiceDelivered"


ServiceEvent = Annotated[
    SignedQuoteRequested
    | SignedQuoteOffered
    | QuoteRefused
    | SignedServiceRequested
    | ServiceAccepted
    | ServiceRejected
    | RequestRefused
    | SignedStopRequested
    | ChargingStatus
    | SignedSessionStateRequested
    | SignedSessionResumed
    | SessionStateReported
    | ServiceDelivered,
    Field(discriminator="type"),
]
