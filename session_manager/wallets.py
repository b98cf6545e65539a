"""The chain as sessions use it, and one session's wallet in it."""

from dataclasses import dataclass

from sdk.chain.accounts import SigningKey
from sdk.chain.channel import Channel
from sdk.chain.client import ChainClient
from sdk.chain.heads import NewHeads
from sdk.chain.reorgs import Reorganisations
from sdk.chain.sender import Sender


@dataclass(frozen=True, slots=True)
class Wallets:
    """The chain as sessions use it; a deposit counts `confirmations` blocks below the head."""

    client: ChainClient
    sender: Sender
    heads: NewHeads
    reorgs: Reorganisations
    confirmations: int


@dataclass(frozen=True, slots=True)
class Work:
    """One session's wallet, with all that it takes to look after it.

    `refund_opens_at` is in seconds since 1970, by the chain's time.
    """

    charge_point_id: str
    connector_id: int
    session_id: str
    channel: Channel
    key: SigningKey
    refund_opens_at: int
