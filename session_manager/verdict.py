"""How far a station's onboarding got, for quotes, operators and the page. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sdk.chain.errors import (
    ChainError,
    ContractsMissingError,
    InsufficientGasAccountError,
    TransactionRevertedError,
    WrongChainError,
)
from sdk.did.document import DidDocument
from sdk.did.errors import CredentialError, DidError, DidUnresolvableError
from sdk.did.identifier import EthrDid, QrCode
from sdk.events.station import DidPublished, DidPublishFailed
from session_manager.identity import NotOnboarded, WantedIdentity
from session_manager.publisher import Balances, Publication

OnboardingState = Literal[
    "checking", "published", "not_onboarded", "not_published", "chain_unavailable"
]

_CHAIN_REASONS: Mapping[type[Exception], str] = {
    WrongChainError: "wrong_chain",
    ContractsMissingError: "no_registry",
    DidUnresolvableError: DidUnresolvableError.reason,
}
_FAILURES = {
    "no_credential": "no_credential",
    "no_p2p_server": "no_p2p_server",
    "no_key": "no_key",
    "not_owner": "not_owner",
    "did_deactivated": "not_owner",
    "reverted": "reverted",
    "gas_account_low": "gas_account_low",
}
_CREDENTIAL_ERRORS: Sequence[type[CredentialError]] = CredentialError.__subclasses__()
_CREDENTIAL_REASONS = frozenset(error.reason for error in _CREDENTIAL_ERRORS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the last look at a station found; `reason` and `detail` say what is wrong.

    `document` is the chain's, where it was read; `valid_until` the end of the credential `token`.
    """

    state: OnboardingState
    reason: str = ""
    detail: str = ""
    document: DidDocument | None = None
    transactions: tuple[str, ...] = ()
    valid_until: datetime | None = None
    token: str = ""

    @property
    def may_change(self) -> bool:
        """Whether the same attempt may go better later."""
        return self.state in ("chain_unavailable", "not_published")

    def has_expired(self, now: datetime) -> bool:
        """Tell whether the credential ran out since."""
        return self.valid_until is not None and now >= self.valid_until


def found_published(publication: Publication, wanted: WantedIdentity) -> Verdict:
    """The chain says what it should."""
    document, transactions = publication.document, publication.transactions
    valid_until = wanted.credential.valid_until
    return Verdict("published", "", "", document, transactions, valid_until, wanted.token)


def found_lacking(lack: NotOnboarded) -> Verdict:
    """There is nothing that an app would accept."""
    return Verdict("not_onboarded", lack.reason, lack.detail)


def found_failing(error: ChainError | DidError) -> Verdict:
    """The chain could not be read, or not be changed."""
    match error:
        case TransactionRevertedError():
            return Verdict("not_published", "reverted", str(error))
        case InsufficientGasAccountError():
            return Verdict("not_published", "gas_account_low", str(error))
        case ChainError() | DidUnresolvableError():
            reason = _CHAIN_REASONS.get(type(error), "no_answer")
            return Verdict("chain_unavailable", reason, str(error))
        case DidError():
            return Verdict("not_onboarded", error.reason, str(error))


def publish_answer(verdict: Verdict) -> DidPublished | DidPublishFailed:
    """Answer the operator who asked for publishing."""
    if verdict.document is not None:
        return DidPublished(did=str(verdict.document.did), transactions=verdict.transactions)
    reason = "misconfigured"
    if verdict.state == "chain_unavailable":
        reason = "chain_unavailable"
    elif verdict.reason in _CREDENTIAL_REASONS:
        reason = "credential_invalid"
    fields = {"reason": _FAILURES.get(verdict.reason, reason), "detail": verdict.detail or None}
    return DidPublishFailed.model_validate(fields)


def identity_fields(
    did: EthrDid | None, verdict: Verdict, balances: Balances | None, now: datetime
) -> dict[str, str]:
    """Write the fields of `{CP}:identity`; what is not known now is left as it was."""
    fields = {
        "state": verdict.state,
        "reason": verdict.reason,
        "detail": verdict.detail,
        "updated_at": now.isoformat(),
    }
    if did is not None:
        fields |= {"did": str(did), "qr": str(QrCode(did, 1)), "address": did.address}
    if verdict.document is not None:
        fields["document"] = json.dumps(verdict.document.json)
    if balances is not None:
        fields |= {"balance": str(balances.station), "gas_balance": str(balances.gas)}
    return fields
