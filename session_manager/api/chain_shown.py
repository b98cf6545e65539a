"""The chain as the API shows it: nodes, and what the gas account has on its way. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Literal

from sdk.chain.addresses import Deployment
from sdk.chain.client import Block, NodeStatus
from sdk.chain.journal import Sent
from sdk.chain.nodes import NodeState
from sdk.chain.safe import EXECUTION
from sdk.fields import Moment, Money
from session_manager.api.values import ApiModel

Purpose = Literal["identity", "payout", "transfer", "other"]
WaitsFor = Literal["block", "higher_fee", "earlier_nonce", "confirmations"]


class NodeShown(ApiModel):
    """How a node stands; `url` without what may be a key. `connected`: it can be used."""

    url: str
    state: NodeState
    connected: bool
    block_number: int | None
    latency_ms: int | None
    error: str | None


class BlockShown(ApiModel):
    """The newest block; `age_s` by this machine's clock, `base_fee` in wei per gas."""

    number: int
    at: Moment
    age_s: float
    base_fee: Money


class GasAccount(ApiModel):
    """The account that pays the gas; `payout_price` is what one payout may cost now, in wei.

    `is_low`: less is left than the payouts of all wallets in use and three more may cost.
    """

    address: str
    balance: Money | None
    is_low: bool
    payout_price: Money


class PendingTransaction(ApiModel):
    """One nonce of the gas account that is not deep in the chain yet.

    `offers` is how often it was sent with other fees, `hash` the newest offer's. It waits for a
    `block`, for a `higher_fee` than it offers (`max_fee_per_gas`, wei), for an `earlier_nonce`, or,
    once mined, for `confirmations`.
    """

    nonce: int
    to: str
    purpose: Purpose
    waits_for: WaitsFor
    sent_at: Moment
    offers: int
    max_fee_per_gas: Money
    hash: str | None


class ChainShown(ApiModel):
    """The chain as the process `server` reaches it: other processes have nodes of their own.

    `node` is the one that was asked last. `pending` is of the gas account, whichever process sent
    it; `pending_error`: why it can't be told.
    """

    server: str
    chain_id: int
    state: Literal["up", "degraded", "down", "unknown"]
    reason: str | None
    node: NodeShown
    nodes: list[NodeShown]
    block: BlockShown | None
    gas: GasAccount
    pending: list[PendingTransaction]
    pending_error: str | None


class Reconnected(ApiModel):
    """Whether the process `server` reaches a node again."""

    server: str
    outcome: Literal["reconnected", "unreachable"]
    reason: Literal["no_answer", "wrong_chain"] | None = None
    chain_id: int | None = None
    block_number: int | None = None
    latency_ms: int | None = None


def node_shown(status: NodeStatus) -> NodeShown:
    """Show a node."""
    return NodeShown(
        url=status.url,
        state=status.state,
        connected=status.connected,
        block_number=status.block_number,
        latency_ms=status.latency_ms,
        error=status.error,
    )


def block_shown(block: Block, now: datetime) -> BlockShown:
    """Show the newest block."""
    at = datetime.fromtimestamp(block.timestamp, UTC)
    age = max(0.0, (now - at).total_seconds())
    return BlockShown(number=block.number, at=at, age_s=round(age, 1), base_fee=block.base_fee)


def pending_shown(
    journal: Mapping[int, Sent], used: int, base_fee: int, deployment: Deployment
) -> Iterator[PendingTransaction]:
    """Show what is on its way, by nonce; `used` is how many nonces are mined."""
    next_nonce, is_blocked = used, False
    for nonce, sent in sorted(journal.items()):
        waits_for: WaitsFor = "confirmations"
        if nonce >= used:
            is_blocked = is_blocked or nonce != next_nonce
            waits_for = "block" if sent.fees.covers(base_fee) else "higher_fee"
            waits_for = "earlier_nonce" if is_blocked and waits_for == "block" else waits_for
            is_blocked = is_blocked or waits_for != "block"
            next_nonce = nonce + 1
        yield PendingTransaction(
            nonce=nonce,
            to=sent.call.to,
            purpose=_purpose(sent, deployment),
            waits_for=waits_for,
            sent_at=datetime.fromtimestamp(sent.sent_at, UTC),
            offers=len(sent.hashes),
            max_fee_per_gas=sent.fees.most,
            hash=sent.hashes[-1] if sent.hashes else None,
        )


def _purpose(sent: Sent, deployment: Deployment) -> Purpose:
    to = sent.call.to.lower()
    if to in (deployment.did_registry.lower(), deployment.multi_send.lower()):
        return "identity"
    if to == deployment.payout.lower() or sent.call.data[:4] == EXECUTION:
        return "payout"
    return "other" if sent.call.data else "transfer"
