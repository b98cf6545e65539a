"""Turns of calls, and the line of operations: order, precedence, bounds, and nobody is lost."""

import asyncio
from uuid import uuid4

from cpg.operation_line import MOST, OperationLine
from cpg.precedence import Precedence
from sdk.bus.interface import Delivery
from sdk.bus.keys import Lane
from sdk.events.envelope import Envelope
from sdk.events.operations import ClearCache
from sdk.ids import utc_now


class Speakers:
    """Has many wait for their turn while the first holds it."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self.turns = Precedence()
        self.spoken: list[str] = []
        self.holds = asyncio.Event()

    def wait(self, name: str, *, first: bool = False) -> asyncio.Task[None]:
        return self._group.create_task(self._speak(name, first=first))

    async def _speak(self, name: str, *, first: bool) -> None:
        async with self.turns.turn(first=first):
            self.spoken.append(name)
            await self.holds.wait()


async def idle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_those_with_precedence_come_before_all_that_wait() -> None:
    async with asyncio.TaskGroup() as group:
        speakers = Speakers(group)
        for name in ("a", "b", "C", "d", "E"):
            speakers.wait(name, first=name.isupper())
        await idle()
        assert speakers.spoken == ["a"]
        speakers.holds.set()
    assert speakers.spoken == ["a", "C", "E", "b", "d"]


async def test_who_is_cancelled_keeps_nobody_waiting() -> None:
    async with asyncio.TaskGroup() as group:
        speakers = Speakers(group)
        tasks = {name: speakers.wait(name, first=name.isupper()) for name in ("a", "b", "C", "d")}
        await idle()
        tasks["b"].cancel()
        tasks["a"].cancel()
        await asyncio.sleep(0)
        assert speakers.spoken == ["a"], "C was given the turn, and does not know yet"
        tasks["C"].cancel()
        await idle()
        assert speakers.spoken == ["a", "d"]
        speakers.wait("e")
        await idle()
        assert speakers.spoken == ["a", "d"]
        speakers.holds.set()
    assert speakers.spoken == ["a", "d", "e"]


async def test_nobody_slips_in_between_two_turns() -> None:
    turns, spoken = Precedence(), []

    async def speak(name: str, times: int) -> None:
        for _ in range(times):
            async with turns.turn():
                spoken.append(name)
                await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        group.create_task(speak("a", 3))
        group.create_task(speak("b", 3))
    assert spoken == ["a", "b"] * 3


def delivery() -> Delivery:
    envelope = Envelope(
        id=uuid4(), charge_point_id="CP-1", at=utc_now(), body=ClearCache(expires_at=utc_now())
    )
    return Delivery(Lane.OCPP, "1-0", envelope)


async def test_a_line_that_is_full_makes_the_next_wait() -> None:
    line, done = OperationLine(), []
    gate = asyncio.Event()

    async def carry_out(operation: Delivery) -> None:
        await gate.wait()
        done.append(operation)

    async with asyncio.TaskGroup() as group:
        line.add(delivery())
        work = group.create_task(line.work_off(carry_out, lambda: True))
        await idle()
        for _ in range(MOST - 1):
            line.add(delivery())
            await line.room()
        line.add(delivery())
        room = group.create_task(line.room())
        await idle()
        assert not room.done(), "one is carried out, and as many wait as may"
        gate.set()
        await room
        await work
    assert len(done) == MOST + 1
    await line.end()


async def test_a_line_whose_socket_goes_lets_go_of_who_waits() -> None:
    line, gate, is_open = OperationLine(), asyncio.Event(), True

    async def carry_out(_: Delivery) -> None:
        await gate.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(line.work_off(carry_out, lambda: is_open))
        for _ in range(MOST + 1):
            line.add(delivery())
        await idle()
        waiting = [group.create_task(line.room()), group.create_task(line.end())]
        line.add(delivery())
        await idle()
        is_open = False
        gate.set()
        async with asyncio.timeout(5):
            await asyncio.gather(*waiting)
