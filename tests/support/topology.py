"""Whole sessions of drivers in the test's own process, and what they come to on the chain."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from machine import SETTINGS, TOKEN, TestStation, World
from own_app import DEPOSIT, OwnApp, own_app

from sdk.chain.accounts import SigningKey
from sdk.chain.sender import Sender
from sdk.events.service import Receipt
from sdk.launcher import SERVICES, Launcher

ENOUGH_WH = 400


SLOWLY = ("--speed", "20", "--interval", "10")
"""For a charge point whose session has to outlast what happens to its driver meanwhile."""


async def ready(
    world: World, *stations: TestStation, connectors: int = 1, more: Sequence[str] = ()
) -> None:
    """Start the stations' charge points, and wait until each connector can be had."""
    options = ("--connectors", str(connectors), *more)
    async with asyncio.TaskGroup() as group:
        for station in stations:
            group.create_task(world.charge_point(station, *options))
    numbers = range(1, connectors + 1)
    for station in stations:
        await world.until(
            station, lambda state: all(state.connector(n).status == "Available" for n in numbers)
        )


async def charge(
    world: World, station: TestStation, connector: int = 1, payer: SigningKey | None = None
) -> Receipt:
    """Run one driver's whole session; `payer` pays and gets the refund (none: a new account)."""
    refund_account = payer.address if payer is not None else None
    async with own_app(world, station, refund_account) as app:
        await begin(app, connector, payer)
        return await end(app)


async def begin(app: OwnApp, connector: int = 1, payer: SigningKey | None = None) -> None:
    """Take a quote and pay the deposit."""
    if payer is None:
        await app.world.node.fund(app.payer.address, 2 * DEPOSIT)
    else:
        app.payer, app.gas = payer, Sender(app.world.client, payer)
    quote = await app.consumer.quote(connector, DEPOSIT)
    app.quote = quote.terms
    await app.consumer.start(quote, app.pay)


async def end(app: OwnApp) -> Receipt:
    """Stop once enough was charged, and wait for the receipt."""
    await app.charging(ENOUGH_WH)
    await app.consumer.stop()
    return await app.receipt()


async def add_up(world: World, station: TestStation, receipts: Sequence[Receipt]) -> None:
    """Check all receipts of one station against the chain."""
    await check(world, station, receipts)
    earned = sum(receipt.spent for receipt in receipts)
    assert await world.client.balance(station.address) == TOKEN + earned


async def check(world: World, station: TestStation, receipts: Sequence[Receipt]) -> None:
    """Check that each receipt is of this station, its price right, and its wallet empty."""
    assert len({receipt.session_id for receipt in receipts}) == len(receipts)
    for receipt in receipts:
        assert receipt.provider == station.address
        assert receipt.stop_reason == "consumer"
        assert receipt.energy_wh >= ENOUGH_WH
        assert receipt.spent + receipt.refund == receipt.deposit == DEPOSIT
        assert receipt.spent == receipt.energy_wh * (4 * TOKEN // 10) // 1000
        assert await world.client.balance(receipt.wallet) == 0


@asynccontextmanager
async def hub(folder: Path, **settings: str) -> AsyncIterator[str]:
    """Run a P2P server that speaks for no station, only passes on; gives its multiaddr."""
    server = next(service for service in SERVICES if service.name == "p2p_server")
    env = {**SETTINGS, "DATA_DIR": str(folder), "P2P_HUB": "open", **settings}
    async with Launcher((server,), env, out=_unsaid, err=_unsaid) as launcher:
        yield launcher.urls["p2p_server"]


def _unsaid(_: str) -> None:
    return
