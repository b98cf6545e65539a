"""The chain as an app needs it, over a node's JSON-RPC; it pays the gas of a refund itself."""

from sdk.chain.accounts import SigningKey
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel
from sdk.chain.client import ChainClient
from sdk.chain.deploying import check_deployment
from sdk.chain.safe import SafeTx, selector
from sdk.chain.sender import Sender
from sdk.chain.settlement import execute, leftover
from sdk.chain.tokens import TokenInfo, Tokens
from sdk.fields import NATIVE_TOKEN


class NodeChain:
    """What `Consumer` asks of the chain; see `sdk.p2p.consumer.ConsumerChain`.

    `gas_key` is needed for a transfer, a refund, a payout that is left to the driver, and a sweep. All raise
    ChainUnavailableError where no node answers.
    """

    def __init__(self, client: ChainClient, gas_key: SigningKey) -> None:
        self._client = client
        self._tokens = Tokens(client)
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

    async def token(self, address: str) -> TokenInfo:
        """Read what a token is."""
        return await self._tokens.read(address)

    async def leftover(self, channel: Channel) -> int:
        """Read what a wallet that paid out holds now."""
        return await leftover(self._client, channel)

    async def transfer(self, token: str, to: str, amount: int) -> str:
        """Send an amount of a token that the account of `gas_key` holds; give the hash.

        Raises TransactionRevertedError, InsufficientGasAccountError.
        """
        if token == NATIVE_TOKEN:
            return (await self._sender.send(to, b"", value=amount)).transaction_hash
        receiver = bytes.fromhex(to.removeprefix("0x")).rjust(32, b"\0")
        call = selector("transfer(address,uint256)") + receiver + amount.to_bytes(32, "big")
        return (await self._sender.send(token, call)).transaction_hash

    async def execute(
        self, channel: Channel, tx: SafeTx, provider_signature: str, own: SigningKey
    ) -> str:
        """Execute `tx`; give the transaction hash: of the one that did it, if it is done already.

        Raises TransactionRevertedError, for a refund that is not open yet.
        """
        signatures = {
            channel.provider: provider_signature,
            channel.consumer: channel.sign(tx, own),
        }
        payout = await execute(self._client, self._sender, channel, tx, signatures)
        return payout.transaction_hash
