"""Which gateways are dead, and how often that is looked at."""

from datetime import UTC, datetime, timedelta

import pytest

from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError
from sdk.bus.memory_bus import MemoryBus
from sdk.gateways import DEAD_AFTER_S, FRESH_S, LiveGateways, dead_gateways, is_connected

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)


def _ago(seconds: float) -> str:
    return (NOW - timedelta(seconds=seconds)).isoformat()


class _Bus(MemoryBus):
    """Counts reads, and fails while it is told to."""

    reads = 0
    is_away = False

    async def read(self, key: str) -> dict[str, str]:
        self.reads += 1
        if self.is_away:
            raise BusUnavailableError("away")
        return await super().read(key)


def test_a_gateway_is_dead_once_its_sign_is_too_old() -> None:
    signs = {"a": _ago(1), "b": _ago(DEAD_AFTER_S), "c": _ago(3600)}
    assert dead_gateways(signs, NOW) == {"b", "c"}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"connected": "1", "gateway": "a"}, True),
        ({"connected": "1", "gateway": "dead"}, False),
        ({"connected": "0", "gateway": "a"}, False),
        ({"connected": "1"}, True),
        ({}, False),
    ],
)
def test_connected_is_who_has_a_socket_of_one_that_lives(
    state: dict[str, str],
    expected: bool,  # noqa: FBT001 - a case of the table
) -> None:
    assert is_connected(state, frozenset({"dead"})) is expected


async def test_signs_are_read_once_in_a_while() -> None:
    bus, at = _Bus(), [100.0]
    live = LiveGateways(bus, lambda: NOW, lambda: at[0])
    await bus.write(keys.GATEWAYS, {"a": _ago(0), "b": _ago(60)})
    assert [await live.dead() for _ in range(5)] == [frozenset({"b"})] * 5
    assert bus.reads == 1
    await bus.write(keys.GATEWAYS, {"a": _ago(60)})
    at[0] += FRESH_S
    assert await live.dead() == {"a", "b"}
    assert bus.reads == 2


async def test_nobody_is_dead_just_after_redis_was_away() -> None:
    bus, at = _Bus(), [100.0]
    live = LiveGateways(bus, lambda: NOW, lambda: at[0])
    await bus.write(keys.GATEWAYS, {"a": _ago(60)})
    bus.is_away = True
    with pytest.raises(BusUnavailableError):
        await live.dead()
    bus.is_away = False
    assert await live.dead() == frozenset()
    at[0] += DEAD_AFTER_S
    assert await live.dead() == {"a"}
