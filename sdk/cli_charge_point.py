"""`noroam charge-point …`: the operator's register of charge points."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdk import cli_options as options
from sdk.bus.interface import Bus
from sdk.cli_context import CliSettings, print_json, run_on_bus, settings
from sdk.cli_show import print_details, print_table, public_fields
from sdk.register import (
    ChargePointConfig,
    Register,
    checked_config,
    password_hash,
    station_did,
)

if TYPE_CHECKING:
    from sdk.station_key import StationKey

app = typer.Typer(help="Register charge points, and change what they are.", no_args_is_help=True)

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file", help="The station's keystore (else: a new one is made in KEYS_DIR)."
    ),
]
ChainId = Annotated[
    int, typer.Option("--chain-id", envvar="CHAIN_ID", min=1, help="The chain of the DID.")
]


@app.command()
def add(  # noqa: PLR0913 - each is an option
    charge_point_id: options.Id,
    *,
    price_per_kwh: options.Price,
    chain_id: ChainId,
    unit: options.Unit = "smallest",
    price_per_session: options.SessionFee = None,
    minimum_deposit: options.Deposit = None,
    exposure_step: options.Step = None,
    connectors: options.Connectors = None,
    name: options.Name = None,
    power_w: options.Power = None,
    plug_type: options.Plugs = None,
    p2p_peer_id: options.Peer = None,
    credential_file: options.Credential = None,
    password: options.Password = None,
    prompt_password: options.PromptPassword = False,
    no_password: options.NoPassword = False,
    key_file: KeyFile = None,
    json_output: options.Json = False,
) -> None:
    """Register a charge point, with a key and so a DID of its own.

    Without a choice of password one is made, and shown once.
    """
    given = options.Given(
        unit=unit,
        price_per_kwh=price_per_kwh,
        price_per_session=price_per_session,
        minimum_deposit=minimum_deposit,
        exposure_step=exposure_step,
        connectors=connectors,
        name=name,
        power_w=power_w,
        plug_types=plug_type,
        p2p_peer_id=p2p_peer_id,
        credential_file=credential_file,
    )
    chosen = options.choose_password(password, prompt=prompt_password, none=no_password, make=True)
    environment = settings()
    fields = {**_new_station_fields(given), **_password_fields(chosen, environment)}
    from sdk.station_key import StationKey  # noqa: PLC0415 - a third of a second that only this needs

    key = StationKey(environment.keys_folder, environment.require_keys_password(), key_file)
    config = run_on_bus(lambda bus: _add(bus, charge_point_id, fields, key, chain_id))
    shown = public_fields(config)
    if chosen is not None and chosen.made:
        shown["password"] = chosen.value
    print_json(shown) if json_output else print_details(shown)


@app.command("set")
def change(  # noqa: PLR0913 - each is an option
    charge_point_id: options.Id,
    *,
    price_per_kwh: options.NewPrice = None,
    unit: options.Unit = "smallest",
    price_per_session: options.SessionFee = None,
    minimum_deposit: options.Deposit = None,
    exposure_step: options.Step = None,
    connectors: options.Connectors = None,
    name: options.Name = None,
    power_w: options.Power = None,
    plug_type: options.Plugs = None,
    p2p_peer_id: options.Peer = None,
    credential_file: options.Credential = None,
    password: options.NewPassword = None,
    prompt_password: options.PromptPassword = False,
    no_password: options.NoPassword = False,
    json_output: options.Json = False,
) -> None:
    """Change what is given, and leave the rest; running sessions keep their quoted tariff."""
    given = options.Given(
        unit=unit,
        price_per_kwh=price_per_kwh,
        price_per_session=price_per_session,
        minimum_deposit=minimum_deposit,
        exposure_step=exposure_step,
        connectors=connectors,
        name=name,
        power_w=power_w,
        plug_types=plug_type,
        p2p_peer_id=p2p_peer_id,
        credential_file=credential_file,
    )
    chosen = options.choose_password(password, prompt=prompt_password, none=no_password, make=False)
    password_change = _password_fields(chosen, settings())
    config = run_on_bus(lambda bus: _change(bus, charge_point_id, given, password_change))
    shown = public_fields(config)
    print_json(shown) if json_output else print_details(shown)


@app.command()
def remove(
    charge_point_id: options.Id,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Also while a session or transaction is open.")
    ] = False,
) -> None:
    """Take a charge point out of the register; its key, sessions and records stay."""
    run_on_bus(lambda bus: Register(bus).remove(charge_point_id, force=force))
    typer.echo(f"{charge_point_id} is removed; its key stays where it is")


@app.command()
def show(charge_point_id: options.Id, *, json_output: options.Json = False) -> None:
    """Show one charge point: DID, address, QR texts, tariff and the rest."""
    shown = public_fields(run_on_bus(lambda bus: Register(bus).get(charge_point_id)))
    print_json(shown) if json_output else print_details(shown)


@app.command("list")
def list_all(*, json_output: options.Json = False) -> None:
    """List all charge points."""
    shown = [public_fields(config) for config in run_on_bus(lambda bus: Register(bus).list())]
    print_json(shown) if json_output else print_table(shown)


def _new_station_fields(given: options.Given) -> dict[str, Any]:
    fields = given.fields()
    return {"minimum_deposit": fields["tariff"].per_kwh, **fields}


def _password_fields(
    chosen: options.ChosenPassword | None, environment: CliSettings
) -> dict[str, Any]:
    if chosen is None:
        return {}
    if chosen.value is None:
        return {"password_hash": None, "security_profile": 0}
    kept = password_hash(chosen.value, environment.require_credential_key())
    return {"password_hash": kept, "security_profile": 1}


async def _add(
    bus: Bus, charge_point_id: str, fields: dict[str, Any], key: "StationKey", chain_id: int
) -> ChargePointConfig:
    register = Register(bus)
    # checked before a key is made: what is refused leaves nothing behind
    checked_config({**fields, "charge_point_id": charge_point_id, "did": station_did(1, _NOBODY)})
    await register.check_new(charge_point_id)
    with key.kept_on_success() as address:
        did = station_did(chain_id, address)
        config = checked_config({**fields, "charge_point_id": charge_point_id, "did": did})
        await register.add(config)
    return config


async def _change(
    bus: Bus, charge_point_id: str, given: options.Given, more: dict[str, Any]
) -> ChargePointConfig:
    register = Register(bus)
    tariff = (await register.get(charge_point_id)).tariff
    return await register.set(charge_point_id, **given.fields(tariff), **more)


_NOBODY = "0x" + "0" * 40
