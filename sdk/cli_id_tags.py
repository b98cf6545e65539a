"""`noroam id-tag …`: the operators' register of idTags."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from sdk import cli_options as options
from sdk.cli_context import print_json, run_on_bus
from sdk.cli_show import console, print_details
from sdk.errors import InvalidInputError
from sdk.id_tags import ActiveTransaction, IdTagEntry, IdTagError, IdTags, checked_entry

T = TypeVar("T")

app = typer.Typer(
    help="Register idTags that may charge at every charge point, without a session.",
    no_args_is_help=True,
)

_ANY = "any"
_NONE = "none"
_NEVER = "never"
Tag = Annotated[str, typer.Argument(help="The idTag: 1 to 20 characters of ASCII; any spelling.")]
Blocked = Annotated[
    bool | None, typer.Option("--blocked/--accepted", help="Whether it may not charge (new: may).")
]
Parent = Annotated[
    str | None, typer.Option("--parent", help="Its parentIdTag; none: it has none (new).")
]
Expires = Annotated[
    str | None,
    typer.Option("--expires", help="Until when it holds: a day or moment (UTC); never (new)."),
]
MaxActive = Annotated[
    str | None,
    typer.Option("--max-active", help="Most transactions at a time; any: no limit (new)."),
]
Note = Annotated[str | None, typer.Option("--note", help="For people; at most 200 characters.")]


@app.command()
def add(  # noqa: PLR0913 - each is an option
    tag: Tag,
    *,
    blocked: Blocked = None,
    parent: Parent = None,
    expires: Expires = None,
    max_active: MaxActive = None,
    note: Note = None,
    json_output: options.Json = False,
) -> None:
    """Register an idTag."""
    entry = checked_entry({"tag": tag, **_fields(blocked, parent, expires, max_active, note)})
    _run(lambda tags: tags.add(entry))
    _print(entry, json_output=json_output)


@app.command("set")
def change(  # noqa: PLR0913 - each is an option
    tag: Tag,
    *,
    blocked: Blocked = None,
    parent: Parent = None,
    expires: Expires = None,
    max_active: MaxActive = None,
    note: Note = None,
    json_output: options.Json = False,
) -> None:
    """Change what is given; the rest stays. Transactions that go on are not stopped."""
    changes = _fields(blocked, parent, expires, max_active, note)
    if not changes:
        raise InvalidInputError("nothing is to be changed: give an option")
    entry = _run(lambda tags: tags.set(tag, **changes))
    _print(entry, json_output=json_output)


@app.command()
def remove(tag: Tag) -> None:
    """Take an idTag out; what charges with it goes on."""
    _run(lambda tags: tags.remove(tag))
    typer.echo(f"{tag} is removed")


@app.command()
def show(tag: Tag, *, json_output: options.Json = False) -> None:
    """Show an idTag, and what it charges now."""

    async def read(tags: IdTags) -> tuple[IdTagEntry, list[ActiveTransaction]]:
        return await tags.get(tag), await tags.active(tag)

    entry, active = _run(read)
    shown = {**_public(entry), "active": [_active(each) for each in active]}
    print_json(shown) if json_output else print_details(shown)


@app.command("list")
def list_all(*, json_output: options.Json = False) -> None:
    """List all idTags."""
    entries = _run(lambda tags: tags.all())
    if json_output:
        print_json([_public(entry) for entry in entries])
    else:
        _print_table(entries)


def _run(work: Callable[[IdTags], Awaitable[T]]) -> T:
    return run_on_bus(lambda bus: work(IdTags(bus)))


def _fields(
    blocked: bool | None,  # noqa: FBT001 - as it was given
    parent: str | None,
    expires: str | None,
    max_active: str | None,
    note: str | None,
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if blocked is not None:
        fields["status"] = "Blocked" if blocked else "Accepted"
    if parent is not None:
        fields["parent_id_tag"] = None if parent == _NONE else parent
    if expires is not None:
        fields["expires_at"] = None if expires == _NEVER else _moment(expires)
    if max_active is not None:
        fields["max_active"] = None if max_active == _ANY else _number(max_active)
    if note is not None:
        fields["note"] = note
    return fields


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise IdTagError(f"--expires: {text} is no day or moment, such as 2030-12-31") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise IdTagError(f"--max-active: {text} is neither a number nor {_ANY}")
    return int(text[:10])


def _public(entry: IdTagEntry) -> dict[str, Any]:
    return entry.model_dump(mode="json")


def _active(each: ActiveTransaction) -> dict[str, Any]:
    return {**each._asdict(), "since": each.since.isoformat()}


def _print(entry: IdTagEntry, *, json_output: bool) -> None:
    shown = _public(entry)
    print_json(shown) if json_output else print_details(shown)


def _print_table(entries: Sequence[IdTagEntry]) -> None:
    table = Table("idTag", "status", "parent", "expires", "max active", "note")
    for entry in entries:
        shown = _public(entry)
        table.add_row(
            escape(entry.tag),
            entry.status,
            escape(entry.parent_id_tag or ""),
            shown["expires_at"] or _NEVER,
            _ANY if entry.max_active is None else str(entry.max_active),
            escape(entry.note),
        )
    console().print(table)
