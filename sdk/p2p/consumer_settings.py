"""What a `Consumer` is given: settings of its own, the chain, a wallet."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from sdk.chain.accounts import SigningKey
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel
from sdk.chain.safe import SafeTx
from sdk.chain.tokens import TokenInfo
from sdk.events.service import QuoteOffered, SignedQuoteOffered
from sdk.fields import NATIVE_TOKEN

Deposit = Callable[[str, int], Awaitable[object]]
"""Sends an amount to an address, and returns once it is sent: the app's own wallet."""


class ConsumerChain(Protocol):
    """What the app reads of the chain, and how it takes its refund."""

    async def is_unused(self, address: str, token: str) -> bool:
        """Tell whether an address has no code and holds nothing. Raises UnavailableError."""
        ...

    async def check_contracts(self, deployment: Deployment) -> None:
        """Check that the chain has the pinned contracts: without them a deposit is locked for good.

        Raises ContractsMissingError, UnavailableError.
        """
        ...

    async def block_time(self) -> int:
        """Give the newest block's time. Raises UnavailableError."""
        ...

    async def token(self, address: str) -> TokenInfo:
        """Read what a token is. Raises UnavailableError, ChainError for what is no token."""
        ...

    async def leftover(self, channel: Channel) -> int:
        """Read what a sweep would pay back now; 0 while the refund account refuses it.

        Raises UnavailableError.
        """
        ...

    async def payout(self, channel: Channel, transaction_hash: str) -> tuple[int, int] | None:
        """Read what the channel's wallet paid in a transaction: spent and refund.

        None where the chain does not show that, or not yet: a sweep is no payout. Raises
        UnavailableError, ChainError where it can't be told.
        """
        ...

    async def execute(
        self, channel: Channel, tx: SafeTx, provider_signature: str, own: SigningKey
    ) -> str:
        """Execute what both owners signed, deploying the wallet if needed; give the hash."""
        ...


@dataclass(frozen=True, slots=True)
class ConsumerSettings:
    """What the app is sure of by itself: the chain, the contracts, and its own limits.

    `longest_lock_s` bounds how long a deposit may be locked; `highest_power_w` how fast it may be
    used up (a car takes far less than the megawatts of a lorry); `speed_limit` how much faster than
    its clock energy may come (1, except against a simulator). A receipt is disputed after
    `payout_looks` answers of the chain, about a second apart, that do not show its payout.
    """

    chain_id: int
    deployment: Deployment
    token: str = NATIVE_TOKEN
    longest_lock_s: int = 48 * 3600
    highest_power_w: int = 4_000_000
    speed_limit: float = 1.0
    answer_seconds: float = 10.0
    payout_looks: int = 60


@dataclass(frozen=True, slots=True)
class Quote:
    """A checked quote: as signed, and its content."""

    signed: SignedQuoteOffered
    terms: QuoteOffered
