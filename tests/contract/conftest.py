"""One bus of each kind, held to the same contract."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Protocol

import pytest
from redis.asyncio import Redis

from sdk.bus import keys
from sdk.bus.interface import Bus, Subscription
from sdk.bus.keys import Lane
from sdk.bus.limits import Limits
from sdk.bus.memory_bus import MemoryBus
from sdk.bus.redis_bus import RedisBus
from sdk.events.envelope import Envelope
from sdk.ids import new_event_id, utc_now

CP = "CP-1"


class MakeEvent(Protocol):
    def __call__(self, value: int = 0, charge_point_id: str = CP) -> Envelope: ...


@pytest.fixture(params=["memory", "redis"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def make_bus(
    kind: str, request: pytest.FixtureRequest
) -> AsyncIterator[Callable[[Limits], Bus]]:
    url = ""
    if kind == "redis":
        url = request.getfixturevalue("redis_url")
        async with Redis.from_url(url) as client:
            await client.flushall()
    async with AsyncExitStack() as stack:

        def make(limits: Limits) -> Bus:
            bus = RedisBus.from_url(url, limits=limits) if url else MemoryBus(limits)
            stack.push_async_callback(bus.close)
            return bus

        yield make


@pytest.fixture
def bus(make_bus: Callable[[Limits], Bus]) -> Bus:
    return make_bus(Limits())


@pytest.fixture
def event() -> MakeEvent:
    """Make an event that carries a number, so that its order can be seen."""

    def make(value: int = 0, charge_point_id: str = CP) -> Envelope:
        reading: dict[str, Any] = {
            "type": "MeterValueReported",
            "sampled_at": utc_now(),
            "energy_wh": value,
        }
        return Envelope.model_validate(
            {
                "id": new_event_id(),
                "charge_point_id": charge_point_id,
                "at": utc_now(),
                "body": reading,
            }
        )

    return make


@pytest.fixture
def append_raw(bus: Bus, redis_url: str) -> Callable[[bytes], Awaitable[None]]:
    """Put bytes that no publisher of ours would write into `{CP-1}:in`."""

    async def append(data: bytes) -> None:
        if isinstance(bus, MemoryBus):
            stream = bus._store.streams[keys.lane(CP, Lane.IN)]
            stream.append({"e": "x", "d": data.decode()})
            return
        async with Redis.from_url(redis_url) as client:
            await client.xadd(keys.lane(CP, Lane.IN), {"e": "x", "d": data})

    return append


@pytest.fixture
def take() -> Callable[[Subscription, int], Awaitable[list[int]]]:
    """Read so many deliveries and give the numbers that they carry."""

    async def read(subscription: Subscription, count: int) -> list[int]:
        numbers: list[int] = []
        async for delivery in subscription:
            body: Any = delivery.envelope.body
            numbers.append(body.energy_wh)
            if len(numbers) == count:
                break
        return numbers

    return read
