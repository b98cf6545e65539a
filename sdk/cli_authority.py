"""`noroam authority …`: what an issuing authority does; it may be another party, elsewhere."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from sdk.cli_context import make_keystore, print_json, run_on_bus, settings
from sdk.cli_options import Id, Json
from sdk.cli_show import print_details
from sdk.errors import InvalidInputError
from sdk.ids import utc_now
from sdk.p2p.keys import load_key
from sdk.register import Register, station_did

app = typer.Typer(help="Vouch for stations, as their issuing authority.", no_args_is_help=True)

_OPERATORS = "(else: from the P2P server's own key file)"

KeyFile = Annotated[
    Path,
    typer.Option("--key-file", help="The authority's keystore, under AUTHORITY_PASSWORD."),
]
ChainId = Annotated[
    int, typer.Option("--chain-id", envvar="CHAIN_ID", min=1, help="The chain of the DID.")
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
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it is valid.")] = 365,
    store: Annotated[
        bool, typer.Option("--store", help="Also put it into the register of charge points.")
    ] = False,
) -> None:
    """Write a station's credential on stdout: for `charge-point set --credential-file`.

    It vouches that the DID is this charge point's, and which P2P server speaks for it.
    """
    if (ed25519 is None) is not (x25519 is None):
        raise InvalidInputError("--ed25519 and --x25519 belong together: see `noroam p2p-key`")
    if ed25519 is None or x25519 is None:
        ed25519, x25519 = _own_keys(settings().p2p_key)
    if did is None:
        did = run_on_bus(lambda bus: Register(bus).get(charge_point_id)).did
    token = _issue(key_file, charge_point_id, did, (ed25519, x25519), timedelta(days=days))
    if store:
        run_on_bus(lambda bus: Register(bus).set(charge_point_id, credential=token))
    typer.echo(token)


def _own_keys(file: Path) -> tuple[str, str]:
    if not file.exists():
        raise InvalidInputError(
            f"{file} does not exist: give --ed25519 and --x25519, as `noroam p2p-key` prints them "
            "where the P2P server runs"
        )
    own = load_key(file)
    return own.ed25519, own.x25519


def _issue(
    key_file: Path, charge_point_id: str, did: str, keys: tuple[str, str], validity: timedelta
) -> str:
    from sdk.chain.accounts import load_keystore  # noqa: PLC0415 - slow to load
    from sdk.did.authority import issue_station_credential  # noqa: PLC0415
    from sdk.did.credential import StationSubject  # noqa: PLC0415
    from sdk.did.identifier import EthrDid  # noqa: PLC0415

    ed25519, x25519 = keys
    try:
        subject = StationSubject(
            did=did,
            charge_point_id=charge_point_id,
            account=EthrDid.parse(did).address,
            ed25519=ed25519,
            x25519=x25519,
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise InvalidInputError(f"{first['loc'][0]}: {first['msg']}") from None
    authority = load_keystore(key_file, settings().require_authority_password())
    return issue_station_credential(authority, subject, utc_now(), validity)
