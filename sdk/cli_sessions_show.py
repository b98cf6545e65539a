"""How sessions that ended are shown on a terminal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sdk.cli_show import print_details
from sdk.records.record import SessionRecord
from sdk.records.report import Report, Totals
from sdk.records.row import Row
from sdk.records.shown import curve_summary, receipt_of

_WIDEST = 240
TEST = "TEST, no money"
"""Stands wherever a session without money is shown."""


def print_rows(rows: Sequence[Row]) -> None:
    """Write sessions, one per row; amounts in the token's smallest unit."""
    table = Table(
        "ended", "charge point", "session", "outcome", "why", "energy Wh", "spent", "refund"
    )
    for row in rows:
        outcome = f"{row.outcome} ({TEST})" if "private" in row.flags else row.outcome
        table.add_row(
            f"{row.ended_at:%Y-%m-%d %H:%M:%S}",
            f"{row.charge_point_id}/{row.connector_id}",
            row.session_id,
            outcome,
            row.failure or row.stop_reason or "",
            str(row.energy_wh),
            str(row.spent),
            str(row.refund),
        )
    _console().print(table)


def print_record(record: SessionRecord) -> None:
    """Write all of a record but the single readings."""
    if record.status.private:
        _console().print(TEST, style="bold red")
    status = record.status
    receipt = receipt_of(record)
    print_details(
        {
            "session": record.session_id,
            "charge point": f"{record.charge_point_id}/{record.connector_id}",
            "outcome": record.outcome,
            "ended": f"{record.ended_at:%Y-%m-%d %H:%M:%S}",
            "why": status.failure or status.stop_reason or "none",
            "flags": list(status.flags),
            "energy": f"{status.energy_wh} Wh",
            "deposit": status.deposit,
            "spent": receipt.spent if receipt else 0,
            "refund": receipt.refund if receipt else 0,
            "gas": record.gas_used,
            "timeline": [f"{at:%Y-%m-%d %H:%M:%S.%f}"[:-3] + f" {p}" for p, at in record.timeline],
            "curve": curve_summary(record),
            "transaction": receipt.transaction_hash if receipt else "none",
        }
    )
    if receipt is not None:
        lines: Iterable[Mapping[str, Any]] = (
            line.model_dump(mode="json") for line in receipt.price_lines
        )
        _print_lines(lines)


def print_report(report: Report) -> None:
    """Write a month's sums, a table per way to divide it."""
    console = _console()
    whole = {report.month: report.total}
    for title, parts in (
        ("month", whole),
        ("outcome", report.by_outcome),
        ("charge point", report.by_charge_point),
        ("day", report.by_day),
    ):
        table = Table(title, "sessions", "tests", "energy Wh", "spent", "refund", "gas", "gas fee")
        for name, totals in parts.items():
            table.add_row(name, *_cells(totals))
        console.print(table)


def _cells(totals: Totals) -> tuple[str, ...]:
    tokens = totals.tokens
    return (
        str(totals.sessions),
        str(totals.private),
        str(totals.energy_wh),
        "\n".join(f"{sums.spent} {name}" for name, sums in tokens.items()),
        "\n".join(str(sums.refund) for sums in tokens.values()),
        str(totals.gas_used),
        "\n".join(f"{fee} {chain}" for chain, fee in totals.gas_fees.items()),
    )


def _print_lines(lines: Iterable[Mapping[str, Any]]) -> None:
    table = Table("item", "quantity", "unit", "price", "amount")
    for line in lines:
        table.add_row(
            *(escape(str(line[name])) for name in ("item", "quantity", "unit", "price", "amount"))
        )
    _console().print(table)


def _console() -> Console:
    console = Console(highlight=False, soft_wrap=True)
    return console if console.is_terminal else Console(highlight=False, width=_WIDEST)
