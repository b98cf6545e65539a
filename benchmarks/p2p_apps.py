"""A process of apps: what its plan names, then one line of JSON with what it found."""

import json
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from time import monotonic, perf_counter
from typing import Any

import trio

from benchmarks.p2p_app import App, connected
from benchmarks.p2p_plan import VARIABLE, P2pPlan
from benchmarks.processes import first_cause
from benchmarks.usage import allow_files

Found = dict[str, Any]
Stop = trio.Event
AT_ONCE = 4
"""So many connect at a time."""


async def sequential(plan: P2pPlan, _: Stop) -> Found:
    """Ask on one stream, one request after the other; gives the milliseconds of each."""
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(connected(plan.url, plan.stations[0]))
        warm_until = monotonic() + plan.warm_s
        while monotonic() < warm_until:
            await app.ask()
        return {"samples": [await _timed(app) for _ in range(plan.asks)]}


async def closed(plan: P2pPlan, _: Stop) -> Found:
    """Ask on many streams, each as soon as it has its answer; gives the answers a second."""
    answers: list[float] = []

    async def ask_on(app: App) -> None:
        while monotonic() < ends:
            await app.ask()
            answers.append(monotonic())

    async with AsyncExitStack() as stack:
        apps = await _connect(plan, stack)
        began = monotonic() + plan.warm_s
        ends = began + plan.window_s
        async with trio.open_nursery() as nursery:
            for app in apps:
                nursery.start_soon(ask_on, app)
    measured = sum(began <= at < ends for at in answers)
    return {"rate": measured / plan.window_s, "answers": len(answers)}


async def held(plan: P2pPlan, stop: Stop) -> Found:
    """Hold all until asked to stop; then ask on one after the other."""
    async with AsyncExitStack() as stack:
        apps = await _connect(plan, stack)
        _tell({"ready": True})
        await stop.wait()
        return {"samples": [await _timed(apps[n % len(apps)]) for n in range(plan.asks)]}


async def listening(plan: P2pPlan, stop: Stop) -> Found:
    """Hear what comes on all until asked to stop.

    What is sent tells in `energy_wh` when that was, in µs of the monotonic clock.
    """
    late: list[float] = []

    async def hear(app: App) -> None:
        while True:
            frame = await app.hear()
            sent = int(json.loads(frame)["body"]["energy_wh"])
            late.append(round(monotonic() * 1000 - sent / 1000, 3))

    async with AsyncExitStack() as stack:
        apps = await _connect(plan, stack)
        _tell({"ready": True})
        async with trio.open_nursery() as nursery:
            for app in apps:
                nursery.start_soon(hear, app)
            await stop.wait()
            nursery.cancel_scope.cancel()
    return {"samples": late}


async def churn(plan: P2pPlan, _: Stop) -> Found:
    """Come, ask once, and leave."""
    async with AsyncExitStack() as stack:
        await _connect(plan, stack)
    return {}


PARTS: dict[str, Callable[[P2pPlan, Stop], Awaitable[Found]]] = {
    "sequential": sequential,
    "closed": closed,
    "held": held,
    "listening": listening,
    "churn": churn,
}


async def _connect(plan: P2pPlan, stack: AsyncExitStack) -> list[App]:
    """Connect all of a plan, and ask once on each; they leave with `stack`."""
    apps: list[App] = []
    leaving = trio.Event()
    room = trio.Semaphore(AT_ONCE)
    came = trio.Event()

    async def stay(station: str) -> None:
        async with room:
            joining = connected(plan.url, station)
            app = await joining.__aenter__()
            # The server waits for a stream's first frame no longer than half a minute.
            await app.ask()
        apps.append(app)
        if len(apps) == plan.count:
            came.set()
        try:
            await leaving.wait()
        finally:
            await joining.__aexit__(None, None, None)

    nursery = await stack.enter_async_context(trio.open_nursery())
    stack.callback(leaving.set)
    for number in range(plan.count):
        nursery.start_soon(stay, plan.stations[number % len(plan.stations)])
    await came.wait()
    return apps


async def _timed(app: App) -> float:
    began = perf_counter()
    await app.ask()
    return round((perf_counter() - began) * 1000, 3)


def _tell(found: Found) -> None:
    print(json.dumps(found), flush=True)


async def main() -> None:
    """Do what the plan says, within its time."""
    plan, stop = P2pPlan.from_json(os.environ[VARIABLE]), trio.Event()

    async def hear_signals() -> None:
        with trio.open_signal_receiver(signal.SIGTERM) as signals:
            async for _ in signals:
                stop.set()

    try:
        with trio.fail_after(plan.within_s):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(hear_signals)
                found = await PARTS[plan.part](plan, stop)
                nursery.cancel_scope.cancel()
    except Exception as error:  # noqa: BLE001 - whatever it is, the benchmark is to know
        found = {"error": repr(first_cause(error))}
    _tell({**found, "done": True})
    # Hundreds of hosts take long to take apart, and nobody waits for them.
    os._exit(0)


if __name__ == "__main__":
    allow_files()
    trio.run(main)
