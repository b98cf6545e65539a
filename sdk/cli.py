"""`noroam`: start everything on one machine, and the operator's commands.

Exit codes: 0 done; 1 it could not be done, one line on stderr says why; 2 wrong usage, or a setting
is missing or contradictory.
"""

import asyncio
import sys
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from sdk import (
    cli_accounts,
    cli_api_keys,
    cli_authority,
    cli_ca,
    cli_charge_point,
    cli_configuration,
    cli_disputes,
    cli_find,
    cli_id_tags,
    cli_identity,
    cli_label,
    cli_messages,
    cli_onboard,
    cli_receipt,
    cli_sessions,
    logs,
)
from sdk.bus.interface import Bus
from sdk.cli_context import make_keystore, print_json, run_on_bus, settings
from sdk.cli_options import Json
from sdk.cli_show import print_details, print_states
from sdk.errors import InvalidInputError, NoroamError
from sdk.keeper import LauncherError
from sdk.launcher import up as run_services
from sdk.p2p.keys import load_key
from sdk.register import Register
from sdk.schema_files import write_schemas
from sdk.settings import EXIT_SETTINGS, SettingsError
from sdk.station_state import StationState, read_station_state

app = typer.Typer(
    help="Sell electricity from OCPP charge points straight to drivers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
cli_messages.add_to(cli_charge_point.app)
cli_charge_point.app.add_typer(cli_configuration.app, name="configuration")
app.add_typer(cli_charge_point.app, name="charge-point")
app.add_typer(cli_id_tags.app, name="id-tag")
app.add_typer(cli_api_keys.app, name="api-key")
app.add_typer(cli_accounts.app, name="account")
app.add_typer(cli_authority.app, name="authority")
app.add_typer(cli_identity.app, name="identity")
app.add_typer(cli_ca.app, name="ca")
app.add_typer(cli_sessions.app, name="sessions")
app.add_typer(cli_receipt.app, name="receipt")
app.add_typer(cli_disputes.app, name="disputes")
app.command()(cli_find.find)
app.command()(cli_onboard.onboard)
app.command()(cli_label.label)


@app.command()
def up() -> None:
    """Start all services of this machine, keep them running, and stop them on Ctrl-C.

    Settings come from the environment. Without REDIS_URL a private server is started in DATA_DIR.
    """
    chosen = settings()
    logs.configure("noroam", chosen.log_level, form=chosen.log_format)
    asyncio.run(run_services())


@app.command()
def status(*, json_output: Json = False) -> None:
    """Show what every registered charge point is doing."""
    states = run_on_bus(_states)
    if json_output:
        print_json([state.model_dump(mode="json") for state in states])
    else:
        print_states(states)


@app.command("gas-account")
def gas_account(
    folder: Annotated[Path, typer.Argument(help="Where to put the keystore.")],
    *,
    json_output: Json = False,
) -> None:
    """Make the key of a gas account, sealed with KEYS_PASSWORD; its file goes into GAS_KEY_FILE."""
    shown = make_keystore(folder, settings().require_keys_password())
    print_json(shown) if json_output else print_details(shown)


@app.command("p2p-key")
def p2p_key(*, json_output: Json = False) -> None:
    """Show the P2P server's peer id and public keys; its key file is made when missing."""
    key = load_key(settings().p2p_key)
    shown = {"peer_id": key.peer_id, "ed25519": key.ed25519, "x25519": key.x25519}
    print_json(shown) if json_output else print_details(shown)


@app.command()
def schemas(
    folder: Annotated[Path, typer.Argument(help="Where to write; made when missing.")],
) -> None:
    """Write the JSON Schemas of everything on the wire, one file each."""
    typer.echo(f"{len(write_schemas(folder))} schemas written to {folder}")


@app.command()
def version() -> None:
    """Show the version."""
    try:
        typer.echo(installed_version("noroam"))
    except PackageNotFoundError:
        raise InvalidInputError("it runs from its source, and is not installed") from None


def main() -> None:
    """Run the command line."""
    try:
        app()
    except SettingsError as error:
        _end(error, EXIT_SETTINGS)
    except LauncherError as error:
        _end(error, error.exit_code)
    except NoroamError as error:
        _end(error, 1)


def _end(error: NoroamError, code: int) -> None:
    typer.echo(f"noroam: {error}", err=True)
    sys.exit(code)


async def _states(bus: Bus) -> list[StationState]:
    return [await read_station_state(bus, each) for each in await Register(bus).ids()]


if __name__ == "__main__":
    main()
