"""`noroam charge-point messages` and `counts`: what a charge point and the gateway said."""

from typing import Annotated

import typer

from sdk import cli_options as options
from sdk.bus.interface import Bus
from sdk.cli_context import print_json, run_on_bus
from sdk.cli_show import print_details
from sdk.message_log import Message, MessageReader, read_counts
from sdk.register import Register

Last = Annotated[int, typer.Option("--last", min=1, help="How many, from the newest.")]
Follow = Annotated[bool, typer.Option("--follow", help="Go on with new ones, until Ctrl-C.")]
Action = Annotated[
    str | None, typer.Option("--action", help="Only of this action, such as MeterValues.")
]


def messages(
    charge_point_id: options.Id,
    *,
    last: Last = 20,
    follow: Follow = False,
    action: Action = None,
    json_output: options.Json = False,
) -> None:
    """Show the OCPP messages of a charge point, the newest last.

    IdTags, keys and passwords are masked. With --json each line is one message.
    """

    async def show(bus: Bus) -> None:
        await Register(bus).get(charge_point_id)
        reader = MessageReader(bus, charge_point_id, action)
        for message in await reader.last(last):
            _print(message, json_output=json_output)
        if follow:
            async for message in reader.follow():
                _print(message, json_output=json_output)

    try:
        run_on_bus(show)
    except KeyboardInterrupt:
        return


def counts(charge_point_id: options.Id, *, json_output: options.Json = False) -> None:
    """Show what the gateway counted of a charge point: what it tolerated, and what was wrong."""

    async def read(bus: Bus) -> dict[str, int]:
        await Register(bus).get(charge_point_id)
        return await read_counts(bus, charge_point_id)

    shown = run_on_bus(read)
    print_json(shown) if json_output else print_details(shown)


def add_to(app: typer.Typer) -> None:
    """Put the commands into `noroam charge-point`."""
    app.command()(messages)
    app.command()(counts)


def message_lines(message: Message) -> list[str]:
    """Give a message as lines of text, without anything that a terminal would obey."""
    arrows = {"received": "<", "sent": ">", None: "!"}
    head = [f"{message.at:%Y-%m-%d %H:%M:%S.%f}"[:-3], arrows[message.direction]]
    head += [part for part in (message.action, message.outcome) if part]
    if message.latency_ms is not None:
        head.append(f"{message.latency_ms:.1f} ms")
    if message.dropped:
        head.append(str(message.dropped))
    if message.size is not None:
        head.append(f"{message.size} bytes")
    if message.reason:
        head.append(message.reason)
    frames = [f"    {frame}" for frame in (message.request, message.answer) if frame]
    return [_printable(line) for line in (" ".join(head), *frames)]


def _print(message: Message, *, json_output: bool) -> None:
    if json_output:
        typer.echo(message.model_dump_json(exclude_none=True))
        return
    for line in message_lines(message):
        typer.echo(line)


def _printable(line: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in line)
