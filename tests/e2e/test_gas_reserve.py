"""Nothing is sold that would take the gas from the payouts of wallets in use."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from machine import TOKEN, World
from stranger import Stranger, stranger

from sdk.bus import keys
from sdk.events.service import QuoteOffered
from session_manager.chain_watch import SETTLEMENT_GAS

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _leave_gas_for(world: World, halves: int) -> None:
    """Let the gas account hold what so many half payouts may cost."""
    price = SETTLEMENT_GAS * 2 * (await world.client.block()).base_fee
    await world.node.fund(_gas_account(world), halves * price // 2)


def _gas_account(world: World) -> str:
    return Path(world.env["GAS_KEY_FILE"]).stem


async def _answer(peer: Stranger, kind: str) -> Any:
    """Ask for the second connector until the answer is of this type."""
    async with asyncio.timeout(60):
        while True:
            answer = await peer.ask(peer.quote_request(TOKEN, connector_id=2))
            if answer["type"] == kind:
                return answer
            await asyncio.sleep(0.5)


async def test_a_wallet_in_use_keeps_its_gas(world: World) -> None:
    station = await world.station(connectors=2)
    await world.charge_point(station, "--connectors", "2", "--power", "1")
    async with stranger(world.launcher.urls["p2p_server"], station) as peer:
        try:
            await _leave_gas_for(world, halves=7)
            await _answer(peer, "QuoteOffered")
            session_id = await peer.hold(TOKEN)
            fields = await world.bus.read(keys.session(station.id, 1))
            quote = QuoteOffered.model_validate_json(fields["quote"])
            await world.node.fund(quote.wallet, TOKEN)
            await world.node.mine()
            refused = await _answer(peer, "QuoteRefused")
            assert refused["reason"] == "gas_account_low"
            assert await world.client.balance(quote.wallet) == TOKEN
            await _leave_gas_for(world, halves=10)
            await _answer(peer, "QuoteOffered")
        finally:
            await world.node.fund(_gas_account(world), 100 * TOKEN)
        await peer.ask(peer.signed("StopRequested", session_id=session_id))
        await peer.told("ServiceDelivered", 30)
