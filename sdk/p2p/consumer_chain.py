"""The chain as an app needs it, over a node's JSON-RPC; it pays the gas of a refund itself."""

from sdk.chain.accounts import SigningKey
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel
from sdk.chain.client import ChainClient
from sdk.chain.deploying import check_deployment
from sdk.chain.sender import Sender
from sdk.chain.settlement import execute


class NodeChain:
    """What `Consumer` asks of the chain; see `sdk.p2p.consumer.ConsumerChain`.

    `gas_key` is needed for a refund only. All raise ChainUnavailableError where no node answers.
    """

    def __init__(self, client: ChainClient, gas_key: SigningKey) -> None:
        self._client = client
        self._sender = Sender(client, gas_key)

    async def is_unused(self, address: str, token: str) -> bool:
        """Tell whether an address has no code and holds nothing."""
        if await self._client.code(address):
            return False
        return await self._client.balance(address, token) == 0

    async def check_contracts(self, deployment: Deployment) -> None:
        """Compare the code of the contracts with the pinned one. Raises ContractsMissingError."""
        await check_deployment(self._client, deployment)

    async def block_time(self) -> int:
        """Give the newest block's time."""
        return (await self._client.block()).timestamp

    async def take_refund(self, channel: Channel, provider_signature: str, own: SigningKey) -> str:
        """Execute the gated refund; give the transaction hash.

        Raises TransactionRevertedError while it is not open, or where the wallet paid out already.
        """
        refund = channel.gated_refund()
        signatures = {
            channel.provider: provider_signature,
            channel.consumer: channel.sign(refund, own),
        }
        payout = await execute(self._client, self._sender, channel, refund, signatures)
        return payout.transaction_hash
