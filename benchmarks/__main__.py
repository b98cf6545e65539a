"""Runs what ONLY (a prefix of names; none: all) picks, writes build/bench.json, shows the table.

Each run is a fresh machine. What can't be measured is told, and makes the exit code 1.
"""

import asyncio
import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field

import uvloop
from redis.asyncio import Redis

from benchmarks.figures import AIMS, RUNS, figures, show, surroundings, write
from benchmarks.loads import LOADS, MEMORY, PATIENCE_S, Load
from benchmarks.machine import Machine, running

SHOWN_LINES = 20


@dataclass
class Bench:
    """The values of all runs so far, and what went wrong."""

    wanted: frozenset[str]
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: dict[str, str] = field(default_factory=dict)
    surroundings: str = ""
    loads: list[float] = field(default_factory=list)

    async def run(self, number: int) -> None:
        """Measure everything once, on a machine of its own."""
        self.loads.append(os.getloadavg()[0])
        tell(f"run {number} of {RUNS}: starting a machine")
        async with running() as machine:
            self.surroundings = surroundings(await _engines(machine))
            for load in self._parts():
                tell(f"run {number} of {RUNS}: {', '.join(load.names)}")
                await self._measure(load, machine)

    @property
    def setup(self) -> str:
        """What holds for all figures."""
        load = f"load {max(self.loads):.1f} before"
        return f"{self.surroundings}, {load}, median of {RUNS} runs"

    def setups(self) -> dict[str, str]:
        """Give the setup line of each name."""
        return {
            name: f"{self.setup}, {part.what}" for part in (*LOADS, MEMORY) for name in part.names
        }

    def note(self, names: tuple[str, ...] | frozenset[str], error: BaseException) -> None:
        """Remember why names have no value."""
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        for name in names:
            self.faults.setdefault(name, f"{type(error).__name__}: {error}")

    def _parts(self) -> list[Load]:
        after_all = bool(self.wanted & set(MEMORY.names))
        parts = [load for load in LOADS if after_all or self.wanted & set(load.names)]
        return [*parts, MEMORY] if after_all else parts

    async def _measure(self, load: Load, machine: Machine) -> None:
        if self.faults.keys() & set(load.names):
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = await load.measure(machine)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other figures are wanted
            # What the services hold is comparable only after the same loads.
            self.note((*load.names, *MEMORY.names), error)
            odd = [line for line in machine.lines if '"level":"info"' not in line]
            tell(f"failed: {error!r}", *odd[-SHOWN_LINES:])
            return
        for name, value in found.items():
            self.values[name].append(value)
            tell(f"  {name} {value:.2f}")


async def _engines(machine: Machine) -> list[str]:
    redis = Redis.from_url(machine.launcher.redis_url)
    try:
        server = await redis.info("server")
    finally:
        await redis.aclose()
    engine = "valkey" if "valkey_version" in server else "redis"
    node = str(await machine.client.rpc("web3_clientVersion"))
    return [f"{engine} {server[f'{engine}_version']}", " ".join(node.split("/")[:2])]


def tell(*lines: str) -> None:
    """Tell how far it is."""
    print(*lines, sep="\n", file=sys.stderr, flush=True)


async def main(prefix: str) -> int:
    """Measure; gives the exit code."""
    wanted = frozenset(aim.name for aim in AIMS if aim.name.startswith(prefix))
    if not wanted:
        tell(f"ONLY: no figure's name begins with {prefix}")
        return 2
    bench = Bench(wanted)
    for number in range(1, RUNS + 1):
        try:
            await bench.run(number)
        except Exception as error:  # noqa: BLE001 - a machine that can't be started is told, too
            bench.note(wanted, error)
    found = [f for f in figures(bench.values, bench.setups()) if f.name in wanted]
    write(found)
    show(found, bench.setup)
    missing = sorted(wanted - {figure.name for figure in found})
    for name in missing:
        tell(f"not measured: {name}: {bench.faults.get(name, 'no value')}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(uvloop.run(main(os.environ.get("ONLY", ""))))
