"""`noroam identity …`: a station's DID, now and before; its owner, its keys, and its end."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from sdk.cli_context import print_json, run_on_bus
from sdk.cli_identity_chain import GasKeyFile
from sdk.cli_options import Id, Json
from sdk.cli_show import console, print_details
from sdk.errors import InvalidInputError
from sdk.register import Register

if TYPE_CHECKING:
    from sdk.did.identifier import EthrDid

app = typer.Typer(help="A station's DID: what the chain says, and changes.", no_args_is_help=True)

Whose = Annotated[str, typer.Argument(help="A charge point's id, or a DID.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

_GIVE_UP = (
    "This gives the DID of {} up for good: no app pays it any more, and nothing brings it back. "
    "The account keeps its money. Go on?"
)
_HAND_OVER = (
    "This hands the DID of {} over to {} for good: the station sells nothing any more under this "
    "DID, whose owner must be the account that is paid. Go on?"
)
_NEW_KEY = (
    "This gives {} a new key, and so another DID and account: its labels and its credential hold "
    "no more. The old key stays where it is. Go on?"
)


@app.command()
def show(
    whose: Whose,
    *,
    block: Annotated[int | None, typer.Option(min=0, help="As it stood at this block.")] = None,
    json_output: Json = False,
) -> None:
    """Show what the chain says of a station, and whether an app would trust it (AUTHORITY_DIDS)."""
    from sdk.cli_identity_show import shown_identity  # noqa: PLC0415 - slow to load

    shown = shown_identity(_did(whose), block)
    if json_output:
        print_json(shown)
        return
    shown.pop("document")
    print_details(shown)


@app.command()
def history(whose: Whose, *, json_output: Json = False) -> None:
    """List every change of a DID, oldest first."""
    from sdk.cli_identity_show import shown_history  # noqa: PLC0415 - slow to load

    shown = shown_history(_did(whose))
    print_json(shown) if json_output else _print_history(shown)


@app.command()
def deactivate(charge_point_id: Id, *, gas_key_file: GasKeyFile = None, yes: Yes = False) -> None:
    """Give a station's DID up, for good."""
    from sdk.cli_identity_owner import give_up  # noqa: PLC0415 - slow to load

    _ask(_GIVE_UP.format(charge_point_id), yes=yes)
    transaction = give_up(charge_point_id, gas_key_file)
    typer.echo(f"{charge_point_id} is given up by {transaction}")


@app.command("change-owner")
def change_owner(
    charge_point_id: Id,
    owner: Annotated[str, typer.Option("--to", help="The account that gets the DID.")],
    *,
    gas_key_file: GasKeyFile = None,
    yes: Yes = False,
) -> None:
    """Hand a station's DID over to another account; the station needs a new key then."""
    from sdk.cli_identity_owner import hand_over, new_owner  # noqa: PLC0415 - slow to load

    _ask(_HAND_OVER.format(charge_point_id, new_owner(owner)), yes=yes)
    transaction = hand_over(charge_point_id, owner, gas_key_file)
    typer.echo(
        f"the DID belongs to {owner} by {transaction}; so that {charge_point_id} sells again: "
        f"noroam identity new-key {charge_point_id}"
    )


@app.command("new-key")
def new_key(charge_point_id: Id, *, yes: Yes = False, json_output: Json = False) -> None:
    """Give a station a new key, and so another DID; it needs a credential and labels again."""
    from sdk.cli_identity_owner import give_new_key  # noqa: PLC0415 - slow to load

    _ask(_NEW_KEY.format(charge_point_id), yes=yes)
    shown = give_new_key(charge_point_id)
    print_json(shown) if json_output else print_details(shown)


@app.command("rotate-p2p-key")
def rotate_p2p_key(
    *,
    authority_key_file: Annotated[
        Path | None,
        typer.Option(
            "--authority-key-file",
            help="The authority's keystore, where it is here: it issues the credentials at once.",
        ),
    ] = None,
    credential_file: Annotated[
        list[Path] | None,
        typer.Option(help="A credential over the next key; can be given several times."),
    ] = None,
    within: Annotated[float, typer.Option(min=1, help="Seconds to wait for each step.")] = 120,
) -> None:
    """Give the P2P server a new key, with new credentials for all of its stations.

    The next key is made beside the old one. Without an authority here it is written what the
    authority has to do, and this is repeated with what it sends.
    """
    from sdk.cli_identity_rotate import rotate_p2p_key as rotate  # noqa: PLC0415 - slow to load

    rotate(authority_key_file, credential_file or (), within)


def _did(whose: str) -> "EthrDid":
    from sdk.did.identifier import EthrDid  # noqa: PLC0415 - slow to load

    if whose.startswith("did:"):
        return EthrDid.parse(whose.partition("?")[0])
    return EthrDid.parse(run_on_bus(lambda bus: Register(bus).get(whose)).did)


def _ask(question: str, *, yes: bool) -> None:
    if not yes and not typer.confirm(question, err=True):
        raise InvalidInputError("nothing was changed")


def _print_history(shown: list[dict[str, Any]]) -> None:
    table = Table("block", "at", "change")
    for each in shown:
        at = f"{datetime.fromtimestamp(each['at'], UTC):%Y-%m-%d %H:%M:%S}"
        for line in each["changes"]:
            table.add_row(str(each["block"]), at, escape(line))
    console().print(table)
