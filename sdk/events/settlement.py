"""Settlement conversation: the deposit, the vouchers, and the one transaction that pays out."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.body import Body
from sdk.events.service import StopReason
from sdk.events.signed import Payload, Request, SignedBody
from sdk.fields import Address, Bytes32, EnergyWh, Money, SessionId, Signature, TransactionId
from sdk.tariff import Usage


class DepositConfirmed(Body):
    """The session's wallet holds `amount` at the confirmations setting."""

    type: Literal["DepositConfirmed"] = "DepositConfirmed"
    session_id: SessionId
    amount: Money
    block_number: int


class DepositLost(Body):
    """A reorganisation of the chain took the deposit away; `amount` is what is left of it."""

    type: Literal["DepositLost"] = "DepositLost"
    session_id: SessionId
    amount: Money
    block_number: int


class RefundOpening(Body):
    """The chain's time is so near to the driver's own refund that the wallet must pay out now."""

    type: Literal["RefundOpening"] = "RefundOpening"
    session_id: SessionId
    block_time: int


class UnbilledEnergyFound(Body):
    """A charge point closed a transaction after its session was paid: so much was never billed."""

    type: Literal["UnbilledEnergyFound"] = "UnbilledEnergyFound"
    session_id: SessionId
    transaction_id: TransactionId
    unbilled_wh: EnergyWh


class VoucherReceived(Request):
    """Payload: a higher voucher; `sdk.events.service.Voucher` tells what `safe_signature` signs."""

    type: Literal["VoucherReceived"] = "VoucherReceived"
    spent: Money
    safe_signature: Signature


class SettlementProposed(Payload):
    """Payload: the final reading and its price, with the provider's signature under the payout.

    `safe_signature` is the provider's, over Payout.pay(0, token, provider, spent, refund_account)
    at nonce 0; with the driver's own signature either side can execute. With `released` the station
    does not: it leaves that, and the gas, to the driver. `usage` is what `spent` is computed from.
    """

    type: Literal["SettlementProposed"] = "SettlementProposed"
    session_id: SessionId
    meter_start_wh: EnergyWh
    meter_stop_wh: EnergyWh
    energy_wh: EnergyWh
    deposit: Money
    spent: Money
    refund: Money
    stop_reason: StopReason
    flags: tuple[str, ...] = ()
    usage: Usage | None = None
    released: bool = False
    safe_signature: Signature


class SettlementApproved(Request):
    """Payload: the final voucher, at exactly the proposed `spent`."""

    type: Literal["SettlementApproved"] = "SettlementApproved"
    spent: Money
    safe_signature: Signature


class SettlementExecuted(Body):
    """The wallet paid out: what moved on the chain, by which transaction.

    `gas_fee` is what `sender` paid for it, in the chain's own token.
    """

    type: Literal["SettlementExecuted"] = "SettlementExecuted"
    session_id: SessionId
    transaction_hash: Bytes32
    block_number: int
    deposit: Money
    spent: Money
    refund: Money
    gas_used: int
    gas_fee: Money = 0
    sender: Address | None = None


class SettlementFailed(Body):
    """An attempt to pay out did not go through; it is tried again."""

    type: Literal["SettlementFailed"] = "SettlementFailed"
    session_id: SessionId
    reason: Literal["chain_unavailable", "reverted", "gas_account_low", "deposit_gone"]


class SignedVoucherReceived(SignedBody):
    """VoucherReceived on the wire."""

    type: Literal["VoucherReceived"] = "VoucherReceived"


class SignedSettlementProposed(SignedBody):
    """SettlementProposed on the wire, signed by the station's key."""

    type: Literal["SettlementProposed"] = "SettlementProposed"


class SignedSettlementApproved(SignedBody):
    """SettlementApproved on the wire."""

    type: Literal["SettlementApproved"] = "SettlementApproved"


SettlementEvent = Annotated[
    DepositConfirmed
    | DepositLost
    | RefundOpening
    | UnbilledEnergyFound
    | SignedVoucherReceived
    | SignedSettlementProposed
    | SignedSettlementApproved
    | SettlementExecuted
    | SettlementFailed,
    Field(discriminator="type"),
]
