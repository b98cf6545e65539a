"""What is paid out of a session's wallet: by the driver itself, or by a receipt's word."""

from sdk.chain.accounts import SigningKey
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel
from sdk.chain.errors import ChainError
from sdk.chain.safe import SafeTx
from sdk.errors import UnavailableError
from sdk.events.service import QuoteOffered, Receipt
from sdk.events.settlement import SettlementProposed, SignedSettlementProposed
from sdk.events.signed import read_payload
from sdk.p2p.consumer_errors import NoSessionError, RefundNotOpenError
from sdk.p2p.consumer_settings import ConsumerChain
from sdk.p2p.quote_check import channel_of


class PayoutCheck:
    """Asks the chain for what a receipt claims, until it shows that or `looks` answers did not."""

    def __init__(self, chain: ConsumerChain, channel: Channel, looks: int) -> None:
        self._chain = chain
        self._channel = channel
        self._looks = looks

    @property
    def failed(self) -> bool:
        """Whether there were enough answers, to any receipt."""
        return self._looks <= 0

    async def fault(self, receipt: Receipt) -> str | None:
        """Ask once; say what keeps the receipt from being believed, None for nothing."""
        try:
            paid = await self._chain.payout(self._channel, receipt.transaction_hash)
        except (UnavailableError, ChainError) as error:
            return f"the chain can't be asked for its payout: {error}"
        if paid == (receipt.spent, receipt.refund):
            return None
        self._looks -= 1
        if paid is None:
            return f"the chain shows no payout of the wallet in {receipt.transaction_hash}"
        return f"the chain shows another payout: {paid[0]} spent and {paid[1]} back"


class DriverPayouts:
    """Executes what the station has signed already. All raise chain errors."""

    def __init__(self, chain: ConsumerChain, deployment: Deployment, key: SigningKey) -> None:
        """Sign with the session key `key`."""
        self._chain = chain
        self._deployment = deployment
        self._key = key

    async def refund(self, quote: QuoteOffered) -> str:
        """See `Consumer.refund`."""
        if await self._chain.block_time() < quote.refund_opens_at:
            raise RefundNotOpenError(quote.refund_opens_at)
        refund = channel_of(quote, self._deployment).gated_refund()
        return await self._execute(quote, refund, quote.refund_signature)

    async def paid_by(self, quote: QuoteOffered, transaction: str) -> tuple[int, int] | None:
        """Read what a transaction paid, spent and refund; None where that can't be told."""
        try:
            return await self._chain.payout(channel_of(quote, self._deployment), transaction)
        except (UnavailableError, ChainError):
            return None

    async def take(self, quote: QuoteOffered, released: SignedSettlementProposed | None) -> str:
        """See `Consumer.take_payout`; `released` was checked when it came."""
        if released is None:
            raise NoSessionError("the station left no payout to the driver")
        proposal = read_payload(released, SettlementProposed)
        payout = channel_of(quote, self._deployment).voucher(proposal.spent)
        return await self._execute(quote, payout, proposal.safe_signature)

    async def sweep(self, quote: QuoteOffered) -> str | None:
        """See `Consumer.sweep`."""
        channel = channel_of(quote, self._deployment)
        if not await self._chain.leftover(channel):
            return None
        return await self._execute(quote, channel.sweep(), quote.sweep_signature)

    async def _execute(self, quote: QuoteOffered, tx: SafeTx, signature: str) -> str:
        channel = channel_of(quote, self._deployment)
        return await self._chain.execute(channel, tx, signature, self._key)
