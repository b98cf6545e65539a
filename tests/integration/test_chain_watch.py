"""The Session Manager sells only on a chain that has the contracts."""

import asyncio
from dataclasses import replace

from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.heads import NewHeads
from sdk.chain.sender import Sender
from sdk.logs import get_logger
from session_manager.chain_watch import ChainWatch

NOWHERE = "0x" + "9" * 40


async def _look(client: ChainClient, gas: Sender, deployment: Deployment) -> ChainWatch:
    watch = ChainWatch(client, gas, NewHeads([], 0.02), deployment, get_logger("test"))
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch.run())
        await asyncio.sleep(0.3)
        watching.cancel()
    return watch


async def test_the_chain_is_up_with_its_contracts(chain: ChainClient, gas: Sender) -> None:
    watch = await _look(chain, gas, Deployment())
    assert watch.up
    assert watch.status.error is None


async def test_a_chain_without_payout_counts_as_down(chain: ChainClient, gas: Sender) -> None:
    watch = await _look(chain, gas, replace(Deployment(), payout=NOWHERE))
    assert not watch.up
    assert watch.status.error == f"contracts: {NOWHERE} has no code"
