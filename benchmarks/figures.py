"""The figures and their aims; how values of several runs become what is written and shown."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table

RUNS = 3
FILE = Path("build/bench.json")


@dataclass(frozen=True, slots=True)
class Aim:
    """What is measured, in which unit, and how much it may be; None: as little as may be."""

    name: str
    unit: str
    at_most: float | None = None


AIMS = (
    Aim("relay.roundtrip.p50", "ms", 3),
    Aim("relay.roundtrip.p99", "ms", 10),
    Aim("session.quote_to_charging", "ms", 300),
    Aim("session.meter_to_consumer.p50", "ms", 5),
    Aim("settlement.gas", "gas", 352_000),
    Aim("memory.cpg.rss", "MB"),
    Aim("memory.p2p_server.rss", "MB"),
    Aim("memory.session_manager.rss", "MB"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the file: the median of the runs, and what it was measured on."""

    name: str
    value: float
    unit: str
    setup: str


def percentile(samples: Sequence[float], percent: int) -> float:
    """Give the value that `percent` of the samples do not exceed."""
    return quantiles(samples, n=100, method="inclusive")[percent - 1]


def figures(values: dict[str, list[float]], setups: dict[str, str]) -> list[Figure]:
    """Give the median of each name that every run has a value for."""
    return [
        Figure(aim.name, round(median(values[aim.name]), 2), aim.unit, setups[aim.name])
        for aim in AIMS
        if len(values.get(aim.name, ())) == RUNS
    ]


def surroundings(engines: Iterable[str]) -> str:
    """Say what the figures are measured on; `engines` are programs with their versions."""
    packages = ("uvloop", "redis", "libp2p", "websockets")
    parts = [
        f"{os.cpu_count()} cores",
        f"python {platform.python_version()}",
        *engines,
        *(f"{name} {version(name)}" for name in packages),
    ]
    return ", ".join(parts)


def write(found: Sequence[Figure]) -> None:
    """Write the file."""
    FILE.parent.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(asdict(figure)) for figure in found)
    FILE.write_text(f"[\n{lines}\n]\n" if lines else "[]\n", encoding="utf-8")


def show(found: Sequence[Figure], setup: str) -> None:
    """Print the table, with the aims beside the figures."""
    aims = {aim.name: aim.at_most for aim in AIMS}
    table = Table(caption=setup)
    table.add_column("figure", no_wrap=True)
    for title in ("value", "aim"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("unit")
    for figure in found:
        at_most = aims[figure.name]
        missed = at_most is not None and figure.value > at_most
        value = f"[red]{figure.value:,}[/red]" if missed else f"{figure.value:,}"
        aim = "" if at_most is None else f"≤ {at_most:,}"
        table.add_row(figure.name, value, aim, figure.unit)
    Console().print(table)
