"""What is measured of the Session Manager alone: many sessions, and taking over from the dead."""

import asyncio
import gc
from contextlib import suppress
from time import perf_counter

from benchmarks.figures import percentile, tell
from benchmarks.parts import Part, Values
from benchmarks.session_machine import LEASE_S, Meters, Shift, leased, meters, shift
from benchmarks.usage import cpu_seconds, resident_kb

SESSIONS = 1_000
WARM_S, WINDOW_S = 5, 15
DRIVEN_WITHIN_S = 120.0
ANSWERED_WITHIN_S = 20.0
TAKEN_WITHIN_S = 60.0
STAND_BY_S = 3 * LEASE_S
POLL_S = 0.05


async def many_sessions() -> Values:
    """A reading a second of each session, come what may; from publishing to the status."""
    async with shift(SESSIONS, managers=1) as crew, meters(crew) as metered:
        await _driven(crew)
        await metered.read_all(DRIVEN_WITHIN_S)
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            return {"sessions.1000.p99": await _paced(crew, metered)}
        finally:
            gc.enable()


async def takeover() -> Values:
    """Kill who drives all while another stands by; wait until the last session goes on."""
    async with shift(SESSIONS, managers=2) as crew, meters(crew) as metered:
        await _driven(crew)
        await metered.read_all(DRIVEN_WITHIN_S)
        await asyncio.sleep(STAND_BY_S)
        began, first = asyncio.get_running_loop().time(), crew.managers[0]
        first.child.kill()
        await metered.read_all(TAKEN_WITHIN_S)
        late = [due + took - began for due, took, _ in metered.answers.heard if due >= began]
        tell(f"  half after {percentile(late, 50):.1f} s, the last after {max(late):.1f} s")
        return {"takeover.lease_ratio": max(late) / LEASE_S}


SESSION_LOADS = (
    Part(
        ("sessions.1000.p99",),
        f"one manager, {SESSIONS:,} sessions, one reading a second each for {WINDOW_S} s",
        many_sessions,
    ),
    Part(
        ("takeover.lease_ratio",),
        f"{SESSIONS:,} sessions of two managers, one of them killed, lease {LEASE_S:g} s",
        takeover,
    ),
)


async def _driven(crew: Shift) -> None:
    began = perf_counter()
    async with asyncio.timeout(DRIVEN_WITHIN_S):
        while await leased(crew.url, crew.stations) < SESSIONS:  # noqa: ASYNC110 - polls Redis
            await asyncio.sleep(POLL_S)
    tell(f"  all have a driver {perf_counter() - began:.1f} s after the managers were ready")


async def _paced(crew: Shift, metered: Meters) -> float:
    loop, answers = asyncio.get_running_loop(), metered.answers
    answers.heard.clear()
    pids = {"manager": crew.managers[0].child.pid, "redis": crew.redis_pid}
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    began, readings = loop.time(), SESSIONS * (WARM_S + WINDOW_S)
    async with asyncio.TaskGroup() as group:
        for number in range(readings):
            due = began + number / SESSIONS
            if (early := due - loop.time()) > 0:
                await asyncio.sleep(early)
            group.create_task(metered.read(number % metered.count, due))
    with suppress(TimeoutError):
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            while answers.waiting:  # noqa: ASYNC110 - events would cost each answer
                await asyncio.sleep(POLL_S)
    used = {name: (cpu_seconds(pid) - before[name]) / readings for name, pid in pids.items()}
    shares = ", ".join(f"{name} {seconds * 1e6:.0f} µs" for name, seconds in used.items())
    if answers.waiting:
        raise LookupError(f"{len(answers.waiting)} readings have no status; of each {shares}")
    late = [took * 1000 for due, took, _ in answers.heard if due >= began + WARM_S]
    half, p99 = percentile(late, 50), percentile(late, 99)
    held = resident_kb(pids["manager"]) / 1024
    tell(f"  half within {half:.1f} ms, 99 % within {p99:.1f} ms, all within {max(late):.1f} ms")
    tell(f"  CPU of each reading: {shares}; the manager holds {held:.0f} MB")
    return p99
