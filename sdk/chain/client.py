"""The chain's node over JSON-RPC, with fallback from URL to URL."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from web3 import AsyncHTTPProvider
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from sdk.chain.errors import (
    ChainError,
    ChainUnavailableError,
    InsufficientGasAccountError,
    TransactionRevertedError,
    WrongChainError,
)
from sdk.chain.safe import ZERO, selector

_REVERTED = 3
BlockTag = int | str
"""A block number, or "latest", "safe", "finalized", "pending"."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block's number, hash, parent's hash, and time in seconds."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    base_fee: int = 0


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """How the connection to the chain stands, for people; `error` is None while it is fine."""

    url: str
    chain_id: int
    connected: bool
    block_number: int | None = None
    latency_ms: int | None = None
    error: str | None = None


class ChainClient:
    """Asks one of several nodes of one chain.

    Every method raises ChainUnavailableError when none of them answers (retry later) and
    WrongChainError when one answers for another chain.
    """

    def __init__(self, urls: Sequence[str], chain_id: int, request_timeout: float = 5.0) -> None:
        """Ask `urls` (http or https) in this order."""
        if not urls:
            raise ValueError("a chain client needs a URL")
        self.chain_id = chain_id
        self._urls = tuple(http_url(url) for url in urls)
        self._timeout = request_timeout
        self._providers: dict[str, AsyncHTTPProvider] = {}
        self._checked: set[str] = set()
        self._current = 0
        self._status = NodeStatus(self._urls[0], chain_id, connected=False)

    @property
    def status(self) -> NodeStatus:
        """How the last call went."""
        return self._status

    async def close(self) -> None:
        """Drop all connections."""
        providers, self._providers = self._providers, {}
        self._checked.clear()
        for provider in providers.values():
            await provider.disconnect()

    async def reconnect(self) -> Block:
        """Connect again, to the preferred node first, and give the newest block."""
        await self.close()
        self._current = 0
        return await self.block()

    async def rpc(self, method: str, *params: Any) -> Any:  # noqa: ANN401 - JSON
        """Call a node; the next one when it does not answer.

        Raises TransactionRevertedError, InsufficientGasAccountError and ChainError for what a node
        answered with an error.
        """
        last: ChainError | None = None
        for turn in range(len(self._urls)):
            index = (self._current + turn) % len(self._urls)
            try:
                result = await self._ask(self._urls[index], method, params)
            except (ChainUnavailableError, WrongChainError) as error:
                last = last if isinstance(last, WrongChainError) else error
                self._note(self._urls[index], error)
                continue
            self._current = index
            return result
        raise last or ChainUnavailableError("no node answers")

    async def block(self, tag: BlockTag = "latest") -> Block:
        """Read a block's head."""
        started = time.monotonic()
        raw = await self.rpc("eth_getBlockByNumber", _tag(tag), False)
        if raw is None:
            raise ChainError(f"there is no block {tag}")
        block = Block(
            int(raw["number"], 16),
            raw["hash"],
            raw["parentHash"],
            int(raw["timestamp"], 16),
            int(raw.get("baseFeePerGas", "0x0"), 16),
        )
        if tag == "latest":
            latency = round((time.monotonic() - started) * 1000)
            url = self._urls[self._current]
            self._status = NodeStatus(url, self.chain_id, True, block.number, latency)
        return block

    async def balance(self, account: str, token: str = ZERO, tag: BlockTag = "latest") -> int:
        """Read what an account holds, of the chain's token or of an ERC-20."""
        if token == ZERO:
            return int(await self.rpc("eth_getBalance", account, _tag(tag)), 16)
        data = selector("balanceOf(address)") + bytes(12) + bytes.fromhex(account[2:])
        return int.from_bytes(await self.call(token, data, tag), "big")

    async def code(self, address: str) -> bytes:
        """Read the code at an address; empty for a plain account."""
        return bytes.fromhex((await self.rpc("eth_getCode", address, "latest"))[2:])

    async def transaction_count(self, account: str) -> int:
        """Read the nonce of an account's next transaction, pending ones counted."""
        return int(await self.rpc("eth_getTransactionCount", account, "pending"), 16)

    async def call(self, to: str, data: bytes, tag: BlockTag = "latest") -> bytes:
        """Call a contract without a transaction. Raises TransactionRevertedError."""
        result = await self.rpc("eth_call", {"to": to, "data": "0x" + data.hex()}, _tag(tag))
        return bytes.fromhex(result[2:])

    async def estimate(self, sender: str, to: str, data: bytes, value: int = 0) -> int:
        """Simulate a transaction and give its gas. Raises TransactionRevertedError."""
        transaction = {"from": sender, "to": to, "data": "0x" + data.hex(), "value": hex(value)}
        return int(await self.rpc("eth_estimateGas", transaction), 16)

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
        logs: list[dict[str, Any]] = await self.rpc("eth_getLogs", wanted)
        return logs

    async def send_raw(self, transaction: bytes) -> str:
        """Send a signed transaction; gives its hash."""
        return str(await self.rpc("eth_sendRawTransaction", "0x" + transaction.hex()))

    async def receipt(self, transaction_hash: str) -> dict[str, Any] | None:
        """Read a transaction's receipt; None while it is not mined."""
        raw: dict[str, Any] | None = await self.rpc("eth_getTransactionReceipt", transaction_hash)
        return raw

    async def _ask(self, url: str, method: str, params: Sequence[Any]) -> Any:  # noqa: ANN401
        if url not in self._checked:
            answered = int(await self._request(url, "eth_chainId", ()), 16)
            if answered != self.chain_id:
                raise WrongChainError(f"the node is of chain {answered}, not {self.chain_id}")
            self._checked.add(url)
        return await self._request(url, method, params)

    async def _request(self, url: str, method: str, params: Sequence[Any]) -> Any:  # noqa: ANN401
        provider = self._providers.get(url)
        if provider is None:
            timeout = aiohttp.ClientTimeout(total=self._timeout)
            provider = AsyncHTTPProvider(
                url, request_kwargs={"timeout": timeout}, exception_retry_configuration=None
            )
            self._providers[url] = provider
        try:
            answer = await provider.make_request(RPCEndpoint(method), list(params))
        except (aiohttp.ClientError, OSError, TimeoutError, Web3Exception, ValueError) as error:
            self._checked.discard(url)
            raise ChainUnavailableError("the node does not answer") from error
        if answer.get("error"):
            raise _refusal(answer["error"])
        return answer.get("result")

    def _note(self, url: str, error: ChainError) -> None:
        known = self._status.block_number
        self._status = NodeStatus(url, self.chain_id, False, known, None, str(error))


def http_url(url: str) -> str:
    """Give the URL for calls of a node that was named by its WebSocket."""
    if url.startswith(("ws://", "wss://")):
        return "http" + url.removeprefix("ws")
    return url


def _tag(tag: BlockTag) -> str:
    return hex(tag) if isinstance(tag, int) else tag


def _refusal(error: Any) -> ChainError:  # noqa: ANN401 - JSON
    message = str(error.get("message", error)) if isinstance(error, dict) else str(error)
    lower = message.lower()
    if (isinstance(error, dict) and error.get("code") == _REVERTED) or "revert" in lower:
        return TransactionRevertedError(message[:200])
    if "insufficient funds" in lower:
        return InsufficientGasAccountError("the gas account can't pay for the transaction")
    return ChainError(message[:200])
