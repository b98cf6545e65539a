"""Managers over one Valkey: leases are taken over, lost, given back, and follow the register."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError, Lease
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import new_key
from sdk.logs import get_logger
from sdk.register import ChargePointConfig, Register, station_did
from session_manager.driver import Driver
from session_manager.manager import Manager
from tests.session_kit import CHAIN_ID, CP, STRANGER, accepted, started, station_config, stopped
from tests.station_kit import House, open_house, ride

TTL = 0.6
SLOW = ("CP-SLOW",)
"""Charge points whose key takes for ever to open."""
MANY = 120


class Reins:
    """The bus as one manager has it, which the test can hold back."""

    def __init__(self, bus: RedisBus) -> None:
        self._bus = bus
        self.answers = asyncio.Event()
        self.answers.set()
        self.dead = False
        self.fails = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)

    async def acquire_lease(self, charge_point_id: str, owner: str, ttl: float) -> Lease | None:
        await self.answers.wait()
        if self.fails:
            self.fails -= 1
            raise BusUnavailableError("away for a moment")
        return await self._bus.acquire_lease(charge_point_id, owner, ttl)

    async def release_lease(self, lease: Lease) -> None:
        if not self.dead:
            await self._bus.release_lease(lease)


@dataclass
class Crew:
    """One manager at work; `news` is what it told of gains and losses."""

    reins: Reins
    task: asyncio.Task[None]
    news: list[tuple[str, bool]] = field(default_factory=list)
    made: list[ChargePointConfig] = field(default_factory=list)

    async def kill(self) -> None:
        """End it as kill -9 would: no lease is given back."""
        self.reins.dead = True
        await self.stop()

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})

    async def drives(self, times: int = 1) -> None:
        await until(lambda: self.news.count((CP, True)) >= times)


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while True:
            result = holds()
            if result if isinstance(result, bool) else await result:
                return
            await asyncio.sleep(0.005)


def employ(house: House, owner: str) -> Crew:
    """Let a manager work on the house."""
    assert isinstance(house.bus, RedisBus)
    reins: Any = Reins(house.bus)
    news: list[tuple[str, bool]] = []
    made: list[ChargePointConfig] = []

    async def make(config: ChargePointConfig) -> Driver | None:
        made.append(config)
        if config.charge_point_id in SLOW:
            await asyncio.Event().wait()
        return Driver(config.charge_point_id, config.connectors, house.tools(reins))

    def on_change(charge_point_id: str, held: bool) -> None:  # noqa: FBT001 - a callback
        news.append((charge_point_id, held))

    manager = Manager(reins, owner, make, on_change, get_logger(owner), TTL)
    task = house.group.create_task(manager.run())
    house.tasks.append(task)
    return Crew(reins, task, news, made)


@pytest.fixture
async def house(redis_bus: RedisBus) -> AsyncIterator[House]:
    async with open_house(redis_bus) as house:
        yield house


@asynccontextmanager
async def working(house: House, owner: str = "one") -> AsyncIterator[Crew]:
    crew = employ(house, owner)
    try:
        await crew.drives()
        yield crew
    finally:
        await crew.stop()


async def phase_is(house: House, phase: str) -> None:
    async def holds() -> bool:
        return await house.phase() == phase

    await until(holds)
    await house.drain()


async def start(house: House) -> Any:
    trip = await ride_when_driven(house)
    for step in (trip.hold, trip.deposit):
        await step()
    await phase_is(house, "authorising")
    await house.send(accepted(trip.tag))
    await house.send(started(trip.tag))
    await phase_is(house, "charging")
    return trip


async def ride_when_driven(house: House) -> Any:
    house.driving = None
    answers: list[Any] = []

    async def wait_for_answer(request: Any, app: Any, peer: str) -> list[Any]:
        envelope = await house.send(app.sign(request), peer=peer)
        await until(lambda: bool(house.answers(envelope.id)))
        answers[:] = house.answers(envelope.id)
        return answers

    house.ask = wait_for_answer  # type: ignore[method-assign,assignment]
    return await ride(house)


async def test_a_manager_that_was_killed_is_followed_by_another(house: House) -> None:
    first = employ(house, "one")
    await first.drives()
    trip = await start(house)
    await first.kill()
    await house.send(trip.app.sign(trip.app.stop(trip.quote)), peer=trip.peer)
    async with working(house, "two"):
        await phase_is(house, "stopping")
        await house.send(stopped(0))
        await phase_is(house, "settling")
    assert house.orders() == ["AuthorizeIdTag", "StartCharging", "StopCharging", "RevokeIdTag"]


async def test_a_manager_that_slept_writes_nothing_when_it_wakes(house: House) -> None:
    async with working(house, "sleeper") as sleeper:
        trip = await start(house)
        sleeper.reins.answers.clear()
        async with working(house, "other"):
            await trip.stop()
            await phase_is(house, "stopping")
            await until(lambda: (CP, False) in sleeper.news)
            assert house.orders().count("StopCharging") == 1
            sleeper.reins.answers.set()
            await asyncio.sleep(TTL)
            assert sleeper.news.count((CP, True)) == 1


async def test_a_manager_that_stops_leaves_the_lease_at_once(house: House) -> None:
    first = employ(house, "one")
    await first.drives()
    await first.stop()
    assert first.news == [(CP, True), (CP, False)]
    assert await house.bus.acquire_lease(CP, "two", TTL) is not None


async def test_a_driver_that_ended_is_started_again_with_a_new_lease(house: House) -> None:
    async with working(house) as crew:
        await house.bus.new_fence(keys.fence(CP))
        trip = await ride_when_driven(house)
        await crew.drives(2)
        await trip.hold()
        await phase_is(house, "verifying")
        assert crew.news == [(CP, True), (CP, False), (CP, True)]


async def test_redis_that_is_away_for_a_moment_costs_no_lease(house: House) -> None:
    async with working(house) as crew:
        crew.reins.fails = 1
        await until(lambda: not crew.reins.fails)
        await asyncio.sleep(TTL)
        assert crew.news == [(CP, True)]


async def test_new_connectors_are_driven(house: House) -> None:
    async with working(house) as crew:
        await Register(house.bus).set(CP, connectors=3)
        await crew.drives(2)
        assert crew.made[-1].connectors == 3
        assert crew.news == [(CP, True), (CP, False), (CP, True)]


async def test_another_account_is_taken_up_once_the_session_is_over(house: House) -> None:
    async with working(house) as crew:
        trip = await start(house)
        # The register refuses this while a session is open; nothing refuses who writes by hand.
        await house.bus.write(keys.config(CP), {"did": station_did(CHAIN_ID, STRANGER.address)})
        await asyncio.sleep(TTL)
        assert crew.news == [(CP, True)]
        await house.send(stopped(0))
        await phase_is(house, "settling")
        await house.bus.write(keys.config(CP), {"did": trip.app.did})
        await house.ask(trip.app.approval(trip.quote, 0), trip.app, trip.peer)
        await house.send(trip.paid_out(0))
        await phase_is(house, "settled")
        await Register(house.bus).set(CP, did=station_did(CHAIN_ID, STRANGER.address))
        await crew.drives(2)


async def test_a_station_that_is_taken_away_is_left_alone(house: House) -> None:
    async with working(house) as crew:
        await Register(house.bus).remove(CP, force=True)
        await until(lambda: (CP, False) in crew.news)

        async def is_free() -> bool:
            return await house.bus.acquire_lease(CP, "two", TTL) is not None

        await until(is_free)


async def test_a_broken_entry_of_the_register_stops_only_itself(house: House) -> None:
    await house.bus.add_member(keys.STATIONS, "BROKEN")
    await house.bus.write(keys.config("BROKEN"), {"tariff": "nonsense"})
    async with working(house) as crew:
        assert [config.charge_point_id for config in crew.made] == [CP]


async def test_a_session_that_can_not_be_read_stops_only_its_station(house: House) -> None:
    broken = {"version": "1", "session_id": "0xab", "state": "{"}
    await house.bus.write(keys.session(CP, 2), broken)
    async with working(house) as crew:
        await until(lambda: (CP, False) in crew.news)
        await house.bus.delete(keys.session(CP, 2))
        await crew.drives(2)
        trip = await ride_when_driven(house)
        await trip.hold()
        await phase_is(house, "verifying")


async def register(house: House, *names: str) -> None:
    for name in names:
        did = station_did(CHAIN_ID, new_key().address)
        await Register(house.bus).add(station_config(charge_point_id=name, did=did))


async def test_who_stands_by_has_its_drivers_made(house: House) -> None:
    first = employ(house, "one")
    await first.drives()
    second = employ(house, "two")
    await until(lambda: bool(second.made))
    await asyncio.sleep(2 * TTL)
    assert (len(second.made), second.news) == (1, [])
    await first.kill()
    await second.drives()
    assert len(second.made) == 1
    await second.stop()


async def test_who_stands_by_follows_the_register(house: House) -> None:
    first = employ(house, "one")
    await first.drives()
    second = employ(house, "two")
    await until(lambda: bool(second.made))
    await Register(house.bus).set(CP, connectors=3)
    await until(lambda: [config.connectors for config in second.made] == [2, 3])
    await first.kill()
    await second.drives()
    await second.stop()


async def test_a_key_that_is_slow_to_open_keeps_nobody_waiting(house: House) -> None:
    await register(house, *SLOW)
    async with working(house) as crew:
        await asyncio.sleep(2 * TTL)
        assert crew.news == [(CP, True)]
        assert [config.charge_point_id for config in crew.made].count(SLOW[0]) == 1


async def test_charge_points_with_open_sessions_come_first(house: House) -> None:
    await register(house, "CP-0", "CP-2")
    await house.bus.write(keys.session("CP-2", 1), {"phase": "charging", "version": "1"})
    await house.bus.write(keys.session("CP-0", 1), {"phase": "settled", "version": "1"})
    async with working(house) as crew:
        await until(lambda: len(crew.news) == 3)
        assert [config.charge_point_id for config in crew.made] == ["CP-2", "CP-0", CP]


async def test_many_charge_points_are_kept_and_taken_over(house: House) -> None:
    names = [f"CP-M{number}" for number in range(MANY)]
    await register(house, *names)
    first = employ(house, "one")
    await until(lambda: len(first.news) == MANY + 1)
    second = employ(house, "two")
    await until(lambda: len(second.made) == MANY + 1)
    await asyncio.sleep(3 * TTL)
    assert not [news for news in first.news if not news[1]]
    assert second.news == []
    began = asyncio.get_running_loop().time()
    await first.kill()
    await until(lambda: len(second.news) == MANY + 1)
    assert asyncio.get_running_loop().time() - began <= 3 * TTL
    await second.stop()
    owners = await house.bus.read_blobs([keys.lease(name) for name in names])
    assert set(owners) == {b""}
