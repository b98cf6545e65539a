"""What is let in one after the other: work at the turnstile, and errands to one charge point."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from fixed_seed import examples
from hypothesis import given
from hypothesis import strategies as st

from cpg.calls import Calls
from cpg.errands import Errands
from cpg.frames import CallError, CallResult
from cpg.tolerance import Mended
from cpg.turnstile import Turnstile


class Works:
    """Works that are let in by a turnstile, and end when they are told to."""

    def __init__(self, group: asyncio.TaskGroup, at_once: int) -> None:
        self._group = group
        self.turnstile = Turnstile(self.spawn, at_once)
        self.started: list[int] = []
        self.running: set[int] = set()
        self.most = 0
        self.ends: dict[int, asyncio.Future[None]] = {}

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._group.create_task(self._kept(work))

    async def _kept(self, work: Coroutine[Any, Any, None]) -> None:
        """Outlive failures, as the gateway does."""
        try:
            await work
        except LookupError:
            return

    def add(self, number: int) -> None:
        self.ends[number] = asyncio.get_running_loop().create_future()
        self.turnstile.add(lambda: self._work(number))

    async def _work(self, number: int) -> None:
        self.started.append(number)
        self.running.add(number)
        self.most = max(self.most, len(self.running))
        try:
            await self.ends[number]
        finally:
            self.running.remove(number)

    def end(self, number: int, *, fails: bool = False) -> None:
        if fails:
            self.ends[number].set_exception(LookupError(number))
        else:
            self.ends[number].set_result(None)


async def until_idle() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


steps = st.lists(
    st.tuples(st.sampled_from(["add", "add", "end", "fail"]), st.integers(0, 99)), max_size=40
)


@examples(40)
@given(st.integers(1, 4), steps)
def test_so_many_are_let_in_at_once_and_in_order(at_once: int, given_steps: list[Any]) -> None:
    async def run() -> None:
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            works, added = Works(group, at_once), 0
            for step, which in [*given_steps, *[("end", 0)] * len(given_steps)]:
                if step == "add":
                    works.add(added)
                    added += 1
                elif works.running:
                    running = sorted(works.running)
                    works.end(running[which % len(running)], fails=step == "fail")
                await until_idle()
                ended = added - len(works.running) - max(0, added - len(works.started))
                assert len(works.running) == min(at_once, added - ended)
                assert works.started == list(range(len(works.started)))
            assert works.started == list(range(added))
            assert not works.running
            assert works.most <= at_once

    asyncio.run(run())


async def test_a_work_that_fails_or_is_cancelled_frees_its_place() -> None:
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        works = Works(group, 1)
        for number in range(3):
            works.add(number)
        await until_idle()
        works.end(0, fails=True)
        await until_idle()
        assert works.started == [0, 1]
        works.ends[1].cancel()
        await until_idle()
        assert works.started == [0, 1, 2]
        works.end(2)


def as_it_is(action: str, payload: dict[str, Any]) -> Mended:
    return Mended(action, payload, frozenset())


class ChargePoint:
    """Keeps what it is asked until it answers."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.calls = Calls(self._take, 5.0, lambda *_, **__: None, as_it_is)
        self.errands = Errands(self.calls, self._spawn)
        self._group = group

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._group.create_task(work)

    def _take(self, frame: bytes) -> None:
        _, message_id, action, payload = json.loads(frame)
        self.asked.append((message_id, action, payload))

    async def answers(self, *, refuses: bool = False) -> None:
        message_id = self.asked[-1][0]
        answer: CallResult | CallError = CallResult(message_id, {"status": "Accepted"})
        assert self.calls.take(CallError(message_id, "GenericError", "") if refuses else answer)
        await until_idle()

    def numbers(self) -> list[int]:
        return [payload["transactionId"] for _, _, payload in self.asked]


def stop(number: int) -> tuple[str, dict[str, Any]]:
    return "RemoteStopTransaction", {"transactionId": number}


@pytest.fixture
def with_charge_point() -> Callable[[Callable[[ChargePoint], Any]], Any]:
    """Run a story with a charge point; whoever still waits at its end is let go."""

    async def run(story: Callable[[ChargePoint], Any]) -> None:
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            charge_point = ChargePoint(group)
            await story(charge_point)
            charge_point.calls.close()

    return run


async def test_errands_are_run_one_after_the_other(with_charge_point: Any) -> None:
    async def story(charge_point: ChargePoint) -> None:
        for number in range(5):
            charge_point.errands.add(*stop(number))
        await until_idle()
        for number in range(5):
            assert charge_point.numbers() == list(range(number + 1))
            await charge_point.answers(refuses=number % 2 == 1)
        assert charge_point.numbers() == list(range(5))
        charge_point.errands.add(*stop(9))
        await until_idle()
        assert charge_point.numbers()[-1] == 9, "it starts again"

    await with_charge_point(story)


async def test_what_waits_already_is_not_asked_for_twice(with_charge_point: Any) -> None:
    async def story(charge_point: ChargePoint) -> None:
        charge_point.errands.add(*stop(0))
        await until_idle()
        for number in (1, 2, 1, 2, 1):
            charge_point.errands.add(*stop(number))
        for _ in range(3):
            await charge_point.answers()
        assert charge_point.numbers() == [0, 1, 2]
        charge_point.errands.add(*stop(1))
        await until_idle()
        assert charge_point.numbers() == [0, 1, 2, 1], "later it may be needed again"

    await with_charge_point(story)


async def test_beyond_so_many_nothing_more_is_taken(with_charge_point: Any) -> None:
    async def story(charge_point: ChargePoint) -> None:
        charge_point.errands.add(*stop(0))
        await until_idle()
        for number in range(1, 100):
            charge_point.errands.add(*stop(number))
        for _ in range(33):
            await charge_point.answers()
        assert charge_point.numbers() == list(range(33)), "one on its way, and 32 that wait"

    await with_charge_point(story)


async def test_a_socket_that_is_gone_is_asked_nothing_more(with_charge_point: Any) -> None:
    async def story(charge_point: ChargePoint) -> None:
        for number in range(3):
            charge_point.errands.add(*stop(number))
        await until_idle()
        charge_point.calls.close()
        charge_point.errands.add(*stop(7))
        await until_idle()
        assert charge_point.numbers() == [0]

    await with_charge_point(story)
