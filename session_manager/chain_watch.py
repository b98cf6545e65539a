"""How the chain stands, for quotes and for the console: the nodes, and what is left for gas."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient, NodeStatus
from sdk.chain.deploying import check_deployment
from sdk.chain.errors import ChainError, ContractsMissingError, WrongChainError
from sdk.chain.heads import NewHeads
from sdk.chain.sender import Sender
from sdk.events.station import ChainReconnected, ChainUnreachable
from sdk.logs import Logger

SETTLEMENT_GAS = 410_000
"""Enough for a payout whose payees never held anything."""
_SETTLEMENTS_KEPT = 3
_GAS_EVERY_S = 5.0
_NODES_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class ChainHealth:
    """Whether the chain can be used, and how each node stands; `reason` says what is wrong.

    `degraded`: it can be used, but some node is down, slow, behind or of another chain.
    """

    state: Literal["up", "degraded", "down"]
    nodes: tuple[NodeStatus, ...]
    reason: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What makes a change that is worth telling."""
        states = () if self.state == "down" else tuple(node.state for node in self.nodes)
        return (self.state, states)


class ChainWatch:
    """Keeps the node's status and the gas account's balance at hand."""

    def __init__(
        self,
        client: ChainClient,
        sender: Sender,
        heads: NewHeads,
        deployment: Deployment,
        log: Logger,
    ) -> None:
        """Look at each new block, at the gas account every few seconds, at the contracts once."""
        self._client = client
        self._deployment = deployment
        self._contracts: str | None = "not looked at yet"
        self._sender = sender
        self._heads = heads
        self._log = log
        self._gas_low = False
        self._owed: Callable[[], int] = lambda: 0
        self._gas_price = 0
        self._fault: ChainError | None = None
        self._health: ChainHealth | None = None
        self._listeners: list[Callable[[ChainHealth], None]] = []

    def on_change(self, listener: Callable[[ChainHealth], None]) -> None:
        """Call `listener` with each change of the chain's health, the first look included."""
        self._listeners.append(listener)

    def reserve_for(self, owed: Callable[[], int]) -> None:
        """Keep gas for so many payouts more: those of wallets that are in use."""
        self._owed = owed

    @property
    def health(self) -> ChainHealth | None:
        """How the chain stood when it was looked at last; None before."""
        return self._health

    @property
    def status(self) -> NodeStatus:
        """How the node stands; one that lacks the contracts counts as none."""
        status = self._client.status
        if status.connected and self._contracts is not None:
            return replace(status, connected=False, error=f"contracts: {self._contracts}")
        return status

    @property
    def up(self) -> bool:
        """Whether the node answers, on the right chain, with the contracts in place.

        A wallet whose payout has no code would use up its nonce and pay nobody.
        """
        return self.status.connected

    @property
    def gas_low(self) -> bool:
        """Whether less than the payouts of all wallets in use and three more are left for gas."""
        return self._gas_low

    @property
    def settlement_price(self) -> int:
        """What the gas of one payout may cost, in the chain's own token; 0 while not known."""
        return SETTLEMENT_GAS * self._gas_price

    async def run(self) -> None:
        """Look until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._probe_nodes())
            group.create_task(self._look_at_blocks())

    async def _probe_nodes(self) -> None:
        while True:
            await asyncio.sleep(_NODES_EVERY_S)
            await self._client.probe()
            if self._health is not None:
                self._note()

    async def _look_at_blocks(self) -> None:
        loop = asyncio.get_running_loop()
        next_gas = 0.0
        while True:
            blocks = self._heads.count
            try:
                block = await self._client.block()
                await self._check_contracts()
                if loop.time() >= next_gas:
                    price = self._gas_price = max(2 * block.base_fee, 1)
                    kept = _SETTLEMENTS_KEPT + self._owed()
                    floor = kept * SETTLEMENT_GAS * price
                    self._gas_low = await self._sender.balance() < floor
                    next_gas = loop.time() + _GAS_EVERY_S
            except ChainError as error:
                self._fault = error
            else:
                self._fault = None
            self._note()
            await self._heads.wait(blocks)

    def _note(self) -> None:
        """Log and tell how the chain stands, if that has changed."""
        before, health = self._health, self._look()
        self._health = health
        if before is not None and before.key == health.key:
            return
        if health.state == "down":
            self._log.error("the chain can't be used now: %s", health.reason)
        elif health.state == "degraded":
            used = self._client.status.url
            self._log.warning("the chain is used through %s: %s", used, health.reason)
        elif before is not None:
            self._log.info("the chain can be used again through %s", self._client.status.url)
        for listener in self._listeners:
            listener(health)

    def _look(self) -> ChainHealth:
        nodes = self._client.nodes
        if self._fault is not None:
            return ChainHealth("down", nodes, str(self._fault))
        if not any(node.connected for node in nodes):
            return ChainHealth("down", nodes, str(self._client.status.error))
        ill = [f"{node.url} is {node.state} ({node.error})" for node in nodes if node.error]
        return ChainHealth("degraded" if ill else "up", nodes, "; ".join(ill))

    async def _check_contracts(self) -> None:
        if self._contracts is None:
            return
        try:
            await check_deployment(self._client, self._deployment)
        except ContractsMissingError as error:
            self._contracts = str(error)
            raise
        self._contracts = None

    async def reconnect(self) -> ChainReconnected | ChainUnreachable:
        """Connect to the node again."""
        try:
            block = await self._client.reconnect()
        except WrongChainError:
            return ChainUnreachable(reason="wrong_chain")
        except ChainError:
            return ChainUnreachable(reason="no_answer")
        return ChainReconnected(
            chain_id=self._client.chain_id,
            block_number=block.number,
            latency_ms=self._client.status.latency_ms or 0,
        )
