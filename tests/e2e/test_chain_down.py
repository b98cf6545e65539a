"""The chain's node goes away in the middle of a session: shown, retried, nothing lost."""

import asyncio
import os
import signal
from typing import Any

import pytest
import socketio
from console_accounts import cookie_of
from machine import TOKEN, World, living
from stranger import stranger

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_session_outlives_the_node(world: World) -> None:
    station = await world.station()
    other = await world.station()
    await world.charge_point(station)
    await world.charge_point(other)
    app = await world.app(station, "--deposit", "5", "--stop-after-wh", "2500")
    await app.charging(300)
    page, chains = await _page(world)
    os.kill(world.node.pid, signal.SIGSTOP)
    try:
        await _told(chains, connected=False)
        async with stranger(world.launcher.urls["p2p_server"], other) as peer:
            refused = await peer.ask(peer.quote_request(TOKEN))
        assert (refused["type"], refused["reason"]) == ("QuoteRefused", "chain_unavailable")
        await app.event("approved")
        waiting = await world.until(station, lambda state: state.connector(1).session is not None)
        session = waiting.connector(1).session
        assert session is not None
        assert session.phase in ("settling", "executing")
    finally:
        os.kill(world.node.pid, signal.SIGCONT)
    await _told(chains, connected=True)
    await page.disconnect()
    receipt = await app.receipt()
    assert await app.process.wait() == 0
    assert receipt["outcome"] == "settled"
    await world.check(station, receipt)


async def test_a_session_outlives_a_node_that_starts_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with living(tmp_path_factory.mktemp("restarted-node")) as alone:
        station = await alone.station()
        charge_point = await alone.charge_point(station)
        app = await alone.app(station, "--deposit", "10", "--stop-after-wh", "12000")
        wallet = (await app.event("quote"))["wallet"]
        await app.charging(300)
        page, chains = await _page(alone)
        await alone.node.stop()
        await _told(chains, connected=False)
        while_down = max(event.get("energy_wh", 0) for event in app.events)
        await alone.node.start()
        await _told(chains, connected=True)
        await page.disconnect()
        assert await alone.client.balance(wallet) == 10 * TOKEN
        receipt = await app.receipt()
        assert await app.process.wait() == 0
        assert receipt["outcome"] == "settled"
        assert receipt["stop_reason"] == "consumer"
        assert receipt["energy_wh"] >= 12000
        assert receipt["energy_wh"] > while_down
        assert charge_point.count("received RemoteStartTransaction") == 1
        assert not receipt["flags"]
        await alone.check(station, receipt)


async def _page(world: World) -> tuple[socketio.AsyncClient, asyncio.Queue[dict[str, Any]]]:
    """Sign in to the console; give what it tells of the chain, too."""
    page, chains = socketio.AsyncClient(), asyncio.Queue[dict[str, Any]]()

    async def take(told: list[tuple[str, dict[str, Any]]]) -> None:
        for kind, shown in told:
            if kind == "chain":
                await chains.put(shown)

    page.on("objects", take)
    cookie = await cookie_of(world.bus)
    url = world.launcher.urls["session_manager"]
    await page.connect(url, {"Cookie": cookie}, transports=["websocket"])
    return page, chains


async def _told(chains: asyncio.Queue[dict[str, Any]], *, connected: bool) -> None:
    async with asyncio.timeout(30):
        while (await chains.get())["connected"] is not connected:
            pass
