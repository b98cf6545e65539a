"""`noroam api-key`: who may ask over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError
from rich.markup import escape
from rich.table import Table

from sdk import cli_options as options
from sdk.api_keys import ApiKey, ApiKeys, KeyName, RequestsPerMinute, Role
from sdk.cli_context import print_json, run_on_bus, settings
from sdk.cli_show import console, print_details
from sdk.errors import InvalidInputError

T = TypeVar("T")

app = typer.Typer(help="Make, list and revoke the keys of the HTTP API.", no_args_is_help=True)

_NAME = TypeAdapter(KeyName)
_RATE = TypeAdapter(RequestsPerMinute)
Name = Annotated[str, typer.Argument(help="Who or what it is for; it stands in the log.")]
WithRole = Annotated[
    Role,
    typer.Option(
        "--role",
        help="What it may: see everything, also command charge points, also change everything.",
    ),
]
Rate = Annotated[
    int | None,
    typer.Option("--requests-per-minute", help="Instead of what the service allows each key."),
]


@app.command()
def make(
    name: Name,
    *,
    role: WithRole,
    requests_per_minute: Rate = None,
    json_output: options.Json = False,
) -> None:
    """Make a key, and show it: only now can it be seen."""
    _check(_NAME, name, "a name has 1 to 64 letters, digits, spaces and . _ @ -")
    if requests_per_minute is not None:
        _check(_RATE, requests_per_minute, "--requests-per-minute is from 1 to 10000000")
    made, text = _run(lambda keys: keys.make(name, role, requests_per_minute))
    shown = {**made.model_dump(mode="json", exclude_none=True), "key": text}
    if json_output:
        print_json(shown)
        return
    print_details(shown)
    console().print("The key is shown only now: keep it where nobody else reads.", style="bold")


@app.command("list")
def list_keys(*, json_output: options.Json = False) -> None:
    """List all keys, the oldest first; revoked ones for 90 days."""
    found = _run(lambda keys: keys.list())
    if json_output:
        print_json([key.model_dump(mode="json") for key in found])
        return
    table = Table("id", "name", "role", "made", "used last", "revoked", "requests per minute")
    for key in found:
        table.add_row(*_row(key))
    console().print(table)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="Its id, as `list` shows it.")]) -> None:
    """Take a key back: within seconds it opens nothing any more."""
    key = _run(lambda keys: keys.revoke(key_id))
    typer.echo(f"{key.id} ({key.name}) is revoked")


def _run(work: Callable[[ApiKeys], Awaitable[T]]) -> T:
    credential_key = settings().require_credential_key()
    return run_on_bus(lambda bus: work(ApiKeys(bus, credential_key)))


def _check(kind: TypeAdapter[T], value: object, otherwise: str) -> None:
    try:
        kind.validate_python(value)
    except ValidationError:
        raise InvalidInputError(otherwise) from None


def _row(key: ApiKey) -> tuple[str, ...]:
    rate = key.requests_per_minute
    return (
        key.id,
        escape(key.name),
        key.role,
        _shown(key.made_at),
        _shown(key.last_used_at) or "never",
        _shown(key.revoked_at),
        "as the service says" if rate is None else str(rate),
    )


def _shown(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")
