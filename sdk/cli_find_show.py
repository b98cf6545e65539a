"""How the stations that were found are shown: a table, or JSON."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape
from rich.table import Table

from sdk.cli_show import console, shown_amount
from sdk.printable import printable
from sdk.tariff import Tariff

if TYPE_CHECKING:
    from sdk.cli_find_search import Priced

_FEES = ("per_session", "per_minute", "idle_per_minute", "minimum", "tax_percent")


def shown(station: "Priced") -> dict[str, Any]:
    """Write a station as JSON; amounts in the token's smallest unit, power in W."""
    announcement, token = station.found.announcement, station.token
    return {
        **announcement.model_dump(mode="json"),
        "did": station.found.station.did,
        "token_symbol": None if token is None else token.symbol,
        "token_decimals": None if token is None else token.decimals,
        "free": list(station.found.free),
    }


def print_line(stations: "Sequence[Priced]") -> None:
    """Write all of them as JSON in one line."""
    typer.echo(json.dumps([shown(station) for station in stations]))


def print_found(stations: "Sequence[Priced]") -> None:
    """Write them as a table, one per row."""
    if not stations:
        typer.echo("no stations found")
        return
    table = Table("name", "price per kWh", "plugs", "kW", "connectors", "did")
    for station in stations:
        table.add_row(*(escape(printable(text)) for text in _row(station)))
    console().print(table)


def _row(station: "Priced") -> tuple[str, ...]:
    found = station.found
    counts = [it.availability for it in found.announcement.connectors]
    kinds = sorted(set(counts), key=lambda kind: (kind != "free", kind))
    return (
        found.station.name or found.station.charge_point_id,
        _price(found.station.tariff, station),
        ", ".join(found.station.plug_types),
        f"{found.station.maximum_power_w / 1000:g}",
        ", ".join(f"{counts.count(kind)} {kind}" for kind in kinds),
        found.station.did,
    )


def _price(tariff: Tariff, station: "Priced") -> str:
    prices = sorted({min(tariff.kwh_prices), max(tariff.kwh_prices)})
    fees = any(getattr(tariff, name) for name in _FEES) or any(tariff.minute_prices)
    return " to ".join(_amount(price, station) for price in prices) + (" + fees" if fees else "")


def _amount(price: Decimal, station: "Priced") -> str:
    if station.token is None:
        return f"{price:f} of {station.found.announcement.token}"
    return shown_amount(int(price), station.token.decimals, station.token.symbol)
