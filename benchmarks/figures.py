"""The figures and their aims; how values of several runs become what is written and shown."""

import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
FILE = Path("build/bench.json")
WIDTH = 90


@dataclass(frozen=True, slots=True)
class Aim:
    """What is measured, in which unit, and how much it must be; None: as little as may be.

    `reach` is the better value that is worked for.
    """

    name: str
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    reach: float | None = None

    @property
    def must(self) -> str:
        """Say how much it must be."""
        if self.at_least is not None:
            return f"≥ {self.at_least:,}"
        return "" if self.at_most is None else f"≤ {self.at_most:,}"

    def missed_by(self, value: float) -> bool:
        """Tell whether a value is not what it must be."""
        too_much = self.at_most is not None and value > self.at_most
        return too_much or (self.at_least is not None and value < self.at_least)


AIMS = (
    Aim("relay.roundtrip.p50", "ms", 3),
    Aim("relay.roundtrip.p99", "ms", 10),
    Aim("p2p.roundtrip_1_stream.p50", "ms", 2),
    Aim("p2p.roundtrip_1_stream.p99", "ms", 8),
    Aim("p2p.roundtrip_16_streams.rate", "1/s", at_least=800, reach=1_200),
    Aim("p2p.consumers_2000.kb_each", "kB", 100),
    Aim("p2p.consumers_2000.p50", "ms", 5),
    Aim("p2p.push_200.lost", "", 0),
    Aim("p2p.push_200.p99", "ms", 400),
    Aim("p2p.push_200.cpu", "%", 25),
    Aim("p2p.churn_600.rss_growth", "MB"),
    Aim("p2p.churn_600.task_growth", ""),
    Aim("p2p.announcements_1000.seconds", "s"),
    Aim("did.resolve.p50", "ms"),
    Aim("session.quote_to_charging", "ms", 300),
    Aim("session.meter_to_consumer.p50", "ms", 5),
    Aim("settlement.gas", "gas", 352_000),
    Aim("settlement.gas_erc20", "gas", 400_000),
    Aim("settlement.voucher_check", "ms", 1),
    Aim("settlement.stop_to_sent", "ms", 100),
    Aim("tariff.4h_1440_readings", "ms", 5),
    Aim("sessions.1000.p99", "ms", 250),
    Aim("takeover.lease_ratio", "", 3),
    Aim("records.million.mb", "MB"),
    Aim("records.million_with_curves.mb", "MB"),
    Aim("records.month_report", "ms", 500),
    Aim("dui.report_month_100000", "ms", 500),
    Aim("dui.first_load.kb_gzip", "kB", 250, reach=200),
    Aim("dui.log_200.fps", "1/s", at_least=55),
    Aim("dui.heap_growth_day", "MB", 20),
    Aim("memory.cpg.rss", "MB"),
    Aim("memory.p2p_server.rss", "MB"),
    Aim("memory.session_manager.rss", "MB"),
    Aim("gateway.meter_values.rate", "msg/s", at_least=5_000, reach=10_000),
    Aim("gateway.meter_values.cpu", "µs", 150, reach=80),
    Aim("baseline.ocpp.meter_values.rate", "msg/s"),
    Aim("baseline.ocpp.meter_values.cpu", "µs"),
    Aim("gateway.heartbeat.rate", "msg/s", at_least=20_000, reach=30_000),
    Aim("gateway.heartbeat.cpu", "µs", 40, reach=25),
    Aim("gateway.meter_values_1000.p99", "ms", 50, reach=20),
    Aim("gateway.idle.kb_per_charge_point", "kB", 25),
    Aim("gateway.idle_15000.kb_per_charge_point", "kB", reach=18),
    Aim("gateway.connect_1000", "s", 1.0, reach=0.4),
    Aim("gateway.cost_ratio_10000_to_10", "", 1.5, reach=1.1),
    Aim("gateway.flood.p99_ratio", "", 10, reach=3),
    Aim("api.command.p50", "ms", 8),
    Aim("api.read.rate", "1/s", at_least=1_500),
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
    """Print the table, with the aims beside the figures; what misses must is red."""
    aims = {aim.name: aim for aim in AIMS}
    table = Table(caption=setup)
    table.add_column("figure", no_wrap=True)
    for title in ("value", "must", "reach"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    for figure in found:
        aim = aims[figure.name]
        text = f"{figure.value:,}"
        value = f"[red]{text}[/red]" if aim.missed_by(figure.value) else text
        reach = "" if aim.reach is None else f"{aim.reach:,}"
        table.add_row(figure.name, value, aim.must, reach, figure.unit)
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table)


def tell(*lines: str) -> None:
    """Tell on stderr how far it is."""
    print(*lines, sep="\n", file=sys.stderr, flush=True)
