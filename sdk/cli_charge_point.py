"""`noroam charge-point …`: the operator's register of charge points."""

from typing import Annotated

import typer

from sdk import cli_options as options
from sdk import cli_quarantine
from sdk import cli_tariff as prices
from sdk import cli_token as tokens
from sdk.bus.interface import Bus
from sdk.cli_context import print_json, run_on_bus, settings
from sdk.cli_registration import (
    ChainId,
    Credentials,
    KeyFile,
    SecurityProfile,
    station_key,
)
from sdk.cli_show import print_details, print_table, public_fields
from sdk.register import ChargePointConfig, Register
from sdk.registration import add_station

app = typer.Typer(help="Register charge points, and change what they are.", no_args_is_help=True)


@app.command()
def add(  # noqa: PLR0913 - each is an option
    charge_point_id: options.Id,
    *,
    price_per_kwh: options.Price,
    chain_id: ChainId,
    unit: options.Unit = "smallest",
    price_per_session: options.SessionFee = None,
    price_per_minute: prices.PerMinute = None,
    idle_price_per_minute: prices.IdlePerMinute = None,
    idle_grace_minutes: prices.IdleGrace = None,
    minimum_price: prices.Minimum = None,
    maximum_price: prices.Maximum = None,
    tax_percent: prices.Tax = None,
    price_window: prices.Windows = None,
    timezone: prices.Timezone = None,
    minimum_deposit: options.Deposit = None,
    exposure_step: options.Step = None,
    exposure_limit: tokens.Limit = None,
    token: tokens.Token = None,
    connectors: options.Connectors = None,
    name: options.Name = None,
    power_w: options.Power = None,
    plug_type: options.Plugs = None,
    tolerate: options.Tolerate = None,
    p2p_peer_id: options.Peer = None,
    credential_file: options.Credential = None,
    password: options.Password = None,
    prompt_password: options.PromptPassword = False,
    no_password: options.NoPassword = False,
    security_profile: SecurityProfile = None,
    key_file: KeyFile = None,
    json_output: options.Json = False,
) -> None:
    """Register a charge point, with a key and so a DID of its own.

    Without a choice of password one is made, and shown once.
    """
    contract = tokens.token_address(token)
    given = options.Given(
        unit=tokens.unit_of(unit, contract, chain_id),
        token=contract,
        exposure_limit=exposure_limit,
        price_per_kwh=price_per_kwh,
        price_per_session=price_per_session,
        minimum_deposit=minimum_deposit,
        exposure_step=exposure_step,
        connectors=connectors,
        name=name,
        power_w=power_w,
        plug_types=plug_type,
        tolerate=tolerate,
        p2p_peer_id=p2p_peer_id,
        credential_file=credential_file,
        prices=prices.GivenPrices(
            per_minute=price_per_minute,
            idle_per_minute=idle_price_per_minute,
            idle_grace_minutes=idle_grace_minutes,
            minimum=minimum_price,
            maximum=maximum_price,
            tax_percent=tax_percent,
            windows=price_window,
            timezone=timezone,
        ),
    )
    make = security_profile in (None, 1, 2)
    chosen = options.choose_password(password, prompt=prompt_password, none=no_password, make=make)
    environment = settings()
    credentials = Credentials(chosen, security_profile)
    fields = {**given.fields(), **credentials.fields(environment)}
    key = station_key(environment, key_file)
    config = run_on_bus(lambda bus: add_station(bus, charge_point_id, fields, key, chain_id))
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
    price_per_minute: prices.PerMinute = None,
    idle_price_per_minute: prices.IdlePerMinute = None,
    idle_grace_minutes: prices.IdleGrace = None,
    minimum_price: prices.Minimum = None,
    maximum_price: prices.Maximum = None,
    tax_percent: prices.Tax = None,
    price_window: prices.Windows = None,
    timezone: prices.Timezone = None,
    minimum_deposit: options.Deposit = None,
    exposure_step: options.Step = None,
    exposure_limit: tokens.Limit = None,
    connectors: options.Connectors = None,
    name: options.Name = None,
    power_w: options.Power = None,
    plug_type: options.Plugs = None,
    tolerate: options.Tolerate = None,
    p2p_peer_id: options.Peer = None,
    credential_file: options.Credential = None,
    password: options.NewPassword = None,
    prompt_password: options.PromptPassword = False,
    no_password: options.NoPassword = False,
    security_profile: SecurityProfile = None,
    json_output: options.Json = False,
) -> None:
    """Change what is given, and leave the rest; running sessions keep their quoted tariff."""
    given = options.Given(
        unit=_unit(charge_point_id, unit),
        exposure_limit=exposure_limit,
        price_per_kwh=price_per_kwh,
        price_per_session=price_per_session,
        minimum_deposit=minimum_deposit,
        exposure_step=exposure_step,
        connectors=connectors,
        name=name,
        power_w=power_w,
        plug_types=plug_type,
        tolerate=tolerate,
        p2p_peer_id=p2p_peer_id,
        credential_file=credential_file,
        prices=prices.GivenPrices(
            per_minute=price_per_minute,
            idle_per_minute=idle_price_per_minute,
            idle_grace_minutes=idle_grace_minutes,
            minimum=minimum_price,
            maximum=maximum_price,
            tax_percent=tax_percent,
            windows=price_window,
            timezone=timezone,
        ),
    )
    chosen = options.choose_password(password, prompt=prompt_password, none=no_password, make=False)
    credentials = Credentials(chosen, security_profile)
    config = run_on_bus(lambda bus: _change(bus, charge_point_id, given, credentials))
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


def _unit(charge_point_id: str, unit: str) -> str:
    if unit != tokens.TOKEN_UNIT:
        return unit
    config = run_on_bus(lambda bus: Register(bus).get(charge_point_id))
    return tokens.unit_of(unit, config.token, config.chain_id)


async def _change(
    bus: Bus, charge_point_id: str, given: options.Given, credentials: Credentials
) -> ChargePointConfig:
    register = Register(bus)
    before = await register.get(charge_point_id)
    changes = {**given.fields(before.tariff), **credentials.fields(settings(), before)}
    return await register.set(charge_point_id, **changes)


app.registered_commands += cli_quarantine.app.registered_commands
