"""`noroam authority …`: what an issuing authority does; it may be another party, elsewhere.

What it issues is kept in a journal beside its keystore; only the commands that ask the chain need
CHAIN_URLS, and only `--store` needs Redis.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from sdk.cli_authority_issue import (
    Peer,
    Term,
    issue_credential,
    registered_did,
    store_credential,
)
from sdk.cli_context import make_keystore, print_json, read_text, settings
from sdk.cli_identity_chain import GasKeyFile
from sdk.cli_options import Id, Json
from sdk.cli_registration import ChainId
from sdk.cli_show import console, print_details
from sdk.errors import InvalidInputError
from sdk.ids import utc_now
from sdk.register import station_did
from sdk.settings import SettingsError

if TYPE_CHECKING:
    from sdk.did.issued import Issued, IssuedJournal

app = typer.Typer(help="Vouch for stations, as their issuing authority.", no_args_is_help=True)

_OPERATORS = "(else: from the P2P server's own key file)"
_DAYS = 365


def _no_key_file() -> Path:
    raise SettingsError("AUTHORITY_KEY_FILE: is missing, and so is --key-file")


KeyFile = Annotated[
    Path,
    typer.Option(
        "--key-file",
        envvar="AUTHORITY_KEY_FILE",
        default_factory=_no_key_file,
        show_default=False,
        help="Its keystore, under AUTHORITY_PASSWORD.",
    ),
]
StationDid = Annotated[
    str | None, typer.Option("--did", help="The station's DID (else: from the register).")
]
Ed25519 = Annotated[
    str | None, typer.Option("--ed25519", help=f"The P2P server's public key {_OPERATORS}.")
]
X25519 = Annotated[
    str | None, typer.Option("--x25519", help=f"The P2P server's second public key {_OPERATORS}.")
]
Days = Annotated[
    int | None, typer.Option("--days", min=1, max=3650, help="How long it is valid (new: 365).")
]
Until = Annotated[
    str | None, typer.Option("--until", help="When it ends, such as 2030-12-31 (UTC).")
]
Store = Annotated[
    bool, typer.Option("--store", help="Also put it into the register of charge points.")
]
IssuedId = Annotated[
    str, typer.Argument(help="The start of a credential's id, as `list` shows it.")
]


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Where to put the keystore.")],
    *,
    chain_id: ChainId,
    json_output: Json = False,
) -> None:
    """Make an authority's key, sealed with AUTHORITY_PASSWORD; its DID goes into AUTHORITY_DIDS."""
    made = make_keystore(folder, settings().require_authority_password())
    shown = {"did": station_did(chain_id, made["address"]), "key_file": made["key_file"]}
    print_json(shown) if json_output else print_details(shown)


@app.command()
def issue(  # noqa: PLR0913 - each is an option
    charge_point_id: Id,
    *,
    key_file: KeyFile,
    did: StationDid = None,
    ed25519: Ed25519 = None,
    x25519: X25519 = None,
    days: Days = None,
    until: Until = None,
    store: Store = False,
) -> None:
    """Write a station's credential on stdout: for `charge-point set --credential-file`.

    It vouches that the DID is this charge point's, and which P2P server speaks for it.
    """
    peer = Peer.of(ed25519, x25519)
    if did is None or store:
        did = registered_did(charge_point_id, did)
    term = Term.of(utc_now(), days, until, default_days=_DAYS)
    token = issue_credential(key_file, peer.subject(charge_point_id, did), term)
    typer.echo(token)
    if store:
        store_credential(charge_point_id, token)


@app.command("list")
def list_issued(*, key_file: KeyFile, json_output: Json = False) -> None:
    """List what was issued with this key, from its journal."""
    found, now = _journal(key_file).read(), utc_now()
    if json_output:
        print_json([_public(each, now) for each in found])
        return
    table = Table("id", "charge point", "valid until", "status", "did")
    for each in found:
        subject = each.credential.subject
        end = f"{each.credential.valid_until:%Y-%m-%d %H:%M}"
        cells = (each.short_id, subject.charge_point_id, end, each.status(now), subject.did)
        table.add_row(*(escape(cell) for cell in cells))
    console().print(table)


@app.command()
def show(issued: IssuedId, *, key_file: KeyFile, json_output: Json = False) -> None:
    """Show one credential, with its text."""
    found = _journal(key_file).find(issued)
    shown = {**_public(found, utc_now()), "credential": found.token}
    print_json(shown) if json_output else print_details(shown)


