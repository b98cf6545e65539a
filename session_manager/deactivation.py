"""Gives a station's DID up, for good: its key signs, the gas account pays."""

from collections.abc import Mapping

from sdk.chain.accounts import SigningKey
from sdk.chain.errors import (
    ChainError,
    InsufficientGasAccountError,
    TransactionRevertedError,
)
from sdk.chain.sender import Sender
from sdk.did.errors import DidUnresolvableError
from sdk.did.identifier import EthrDid
from sdk.did.registry import DidRegistry
from sdk.did.registry_events import NOBODY
from sdk.events.station import DidDeactivated, DidDeactivateFailed

_REASONS: Mapping[type[Exception], str] = {
    TransactionRevertedError: "reverted",
    InsufficientGasAccountError: "gas_account_low",
}


async def give_up(
    registry: DidRegistry, did: EthrDid, key: SigningKey, sender: Sender
) -> DidDeactivated | DidDeactivateFailed:
    """Make nobody the owner of `did`; raises nothing that the chain may be the reason of."""
    try:
        document = await registry.read(did)
        if document.deactivated:
            return _failed(did, "already_deactivated", f"{did} was given up before")
        if document.owner != key.address:
            return _failed(did, "not_owner", f"{did} belongs to {document.owner}")
        mined = await registry.change_owner(did, NOBODY, key, sender)
    except (ChainError, DidUnresolvableError) as error:
        return _failed(did, _REASONS.get(type(error), "chain_unavailable"), str(error))
    return DidDeactivated(did=str(did), transaction=mined.transaction_hash)


def _failed(did: EthrDid, reason: str, detail: str) -> DidDeactivateFailed:
    fields = {"did": str(did), "reason": reason, "detail": detail}
    return DidDeactivateFailed.model_validate(fields)
