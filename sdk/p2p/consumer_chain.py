"""The chain as an app needs it, over a node's JSON-RPC; it pays the gas of a refund itself."""

from sdk.chain.accounts import SigningKey
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel
from sdk.chain.client import ChainClient
from sdk.chain.deploying import check_deployment
from sdk.chain.errors import ChainError, ChainUnavailableError, WrongChainError
from sdk.chain.payouts import EXECUTION_SUCCESS, read_payout
from sdk.chain.safe import SafeTx, selector
from sdk.chain.sender import Sender
from sdk.chain.settlement import execute, leftover
from sdk.chain.tokens import TokenInfo, Tokens
from sdk.fields import NATIVE_TOKEN

_TRANSFER_GAS = 121_000
"""What Payout gives the transfer of a refund, and what any transaction costs."""


class NodeChain:
    """What `Consumer` asks of the chain; see `sdk.p2p.consumer.ConsumerChain`.

    `gas_key` is needed for a transfer, a refund, a payout that is left to the driver, and a sweep.
    All raise ChainUnavailableError where no node answers.
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
        """Read what a sweep would pay back now; nothing while the refund account refuses it.

        A sweep that is refused would be used up, and what is left locked for good.
        """
        amount = await leftover(self._client, channel)
        return amount if amount and await self._would_be_taken(channel, amount) else 0

    async def transfer(self, token: str, to: str, amount: int) -> str:
        """Send an amount of a token that the account of `gas_key` holds; give the hash.

        Raises TransactionRevertedError, InsufficientGasAccountError.
        """
        called, data, value = _transfer_call(token, to, amount)
        return (await self._sender.send(called, data, value=value)).transaction_hash

    async def _would_be_taken(self, channel: Channel, amount: int) -> bool:
        to, data, value = _transfer_call(channel.token, channel.refund_account, amount)
        call = {
            "from": channel.address,
            "to": to,
            "data": "0x" + data.hex(),
            "value": hex(value),
            "gas": hex(_TRANSFER_GAS),
        }
        try:
            answer = await self._client.rpc("eth_call", call, "latest")
        except ChainUnavailableError:
            raise
        except ChainError:
            return False
        # An ERC-20 of the old kind answers nothing.
        return answer == "0x" or int(str(answer), 16) == 1

    async def payout(self, channel: Channel, transaction_hash: str) -> tuple[int, int] | None:
        """Read spent and refund of the wallet's payout in a mined transaction; None without one."""
        receipt = await self._client.receipt(transaction_hash)
        if receipt is None:
            return None
        sweep = "0x" + channel.digest(channel.sweep()).hex()
        for log in receipt["logs"]:
            ours = log["address"].lower() == channel.address.lower()
            if not ours or log["topics"][:1] != [EXECUTION_SUCCESS] or log["topics"][1] == sweep:
                continue
            try:
                paid = await read_payout(self._client, channel, receipt, log["topics"][1])
            except (ChainUnavailableError, WrongChainError):
                raise
            except ChainError:
                return None
            return paid.spent, paid.refund
        return None

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


def _transfer_call(token: str, to: str, amount: int) -> tuple[str, bytes, int]:
    """Give what is called to transfer an amount, the call's data, and its value."""
    if token == NATIVE_TOKEN:
        return to, b"", amount
    receiver = bytes.fromhex(to.removeprefix("0x")).rjust(32, b"\0")
    call = selector("transfer(address,uint256)") + receiver + amount.to_bytes(32, "big")
    return token, call, 0