@app.command()
def expire(  # noqa: PLR0913 - each is an option
    issued: IssuedId,
    *,
    key_file: KeyFile,
    days: Days = None,
    until: Until = None,
    gas_key_file: GasKeyFile = None,
    store: Store = False,
    wait: Annotated[
        float,
        typer.Option(min=0, help="Seconds until the station's document must have the new one."),
    ] = 120,
) -> None:
    """Let a credential end earlier: issue another one, on stdout, and revoke the first.

    It is revoked once the station's document on the chain has the new one, so that the station
    sells on. With `--wait 0` at once.
    """
    from sdk.cli_authority_revoke import (  # noqa: PLC0415 - slow to load
        check_revocable,
        revoke_when_replaced,
        revoking_keys,
    )

    old = _journal(key_file).find(issued)
    subject, before = old.credential.subject, old.credential.valid_until
    term = Term.of(utc_now(), days, until)
    if term.end >= before:
        raise InvalidInputError(f"it ends on {before:%Y-%m-%d %H:%M} as it is")
    if store:
        registered_did(subject.charge_point_id, subject.did)
    keys = revoking_keys(key_file, gas_key_file)
    check_revocable(keys, old)
    token = issue_credential(key_file, subject, term, replaces=old.id)
    typer.echo(token)
    if store:
        store_credential(subject.charge_point_id, token)
    revoke_when_replaced(key_file, keys, old, wait)


@app.command()
def revoke(
    issued: Annotated[
        list[str] | None, typer.Argument(help="Starts of ids, as `list` shows them.")
    ] = None,
    *,
    key_file: KeyFile,
    charge_point: Annotated[
        str | None, typer.Option(help="All that still hold of this charge point.")
    ] = None,
    credential_file: Annotated[
        Path | None, typer.Option(help="A credential that is not in the journal.")
    ] = None,
    gas_key_file: GasKeyFile = None,
    json_output: Json = False,
) -> None:
    """Take credentials back, on the chain; the station then offers nothing, and no app pays it.

    The authority's key signs; it or the gas account pays. Sessions that run go on to their end.
    """
    from sdk.cli_authority_revoke import revoke_tokens, revoking_keys  # noqa: PLC0415 - slow to load

    journal = _journal(key_file)
    tokens = [journal.find(start).token for start in issued or ()]
    if charge_point is not None:
        tokens += [it.token for it in journal.read() if _holds_of(it, charge_point)]
    if credential_file is not None:
        tokens.append(read_text(credential_file, "credential"))
    if not tokens:
        raise InvalidInputError("there is nothing to revoke: give ids, as `list` shows them")
    shown = revoke_tokens(key_file, revoking_keys(key_file, gas_key_file), tokens)
    print_json(shown) if json_output else print_details(shown)


@app.command()
def status(*, key_file: KeyFile, chain_id: ChainId, json_output: Json = False) -> None:
    """Ask the chain what it says that this authority revoked, and what its account holds."""
    from sdk.cli_authority_revoke import authority_status  # noqa: PLC0415 - slow to load

    shown = authority_status(key_file, chain_id, _journal(key_file).read())
    print_json(shown) if json_output else print_details(shown)


def _journal(key_file: Path) -> "IssuedJournal":
    from sdk.did.issued import IssuedJournal  # noqa: PLC0415 - slow to load

    if not key_file.is_file():
        raise InvalidInputError(f"{key_file} is no file: it should be the authority's keystore")
    return IssuedJournal.beside(key_file)


def _holds_of(issued: "Issued", charge_point_id: str) -> bool:
    of_it = issued.credential.subject.charge_point_id == charge_point_id
    return of_it and issued.status(utc_now()) == "valid"


def _public(issued: "Issued", now: datetime) -> dict[str, Any]:
    credential = issued.credential
    shown = {
        "id": issued.id,
        "status": issued.status(now),
        "issuer": credential.issuer,
        "charge_point_id": credential.subject.charge_point_id,
        "did": credential.subject.did,
        "ed25519": credential.subject.ed25519,
        "valid_from": credential.valid_from.isoformat(),
        "valid_until": credential.valid_until.isoformat(),
    }
    if issued.revoked_at is not None:
        shown["revoked_at"] = issued.revoked_at.isoformat()
    return shown if issued.replaces is None else {**shown, "replaces": issued.replaces}
