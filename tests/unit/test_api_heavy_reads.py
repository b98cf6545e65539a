"""Heavy reads: few at a time, in order, and refused where too many wait."""

import asyncio

import pytest

from session_manager.api.heavy_reads import (
    AT_ONCE,
    MOST,
    MOST_OF_A_KEY,
    HeavyReads,
    TooManyReadsError,
    let_others_work,
)


class Crowd:
    """Reads that work until they are let go, and how many did so at the same time."""

    def __init__(self, wait: float = 60) -> None:
        self.reads = HeavyReads(wait)
        self.go = asyncio.Event()
        self.began: list[str] = []
        self.now = self.most = 0

    async def read(self, key_id: str) -> None:
        async with self.reads.turn(key_id):
            self.began.append(key_id)
            self.now += 1
            self.most = max(self.most, self.now)
            await self.go.wait()
            await let_others_work()
            self.now -= 1


async def test_few_work_at_a_time_and_in_order() -> None:
    crowd = Crowd()
    names = [f"key-{number}" for number in range(9)]
    async with asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(crowd.read(name))
        await asyncio.sleep(0.01)
        assert crowd.began == names[:AT_ONCE]
        crowd.go.set()
    assert (crowd.most, crowd.began) == (AT_ONCE, names)


async def test_a_key_may_not_crowd_out_others() -> None:
    crowd = Crowd()
    async with asyncio.TaskGroup() as group:
        for _ in range(MOST_OF_A_KEY):
            group.create_task(crowd.read("greedy"))
        await asyncio.sleep(0.01)
        with pytest.raises(TooManyReadsError):
            await crowd.read("greedy")
        group.create_task(crowd.read("other"))
        crowd.go.set()
    assert crowd.began.count("other") == 1
    await crowd.read("greedy")


async def test_no_more_wait_than_may_in_all() -> None:
    crowd = Crowd()
    async with asyncio.TaskGroup() as group:
        for number in range(MOST):
            group.create_task(crowd.read(f"key-{number}"))
        await asyncio.sleep(0.01)
        with pytest.raises(TooManyReadsError):
            await crowd.read("late")
        crowd.go.set()


async def test_who_waits_too_long_is_refused_and_leaves_no_trace() -> None:
    crowd = Crowd(wait=0.02)
    async with asyncio.TaskGroup() as group:
        for number in range(AT_ONCE):
            group.create_task(crowd.read(f"key-{number}"))
        await asyncio.sleep(0.01)
        with pytest.raises(TooManyReadsError):
            await crowd.read("late")
        crowd.go.set()
    await crowd.read("late")
    assert crowd.began[-1] == "late"


async def test_a_read_that_fails_gives_its_turn_back() -> None:
    reads = HeavyReads(wait=0.02)
    for _ in range(2 * AT_ONCE):
        with pytest.raises(LookupError):
            async with reads.turn("key"):
                raise LookupError
