"""The transactions that the driver may execute on a session's wallet, paying their gas."""

from sdk.chain.accounts import SigningKey
from sdk.chain.addresses import Deployment
from sdk.chain.safe import SafeTx
from sdk.events.service import QuoteOffered
from sdk.events.settlement import SettlementProposed, SignedSettlementProposed
from sdk.events.signed import read_payload
from sdk.p2p.consumer_errors import NoSessionError, RefundNotOpenError
from sdk.p2p.consumer_settings import ConsumerChain
from sdk.p2p.quote_check import channel_of


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
