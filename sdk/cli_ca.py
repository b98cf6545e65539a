"""`noroam ca …`: a small certificate authority for TLS, on this machine."""

from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives import hashes
from pydantic import TypeAdapter, ValidationError
from rich.table import Table

from sdk.ca.files import CRL_FILE, write_file
from sdk.ca.index import Issued
from sdk.ca.local import LocalAuthority
from sdk.ca.settings import AuthoritySettings
from sdk.cli_context import print_json, read_text
from sdk.cli_options import Id, Json
from sdk.cli_show import console, print_details
from sdk.errors import InvalidInputError
from sdk.fields import ChargePointId
from sdk.ids import utc_now
from sdk.settings import read_settings

app = typer.Typer(
    help="Issue certificates for TLS: of charge points, and of this gateway. Its folder is CA_DIR.",
    no_args_is_help=True,
)

_ID: TypeAdapter[str] = TypeAdapter(ChargePointId)

Out = Annotated[Path, typer.Option("--out", help="Folder for key and certificate.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="Write over files of that name: the key is another one.")
]


@app.command()
def init(
    *,
    cpo_name: Annotated[
        str,
        typer.Option(
            "--cpo-name",
            envvar="CPO_NAME",
            help="The operator's name, as charge points have it in CpoName: O of all certificates.",
        ),
    ],
    json_output: Json = False,
) -> None:
    """Make the authority: its key, its root certificate and an empty revocation list."""
    chosen = read_settings(AuthoritySettings)
    if not 1 <= len(cpo_name) <= 64:  # noqa: PLR2004 - the bound of X.520
        raise InvalidInputError("--cpo-name: should have 1 to 64 characters")
    made = LocalAuthority.create(chosen.ca_folder, cpo_name, utc_now, chosen.ca_days)
    _show(made, json_output=json_output)


@app.command()
def show(*, json_output: Json = False) -> None:
    """Show the root certificate, which charge points have to trust."""
    _show(_authority(), json_output=json_output)


@app.command()
def sign(
    csr_file: Annotated[Path, typer.Argument(help="A signing request in PEM (PKCS #10).")],
    *,
    charge_point_id: Annotated[
        str, typer.Option("--charge-point", help="Whose it is: its common name must be this id.")
    ],
) -> None:
    """Sign a charge point's request, and write the certificate on stdout."""
    csr = read_text(csr_file, "request")
    typer.echo(_authority().sign(csr, _checked(charge_point_id)), nl=False)


@app.command()
def server(
    hosts: Annotated[list[str], typer.Argument(help="Names or IP addresses it is reached by.")],
    *,
    out: Out,
    is_rsa: Annotated[
        bool, typer.Option("--rsa", help="For charge points that know no elliptic curves.")
    ] = False,
    replace: Replace = False,
    json_output: Json = False,
) -> None:
    """Make key and certificate of a gateway, for CPG_TLS_KEY and CPG_TLS_CERT."""
    files = _files(out, "server", replace=replace)
    key, certificate = _authority().server(hosts, is_rsa=is_rsa)
    _write(files, key, certificate, json_output=json_output)


@app.command("charge-point")
def charge_point(
    charge_point_id: Id, *, out: Out, replace: Replace = False, json_output: Json = False
) -> None:
    """Make key and certificate of a charge point that cannot make its own."""
    files = _files(out, _checked(charge_point_id), replace=replace)
    key, certificate = _authority().charge_point(charge_point_id)
    _write(files, key, certificate, json_output=json_output)


@app.command("list")
def list_issued(*, json_output: Json = False) -> None:
    """Show all certificates that were issued."""
    now = utc_now()
    shown = [{**_fields(each), "state": each.state(now)} for each in _authority().issued()]
    if json_output:
        print_json(shown)
        return
    table = Table("serial", "kind", "subject", "valid until", "state")
    for each in shown:
        values = ("serial", "kind", "subject", "not_after", "state")
        table.add_row(*(each[name] for name in values))
    console().print(table)


@app.command()
def revoke(
    serial: Annotated[str, typer.Argument(help="As `noroam ca list` shows it.")],
    *,
    json_output: Json = False,
) -> None:
    """Revoke a certificate: it is in crl.pem, which gateways read by CPG_TLS_CRL."""
    authority = _authority()
    shown = {**_fields(authority.revoke(serial)), "crl_file": str(authority.folder / CRL_FILE)}
    print_json(shown) if json_output else print_details(shown)


def _authority() -> LocalAuthority:
    chosen = read_settings(AuthoritySettings)
    return LocalAuthority(chosen.ca_folder, utc_now, chosen.ca_days)


def _checked(charge_point_id: str) -> str:
    try:
        return _ID.validate_python(charge_point_id)
    except ValidationError:
        text = "the charge point's id: letters, digits, '.', '_', '-'; at most 48"
        raise InvalidInputError(text) from None


def _show(authority: LocalAuthority, *, json_output: bool) -> None:
    root = authority.root
    shown = {
        "folder": str(authority.folder),
        "subject": root.subject.rfc4514_string(),
        "sha256": root.fingerprint(hashes.SHA256()).hex(),
        "not_after": root.not_valid_after_utc.isoformat(),
        "days_left": (root.not_valid_after_utc - utc_now()).days,
    }
    if json_output:
        print_json({**shown, "pem": authority.root_pem})
        return
    print_details(shown)
    typer.echo(authority.root_pem, nl=False)


def _files(out: Path, name: str, *, replace: bool) -> tuple[Path, Path]:
    files = (out / f"{name}.key", out / f"{name}.pem")
    for file in files:
        if file.exists() and not replace:
            raise InvalidInputError(f"{file} is there already; --replace writes it again")
    return files


def _write(files: tuple[Path, Path], key: str, certificate: str, *, json_output: bool) -> None:
    key_file, certificate_file = files
    write_file(key_file, key)
    write_file(certificate_file, certificate)
    shown = {"certificate": str(certificate_file), "key": str(key_file)}
    print_json(shown) if json_output else print_details(shown)


def _fields(issued: Issued) -> dict[str, Any]:
    return issued.model_dump(mode="json", exclude_none=True)
