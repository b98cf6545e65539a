"""The consumer that an app embeds, over real libp2p and Redis; the test plays the station."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from played_station import CP, DEPOSIT, World, kinds, nothing, played, until

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.p2p import consumer_errors as errors
from sdk.p2p import consumer_events as happened
from sdk.p2p.consumer_state import ConsumerState, FileStore, MemoryStore
from sdk.p2p.keys import P2pKey


@pytest.fixture
async def world(redis_bus: RedisBus, tmp_path: Path) -> AsyncIterator[World]:
    async with played(redis_bus, tmp_path) as world:
        yield world


async def test_a_session_from_the_did_to_the_receipt(world: World) -> None:
    station = world.station
    async with world.charging() as (consumer, events, _):
        for wh in (50, 120, 130, 400):
            await station.report("charging", wh)
        await until(lambda: station.vouchers == [12 * 10**16, 4 * 10**17])
        await consumer.stop()
        await station.report("settling", 450)
        await station.propose()
        await station.approved.wait()
        assert station.vouchers[-1] == 45 * 10**16
        await station.deliver()
        await until(lambda: happened.ReceiptDelivered in kinds(events))
        assert consumer.state is not None
        assert consumer.state.receipt is not None
        assert (consumer.state.phase, station.ledger.asked) == ("settled", 1)
    signed = [event.spent for event in events if isinstance(event, happened.VoucherSigned)]
    assert signed == [12 * 10**16, 4 * 10**17]
    assert isinstance(events[-1], happened.ReceiptDelivered)
    assert events[-1].receipt.spent == 45 * 10**16
    assert happened.ProposalApproved in kinds(events)
    assert happened.PayoutAwaited not in kinds(events)


async def test_an_approval_that_could_not_be_taken_is_sent_again(world: World) -> None:
    station = world.station
    async with world.charging() as (consumer, events, _):
        await station.report("charging", 400)
        await until(lambda: station.vouchers == [4 * 10**17])
        await consumer.stop()
        await station.report("settling", 450)
        station.overloaded.add("SettlementApproved")
        await station.propose()
        await until(lambda: station.vouchers[-1] == 45 * 10**16)
        assert not station.approved.is_set()
        assert happened.RequestTurnedAway in kinds(events)


async def test_all_of_the_deposit_is_the_most_that_is_signed(world: World) -> None:
    station = world.station
    async with world.charging():
        await station.report("charging", 10**6)
        await until(lambda: station.vouchers[-1:] == [DEPOSIT])
        await station.report("charging", 2 * 10**6)
        await asyncio.sleep(1.2)
        assert max(station.vouchers) == DEPOSIT


async def test_a_server_with_another_key_is_not_trusted(world: World) -> None:
    description = world.registry.description
    async with world.consumer() as consumer:
        stranger = P2pKey.generate()
        world.registry.description = replace(description, ed25519=stranger.ed25519)
        with pytest.raises(errors.StationUntrustedError):
            await consumer.connect(world.station.did)
        claimed = description.multiaddrs[0].rpartition("/")[0] + "/" + stranger.peer_id
        world.registry.description = replace(
            description, ed25519=stranger.ed25519, multiaddrs=(claimed,)
        )
        with pytest.raises(errors.StationUnreachableError):
            await consumer.connect(world.station.did)
    await world.bus.write(keys.config(CP), {"did": "did:ethr:0x7a69:0x" + "0" * 40})
    world.registry.description = description
    async with world.consumer() as consumer:
        with pytest.raises(errors.StationUntrustedError, match="wrong_station"):
            await consumer.connect(world.station.did)


async def test_an_error_leaves_the_consumer_as_it_is(world: World) -> None:
    async def stop_nothing() -> None:
        async with world.consumer() as consumer:
            await consumer.connect(world.station.did)
            await consumer.stop()

    with pytest.raises(errors.NoSessionError):
        await stop_nothing()


async def test_refusals_come_as_errors_with_their_reason(world: World) -> None:
    world.station.silent = {"QuoteRequested"}
    async with world.consumer() as consumer:
        with pytest.raises(errors.NoSessionError):
            await consumer.quote(1, DEPOSIT)
        await consumer.connect(world.station.did)
        with pytest.raises(errors.NoAnswerError):
            await consumer.quote(1, DEPOSIT)
        with pytest.raises(errors.NoSessionError):
            await consumer.stop()
        await world.bus.remove_member(keys.STATIONS, CP)
        await asyncio.sleep(2.1)
        with pytest.raises(errors.RequestRefusedError) as refused:
            await consumer.quote(1, DEPOSIT)
        assert refused.value.reason == "unknown_station"


async def test_the_session_goes_on_after_the_server_was_away(world: World) -> None:
    station = world.station
    async with world.charging() as (consumer, events, _):
        await station.report("charging", 200)
        await until(lambda: station.vouchers == [2 * 10**17])
        await world.stop_server()
        await until(lambda: happened.ConnectionLost in kinds(events))
        await station.report("charging", 350)
        await world.start_server()
        await until(lambda: happened.ConnectionRestored in kinds(events))
        assert "SessionResumed" in [envelope.type for envelope in station.seen]
        await until(lambda: station.vouchers[-1] == 35 * 10**16)
        await consumer.stop()
        await station.report("settling", 360)
        await station.propose()
        await station.approved.wait()
        await station.deliver()
        await until(lambda: happened.ReceiptDelivered in kinds(events))


async def test_an_answer_lost_with_the_connection_is_found_by_resuming(world: World) -> None:
    station = world.station
    station.silent = {"ServiceRequested"}
    async with world.consumer() as consumer:
        await consumer.connect(station.did)
        quote = await consumer.quote(1, DEPOSIT)
        station.quote = quote.terms
        station.phase = "verifying"
        sent: list[int] = []

        async def deposit(_: str, amount: int) -> None:
            sent.append(amount)

        await consumer.start(quote, deposit)
        assert sent == [DEPOSIT]


async def test_another_process_takes_the_session_up_from_the_file(world: World) -> None:
    station = world.station
    store = FileStore(world.folder / "session.json")
    async with world.charging(store=store):
        await station.report("charging", 200)
        await until(lambda: station.vouchers == [2 * 10**17])
    state = store.load()
    assert state is not None
    assert (world.folder / "session.json").stat().st_mode & 0o077 == 0
    await station.report("charging", 300)
    async with world.consumer(state=state, store=store) as consumer:
        await consumer.resume()
        await until(lambda: station.vouchers[-1] == 3 * 10**17)
        assert consumer.state is not None
        assert consumer.state.phase == "charging"


class Dying(MemoryStore):
    """Keeps nothing any more once the app is about to send its deposit."""

    async def save(self, state: ConsumerState) -> None:
        if state.deposited:
            raise OSError("the phone fell into the water")
        await super().save(state)


async def test_a_deposit_that_may_have_been_sent_is_never_sent_again(world: World) -> None:
    store = MemoryStore()

    async def begin() -> None:
        async with world.consumer(store=store) as consumer:
            await consumer.connect(world.station.did)
            await consumer.start(await consumer.quote(1, DEPOSIT), lost)

    with pytest.raises(TimeoutError):
        await begin()
    assert store.state is not None
    async with world.consumer(state=store.state, store=store) as consumer:
        await consumer.resume(lost)
        assert consumer.state is not None
        assert (consumer.state.phase, consumer.state.deposited) == ("verifying", True)


async def lost(_: str, amount: int) -> None:
    raise TimeoutError(f"{amount} may have been sent")


async def test_a_deposit_that_was_not_sent_yet_is_sent_after_a_restart(world: World) -> None:
    store, sent = Dying(), list[int]()

    async def deposit(_: str, amount: int) -> None:
        sent.append(amount)

    async def begin() -> None:
        async with world.consumer(store=store) as consumer:
            await consumer.connect(world.station.did)
            await consumer.start(await consumer.quote(1, DEPOSIT), deposit)

    with pytest.raises(OSError, match="water"):
        await begin()
    assert sent == []
    kept = MemoryStore()
    for _ in range(2):
        async with world.consumer(state=kept.state or store.state, store=kept) as consumer:
            await consumer.resume(deposit)
    assert sent == [DEPOSIT]


async def test_a_session_that_was_never_held_is_over_after_a_restart(world: World) -> None:
    world.station.silent = {"ServiceRequested"}
    store = MemoryStore()

    async def begin() -> None:
        async with world.consumer(store=store) as consumer:
            await consumer.connect(world.station.did)
            await consumer.start(await consumer.quote(1, DEPOSIT), nothing)

    with pytest.raises(errors.RequestRefusedError):
        await begin()
    async with world.consumer(state=store.state, store=store) as consumer:
        await consumer.resume(lost)
        events = [event async for event in consumer.status()]
    assert isinstance(events[-1], happened.SessionRejected)
    assert store.state is not None
    assert store.state.phase == "rejected"
