"""Receipts: what was charged, what it cost, and where each token went."""

from hashlib import sha256
from typing import Literal

from sdk.chain.accounts import SigningKey
from sdk.events.service import Receipt, ServiceDelivered
from sdk.tariff import price_lines
from session_manager.session.state import Session


def receipt_of(session: Session, previous: str) -> Receipt:
    """Write the receipt of a session that was paid out; `previous` names the one before."""
    quote, moved = session.terms, session.executed
    if moved is None:
        raise LookupError("a session without a settlement has no receipt")
    outcome: Literal["settled", "refunded"] = (
        "refunded" if session.phase == "refunded" else "settled"
    )
    return Receipt(
        provider_did=quote.provider_did,
        session_id=quote.session_id,
        charge_point_id=quote.charge_point_id,
        connector_id=quote.connector_id,
        consumer_did=f"did:ethr:{quote.chain_id:#x}:{quote.session_key}",
        outcome=outcome,
        stop_reason=session.stop_reason,
        failure=session.failure,
        flags=session.flags,
        transaction_id=session.transaction_id,
        started_at=session.started_at,
        stopped_at=session.stopped_at,
        meter_start_wh=session.meter_start_wh,
        meter_stop_wh=session.meter_wh,
        energy_wh=session.energy_wh,
        unbilled_wh=session.unbilled_wh,
        usage=session.usage,
        tariff=quote.tariff,
        price_lines=price_lines(quote.tariff, session.usage) if session.usage else (),
        chain_id=quote.chain_id,
        token=quote.token,
        token_decimals=quote.token_decimals,
        token_symbol=quote.token_symbol,
        wallet=quote.wallet,
        provider=quote.provider,
        refund_account=quote.refund_account,
        deposit=moved.deposit,
        spent=moved.spent,
        refund=moved.refund,
        transaction_hash=moved.transaction_hash,
        previous=previous,
    )


def sign_receipt(receipt: Receipt, key: SigningKey) -> ServiceDelivered:
    """Put the station's signature under a receipt."""
    payload = receipt.model_dump_json(exclude_none=True)
    return ServiceDelivered(payload=payload, signature=key.sign_text(payload))


def receipt_hash(delivered: ServiceDelivered) -> str:
    """Name a receipt, for the next one's `previous`: 0x + SHA-256 of its payload."""
    return "0x" + sha256(delivered.payload.encode()).hexdigest()
