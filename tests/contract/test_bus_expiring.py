"""What a bus keeps for a while, and attempts that have to wait."""

import asyncio

import pytest

from sdk.bus.expiring import Patience
from sdk.bus.interface import Bus

KEY = "noroam:sign_in_attempts:account:x"
PATIENCE = Patience(free=3, longest=60, memory=600)


async def test_a_text_is_gone_when_its_time_is_over(bus: Bus) -> None:
    await bus.keep("noroam:sign_in:a", "text", 0.2)
    await bus.keep("noroam:sign_in:b", "other", 60)
    assert await bus.kept("noroam:sign_in:a") == "text"
    await asyncio.sleep(0.3)
    assert await bus.kept("noroam:sign_in:a") is None
    assert await bus.kept("noroam:sign_in:b") == "other"
    await bus.delete("noroam:sign_in:b")
    assert await bus.kept("noroam:sign_in:b") is None


async def test_a_text_is_extended_but_never_brought_back(bus: Bus) -> None:
    await bus.keep("noroam:sign_in:a", "text", 0.2)
    await bus.extend("noroam:sign_in:a", 60)
    await bus.extend("noroam:sign_in:b", 60)
    await asyncio.sleep(0.3)
    assert await bus.kept("noroam:sign_in:a") == "text"
    assert await bus.kept("noroam:sign_in:b") is None


async def test_attempts_are_free_and_then_wait_twice_as_long_each(bus: Bus) -> None:
    patience = Patience(free=2, longest=60, memory=600)
    assert [await bus.attempt(KEY, patience) for _ in range(2)] == [0, 0]
    left = await bus.attempt(KEY, patience)
    assert 0 < left <= 1
    await asyncio.sleep(left + 0.02)
    assert await bus.attempt(KEY, patience) == 0
    assert 1 < await bus.attempt(KEY, patience) <= 2


async def test_who_is_refused_is_not_counted(bus: Bus) -> None:
    for _ in range(3):
        await bus.attempt(KEY, PATIENCE)
    waits = [await bus.attempt(KEY, PATIENCE) for _ in range(20)]
    assert all(0 < wait <= 1 for wait in waits)


async def test_many_at_once_are_let_through_no_more_often(bus: Bus) -> None:
    waits = await asyncio.gather(*(bus.attempt(KEY, PATIENCE) for _ in range(50)))
    assert [wait for wait in waits if wait == 0] == [0] * 3


async def test_no_wait_is_longer_than_the_longest(bus: Bus) -> None:
    patience = Patience(free=1, longest=0.05, memory=60)
    for _ in range(10):
        assert await bus.attempt(KEY, patience) == 0
        assert 0 < await bus.attempt(KEY, patience) <= 0.05
        await asyncio.sleep(0.06)


async def test_an_attempt_that_was_none_is_forgiven(bus: Bus) -> None:
    for _ in range(10):
        assert await bus.attempt(KEY, PATIENCE) == 0
        await bus.forgive(KEY)
    for _ in range(3):
        assert await bus.attempt(KEY, PATIENCE) == 0
    assert await bus.attempt(KEY, PATIENCE) > 0
    await bus.forgive("noroam:sign_in_attempts:account:never")
    assert await bus.kept("noroam:sign_in_attempts:account:never") is None


async def test_attempts_are_forgotten(bus: Bus) -> None:
    patience = Patience(free=1, longest=0.1, memory=0.2)
    assert await bus.attempt(KEY, patience) == 0
    assert await bus.attempt(KEY, patience) > 0
    await asyncio.sleep(0.3)
    assert await bus.attempt(KEY, patience) == 0
    assert await bus.attempt(KEY, patience) <= 0.1


@pytest.mark.parametrize(
    ("count", "wait"), [(0, 0), (2, 0), (3, 1), (4, 2), (6, 8), (9, 60), (10**6, 60)]
)
def test_the_wait_doubles(count: int, wait: float) -> None:
    assert PATIENCE.wait(count) == wait
