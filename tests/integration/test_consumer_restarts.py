"""An app that dies at any point of a session, and another one that begins with what it kept."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from played_station import (
    DEPOSIT,
    NO_HASH,
    Ledger,
    World,
    kinds,
    listen,
    nothing,
    played,
    until,
)

from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import SigningKey
from sdk.chain.channel import Channel
from sdk.chain.safe import SafeTx
from sdk.p2p import consumer_errors as errors
from sdk.p2p import consumer_events as happened
from sdk.p2p import session_watch
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_state import ConsumerState, FileStore


@pytest.fixture
async def world(redis_bus: RedisBus, tmp_path: Path) -> AsyncIterator[World]:
    async with played(redis_bus, tmp_path) as world:
        yield world


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "session.json")


def kept(store: FileStore) -> ConsumerState:
    state = store.load()
    assert state is not None
    return state


@asynccontextmanager
async def heard(consumer: Consumer, events: list[Any]) -> AsyncIterator[asyncio.Task[None]]:
    """Collect what the app tells."""
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(listen(consumer, events))
        yield listening
        listening.cancel()


@asynccontextmanager
async def restarted(
    world: World,
    store: FileStore,
    deposit: Callable[[str, int], Awaitable[object]] | None = None,
    **given: Any,
) -> AsyncIterator[tuple[Consumer, list[Any]]]:
    """Begin a new app with what the file holds."""
    events: list[Any] = []
    async with world.consumer(state=kept(store), store=store, **given) as consumer:
        await consumer.resume(deposit)
        async with heard(consumer, events):
            yield consumer, events


async def begin(world: World, store: FileStore, deposit: Any = nothing) -> None:
    """Take a quote and send the deposit; then the app is gone."""
    async with world.consumer(store=store) as consumer:
        await consumer.connect(world.station.did)
        await consumer.start(await consumer.quote(1, DEPOSIT), deposit)


async def finish(world: World, consumer: Consumer, events: list[Any]) -> None:
    station = world.station
    station.approved.clear()
    await consumer.stop()
    await station.report("settling", 450)
    await station.propose()
    await until(station.approved.is_set)
    await station.deliver()
    await until(lambda: happened.ReceiptDelivered in kinds(events))


async def test_after_the_deposit_the_session_goes_on(world: World, store: FileStore) -> None:
    sent: list[int] = []

    async def deposit(_: str, amount: int) -> None:
        sent.append(amount)

    await begin(world, store, deposit)
    async with restarted(world, store, deposit) as (consumer, events):
        await world.station.report("starting")
        await world.station.report("charging", 0)
        await world.station.report("charging", 100)
        await until(lambda: world.station.vouchers == [10**17])
        await finish(world, consumer, events)
    assert sent == [DEPOSIT]
    assert kept(store).phase == "settled"


async def test_while_charging_no_voucher_is_lower_than_the_one_before(
    world: World, store: FileStore
) -> None:
    station = world.station
    async with world.charging(store=store):
        await station.report("charging", 300)
        await until(lambda: station.vouchers == [3 * 10**17])
    await station.report("charging", 350)
    async with restarted(world, store) as (consumer, events):
        await station.report("charging", 400)
        await until(lambda: station.vouchers[-1] == 4 * 10**17)
        await finish(world, consumer, events)
    assert station.vouchers == sorted(station.vouchers)


async def test_a_proposal_that_waited_is_approved(world: World, store: FileStore) -> None:
    station = world.station
    async with world.charging(store=store) as (consumer, _, _):
        await station.report("charging", 400)
        await until(lambda: station.vouchers == [4 * 10**17])
        await consumer.stop()
    station.phase, station.repeats = "settling", station.propose
    async with restarted(world, store) as (_, events):
        await until(lambda: happened.ProposalApproved in kinds(events))
        await until(station.approved.is_set)
        await station.deliver()
        await until(lambda: happened.ReceiptDelivered in kinds(events))
    assert kept(store).phase == "settled"


async def test_a_receipt_that_was_missed_is_fetched(world: World, store: FileStore) -> None:
    station = world.station
    async with world.charging(store=store) as (consumer, _, _):
        await station.report("charging", 400)
        await until(lambda: station.vouchers == [4 * 10**17])
        await consumer.stop()
        await station.report("settling", 400)
        await station.propose()
        await until(station.approved.is_set)
    station.phase, station.repeats = "settled", station.deliver
    async with restarted(world, store) as (_, events):
        await until(lambda: happened.ReceiptDelivered in kinds(events))
        assert events[-1].receipt.spent == 4 * 10**17
    assert kept(store).receipt is not None


async def test_what_is_settled_is_told_again_without_the_station(
    world: World, store: FileStore
) -> None:
    station = world.station
    async with world.charging(store=store) as (_, events, _):
        await station.report("charging", 400)
        await until(lambda: bool(station.vouchers))
        await station.deliver()
        await until(lambda: happened.ReceiptDelivered in kinds(events))
    seen = len(station.seen)
    await world.stop_server()
    async with world.consumer(state=kept(store), store=store) as consumer:
        await consumer.resume()
        told = [event async for event in consumer.status()]
    assert kinds(told) == [happened.ReceiptDelivered]
    assert len(station.seen) == seen
    await world.start_server()


@dataclass
class Payer(Ledger):
    """A chain on which the refund can be taken, once `now` is there."""

    now: int = 0
    executed: list[str] = field(default_factory=list)

    async def block_time(self) -> int:
        return self.now

    async def is_unused(self, address: str, token: str) -> bool:
        return not self.now and await super().is_unused(address, token)

    async def execute(
        self, channel: Channel, tx: SafeTx, provider_signature: str, own: SigningKey
    ) -> str:
        assert channel.is_signed_by(tx, provider_signature, channel.provider)
        assert own.address == channel.consumer
        self.executed.append(tx.data.hex())
        self.paid[channel.address, NO_HASH] = (0, DEPOSIT)
        return NO_HASH


async def test_a_refund_needs_no_station_and_ends_the_session_for_good(
    world: World, store: FileStore
) -> None:
    chain = Payer()
    async with world.charging(store=store) as (_, _, quote):
        await world.station.report("charging", 300)
        await until(lambda: bool(world.station.vouchers))
    await world.stop_server()
    async with world.consumer(chain, state=kept(store), store=store) as consumer:
        with pytest.raises(errors.StationUnreachableError):
            await consumer.resume()
        with pytest.raises(errors.RefundNotOpenError):
            await consumer.refund()
        chain.now = quote.terms.refund_opens_at
        assert await consumer.refund() == NO_HASH
        told = [event async for event in consumer.status()]
        assert told[-1] == happened.RefundTaken(NO_HASH, 0, DEPOSIT)
    assert (kept(store).phase, kept(store).refund_transaction) == ("refunded", NO_HASH)
    async with world.consumer(chain, state=kept(store), store=store) as consumer:
        await consumer.resume()
        told = [event async for event in consumer.status()]
    assert told == [happened.RefundTaken(NO_HASH)]
    await world.start_server()


async def test_a_deposit_that_came_too_late_is_watched_until_it_can_be_taken_back(
    world: World, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_watch, "REFUND_LOOK_SECONDS", 0.1)
    chain, station = Payer(), world.station
    async with world.consumer(chain, store=store) as consumer:
        await consumer.connect(station.did)
        quote = await consumer.quote(1, DEPOSIT)
        await consumer.start(quote, nothing)
        events: list[Any] = []
        opens_at = quote.terms.refund_opens_at
        rejected = happened.SessionRejected("deposit_missing", opens_at)
        async with heard(consumer, events) as listening:
            await station.report("rejected", failure="deposit_missing")
            await until(lambda: rejected in events)
            assert rejected.advice == "refund_later"
            assert not listening.done()
    async with restarted(world, store, chain=chain) as (consumer, events):
        await until(lambda: happened.SessionRejected in kinds(events))
        assert happened.RefundOpened not in kinds(events)
        chain.now = opens_at
        await until(lambda: happened.RefundOpened(opens_at) in events)
        await consumer.refund()
        await until(lambda: happened.RefundTaken in kinds(events))
    assert len(chain.executed) == 1


async def test_a_station_that_pays_a_late_deposit_back_is_heard(
    world: World, store: FileStore
) -> None:
    station = world.station
    async with world.consumer(store=store) as consumer:
        await consumer.connect(station.did)
        await consumer.start(await consumer.quote(1, DEPOSIT), nothing)
        events: list[Any] = []
        async with heard(consumer, events) as listening:
            await station.report("rejected", failure="deposit_missing")
            await until(lambda: happened.SessionRejected in kinds(events))
            nothing_used = {"usage": None, "price_lines": (), "energy_wh": 0}
            await station.deliver(outcome="refunded", spent=0, refund=DEPOSIT, **nothing_used)
            await until(lambda: happened.ReceiptDelivered in kinds(events))
            await listening
    assert kept(store).phase == "refunded"


async def test_without_a_deposit_a_rejection_is_the_end(world: World, store: FileStore) -> None:
    world.station.silent = {"ServiceRequested"}
    with pytest.raises(errors.RequestRefusedError):
        await begin(world, store)
    assert kept(store).is_over
    await world.stop_server()
    async with world.consumer(state=kept(store), store=store) as consumer:
        await consumer.resume()
        told = [event async for event in consumer.status()]
    assert kinds(told) == [happened.SessionRejected]
    await world.start_server()


async def test_a_patient_app_finds_its_session_when_the_station_is_back(
    world: World, store: FileStore
) -> None:
    station, sent = world.station, list[int]()

    async def deposit(_: str, amount: int) -> None:
        sent.append(amount)

    async def lost(_: str, amount: int) -> None:
        raise OSError(f"{amount} was not sent")

    async with world.consumer(store=store) as consumer:
        await consumer.connect(station.did)
        with pytest.raises(OSError, match="not sent"):
            await consumer.start(await consumer.quote(1, DEPOSIT), lost)
    await store.save(kept(store).model_copy(update={"deposited": False}))
    await world.stop_server()
    async with world.consumer(state=kept(store), store=store) as consumer:
        await consumer.resume(deposit, patient=True)
        assert consumer.session_id == station.quote.session_id  # type: ignore[union-attr]
        await world.start_server()
        await until(lambda: sent == [DEPOSIT])
        assert kept(store).deposited


async def test_a_busy_station_is_asked_again_on_the_same_stream(
    world: World, store: FileStore
) -> None:
    station = world.station
    async with world.charging(store=store) as (_, events, _):
        station.overloaded.add("SessionResumed")
        await world.stop_server()
        await world.start_server()
        await until(lambda: happened.ConnectionRestored in kinds(events), seconds=12)
        assert kinds(events).count(happened.ConnectionLost) == 1
        resumed = [seen for seen in station.seen if seen.type == "SessionResumed"]
        assert len(resumed) == 2
