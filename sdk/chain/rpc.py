"""JSON-RPC to one of several nodes of one chain, with fallback from URL to URL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
from web3 import AsyncHTTPProvider
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from sdk.chain.answers import quantity
from sdk.chain.errors import (
    ChainError,
    ChainUnavailableError,
    InsufficientGasAccountError,
    NonceTakenError,
    TransactionRevertedError,
    WrongChainError,
)

T = TypeVar("T")
_REVERTED = 3
_OVER_LIMIT = (-32002, -32005)
_NONCE_TAKEN = ("nonce too low", "already known", "already imported", "underpriced")
_REFUSED = ("revert", "gas required exceeds", "always failing", "out of gas")


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """How the connection to the chain stands, for people; `error` is None while it is fine.

    `url` is scheme, host and port only: a path or user part may hold a key.
    """

    url: str
    chain_id: int
    connected: bool
    block_number: int | None = None
    latency_ms: int | None = None
    error: str | None = None


class Rpc:
    """Asks the nodes at `urls` in order; stays with the one that answered."""

    def __init__(self, urls: Sequence[str], chain_id: int, request_timeout: float) -> None:
        """`request_timeout` is in seconds, for each try at each node."""
        if not urls:
            raise ValueError("a chain client needs a URL")
        self._urls = tuple(http_url(url) for url in urls)
        self._chain_id = chain_id
        self._timeout = request_timeout
        self._providers: dict[str, AsyncHTTPProvider] = {}
        self._checked: set[str] = set()
        self._current = 0
        self._status = NodeStatus(shown_url(self._urls[0]), chain_id, connected=False)

    @property
    def status(self) -> NodeStatus:
        """How the last call went."""
        return self._status

    async def close(self) -> None:
        """Drop all connections, and begin with the first URL again."""
        providers, self._providers = self._providers, {}
        self._checked.clear()
        self._current = 0
        for provider in providers.values():
            await provider.disconnect()

    async def call(
        self,
        method: str,
        *params: Any,  # noqa: ANN401 - JSON
        read: Callable[[Any], T],
    ) -> T:
        """Call a node; the next one when it does not answer, or nonsense, or is of another chain.

        `read` makes something of the answer, or raises ValueError where it is nonsense.
        Raises ChainUnavailableError or WrongChainError when none is left;
        TransactionRevertedError, InsufficientGasAccountError, NonceTakenError and ChainError for
        what a node answered with an error.
        """
        last: ChainError | None = None
        for turn in range(len(self._urls)):
            index = (self._current + turn) % len(self._urls)
            try:
                result = await self._ask(self._urls[index], method, params, read)
            except (ChainUnavailableError, WrongChainError) as error:
                last = last if isinstance(last, WrongChainError) else error
                self._note_failure(self._urls[index], error)
                continue
            self._note_answer(index)
            return result
        raise last or ChainUnavailableError("no node answers")

    def note_head(self, number: int, latency_ms: int) -> None:
        """Remember the newest block, and how long it took to ask for it."""
        self._status = replace(self._status, block_number=number, latency_ms=latency_ms)

    async def _ask(
        self, url: str, method: str, params: Sequence[Any], read: Callable[[Any], T]
    ) -> T:
        if url not in self._checked:
            answered = await self._request(url, "eth_chainId", (), quantity)
            if answered != self._chain_id:
                raise WrongChainError(f"the node is of chain {answered}, not {self._chain_id}")
            self._checked.add(url)
        return await self._request(url, method, params, read)

    async def _request(
        self, url: str, method: str, params: Sequence[Any], read: Callable[[Any], T]
    ) -> T:
        try:
            answer: Any = await self._provider(url).make_request(RPCEndpoint(method), list(params))
        except (aiohttp.ClientError, OSError, TimeoutError, Web3Exception, ValueError) as error:
            self._checked.discard(url)
            raise ChainUnavailableError("the node does not answer") from error
        if not isinstance(answer, Mapping) or not answer.keys() & {"result", "error"}:
            raise ChainUnavailableError("the node speaks no JSON-RPC")
        if answer.get("error"):
            raise _refusal(answer["error"])
        try:
            return read(answer.get("result"))
        except ValueError as error:
            raise ChainUnavailableError(f"the node answers {method} with nonsense") from error

    def _provider(self, url: str) -> AsyncHTTPProvider:
        provider = self._providers.get(url)
        if provider is None:
            timeout = aiohttp.ClientTimeout(total=self._timeout)
            provider = AsyncHTTPProvider(
                url, request_kwargs={"timeout": timeout}, exception_retry_configuration=None
            )
            self._providers[url] = provider
        return provider

    def _note_answer(self, index: int) -> None:
        if self._current != index or not self._status.connected:
            self._current = index
            url = shown_url(self._urls[index])
            self._status = replace(self._status, url=url, connected=True, error=None)

    def _note_failure(self, url: str, error: ChainError) -> None:
        known = self._status.block_number
        self._status = NodeStatus(shown_url(url), self._chain_id, False, known, error=str(error))


def http_url(url: str) -> str:
    """Give the URL for calls of a node that was named by its WebSocket."""
    if url.startswith(("ws://", "wss://")):
        return "http" + url.removeprefix("ws")
    return url


def shown_url(url: str) -> str:
    """Give what of a node's URL may be shown: scheme, host and port."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def _refusal(raw: Any) -> ChainError:  # noqa: ANN401 - JSON
    error: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {"message": raw}
    message = str(error.get("message", raw))[:200]
    lower = message.lower()
    if error.get("code") in _OVER_LIMIT:
        return ChainUnavailableError("the node refuses more calls for now")
    if any(words in lower for words in _NONCE_TAKEN):
        return NonceTakenError(message)
    if "insufficient funds" in lower:
        return InsufficientGasAccountError("the gas account can't pay for the transaction")
    if error.get("code") == _REVERTED or any(words in lower for words in _REFUSED):
        return TransactionRevertedError(message)
    return ChainError(message)
