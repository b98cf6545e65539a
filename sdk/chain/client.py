"""What is asked of the chain: blocks, balances, code, calls, logs, transactions."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sdk.chain import answers
from sdk.chain.answers import Block
from sdk.chain.errors import ChainError, ChainUnavailableError
from sdk.chain.nodes import NodeStatus, http_url
from sdk.chain.rpc import NEWEST, Rpc
from sdk.chain.safe import ZERO, selector

__all__ = ["Block", "BlockTag", "ChainClient", "NodeStatus", "access_list", "http_url"]

_DEFAULT_TIP = 1_000_000_000
BlockTag = int | str
"""A block number, or "latest", "safe", "finalized"; "pending" where accounts are read."""

T = TypeVar("T")


class ChainClient:
    """Asks one of several nodes of one chain.

    Every method raises ChainUnavailableError when none of them answers, or only nonsense (retry
    later), and WrongChainError when one answers for another chain.
    """

    def __init__(self, urls: Sequence[str], chain_id: int, request_timeout: float = 5.0) -> None:
        """Ask the first of `urls` (http, https; ws and wss are taken as such) that is well."""
        self.chain_id = chain_id
        self._rpc = Rpc(urls, chain_id, request_timeout)

    @property
    def status(self) -> NodeStatus:
        """How the node stands that was asked last."""
        return self._rpc.nodes.current

    @property
    def nodes(self) -> tuple[NodeStatus, ...]:
        """How each node stands, in the order of the URLs."""
        return self._rpc.nodes.statuses

    def listen(self, listener: Callable[[NodeStatus], None]) -> None:
        """Call `listener` with each node whose state has changed."""
        self._rpc.nodes.listen(listener)

    async def probe(self) -> tuple[NodeStatus, ...]:
        """Ask every node for its newest block, and give how they stand; raises nothing.

        Whoever does so from time to time finds out that a node is behind, or well again.
        """
        await self._rpc.probe()
        return self.nodes

    async def close(self) -> None:
        """Drop all connections."""
        await self._rpc.close()

    async def reconnect(self) -> Block:
        """Connect again, to the preferred node first, and give the newest block."""
        await self.close()
        return await self.block()

    async def rpc(self, method: str, *params: Any) -> Any:  # noqa: ANN401 - JSON
        """Call any method; see `Rpc.call` for the errors."""
        return await self.ask(answers.anything, method, *params)

    async def ask(self, read: Callable[[Any], T], method: str, *params: Any) -> T:  # noqa: ANN401
        """Call any method, and have the answer read: `read` raises ValueError for nonsense."""
        return await self._rpc.call(method, *params, read=read)

    async def block(self, tag: BlockTag = NEWEST) -> Block:
        """Read a block's head. Raises ChainError where there is none."""
        block = await self.find_block(tag)
        if block is None:
            raise ChainError(f"there is no block {tag}")
        return block

    async def find_block(self, tag: BlockTag) -> Block | None:
        """Read a block's head; None where the chain has no such block."""
        read = answers.block if isinstance(tag, int) else answers.head
        return await self.ask(read, "eth_getBlockByNumber", _tag(tag), False)

    async def balance(self, account: str, token: str = ZERO, tag: BlockTag = "latest") -> int:
        """Read what an account holds, of the chain's token or of an ERC-20."""
        if token == ZERO:
            return await self.ask(answers.quantity, "eth_getBalance", account, _tag(tag))
        data = selector("balanceOf(address)") + bytes(12) + bytes.fromhex(account[2:])
        return int.from_bytes(await self.call(token, data, tag), "big")

    async def code(self, address: str) -> bytes:
        """Read the code at an address; empty for a plain account."""
        return await self.ask(answers.data, "eth_getCode", address, "latest")

    async def transaction_count(self, account: str, tag: BlockTag = "pending") -> int:
        """Read the nonce of an account's next transaction, pending ones counted."""
        return await self.ask(answers.quantity, "eth_getTransactionCount", account, _tag(tag))

    async def tip(self) -> int:
        """Ask what to give a block's maker per unit of gas, in wei."""
        try:
            return await self.ask(answers.quantity, "eth_maxPriorityFeePerGas")
        except ChainUnavailableError:
            raise
        except ChainError:
            return _DEFAULT_TIP

    async def call(self, to: str, data: bytes, tag: BlockTag = "latest") -> bytes:
        """Call a contract without a transaction. Raises TransactionRevertedError."""
        asked = {"to": to, "data": "0x" + data.hex()}
        return await self.ask(answers.data, "eth_call", asked, _tag(tag))

    async def estimate(
        self, sender: str, to: str, data: bytes, value: int = 0, touched: Sequence[str] = ()
    ) -> int:
        """Simulate a transaction and give its gas. Raises TransactionRevertedError."""
        transaction: dict[str, Any] = {
            "from": sender,
            "to": to,
            "data": "0x" + data.hex(),
            "value": hex(value),
        }
        if touched:
            transaction["accessList"] = access_list(touched)
        return await self.ask(answers.quantity, "eth_estimateGas", transaction)

    async def logs(
        self,
        first: int,
        last: int,
        addresses: Sequence[str] = (),
        topics: Sequence[Any] = (),
    ) -> list[dict[str, Any]]:
        """Read the logs of blocks `first` to `last`; see eth_getLogs for the filters."""
        wanted: dict[str, Any] = {"fromBlock": hex(first), "toBlock": hex(last)}
        if addresses:
            wanted["address"] = list(addresses)
        if topics:
            wanted["topics"] = list(topics)
        return await self.ask(answers.logs, "eth_getLogs", wanted)

    async def send_raw(self, transaction: bytes) -> str:
        """Send a signed transaction; gives its hash. Raises NonceTakenError and others."""
        return await self.ask(answers.word, "eth_sendRawTransaction", "0x" + transaction.hex())

    async def transaction(self, transaction_hash: str) -> dict[str, Any] | None:
        """Read a transaction, mined or waiting; None where the node does not know it."""
        return await self.ask(answers.transaction, "eth_getTransactionByHash", transaction_hash)

    async def receipt(self, transaction_hash: str) -> dict[str, Any] | None:
        """Read a transaction's receipt; None while it is not mined."""
        return await self.ask(answers.receipt, "eth_getTransactionReceipt", transaction_hash)


def access_list(touched: Sequence[str]) -> list[dict[str, Any]]:
    """Name accounts that a transaction will touch, as EIP-2930 has it."""
    return [{"address": account, "storageKeys": []} for account in touched]


def _tag(tag: BlockTag) -> str:
    return hex(tag) if isinstance(tag, int) else tag
