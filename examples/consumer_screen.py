"""How the driver's app shows a session: to a person on a terminal, or to a program as JSON."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from sdk.events.service import ChargingStatus, QuoteOffered, Receipt
from sdk.tariff import PriceLine, Tariff, Window
from sdk.tariff.windows import DAYS

MOST_PLACES = 6


@dataclass(frozen=True)
class Money:
    """Writes amounts of one token for a person."""

    decimals: int = 18
    symbol: str = ""

    def __call__(self, amount: Decimal | int) -> str:
        """Write an amount of smallest units as whole tokens."""
        places = min(MOST_PLACES, self.decimals)
        sign, units = "-" * (amount < 0), abs(int(amount))
        whole, rest = divmod(units * 10**places // 10**self.decimals, 10**places)
        return f"{sign}{whole}.{rest:0{places}d}" if places else f"{sign}{whole}"

    def with_symbol(self, amount: Decimal | int) -> str:
        """Write an amount and the token's symbol, if it has one."""
        return f"{self(amount)} {self.symbol}".rstrip()


class Screen:
    """Shows a session to a person: a bar that fills with the deposit's use, then the receipt."""

    def __init__(self, deposit: int, money: Money) -> None:
        self._money = money
        self._console = Console()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            console=self._console,
        )
        self._task = self._bar.add_task("", total=deposit, figures="")

    def say(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Tell one thing that happened."""
        text = " ".join(f"{name}={value}" for name, value in fields.items())
        self._print(kind, text)

    def quote(self, terms: QuoteOffered) -> None:
        """Tell what it will cost, and where the deposit goes."""
        per_kwh = f"{terms.tariff.per_kwh:f}"
        opens_at = terms.refund_opens_at
        self.say(
            "quote",
            session_id=terms.session_id,
            wallet=terms.wallet,
            per_kwh=per_kwh,
            refund_opens_at=opens_at,
        )
        for price in prices(terms.tariff, self._money):
            self._print("price", price)

    def status(self, status: ChargingStatus, cost: int, voucher: int) -> None:
        """Show power, energy, cost, voucher and what is left."""
        if status.phase == "charging":
            self._bar.start()
        money = self._money
        figures = (
            f"{status.power_w or 0} W  {status.energy_wh} Wh  cost {money(cost)}"
            f"  voucher {money(voucher)}  left {money(status.deposit - cost)}"
        )
        self._bar.update(
            self._task, completed=cost, description=status.phase, figures=figures, refresh=True
        )

    def receipt(self, receipt: Receipt, balances: dict[str, int]) -> None:
        """Show where each token went."""
        self.close()
        money = self._money
        table = Table(title="Receipt", show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        if receipt.meter_start_wh is not None:
            table.add_row("readings", f"{receipt.meter_start_wh} → {receipt.meter_stop_wh} Wh")
        for line in receipt.price_lines:
            table.add_row(*map(Text, _row(line, receipt.tariff, money)))
        for name in ("deposit", "spent", "refund"):
            table.add_row(name, Text(money.with_symbol(getattr(receipt, name))))
        for name, amount in balances.items():
            table.add_row(f"balance of the {name}", Text(money.with_symbol(amount)))
        self._console.print(table)
        self._console.print(f"transaction {receipt.transaction_hash}", soft_wrap=True)

    def close(self) -> None:
        """Take the bar off the screen."""
        self._bar.stop()

    def _print(self, kind: str, text: str) -> None:
        # What a station or a token says is no markup.
        line = Text.assemble((kind, "bold"), " ", text)
        self._bar.console.print(line, highlight=False, soft_wrap=True)


class Lines:
    """Writes one JSON object per event, for programs."""

    def say(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
        """Tell one thing that happened."""
        print(json.dumps({"event": kind, **fields}), flush=True)

    def quote(self, terms: QuoteOffered) -> None:
        """Tell the terms."""
        wanted = {"session_id", "wallet", "token", "token_decimals", "token_symbol", "tariff"}
        content = json.loads(terms.model_dump_json(include=wanted))
        per_kwh = f"{terms.tariff.per_kwh:f}"
        self.say("quote", **content, per_kwh=per_kwh, refund_opens_at=terms.refund_opens_at)

    def status(self, status: ChargingStatus, cost: int, voucher: int) -> None:
        """Tell a phase or a reading."""
        content = json.loads(status.model_dump_json(exclude_none=True))
        self.say("status", **{**content, "cost": str(cost), "voucher": str(voucher)})

    def receipt(self, receipt: Receipt, balances: dict[str, int]) -> None:
        """Tell the receipt, and what both sides hold now."""
        content = json.loads(receipt.model_dump_json(exclude_none=True))
        amounts = {name: str(amount) for name, amount in balances.items()}
        self.say("receipt", receipt=content, balances=amounts)

    def close(self) -> None:
        """Do nothing."""


def prices(tariff: Tariff, money: Money) -> Iterator[str]:
    """Say in words what a tariff asks for, beside the plain price of a kWh."""
    named: dict[str, Decimal | int] = {
        "a session": tariff.per_session,
        "a minute": tariff.per_minute,
        f"a minute when full, but for {tariff.idle_grace_minutes}": tariff.idle_per_minute,
        "at least": tariff.minimum,
    }
    yield from (f"{name} {money.with_symbol(price)}" for name, price in named.items() if price)
    if tariff.maximum is not None:
        yield f"at most {money.with_symbol(tariff.maximum)}"
    for window in tariff.windows:
        yield f"{_when(window, tariff)}: {_of_window(window, tariff, money)}"
    if tariff.tax_percent:
        yield f"tax {tariff.tax_percent:f} % on top"


def _when(window: Window, tariff: Tariff) -> str:
    days = "every day" if window.days == DAYS else ",".join(window.days)
    return f"{days} {window.start}-{window.end} ({tariff.timezone})"


def _of_window(window: Window, tariff: Tariff, money: Money) -> str:
    per_kwh = tariff.per_kwh if window.per_kwh is None else window.per_kwh
    text = f"a kWh {money.with_symbol(per_kwh)}"
    return text if window.per_minute is None else f"{text}, a minute {money(window.per_minute)}"


def _row(line: PriceLine, tariff: Tariff, money: Money) -> tuple[str, str]:
    name = line.item
    if line.window:
        name = f"{name}, {_when(tariff.windows[line.window - 1], tariff)}"
    counted = f"{line.quantity} {line.unit} at {money(line.price)}"
    if line.item == "tax":
        counted = f"{tariff.tax_percent:f} % of {money(line.price)}"
    return name, f"{counted} = {money(line.amount)}"
