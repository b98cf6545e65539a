"""What came of paying a wallet out, as the facts that the session hears. Pure."""

from sdk.chain.errors import (
    ChainUnavailableError,
    DepositGoneError,
    InsufficientGasAccountError,
    TransactionRevertedError,
    WrongChainError,
)
from sdk.chain.settlement import Payout
from sdk.events.settlement import SettlementExecuted, SettlementFailed


def executed(session_id: str, payout: Payout) -> SettlementExecuted:
    """Tell what moved."""
    return SettlementExecuted(
        session_id=session_id,
        transaction_hash=payout.transaction_hash,
        block_number=payout.block_number,
        deposit=payout.deposit,
        spent=payout.spent,
        refund=payout.refund,
        gas_used=payout.gas_used,
        gas_fee=payout.gas_fee,
        sender=payout.sender,
    )


def failed(session_id: str, fault: Exception) -> SettlementFailed | None:
    """Tell why an attempt did not go through; None where that is not the chain's doing."""
    match fault:
        case ChainUnavailableError() | WrongChainError():
            return SettlementFailed(session_id=session_id, reason="chain_unavailable")
        case DepositGoneError():
            return SettlementFailed(session_id=session_id, reason="deposit_gone")
        case TransactionRevertedError():
            return SettlementFailed(session_id=session_id, reason="reverted")
        case InsufficientGasAccountError():
            return SettlementFailed(session_id=session_id, reason="gas_account_low")
        case _:
            return None
