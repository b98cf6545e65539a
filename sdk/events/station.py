"""Station conversation: an operator asks the Session Manager, and is answered."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.body import Body
from sdk.fields import Address, Bytes32, Did, Frozen, Money, SessionId

AskedBy = Annotated[str, Field(max_length=100)] | None
"""The name of the account or API key that asked for something; None where nobody says it."""


class BalanceRequested(Body):
    """What do the station's account and the gas account hold?"""

    type: Literal["BalanceRequested"] = "BalanceRequested"


class AccountBalance(Frozen):
    """One account's balance of one token at the newest block."""

    account: Address
    role: Literal["station", "gas"]
    token: Address
    balance: Money


class BalanceReported(Body):
    """Balances as the chain tells them now."""

    type: Literal["BalanceReported"] = "BalanceReported"
    chain_id: int
    block_number: int
    balances: tuple[AccountBalance, ...]


class PublicKeyRequested(Body):
    """What is the public key of the station's account?"""

    type: Literal["PublicKeyRequested"] = "PublicKeyRequested"


class PublicKeyReported(Body):
    """`public_key` is the compressed secp256k1 point, 33 bytes as hex."""

    type: Literal["PublicKeyReported"] = "PublicKeyReported"
    did: Did
    address: Address
    public_key: str


class DidPublishRequested(Body):
    """Publish the station's DID document again; `by` names who asked for it."""

    type: Literal["DidPublishRequested"] = "DidPublishRequested"
    by: AskedBy = None


class DidPublished(Body):
    """The chain's document equals the one built; `transactions` are those it took, maybe none."""

    type: Literal["DidPublished"] = "DidPublished"
    did: Did
    transactions: tuple[Bytes32, ...] = ()


class DidDeactivateRequested(Body):
    """Give up the station's DID, for good; `did` says which, so that no other one is.

    `by` names who asked for it.
    """

    type: Literal["DidDeactivateRequested"] = "DidDeactivateRequested"
    did: Did
    by: AskedBy = None


class DidDeactivated(Body):
    """The DID is given up, by `transaction`: no app pays the station under it any more."""

    type: Literal["DidDeactivated"] = "DidDeactivated"
    did: Did
    transaction: Bytes32


class DidDeactivateFailed(Body):
    """The DID was not given up; `other_did`: the station has another one."""

    type: Literal["DidDeactivateFailed"] = "DidDeactivateFailed"
    did: Did
    reason: Literal[
        "other_did",
        "not_owner",
        "already_deactivated",
        "chain_unavailable",
        "reverted",
        "gas_account_low",
    ]
    detail: str | None = None


class DidPublishFailed(Body):
    """The document could not be published; `detail` says more, for people."""

    type: Literal["DidPublishFailed"] = "DidPublishFailed"
    reason: Literal[
        "chain_unavailable",
        "no_credential",
        "credential_invalid",
        "no_p2p_server",
        "no_key",
        "not_owner",
        "misconfigured",
        "reverted",
        "gas_account_low",
        "unavailable",
    ]
    detail: str | None = None


class ChainReconnectRequested(Body):
    """Connect to the chain's node again."""

    type: Literal["ChainReconnectRequested"] = "ChainReconnectRequested"


class ChainReconnected(Body):
    """The node answers, on the right chain."""

    type: Literal["ChainReconnected"] = "ChainReconnected"
    chain_id: int
    block_number: int
    latency_ms: int


class ChainUnreachable(Body):
    """No node answers, or only one of another chain; it is tried again."""

    type: Literal["ChainUnreachable"] = "ChainUnreachable"
    reason: Literal["no_answer", "wrong_chain"]


class SessionStopRequested(Body):
    """Stop the session on the envelope's connector (of `session_id`, where it is given).

    `by` names who asked for it.
    """

    type: Literal["SessionStopRequested"] = "SessionStopRequested"
    session_id: SessionId | None = None
    by: AskedBy = None


class SessionStopAccepted(Body):
    """The session is being stopped."""

    type: Literal["SessionStopAccepted"] = "SessionStopAccepted"
    session_id: SessionId


class SessionStopRefused(Body):
    """There was nothing to stop."""

    type: Literal["SessionStopRefused"] = "SessionStopRefused"
    reason: Literal["no_session", "other_session", "already_stopping", "unknown_connector"]


DisputeDecision = Literal["retry", "refund", "write_off"]
"""What a person can decide: pay out again now, give the whole deposit back, or give up.

After `write_off` the station sends nothing more, though a payout that is on its way may still go
through; what the wallet holds is the driver's to take back once the refund opens.
"""


class DisputeResolveRequested(Body):
    """Resolve a session that is disputed; `by` names who decided it."""

    type: Literal["DisputeResolveRequested"] = "DisputeResolveRequested"
    session_id: SessionId
    decision: DisputeDecision
    by: AskedBy = None


class DisputeResolved(Body):
    """The decision is carried out; `retry` and `refund` end when the chain has paid out."""

    type: Literal["DisputeResolved"] = "DisputeResolved"
    session_id: SessionId
    decision: DisputeDecision


class DisputeResolveRefused(Body):
    """Nothing was changed."""

    type: Literal["DisputeResolveRefused"] = "DisputeResolveRefused"
    session_id: SessionId
    reason: Literal["no_dispute", "no_voucher"]


class ChainStatusChanged(Body):
    """How the manager reaches the chain now, told to each station when it changes.

    `degraded`: by another node than the preferred one. `node` names it without its key.
    """

    type: Literal["ChainStatusChanged"] = "ChainStatusChanged"
    status: Literal["available", "degraded", "unavailable", "wrong_chain"]
    node: str = ""
    detail: str = ""


class StationCommandRefused(Body):
    """A station command was not carried out; `timeout`: no manager answered in time.

    `forbidden`: who asked may not.
    """

    type: Literal["StationCommandRefused"] = "StationCommandRefused"
    command: str
    reason: Literal[
        "unknown_station", "unknown_type", "invalid", "timeout", "overloaded", "forbidden"
    ]
    detail: str | None = None


StationEvent = Annotated[
    BalanceRequested
    | BalanceReported
    | PublicKeyRequested
    | PublicKeyReported
    | DidPublishRequested
    | DidPublished
    | DidPublishFailed
    | DidDeactivateRequested
    | DidDeactivated
    | DidDeactivateFailed
    | ChainReconnectRequested
    | ChainReconnected
    | ChainUnreachable
    | SessionStopRequested
    | SessionStopAccepted
    | SessionStopRefused
    | DisputeResolveRequested
    | DisputeResolved
    | DisputeResolveRefused
    | ChainStatusChanged
    | StationCommandRefused,
    Field(discriminator="type"),
]
