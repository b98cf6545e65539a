"""`noroam charge-point waiting`, `admit`, `dismiss`: unknown charge points in quarantine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sdk import cli_options as options
from sdk import cli_tariff as prices
from sdk import cli_token as tokens
from sdk import quarantine
from sdk.bus.interface import Bus
from sdk.cli_context import CliSettings, print_json, run_on_bus, settings
from sdk.cli_registration import (
    ChainId,
    Credentials,
    KeyFile,
    SecurityProfile,
    station_key,
)
from sdk.cli_show import print_details, public_fields
from sdk.errors import InvalidInputError
from sdk.ids import utc_now
from sdk.quarantine import WaitingChargePoint
from sdk.register import Register
from sdk.registration import add_station

if TYPE_CHECKING:
    from sdk.station_key import StationKey

app = typer.Typer()
_WIDEST = 200


@app.command("waiting")
def list_waiting(*, json_output: options.Json = False) -> None:
    """List the unknown charge points that wait to be admitted.

    They come here where the gateway runs with UNKNOWN_CHARGE_POINTS=quarantine, and are forgotten
    when they are not seen for seven days. What they tell of themselves is not proved.
    """
    shown = [_public(entry) for entry in run_on_bus(lambda bus: quarantine.waiting(bus, utc_now()))]
    print_json(shown) if json_output else _print_table(shown)


@app.command()
def admit(  # noqa: PLR0913 - each is an option
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
    password: options.NewPassword = None,
    prompt_password: options.PromptPassword = False,
    no_password: options.NoPassword = False,
    security_profile: SecurityProfile = None,
    key_file: KeyFile = None,
    json_output: options.Json = False,
) -> None:
    """Register a charge point that waits, as `add` does; it then connects again.

    Without a choice of password it keeps the one that it presented; if it presented none, one is
    made, and shown once.
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
    environment = settings()
    chosen = options.choose_password(password, prompt=prompt_password, none=no_password, make=False)
    credentials = Credentials(chosen, security_profile)
    newcomer = _Newcomer(charge_point_id, given.fields(), credentials, environment)
    key = station_key(environment, key_file)
    shown = run_on_bus(lambda bus: _admit(bus, newcomer, key, chain_id))
    print_json(shown) if json_output else print_details(shown)


@app.command()
def dismiss(charge_point_id: options.Id) -> None:
    """Forget a charge point that waits; it is listed again if it comes again."""
    run_on_bus(lambda bus: _dismiss(bus, charge_point_id))
    typer.echo(f"{charge_point_id} is forgotten")


@dataclass(frozen=True, slots=True)
class _Newcomer:
    """A charge point to be admitted, as the command was told of it."""

    charge_point_id: str
    fields: dict[str, Any]
    credentials: Credentials
    environment: CliSettings


async def _admit(bus: Bus, newcomer: _Newcomer, key: "StationKey", chain_id: int) -> dict[str, Any]:
    await Register(bus).check_new(newcomer.charge_point_id)
    entry = await quarantine.find(bus, newcomer.charge_point_id, utc_now())
    credentials, made = newcomer.credentials, None
    adopted = _adopted(entry, credentials.profile) if credentials.password is None else {}
    if credentials.password is None and not adopted and credentials.profile in (None, 1, 2):
        made = options.choose_password(None, prompt=False, none=False, make=True)
        credentials = Credentials(made, credentials.profile)
    own = adopted or credentials.fields(newcomer.environment)
    fields = {**newcomer.fields, **own}
    config = await add_station(bus, newcomer.charge_point_id, fields, key, chain_id)
    shown = public_fields(config)
    return {**shown, "password": made.value} if made is not None else shown


def _adopted(entry: WaitingChargePoint, profile: int | None) -> dict[str, Any]:
    if entry.contested:
        raise InvalidInputError(
            f"charge point {entry.charge_point_id} came with different passwords: it may be two; "
            "choose one with --prompt-password, or dismiss it and see who comes again"
        )
    if entry.password_hash is None:
        return {}
    return {
        "password_hash": entry.password_hash,
        "security_profile": 1 if profile is None else profile,
    }


async def _dismiss(bus: Bus, charge_point_id: str) -> None:
    await quarantine.find(bus, charge_point_id, utc_now())
    await quarantine.forget(bus, charge_point_id)


def _public(entry: WaitingChargePoint) -> dict[str, Any]:
    shown = entry.model_dump(mode="json", exclude={"password_hash"})
    return {**shown, "password_presented": entry.password_hash is not None}


def _print_table(shown: Sequence[dict[str, Any]]) -> None:
    table = Table(
        "id", "vendor", "model", "serial number", "firmware", "address", "seen", "password"
    )
    for each in shown:
        told = ("vendor", "model", "serial_number", "firmware_version", "address")
        table.add_row(
            each["charge_point_id"],
            *(escape(each[name]) for name in told),
            f"{each['first_seen']} to {each['last_seen']}",
            _password(each),
        )
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDEST)
    console.print(table)


def _password(shown: dict[str, Any]) -> str:
    if shown["contested"]:
        return "several"
    return "presented" if shown["password_presented"] else "none"
