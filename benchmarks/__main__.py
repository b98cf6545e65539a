"""Runs what ONLY (a prefix of names; none: all) picks, writes build/bench.json, shows the table.

Each run is a fresh machine; other parts have a lighter one of their own, or none, with no chain.
What can't be measured is told, and makes the exit code 1. BENCH_RUNS=1 measures once, not three
times: with ONLY=gateway.heartbeat there is a gateway under one load to look at with a profiler.
"""

import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import uvloop
from redis.asyncio import Redis

from benchmarks.api_loads import API_LOADS
from benchmarks.figures import AIMS, RUNS, figures, show, surroundings, tell, write
from benchmarks.gateway_loads import GATEWAY_LOADS
from benchmarks.gateway_machine import engine, engine_name
from benchmarks.loads import LOADS, MEMORY, PATIENCE_S, Load
from benchmarks.machine import Machine, running
from benchmarks.p2p_loads import P2P_LOADS
from benchmarks.page_loads import PAGE_LOADS
from benchmarks.parts import Part, Values
from benchmarks.processes import first_cause
from benchmarks.pure_loads import PURE_LOADS
from benchmarks.records_loads import READINGS, RECORDS, REPORTED, million, report
from benchmarks.report_loads import REPORT_LOADS
from benchmarks.session_loads import SESSION_LOADS
from benchmarks.usage import allow_files

SHOWN_LINES = 20
RECORDS_LOADS = (
    Part(
        ("records.million.mb", "records.million_with_curves.mb"),
        f"of {RECORDS:,} records, and of fewer with {READINGS} readings each",
        million,
    ),
    Part(("records.month_report",), f"{REPORTED:,} sessions of a month", report),
)
PARTS = (
    *GATEWAY_LOADS,
    *API_LOADS,
    *SESSION_LOADS,
    *P2P_LOADS,
    *PURE_LOADS,
    *RECORDS_LOADS,
    *REPORT_LOADS,
    *PAGE_LOADS,
)
"""Each brings what it needs."""


@dataclass
class Bench:
    """The values of all runs so far, and what went wrong."""

    wanted: frozenset[str]
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: dict[str, str] = field(default_factory=dict)
    surroundings: str = ""
    loads: list[float] = field(default_factory=list)

    async def run(self, number: int) -> None:
        """Measure everything once, on machines of its own."""
        self.loads.append(os.getloadavg()[0])
        for part in PARTS:
            if self.wanted & set(part.names):
                self.surroundings = self.surroundings or surroundings([await engine()])
                await self._measure(number, part.names, part.measure, [])
        parts = self._parts()
        if parts:
            await self._run_machine(number, parts)

    @property
    def setup(self) -> str:
        """What holds for all figures."""
        load = f"load {max(self.loads):.1f} before"
        return f"{self.surroundings}, {load}, median of {RUNS} runs"

    def setups(self) -> dict[str, str]:
        """Give the setup line of each name."""
        parts: tuple[Load | Part, ...] = (*LOADS, MEMORY, *PARTS)
        return {name: f"{self.setup}, {part.what}" for part in parts for name in part.names}

    def note(self, names: Sequence[str] | frozenset[str], error: BaseException) -> None:
        """Remember why names have no value."""
        for name in names:
            self.faults.setdefault(name, f"{type(error).__name__}: {error}")

    def _parts(self) -> list[Load]:
        after_all = bool(self.wanted & set(MEMORY.names))
        parts = [load for load in LOADS if after_all or self.wanted & set(load.names)]
        return [*parts, MEMORY] if after_all else parts

    async def _run_machine(self, number: int, parts: Sequence[Load]) -> None:
        tell(f"run {number} of {RUNS}: starting a machine")
        async with running() as machine:
            self.surroundings = surroundings(await _engines(machine))
            for load in parts:
                names, measure = load.names, partial(load.measure, machine)
                if not await self._measure(number, names, measure, machine.lines):
                    # What the services hold is comparable only after the same loads.
                    self.note(MEMORY.names, LookupError(f"{names[0]} has no value"))

    async def _measure(
        self,
        number: int,
        names: tuple[str, ...],
        measure: Callable[[], Awaitable[Values]],
        lines: list[str],
    ) -> bool:
        if self.faults.keys() & set(names):
            return False
        tell(f"run {number} of {RUNS}: {', '.join(names)}")
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = await measure()
        except Exception as error:  # noqa: BLE001 - whatever it is, the other figures are wanted
            cause = first_cause(error)
            self.note(names, cause)
            odd = [line for line in lines if '"level":"info"' not in line]
            tell(f"failed: {cause!r}", *odd[-SHOWN_LINES:], *getattr(cause, "__notes__", ()))
            return False
        for name, value in found.items():
            self.values[name].append(value)
            tell(f"  {name} {value:.2f}")
        return True


async def _engines(machine: Machine) -> list[str]:
    async with Redis.from_url(machine.launcher.redis_url) as redis:
        server = engine_name(await redis.info("server"))
    node = str(await machine.client.rpc("web3_clientVersion"))
    return [server, " ".join(node.split("/")[:2])]


async def main(prefix: str) -> int:
    """Measure; gives the exit code."""
    wanted = frozenset(aim.name for aim in AIMS if aim.name.startswith(prefix))
    if not wanted:
        tell(f"ONLY: no figure's name begins with {prefix}")
        return 2
    allow_files()
    bench = Bench(wanted)
    for number in range(1, RUNS + 1):
        try:
            await bench.run(number)
        except Exception as error:  # noqa: BLE001 - a machine that can't be started is told, too
            bench.note(wanted, first_cause(error))
    found = [f for f in figures(bench.values, bench.setups()) if f.name in wanted]
    write(found)
    show(found, bench.setup)
    missing = sorted(wanted - {figure.name for figure in found})
    for name in missing:
        tell(f"not measured: {name}: {bench.faults.get(name, 'no value')}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(uvloop.run(main(os.environ.get("ONLY", ""))))
