"""`noroam charge-point configuration …`: configuration keys, reported and wanted."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from sdk import cli_options as options
from sdk.bus.interface import Bus
from sdk.cli_context import print_json, run_on_bus
from sdk.cli_show import console
from sdk.configuration import ReportedKey, read_configuration
from sdk.desired_configuration import DesiredConfiguration, Drift

app = typer.Typer(
    help="Show the configuration keys of a charge point, and want values.", no_args_is_help=True
)

Key = Annotated[str, typer.Argument(help="The configuration key, such as HeartbeatInterval.")]
Value = Annotated[str, typer.Argument(help="What it should be.")]


@app.command()
def show(charge_point_id: options.Id, *, json_output: options.Json = False) -> None:
    """Show what the charge point reported, what is wanted, and how that differs."""
    rows = run_on_bus(lambda bus: _rows(bus, charge_point_id))
    if json_output:
        print_json(rows)
        return
    table = Table("key", "reported", "wanted", "drift")
    for row in rows:
        wanted = "" if row["wanted"] is None else row["wanted"]
        cells = (row["key"], _reported(row), wanted, row["drift"] or "")
        table.add_row(*map(escape, cells))
    console().print(table)


@app.command()
def want(charge_point_id: options.Id, key: Key, value: Value) -> None:
    """Want a key to have a value: it is set now, and after each boot where it differs."""
    run_on_bus(lambda bus: DesiredConfiguration(bus).set(charge_point_id, key, value))
    typer.echo(f"{key} of {charge_point_id} should be {value}")


@app.command()
def forget(charge_point_id: options.Id, key: Key) -> None:
    """Want nothing of a key any more; the charge point keeps the value that it has."""
    run_on_bus(lambda bus: DesiredConfiguration(bus).remove(charge_point_id, key))
    typer.echo(f"{key} of {charge_point_id} may be anything")


async def _rows(bus: Bus, charge_point_id: str) -> list[dict[str, Any]]:
    desired = DesiredConfiguration(bus)
    wanted = await desired.get(charge_point_id)
    drifts = {each.key: each for each in await desired.drift(charge_point_id)}
    reported = {each.key: each for each in await read_configuration(bus, charge_point_id)}
    spelled = {key.casefold(): key for key in wanted}
    known = {spelled.get(key.casefold(), key): entry for key, entry in reported.items()}
    return [
        _row(key, known.get(key), wanted.get(key), drifts.get(key))
        for key in sorted(known.keys() | wanted.keys(), key=str.casefold)
    ]


def _row(
    key: str, reported: ReportedKey | None, wanted: str | None, drift: Drift | None
) -> dict[str, Any]:
    return {
        "key": key,
        "reported": reported.value if reported else None,
        "readonly": reported.readonly if reported else None,
        "hidden": bool(reported and reported.is_hidden),
        "wanted": wanted,
        "drift": drift.reason if drift else None,
    }


def _reported(row: dict[str, Any]) -> str:
    if row["hidden"]:
        return "(hidden)"
    return row["reported"] or ""
