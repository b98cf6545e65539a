"""How much later quiet charge points are answered while others flood the gateway."""

import asyncio
from time import perf_counter

from benchmarks.figures import percentile, tell
from benchmarks.floods import FLOODS
from benchmarks.gateway_machine import Server, beside, gateway, result
from benchmarks.plan import Plan

QUIET = 100
SECONDS = 10.0
BEFORE_S = 2.0
NICE = 10
"""The flood comes from elsewhere: it gets the CPU that the gateway leaves."""
SIZES = {"status storm": 10, "reconnects": 1_000, "slow handshakes": 500, "deaf sockets": 20}
FLOODED = f"{QUIET} quiet charge points, {SECONDS:g} s in quiet and in each flood"
Span = tuple[float, float]


async def flood_ratio() -> dict[str, float]:
    """Give the worst p99 in a flood over the p99 in quiet; each has a gateway of its own.

    A gateway that reads on after a flood, what lies in its sockets, would spoil the next one.
    """
    quiet = await _p99(None)
    tell(f"  quiet: p99 {quiet:.1f} ms")
    worst = 0.0
    for kind in FLOODS:
        p99 = await _p99(kind)
        tell(f"  {kind}: p99 {p99:.1f} ms, {p99 / quiet:.1f} times")
        worst = max(worst, p99)
    return {"gateway.flood.p99_ratio": worst / quiet}


async def _p99(kind: str | None) -> float:
    async with gateway(QUIET=QUIET, FLOOD=SIZES[kind] if kind else 0) as server:
        plan = server.plan("paced", "QUIET", QUIET, window_s=0)
        async with beside(plan) as process:
            begin, end = await (_flooded(server, kind) if kind else _span())
            process.child.ask_to_stop()
            samples = (await result(process, plan))["samples"]
    return percentile([ms for due, ms in samples if begin <= due < end], 99)


async def _flooded(server: Server, kind: str) -> Span:
    plan: Plan = server.plan("flood", "FLOOD", SIZES[kind], action=kind, nice=NICE)
    async with beside(plan) as process:
        span = await _span()
        process.child.ask_to_stop()
        found = await result(process, plan)
    tell(f"  {kind}: {found['counts']}")
    return span


async def _span() -> Span:
    """Let the load work, then give when the seconds that count began and ended."""
    await asyncio.sleep(BEFORE_S)
    begin = perf_counter()
    await asyncio.sleep(SECONDS)
    return begin, perf_counter()
