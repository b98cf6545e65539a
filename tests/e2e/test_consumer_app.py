"""One app with several sessions at once, on a whole machine; it dies and begins anew."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from machine import TOKEN, TestStation, World
from own_app import FAST
from topology import check, ready

from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.dev_node import CHAIN_ID
from sdk.chain.sender import Sender
from sdk.did.authority import authority_did
from sdk.did.registry import DidRegistry
from sdk.did.resolver import StationResolver
from sdk.events.service import Receipt
from sdk.ids import utc_now
from sdk.p2p import consumer_events as happened
from sdk.p2p.app import DriverApp
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_chain import NodeChain
from sdk.p2p.consumer_settings import ConsumerSettings

pytestmark = pytest.mark.asyncio(loop_scope="session")
DEPOSIT = 2 * TOKEN
ENOUGH_WH = 400


@dataclass
class Driver:
    """Somebody with an account, and a folder for the app's states."""

    world: World
    payer: SigningKey
    folder: Path

    @asynccontextmanager
    async def app(self) -> AsyncIterator[DriverApp]:
        trusted = (authority_did(self.world.authority, CHAIN_ID),)
        resolver = StationResolver(DidRegistry(self.world.client, Deployment()), trusted, utc_now)
        async with DriverApp(
            ConsumerSettings(CHAIN_ID, Deployment(), speed_limit=FAST),
            resolver,
            NodeChain(self.world.client, self.payer),
            self.folder,
            refund_account=self.payer.address,
        ) as app:
            yield app

    async def pay(self, address: str, amount: int) -> None:
        await Sender(self.world.client, self.payer).send(address, b"", value=amount)


async def charge(app: DriverApp, driver: Driver, station: TestStation, connector: int) -> Consumer:
    consumer = await app.connect(station.did)
    await consumer.start(await consumer.quote(connector, DEPOSIT), driver.pay)
    return consumer


async def follow(consumer: Consumer) -> list[happened.ConsumerEvent]:
    """Stop once enough was charged; give all that happened, to the receipt."""
    events, stopped = [], False
    async with asyncio.timeout(90):
        async for event in consumer.status():
            events.append(event)
            status = event.status if isinstance(event, happened.StatusChanged) else None
            if status and not stopped and status.energy_wh >= ENOUGH_WH:
                stopped = True
                await consumer.stop()
    return events


async def receipts(sessions: Mapping[str, Consumer]) -> dict[str, Receipt]:
    """Follow all sessions to their receipts."""
    async with asyncio.TaskGroup() as group:
        tasks = {id_: group.create_task(follow(each)) for id_, each in sessions.items()}
    found = {}
    for id_, task in tasks.items():
        events = task.result()
        disputed = (happened.ProposalDisputed, happened.ReceiptDisputed, happened.ReadingDisputed)
        assert not [event for event in events if isinstance(event, disputed)]
        last = events[-1]
        assert isinstance(last, happened.ReceiptDelivered)
        found[id_] = last.receipt
    return found


async def test_one_app_charges_thrice_and_dies_in_between(world: World, tmp_path: Path) -> None:
    two, one = await world.station(connectors=2), await world.station()
    async with asyncio.TaskGroup() as group:
        group.create_task(ready(world, two, connectors=2))
        group.create_task(ready(world, one))
    driver = Driver(world, new_key(), tmp_path / "sessions")
    await world.node.fund(driver.payer.address, 10 * TOKEN)
    async with driver.app() as app:
        for station, connector in ((two, 1), (two, 2), (one, 1)):
            await charge(app, driver, station, connector)
        begun = set(app.sessions)
        assert len({consumer.session_key for consumer in app.consumers}) == 3
        await app.sessions[min(begun)].next_event(5)
    async with driver.app() as app:
        sessions = await app.resume_all(driver.pay)
        assert set(sessions) == set(app.sessions) == begun
        told = await receipts(sessions)
        assert await app.resume_all() == {}
    assert {id_: receipt.session_id for id_, receipt in told.items()} == {id_: id_ for id_ in begun}
    for station, number in ((two, 2), (one, 1)):
        theirs = [each for each in told.values() if each.provider == station.address]
        assert len(theirs) == number
        await check(world, station, theirs)
    async with driver.app() as app:
        assert await app.resume_all() == {}
