"""`noroam sessions`: sessions that ended, from their rows and records."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import typer

from sdk import cli_options as options
from sdk.bus.interface import Bus
from sdk.cli_context import print_json, run_on_bus
from sdk.cli_sessions_show import print_record, print_report, print_rows
from sdk.errors import InvalidInputError
from sdk.records.choice import Choice, choose, chosen_rows
from sdk.records.export import open_export
from sdk.records.reading import find, months
from sdk.records.report import month_report
from sdk.records.row import Row
from sdk.records.shown import record_shown, row_shown

app = typer.Typer(help="List, show, add up and export sessions that ended.", no_args_is_help=True)

Month = Annotated[str | None, typer.Option("--month", help="Such as 2026-11, by UTC.")]
Begin = Annotated[
    str | None, typer.Option("--from", help="Ended on this day or moment (UTC) or later.")
]
End = Annotated[str | None, typer.Option("--to", help="Ended before this day or moment (UTC).")]
Points = Annotated[
    list[str] | None,
    typer.Option("--charge-point", help="Only of this one; can be given several times."),
]
Ended = Annotated[
    str | None, typer.Option("--outcome", help="Only settled, refunded, rejected or addendum.")
]
Last = Annotated[int, typer.Option("--last", min=1, help="How many, from the newest.")]
_AT_ONCE = 5_000


@app.command("list")
def list_sessions(  # noqa: PLR0913 - each is an option
    *,
    month: Month = None,
    begin: Begin = None,
    end: End = None,
    charge_point: Points = None,
    outcome: Ended = None,
    last: Last = 50,
    json_output: options.Json = False,
) -> None:
    """List sessions that ended, the newest last.

    A session without money (PRIVATE_MODE_ID) is marked PRIVATE.
    """
    choice = choose(month, begin, end, tuple(charge_point or ()), outcome)
    found = sorted(run_on_bus(lambda bus: _all(bus, choice)), key=_ended)[-last:]
    print_json([row_shown(row) for row in found]) if json_output else print_rows(found)


@app.command()
def show(
    charge_point_id: options.Id,
    session_id: Annotated[str, typer.Argument(help="0x and 64 digits.")],
    *,
    json_output: options.Json = False,
) -> None:
    """Show the record of one session: timeline, curve, price line by line, receipt."""
    record = run_on_bus(lambda bus: find(bus, charge_point_id, session_id.lower()))
    print_json(record_shown(record)) if json_output else print_record(record)


@app.command()
def report(
    *, month: Month = None, charge_point: Points = None, json_output: options.Json = False
) -> None:
    """Add up a month: by outcome, charge point and day. Without --month, the newest one."""

    async def read(bus: Bus) -> Any:  # noqa: ANN401 - a report
        chosen = month or await _newest(bus)
        choose(chosen, None, None)
        return await month_report(bus, chosen, charge_point)

    found = run_on_bus(read)
    print_json(found.model_dump(mode="json")) if json_output else print_report(found)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Ends in .csv or .parquet; replaced if it exists.")],
    *,
    month: Month = None,
    begin: Begin = None,
    end: End = None,
    charge_point: Points = None,
    outcome: Ended = None,
) -> None:
    """Write sessions that ended into a file, one row each; amounts in the smallest unit."""
    choice = choose(month, begin, end, tuple(charge_point or ()), outcome)
    with open_export(file) as writer:

        async def write(bus: Bus) -> int:
            count = 0
            async for some in _batches(chosen_rows(bus, choice)):
                writer.write(some)
                count += len(some)
            return count

        count = run_on_bus(write)
    typer.echo(f"{count} sessions written to {file}")


async def _all(bus: Bus, choice: Choice) -> list[Row]:
    return [row async for row in chosen_rows(bus, choice)]


async def _newest(bus: Bus) -> str:
    known = await months(bus)
    if not known:
        raise InvalidInputError("no session has ended yet")
    return known[-1]


async def _batches(rows: AsyncIterator[Row]) -> AsyncIterator[list[Row]]:
    some: list[Row] = []
    async for row in rows:
        some.append(row)
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _ended(row: Row) -> int:
    return row.ended_ms
