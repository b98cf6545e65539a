"""Stations that let time pass after the charging had to end, or claim more power than is shown."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from played_station import DEPOSIT, World, kinds, played, until

from sdk.bus.redis_bus import RedisBus
from sdk.ids import utc_now
from sdk.p2p import consumer_errors as errors
from sdk.p2p import consumer_events as happened

KWH = 10**18
POWER_W = 22_000
ENDING_S = 180
"""So long the app lets a station take to end the charging."""
SLACK_S = 10
TEST_S = 15
"""No test takes longer."""


class Watch:
    """The app's clock, which a test sets forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def advance(self, **length: float) -> None:
        self.ahead += timedelta(**length)


@pytest.fixture
async def world(redis_bus: RedisBus, tmp_path: Path) -> AsyncIterator[World]:
    async with played(redis_bus, tmp_path) as world:
        yield world


def flown(seconds: float) -> int:
    """Give the Wh that flow in so many seconds."""
    return int(POWER_W * seconds / 3_600)


async def is_signed(world: World, events: list[Any], wh: int) -> bool:
    """Tell whether the app signs for so much energy, as a voucher and at the end."""
    station = world.station
    before = kinds(events).count(happened.ProposalDisputed)
    station.approved.clear()
    await station.report("settling", wh)
    await until(lambda: any(it.status.energy_wh == wh for it in _statuses(events)))
    await station.propose()

    def answered() -> bool:
        disputed = kinds(events).count(happened.ProposalDisputed)
        return disputed > before or station.approved.is_set()

    await until(answered)
    return station.approved.is_set()


def _statuses(events: list[Any]) -> list[Any]:
    return [it for it in events if isinstance(it, happened.StatusChanged)]


async def test_what_flows_long_after_the_stop_is_not_signed_for(world: World) -> None:
    station, clock = world.station, Watch()
    async with world.charging(speed=1, clock=clock) as (consumer, events, _quote):
        await station.report("charging", 0)
        await consumer.stop()
        most = flown(ENDING_S + SLACK_S)
        clock.advance(minutes=4)
        assert await is_signed(world, events, most)
        for minutes in (1, 10, 20):
            clock.advance(minutes=minutes)
            wh = most + flown(TEST_S) + minutes
            assert not await is_signed(world, events, wh)
        assert max(station.vouchers) <= (most + flown(TEST_S)) * KWH // 1_000


async def test_a_second_stop_gives_no_more_time(world: World) -> None:
    station, clock = world.station, Watch()
    async with world.charging(speed=1, clock=clock) as (consumer, events, _quote):
        await consumer.stop()
        clock.advance(minutes=10)
        await consumer.stop()
        assert not await is_signed(world, events, flown(ENDING_S + SLACK_S + TEST_S))
        assert consumer.state is not None
        assert consumer.state.stopped_at is not None
        assert consumer.state.stopped_at < clock() - timedelta(minutes=9)
        assert happened.ProposalApproved not in kinds(events)
    assert station.phase == "settling"


async def test_what_flows_until_the_station_could_stop_is_signed_for(world: World) -> None:
    clock = Watch()
    async with world.charging(speed=1, clock=clock) as (consumer, events, _quote):
        await until(lambda: bool(events))
        clock.advance(minutes=10)
        await consumer.stop()
        clock.advance(minutes=10)
        assert await is_signed(world, events, flown(600 + ENDING_S))


async def test_what_flows_long_after_the_agreed_end_is_not_signed_for(world: World) -> None:
    station, clock = world.station, Watch()
    lasts = 60
    station.spoil = {"ends_by": int(utc_now().timestamp()) + lasts}
    async with world.charging(speed=1, clock=clock) as (_, events, _quote):
        await station.report("charging", 0)
        # The app's time runs from the last word before the charging.
        await until(lambda: any(it.status.phase == "charging" for it in _statuses(events)))
        clock.advance(minutes=20)
        most = flown(lasts + ENDING_S + SLACK_S)
        assert await is_signed(world, events, most - flown(TEST_S))
        clock.advance(minutes=20)
        assert not await is_signed(world, events, most + 2)
        assert max(station.vouchers) <= (most + 2) * KWH // 1_000


@pytest.mark.parametrize(
    ("shown", "quoted"), [(POWER_W, POWER_W + 1), (POWER_W - 1, POWER_W), (3_700, 350_000)]
)
async def test_more_power_than_the_driver_was_shown_is_not_taken(
    world: World, shown: int, quoted: int
) -> None:
    world.registry.description = replace(world.registry.description, maximum_power_w=shown)
    world.station.spoil = {"maximum_power_w": quoted}
    async with world.consumer() as consumer:
        await consumer.connect(world.station.did)
        with pytest.raises(errors.QuoteInvalidError, match="power is more than the station's doc"):
            await consumer.quote(1, DEPOSIT)


@pytest.mark.parametrize("quoted", [POWER_W, POWER_W - 1])
async def test_no_more_power_than_the_driver_was_shown_is_taken(world: World, quoted: int) -> None:
    world.station.spoil = {"maximum_power_w": quoted}
    async with world.consumer() as consumer:
        await consumer.connect(world.station.did)
        assert (await consumer.quote(1, DEPOSIT)).terms.maximum_power_w == quoted
