"""`noroam account`: the people who may use the console."""

import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError
from rich.markup import escape
from rich.table import Table

from sdk import cli_options as options
from sdk.accounts import Account, AccountName, Accounts, UnknownAccountError, find
from sdk.api_keys import Role
from sdk.cli_context import print_json, run_on_bus
from sdk.cli_show import console, print_details
from sdk.errors import InvalidInputError

T = TypeVar("T")

app = typer.Typer(help="Make, list and change the accounts of the console.", no_args_is_help=True)

_NAME = TypeAdapter(AccountName)
Name = Annotated[str, typer.Argument(help="The name to sign in with, in whatever capitals.")]
WithRole = Annotated[
    Role,
    typer.Option(
        "--role",
        help="What it may: see everything, also command charge points, also change everything.",
    ),
]


@app.command()
def add(name: Name, *, role: WithRole, json_output: options.Json = False) -> None:
    """Make an account. The password is asked for, or read from the first line of stdin."""
    try:
        _NAME.validate_python(name)
    except ValidationError:
        told = "a name has 1 to 64 letters, digits, spaces and . _ @ -"
        raise InvalidInputError(told) from None
    password = _new_password()
    _show(_run(lambda accounts: accounts.add(name, role, password)), json_output=json_output)


@app.command("list")
def list_accounts(*, json_output: options.Json = False) -> None:
    """List all accounts, the oldest first."""
    found = _run(lambda accounts: accounts.list())
    if json_output:
        print_json([account.model_dump(mode="json") for account in found])
        return
    table = Table("id", "name", "role", "made", "signed in last", "disabled")
    for each in found:
        last = _shown(each.last_sign_in_at) or "never"
        row = (escape(each.name), each.role, _shown(each.made_at), last, _shown(each.disabled_at))
        table.add_row(each.id, *row)
    console().print(table)


@app.command("role")
def change_role(
    name: Name,
    role: Annotated[Role, typer.Argument(help="viewer, operator or administrator.")],
    *,
    json_output: options.Json = False,
) -> None:
    """Give an account another role; it holds within seconds, also for who is signed in."""
    changed = _run(lambda accounts: _change(accounts, name, role=role))
    _show(changed, json_output=json_output)


@app.command()
def password(name: Name) -> None:
    """Give an account another password, and end its sessions."""
    wanted = _new_password()
    changed = _run(lambda accounts: _change(accounts, name, password=wanted))
    typer.echo(f"{changed.name} has another password; whoever was signed in has to sign in again")


@app.command()
def disable(name: Name) -> None:
    """Let an account in no more, and end its sessions; it stays known."""
    changed = _run(lambda accounts: _change(accounts, name, disabled=True))
    typer.echo(f"{changed.name} is disabled")


@app.command()
def enable(name: Name) -> None:
    """Let a disabled account in again."""
    changed = _run(lambda accounts: _change(accounts, name, disabled=False))
    typer.echo(f"{changed.name} is enabled")


@app.command()
def remove(name: Name) -> None:
    """Remove an account, and end its sessions."""

    async def work(accounts: Accounts) -> Account:
        return await accounts.remove(await _id_of(accounts, name))

    typer.echo(f"{_run(work).name} is removed")


async def _change(
    accounts: Accounts,
    name: str,
    *,
    role: Role | None = None,
    disabled: bool | None = None,
    password: str | None = None,
) -> Account:
    account_id = await _id_of(accounts, name)
    return await accounts.change(account_id, role=role, disabled=disabled, password=password)


async def _id_of(accounts: Accounts, name: str) -> str:
    account = find(await accounts.stored(), name)
    if account is None:
        raise UnknownAccountError(f"there is no account {name}")
    return account.id


def _new_password() -> str:
    """Ask for a password twice, or read it where nobody can be asked."""
    if sys.stdin.isatty():
        asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return asked
    return sys.stdin.readline().rstrip("\r\n")


def _run(work: Callable[[Accounts], Awaitable[T]]) -> T:
    return run_on_bus(lambda bus: work(Accounts(bus)))


def _show(account: Account, *, json_output: bool) -> None:
    shown = account.model_dump(mode="json", exclude_none=True)
    print_json(shown) if json_output else print_details(shown)


def _shown(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")
