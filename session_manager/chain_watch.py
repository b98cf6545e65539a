"""How the chain stands, for quotes and for the console: the node, and what is left for gas."""

import asyncio
from dataclasses import replace

from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient, NodeStatus
from sdk.chain.deploying import check_deployment
from sdk.chain.errors import ChainError, ContractsMissingError, WrongChainError
from sdk.chain.heads import NewHeads
from sdk.chain.sender import Sender
from sdk.events.station import ChainReconnected, ChainUnreachable
from sdk.logs import Logger

SETTLEMENT_GAS = 400_000
_SETTLEMENTS_KEPT = 3
_GAS_EVERY_S = 5.0


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
        """Whether less than three settlements are left in the gas account."""
        return self._gas_low

    async def run(self) -> None:
        """Look until cancelled."""
        was_up: bool | None = None
        loop = asyncio.get_running_loop()
        next_gas = 0.0
        while True:
            blocks = self._heads.count
            try:
                block = await self._client.block()
                await self._check_contracts()
                if loop.time() >= next_gas:
                    price = max(2 * block.base_fee, 1)
                    floor = _SETTLEMENTS_KEPT * SETTLEMENT_GAS * price
                    self._gas_low = await self._sender.balance() < floor
                    next_gas = loop.time() + _GAS_EVERY_S
            except ChainError as error:
                if was_up is not False:
                    self._log.error("the chain can't be used now: %s", error)
                was_up = False
            else:
                if was_up is False:
                    self._log.info("the chain can be used again")
                was_up = True
            await self._heads.wait(blocks)

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
