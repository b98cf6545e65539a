"""How sessions that ended are shown on a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sdk.cli_show import PRIVATE, print_details, shown_amount
from sdk.events.service import Receipt
from sdk.records.record import SessionRecord
from sdk.records.report import Report, Totals
from sdk.records.row import Row
from sdk.records.shown import curve_summary, receipt_of

_WIDEST = 240


def print_rows(rows: Sequence[Row]) -> None:
    """Write sessions, one per row; amounts in the token's smallest unit."""
    table = Table(
        "ended", "charge point", "session", "outcome", "why", "energy Wh", "spent", "refund"
    )
    for row in rows:
        outcome = f"{row.outcome} ({PRIVATE})" if "private" in row.flags else row.outcome
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
        _console().print(PRIVATE, style="bold red")
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
            "deposit": _amount(receipt, receipt.deposit) if receipt else status.deposit,
            "spent": _amount(receipt, receipt.spent) if receipt else 0,
            "refund": _amount(receipt, receipt.refund) if receipt else 0,
            "gas": record.gas_used,
            "timeline": [f"{at:%Y-%m-%d %H:%M:%S.%f}"[:-3] + f" {p}" for p, at in record.timeline],
            "curve": curve_summary(record),
            "transaction": receipt.transaction_hash if receipt else "none",
        }
    )
    if receipt is not None:
        _print_lines(receipt)


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


def _print_lines(receipt: Receipt) -> None:
    """Write the price line by line; quantities are rounded down, amounts are of the exact ones."""
    table = Table("item", "window", "quantity", "price", "amount")
    for line in receipt.price_lines:
        percent = line.unit == "ppm"
        quantity = f"{line.quantity / 10_000:g} %" if percent else f"{line.quantity} {line.unit}"
        price = f"{line.price.scaleb(-receipt.token_decimals).normalize():f}"
        sign, amount = ("-", -line.amount) if line.amount < 0 else ("", line.amount)
        window = "" if line.window is None else str(line.window)
        cells = (line.item, window, quantity, price, sign + _amount(receipt, amount))
        table.add_row(*map(escape, cells))
    _console().print(table)


def _amount(receipt: Receipt, amount: int) -> str:
    return shown_amount(amount, receipt.token_decimals, receipt.token_symbol)


def _console() -> Console:
    console = Console(highlight=False, soft_wrap=True)
    return console if console.is_terminal else Console(highlight=False, width=_WIDEST)
