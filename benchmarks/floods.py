"""What may not slow the other charge points down: four floods, each until cancelled.

A charge point of a flood that is refused or thrown out comes again a moment later.
"""

import asyncio
from collections.abc import Callable, Coroutine, MutableMapping
from contextlib import suppress

from benchmarks.client import ChargePoint, RefusedError, Tally, connect, new_message_id, now
from benchmarks.frames import HEARTBEAT, STATUS, handshake
from benchmarks.plan import PASSWORD, Plan

BREATH_S = 0.1
BURST = 20
ROUND_WITHIN_S = 15.0
STATUSES = (b"Available", b"Preparing", b"Charging", b"Finishing")
Counts = MutableMapping[str, int]
Doing = Coroutine[None, None, None]
Flood = Callable[[Plan, Tally, Counts], Doing]
Each = Callable[[Plan, str, Tally, Counts], Doing]


async def status_storm(plan: Plan, name: str, tally: Tally, counts: Counts) -> None:
    """Send StatusNotifications as fast as they are taken, whatever is answered."""
    point = await _enter(plan, name, tally)
    while not point.lost.done():
        for status in STATUSES * (BURST // len(STATUSES)):
            message_id = new_message_id()
            point.send(message_id, STATUS % (message_id, status, now()), _ignore)
        await _next_burst(point, counts)


async def deaf(plan: Plan, name: str, tally: Tally, counts: Counts) -> None:
    """Send Heartbeats as fast as they are taken, and read no answer."""
    point = await _enter(plan, name, tally)
    point.transport.pause_reading()
    while not point.lost.done():
        for _ in range(BURST):
            message_id = new_message_id()
            point.send(message_id, HEARTBEAT % message_id, _ignore)
        point.pending.clear()
        await _next_burst(point, counts)


async def trickle(plan: Plan, name: str, tally: Tally, counts: Counts) -> None:
    """Write the bytes of a handshake one a second; gives up when the server does."""
    del tally
    reader, writer = await asyncio.open_connection(plan.host, plan.port)
    try:
        for byte in handshake(plan.host, plan.port, name, PASSWORD):
            writer.write(bytes((byte,)))
            _count(counts, "bytes", 1)
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await reader.read(1)
                return
    finally:
        writer.close()


async def reconnects(plan: Plan, tally: Tally, counts: Counts) -> None:
    """Let all charge points connect, authenticate and boot at once; again and again."""
    points: list[ChargePoint] = []

    async def enter(name: str) -> None:
        try:
            point = await connect(plan, name, tally, strict=False)
            points.append(point)
            await point.boot()
        except (RefusedError, OSError) as error:
            _count(counts, f"refused ({str(error)[:40]})", 1)
        else:
            _count(counts, "boots", 1)

    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(ROUND_WITHIN_S), asyncio.TaskGroup() as group:
                for number in range(plan.count):
                    group.create_task(enter(plan.name(number)))
        for point in points:
            point.hang_up()
        points.clear()
        _count(counts, "rounds", 1)
        await asyncio.sleep(0)


def _each(act: Each) -> Flood:
    """Let every charge point act by itself, again when it was thrown out."""

    async def one(plan: Plan, name: str, tally: Tally, counts: Counts) -> None:
        while True:
            try:
                await act(plan, name, tally, counts)
                _count(counts, "thrown out", 1)
            except (RefusedError, OSError) as error:
                _count(counts, f"refused ({str(error)[:40]})", 1)
            await asyncio.sleep(BREATH_S)

    async def everyone(plan: Plan, tally: Tally, counts: Counts) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(plan.count):
                group.create_task(one(plan, plan.name(number), tally, counts))

    return everyone


FLOODS: dict[str, Flood] = {
    "status storm": _each(status_storm),
    "reconnects": reconnects,
    "slow handshakes": _each(trickle),
    "deaf sockets": _each(deaf),
}


async def _enter(plan: Plan, name: str, tally: Tally) -> ChargePoint:
    point = await connect(plan, name, tally, strict=False)
    await point.boot()
    return point


async def _next_burst(point: ChargePoint, counts: Counts) -> None:
    _count(counts, "messages", BURST)
    await asyncio.sleep(0)
    await point.writable.wait()


def _count(counts: Counts, what: str, more: int) -> None:
    counts[what] = counts.get(what, 0) + more


def _ignore(_: bytes) -> None:
    pass
