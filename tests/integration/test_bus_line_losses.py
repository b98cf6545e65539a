"""The line to Redis where connections die, answers are lost, or no answer comes at all."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from lossy_redis import bus_at, mute, thief
from redis.asyncio import Redis
from soak_random import seeded

from sdk.bus import keys
from sdk.bus.interface import (
    BusUnavailableError,
    Commit,
    Once,
    Outcome,
    StateWrite,
    WrittenEnvelope,
)
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.events.envelope import Envelope, read_envelope
from sdk.ids import new_event_id, utc_now

CP = "CP-1"
CALLERS = 200


def written(value: int) -> WrittenEnvelope:
    """Give an event that only its commit keeps from being told twice."""
    envelope = Envelope.model_validate(
        {
            "id": new_event_id(),
            "charge_point_id": CP,
            "at": utc_now(),
            "body": {"type": "MeterValueReported", "sampled_at": utc_now(), "energy_wh": value},
        }
    )
    return WrittenEnvelope(str(envelope.id), CP, envelope.to_json().encode())


def with_cause(value: int) -> Commit:
    """Give a commit of which only the cause tells that it came before."""
    write = StateWrite(keys.connector(CP, value), {"energy_wh": str(value)})
    return Commit(CP, new_event_id(), (), [write], [(Lane.IN, written(value))])


def with_name(value: int) -> Commit:
    """Give a commit of which only a field tells that it came before."""
    key = keys.connector(CP, value)
    write = StateWrite(key, {"energy_wh": str(value), "last_message": f"m{value}"})
    once = Once(key, "last_message", f"m{value}")
    return Commit(CP, writes=[write], events=[(Lane.IN, written(value))], once=once)


async def told(redis: Redis) -> list[int]:
    """Give the numbers of all events in the lane."""
    found: Any = await redis.xrange(keys.lane(CP, Lane.IN))
    bodies: list[Any] = [read_envelope(entry[b"d"]).body for _, entry in found]
    return [body.energy_wh for body in bodies]


async def kill_others(redis: Redis) -> None:
    await redis.client_kill_filter(_type="normal", skipme=True)


@pytest.mark.parametrize("make", [with_cause, with_name])
async def test_a_connection_that_is_killed_under_many_calls(
    redis_bus: RedisBus, redis: Redis, make: Callable[[int], Commit]
) -> None:
    rng, outcomes = seeded(make.__name__), []
    for first in range(0, 5 * CALLERS, CALLERS):
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            calls = [
                group.create_task(redis_bus.apply(make(value)))
                for value in range(first, first + CALLERS)
            ]
            for _ in range(2):
                await asyncio.sleep(rng.random() / 100)
                await kill_others(redis)
        outcomes += [call.result() for call in calls]
    assert set(outcomes) <= {Outcome.APPLIED, Outcome.DUPLICATE}
    assert make is with_name or set(outcomes) == {Outcome.APPLIED}
    assert sorted(await told(redis)) == list(range(5 * CALLERS))


@pytest.mark.parametrize("make", [with_cause, with_name])
async def test_calls_whose_answers_are_lost_count_once(
    redis: Redis, redis_url: str, make: Callable[[int], Commit]
) -> None:
    async with thief(redis_url) as (url, steal), bus_at(url) as bus:
        await bus.read("any")
        steal.set()
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            calls = [group.create_task(bus.apply(make(value))) for value in range(CALLERS)]
        assert not steal.is_set(), "it took some"
        outcomes = {call.result() for call in calls}
    assert outcomes == {Outcome.APPLIED} or make is with_name
    assert outcomes <= {Outcome.APPLIED, Outcome.DUPLICATE}
    assert sorted(await told(redis)) == list(range(CALLERS))


async def test_a_server_that_is_down_is_unavailable_to_all_at_once(
    unused_tcp_port_factory: Callable[[], int],
) -> None:
    async with bus_at(f"redis://127.0.0.1:{unused_tcp_port_factory()}/0") as bus:
        async with asyncio.timeout(6):
            calls = [bus.read("any"), bus.apply(with_cause(1)), bus.enter(CP, "gateway")]
            calls += [bus.read_many(["any", "other"]) for _ in range(CALLERS)]
            failed = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(each, BusUnavailableError) for each in failed)


@pytest.mark.parametrize("greets", [False, True])
async def test_a_server_that_never_answers_is_unavailable_in_time(*, greets: bool) -> None:
    loop = asyncio.get_running_loop()
    async with mute(greets=greets) as url, bus_at(url, answer_seconds=0.3) as bus:
        for _ in range(2):
            began = loop.time()
            calls = [bus.read("any") for _ in range(50)]
            failed = await asyncio.gather(*calls, return_exceptions=True)
            assert all(isinstance(each, BusUnavailableError) for each in failed), failed
            assert 0.2 < loop.time() - began < 1.5


async def test_scripts_are_loaded_again_for_many_callers(redis_bus: RedisBus, redis: Redis) -> None:
    for first in (0, CALLERS):
        await redis.script_flush()
        values = range(first, first + CALLERS)
        async with asyncio.timeout(20):
            outcomes = await asyncio.gather(*(redis_bus.apply(with_cause(v)) for v in values))
        assert set(outcomes) == {Outcome.APPLIED}
    assert sorted(await told(redis)) == list(range(2 * CALLERS))
