"""A process that makes one load: its plan is in BENCH_PLAN, what it found is its last line."""

import asyncio
import gc
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable
from functools import partial
from time import perf_counter
from typing import Any

import uvloop

from benchmarks.client import (
    ChargePoint,
    RefusedError,
    Tally,
    boot_all,
    connect,
    new_message_id,
    together,
)
from benchmarks.floods import FLOODS
from benchmarks.frames import HEARTBEAT
from benchmarks.plan import VARIABLE, Plan
from benchmarks.processes import first_cause
from benchmarks.usage import allow_files, cpu_seconds

ANSWERS_WITHIN_S = 20.0
POLL_S = 0.01
Found = dict[str, Any]
Part = Callable[[Plan, Tally, asyncio.Event], Awaitable[Found]]


class Again:
    """Keeps one message of a charge point in flight: the next is sent when one is answered."""

    def __init__(self, point: ChargePoint, plan: Plan) -> None:
        """Send nothing yet."""
        self._point = point
        self._reads_meter = plan.action == "MeterValues"
        self.stopped = False

    def __call__(self, _: bytes = b"") -> None:
        """Send the next message."""
        if self.stopped:
            return
        if self._reads_meter:
            self._point.send_meter_values(self)
        else:
            message_id = new_message_id()
            self._point.send(message_id, HEARTBEAT % message_id, self)


async def closed(plan: Plan, tally: Tally, _: asyncio.Event) -> Found:
    """Keep `depth` messages of each charge point in flight; gives rate, and CPU per answer."""
    points = await boot_all(plan, tally, charging=plan.action == "MeterValues")
    loops = [Again(point, plan) for point in points for _ in range(plan.depth)]
    gc.freeze()
    for again in loops:
        again()
    await asyncio.sleep(plan.warm_s)
    watch = {**plan.watch, "generator": os.getpid()}
    answers, began = tally.answers, perf_counter()
    before = {name: cpu_seconds(pid) for name, pid in watch.items()}
    await asyncio.sleep(plan.window_s)
    answers, seconds = tally.answers - answers, perf_counter() - began
    used = {name: cpu_seconds(pid) - before[name] for name, pid in watch.items()}
    for again in loops:
        again.stopped = True
    await _answered(points, tally)
    cpu_us = {name: took * 1e6 / max(answers, 1) for name, took in used.items()}
    return {"rate": answers / seconds, "cpu_us": cpu_us}


async def paced(plan: Plan, tally: Tally, stop: asyncio.Event) -> Found:
    """Send one MeterValues a second from each charge point, at its own phase, come what may.

    Gives (moment by the schedule, ms from there to the answer) of each; the moments are those of
    the machine's monotonic clock.
    """
    points = await boot_all(plan, tally, charging=True)
    gc.freeze()
    _tell({"ready": True})
    samples: list[tuple[float, float]] = []
    began, number = perf_counter(), 0
    while not stop.is_set() and (not plan.window_s or number < plan.window_s * plan.count):
        due = began + number / plan.count
        if (early := due - perf_counter()) > 0:
            await asyncio.sleep(early)
            continue
        points[number % plan.count].send_meter_values(partial(_note, samples, due))
        number += 1
    await _answered(points, tally)
    return {"samples": samples}


async def idle(plan: Plan, tally: Tally, stop: asyncio.Event) -> Found:
    """Connect and boot all, tell so, and keep them until asked to stop."""
    points = await boot_all(plan, tally)
    _tell({"ready": True})
    await stop.wait()
    for point in points:
        point.hang_up()
    return {}


async def stampede(plan: Plan, tally: Tally, _: asyncio.Event) -> Found:
    """Connect, authenticate and boot all at once; gives the seconds until the last is accepted."""

    async def enter(number: int) -> ChargePoint:
        point = await connect(plan, plan.name(number), tally)
        await point.boot()
        return point

    began, used = perf_counter(), time.process_time()
    await together(enter(number) for number in range(plan.count))
    return {"seconds": perf_counter() - began, "cpu_s": time.process_time() - used}


async def flood(plan: Plan, tally: Tally, stop: asyncio.Event) -> Found:
    """Do one of the floods until asked to stop; gives what it counted."""
    counts: dict[str, int] = {}
    async with asyncio.TaskGroup() as group:
        task = group.create_task(FLOODS[plan.action](plan, tally, counts))
        _tell({"ready": True})
        await stop.wait()
        task.cancel()
    return {"counts": {**counts, "answers": tally.answers}}


PARTS: dict[str, Part] = {
    "closed": closed,
    "paced": paced,
    "idle": idle,
    "stampede": stampede,
    "flood": flood,
}


def _note(samples: list[tuple[float, float]], due: float, _: bytes) -> None:
    samples.append((round(due, 4), round((perf_counter() - due) * 1000, 3)))


async def _answered(points: list[ChargePoint], tally: Tally) -> None:
    """Wait for the answers that are due; what stays away is an error."""
    until = time.monotonic() + ANSWERS_WITHIN_S
    for point in points:
        while point.pending and time.monotonic() < until:  # noqa: ASYNC110 - events cost each answer
            await asyncio.sleep(POLL_S)
    missing = [len(point.pending) for point in points if point.pending]
    if missing:
        tally.error(f"{len(missing)} charge points wait for {sum(missing)} answers")


def _tell(found: Found) -> None:
    print(json.dumps(found), flush=True)


async def main() -> None:
    """Do what the plan says, within its time."""
    plan, tally, stop = Plan.from_json(os.environ[VARIABLE]), Tally(), asyncio.Event()
    os.nice(plan.nice)
    allow_files()
    gc.disable()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    try:
        async with asyncio.timeout(plan.within_s):
            found = await PARTS[plan.part](plan, tally, stop)
    except* (RefusedError, OSError, TimeoutError) as errors:
        cause = first_cause(errors)
        tally.errors += 1
        tally.texts.insert(0, f"{type(cause).__name__}: {cause}")
        found = {}
    _tell({**found, "errors": tally.errors, "texts": tally.texts})


if __name__ == "__main__":
    uvloop.run(main())
