"""JSON-RPC to one of several nodes of one chain, with fallback from node to node."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import aiohttp
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from sdk.chain.answers import Block, head, quantity
from sdk.chain.errors import ChainError, ChainUnavailableError, WrongChainError
from sdk.chain.http_provider import HttpProvider
from sdk.chain.nodes import Nodes, NodeState, http_url
from sdk.chain.refusals import refusal

__all__ = ["NEWEST", "Rpc"]

T = TypeVar("T")
NEWEST = "latest"
_MOST_BEHIND = 5


class _TooSlowError(ChainUnavailableError):
    """The node did not answer in time."""


class Rpc:
    """Asks the first of the nodes at `urls` that is well; the next one when that fails."""

    def __init__(self, urls: Sequence[str], chain_id: int, request_timeout: float) -> None:
        """`request_timeout` is in seconds, for each try at each node."""
        if not urls:
            raise ValueError("a chain client needs a URL")
        self._chain_id = chain_id
        self._timeout = request_timeout
        self._providers: dict[str, HttpProvider] = {}
        self._checked: set[str] = set()
        asked = [http_url(url) for url in urls]
        self.nodes = Nodes(asked, chain_id, time.monotonic, _MOST_BEHIND)
        """How each of them stands."""

    async def close(self) -> None:
        """Drop all connections, and begin with the first URL again."""
        providers, self._providers = self._providers, {}
        self._checked.clear()
        self.nodes.forgive()
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
        for url in self.nodes.in_order():
            try:
                result = await self._ask(url, method, params, read)
            except (ChainUnavailableError, WrongChainError) as error:
                if not isinstance(last, WrongChainError):
                    last = error
                    self.nodes.use(url)
            else:
                self.nodes.use(url)
                return result
        raise last or ChainUnavailableError("no node answers")

    async def probe(self) -> None:
        """Ask every node for its chain and newest block, so that `nodes` tells how they stand."""
        self._checked.clear()
        async with asyncio.TaskGroup() as group:
            for url in self.nodes.in_order():
                group.create_task(self._probe(url))
        self.nodes.compare_heads()

    async def _probe(self, url: str) -> None:
        with suppress(ChainError):
            await self._ask(url, "eth_getBlockByNumber", (NEWEST, False), head)

    async def _ask(
        self, url: str, method: str, params: Sequence[Any], read: Callable[[Any], T]
    ) -> T:
        """Ask one node, and note how it stands."""
        started = time.monotonic()
        try:
            if url not in self._checked:
                await self._check_chain(url)
                started = time.monotonic()
            result = await self._request(url, method, params, read)
        except (ChainUnavailableError, WrongChainError) as error:
            self._note_failure(url, error)
            raise
        except ChainError:
            self._note_answer(url, started)
            raise
        self._note_answer(url, started)
        if isinstance(result, Block) and params[0] == NEWEST:
            self._believe(url, result)
        return result

    def _believe(self, url: str, newest: Block) -> None:
        if not self.nodes.note_head(url, newest.number):
            raise ChainUnavailableError("the node is far behind the others")

    async def _check_chain(self, url: str) -> None:
        answered = await self._request(url, "eth_chainId", (), quantity)
        if answered != self._chain_id:
            raise WrongChainError(f"the node is of chain {answered}, not {self._chain_id}")
        self._checked.add(url)

    async def _request(
        self, url: str, method: str, params: Sequence[Any], read: Callable[[Any], T]
    ) -> T:
        try:
            answer: Any = await self._provider(url).make_request(RPCEndpoint(method), list(params))
        except TimeoutError as error:
            raise _TooSlowError("the node does not answer in time") from error
        except (aiohttp.ClientError, OSError, Web3Exception, ValueError) as error:
            raise ChainUnavailableError("the node does not answer") from error
        if not isinstance(answer, Mapping) or not answer.keys() & {"result", "error"}:
            raise ChainUnavailableError("the node speaks no JSON-RPC")
        if answer.get("error"):
            raise refusal(answer["error"])
        try:
            return read(answer.get("result"))
        except ValueError as error:
            raise ChainUnavailableError(f"the node answers {method} with nonsense") from error

    def _provider(self, url: str) -> HttpProvider:
        provider = self._providers.get(url)
        if provider is None:
            provider = self._providers[url] = HttpProvider(url, self._timeout)
        return provider

    def _note_answer(self, url: str, started: float) -> None:
        seconds = time.monotonic() - started
        self.nodes.note_answer(url, seconds, late=seconds > self._timeout / 2)

    def _note_failure(self, url: str, error: ChainError) -> None:
        self._checked.discard(url)
        state: NodeState = "down"
        if isinstance(error, WrongChainError):
            state = "wrong_chain"
        elif isinstance(error, _TooSlowError):
            state = "slow"
        self.nodes.note_failure(url, state, str(error))
