"""Several sessions of one app at one P2P server, which grants it a single stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from played_station import DEPOSIT, PINS, World, nothing, played, until

from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import new_key
from sdk.chain.dev_node import CHAIN_ID
from sdk.p2p import consumer_errors as errors
from sdk.p2p import consumer_events as happened
from sdk.p2p.app import DriverApp
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_settings import ConsumerSettings


@pytest.fixture
async def world(redis_bus: RedisBus, tmp_path: Path) -> AsyncIterator[World]:
    async with played(redis_bus, tmp_path) as world:
        await world.stop_server()
        world.options = {"p2p_streams_per_peer": 1}
        await world.start_server()
        yield world


@asynccontextmanager
async def driver_app(world: World) -> AsyncIterator[DriverApp]:
    settings = ConsumerSettings(CHAIN_ID, PINS, answer_seconds=3)
    account = new_key().address
    async with DriverApp(
        settings,
        world.registry,
        world.station.ledger,
        world.folder / "sessions",
        refund_account=account,
    ) as app:
        yield app


async def restored(consumer: Consumer) -> None:
    async with asyncio.timeout(12):
        while True:
            event = await consumer.next_event(12)
            if isinstance(event, happened.ConnectionRestored):
                return


async def test_sessions_share_a_stream_and_get_it_back_together(world: World) -> None:
    async with driver_app(world) as app:
        consumers = [await app.connect(world.station.did) for _ in range(3)]
        quotes = [await consumer.quote(1, DEPOSIT) for consumer in consumers]
        assert len({quote.terms.session_key for quote in quotes}) == 3
        await world.stop_server()
        await world.start_server()
        async with asyncio.TaskGroup() as group:
            for consumer in consumers:
                group.create_task(restored(consumer))
        for consumer in consumers:
            await consumer.quote(1, DEPOSIT)


async def test_whoever_leaves_leaves_the_stream_to_the_others(world: World) -> None:
    async with driver_app(world) as app:
        first, second = [await app.connect(world.station.did) for _ in range(2)]
        app.leave(first)
        await until(lambda: app.consumers == (second,))
        await second.quote(1, DEPOSIT)
        app.leave(second)
        third = await app.connect(world.station.did)
        await third.quote(1, DEPOSIT)


async def test_a_station_that_is_not_trusted_leaves_nothing_behind(world: World) -> None:
    async with driver_app(world) as app:
        await world.stop_server()
        with pytest.raises(errors.StationUnreachableError):
            await app.connect(world.station.did)
        assert app.consumers == ()
        await world.start_server()
        consumer = await app.connect(world.station.did)
        quote = await consumer.quote(1, DEPOSIT)
        assert app.sessions == {}

        async def lost(_: str, amount: int) -> None:
            raise OSError(f"{amount} was not sent")

        with pytest.raises(OSError, match="was not sent"):
            await consumer.start(quote, lost)
        assert app.sessions == {quote.terms.session_id: consumer}


async def test_what_the_folder_holds_is_taken_up_once(world: World) -> None:
    sent: list[int] = []

    async def deposit(_: str, amount: int) -> None:
        sent.append(amount)

    async with driver_app(world) as app:
        consumer = await app.connect(world.station.did)
        await consumer.start(await consumer.quote(1, DEPOSIT), deposit)
        assert await app.resume_all(deposit) == {}
    (world.folder / "sessions" / "0xff.json").write_text("broken", encoding="utf-8")
    async with driver_app(world) as app:
        resumed = await app.resume_all(deposit)
        assert list(resumed) == [consumer.session_id]
        (again,) = resumed.values()
        await restored(again)
        assert await app.resume_all(deposit) == {}
    assert sent == [DEPOSIT]


async def test_a_session_that_cannot_be_kept_ends_alone(world: World) -> None:
    async with driver_app(world) as app:
        other = await app.connect(world.station.did)
        consumer = await app.connect(world.station.did)
        await consumer.start(await consumer.quote(1, DEPOSIT), nothing)
        draft = world.folder / "sessions" / f"{consumer.session_key.lower()}.new"
        draft.mkdir()
        await world.station.report("charging")
        async with asyncio.timeout(8):
            events = [event async for event in consumer.status()]
        assert isinstance(events[-1], happened.SessionFailed)
        assert draft.name in events[-1].reason
        assert app.consumers == (other,)
        await world.stop_server()
        await world.start_server()
        await restored(other)
        draft.rmdir()
        assert list(await app.resume_all(nothing)) == [consumer.session_id]
