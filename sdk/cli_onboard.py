"""`noroam onboard`: from nothing to a published station in one command, which can be repeated."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from sdk import cli_options as options
from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.charge_point_config import ChargePointConfig
from sdk.cli_context import read_text, run_on_bus, settings
from sdk.cli_label import drawn_label, write_label
from sdk.cli_registration import ChainId, Credentials, KeyFile, station_key
from sdk.cli_show import print_details
from sdk.cli_tariff import changed_tariff
from sdk.errors import InvalidInputError
from sdk.register import Register, password_matches
from sdk.registration import add_station, usual_deposit
from sdk.tariff import Tariff

AuthorityKeyFile = Annotated[
    Path | None,
    typer.Option(
        "--authority-key-file",
        envvar="AUTHORITY_KEY_FILE",
        help="The authority's keystore, where it is here (else: what it has to do is written).",
    ),
]
TariffFile = Annotated[
    Path | None,
    typer.Option("--tariff", help="A tariff as JSON, in the token's smallest unit."),
]
LabelFolder = Annotated[
    Path | None, typer.Option("--labels", help="Where the labels go (else: DATA_DIR/labels).")
]


def onboard(  # noqa: PLR0913 - each is an option
    charge_point_id: options.Id,
    *,
    chain_id: ChainId,
    price_per_kwh: options.NewPrice = None,
    unit: options.Unit = "smallest",
    tariff: TariffFile = None,
    connectors: options.Connectors = None,
    name: options.Name = None,
    power_w: options.Power = None,
    plug_type: options.Plugs = None,
    p2p_peer_id: options.Peer = None,
    password: options.Password = None,
    no_password: options.NoPassword = False,
    key_file: KeyFile = None,
    authority_key_file: AuthorityKeyFile = None,
    credential_file: options.Credential = None,
    labels: LabelFolder = None,
    within: Annotated[float, typer.Option(min=1, help="Seconds to wait for publishing.")] = 120,
) -> None:
    """Register a charge point, get its credential, publish its DID, and write its labels.

    What is done already is left, and what is given is changed, so that it can be repeated whatever
    went wrong. Its password, key and chain stay. Other prices and options: `noroam charge-point
    set`.
    """
    given = options.Given(
        unit=unit,
        price_per_kwh=price_per_kwh,
        price_per_session=None,
        minimum_deposit=None,
        exposure_step=None,
        connectors=connectors,
        name=name,
        power_w=power_w,
        plug_types=plug_type,
        tolerate=None,
        p2p_peer_id=p2p_peer_id,
        credential_file=credential_file,
    )
    known = run_on_bus(lambda bus: _is_known(bus, charge_point_id))
    chosen = options.choose_password(password, prompt=False, none=no_password, make=not known)
    if known:
        _check_same(charge_point_id, chosen, key_file, chain_id)
        config = run_on_bus(lambda bus: _change(bus, charge_point_id, given, tariff))
        typer.echo(f"{charge_point_id} is registered")
    else:
        fields = _fields(given, tariff) | Credentials(chosen, None).fields(settings())
        key = station_key(settings(), key_file)
        config = run_on_bus(lambda bus: add_station(bus, charge_point_id, fields, key, chain_id))
        typer.echo(f"{charge_point_id} is registered, with a key of its own")
        if chosen is not None and chosen.made:
            typer.echo(f"password {chosen.value} (shown only now)")
    _finish(config, authority_key_file, labels, within)


def _finish(
    config: ChargePointConfig, authority_key_file: Path | None, labels: Path | None, within: float
) -> None:
    from sdk.cli_onboard_steps import until_published, with_credential  # noqa: PLC0415 - slow

    config = with_credential(config, authority_key_file, typer.echo)
    published = until_published(config.charge_point_id, within, typer.echo)
    sent = ", ".join(published.transactions)
    typer.echo(f"published by {sent}" if sent else "the chain says it all already")
    folder = labels or settings().data_dir / "labels"
    files = []
    for connector in range(1, config.connectors + 1):
        files.append(folder / f"{config.charge_point_id}-{connector}.pdf")
        write_label(files[-1], drawn_label(config, connector, "pdf"))
    qr = [config.qr_text(number) for number in range(1, config.connectors + 1)]
    print_details({"did": config.did, "qr": qr, "labels": [str(file) for file in files]})


async def _is_known(bus: Bus, charge_point_id: str) -> bool:
    return bool(await bus.read(keys.config(charge_point_id)))


def _check_same(
    charge_point_id: str,
    chosen: options.ChosenPassword | None,
    key_file: Path | None,
    chain_id: int,
) -> None:
    """Refuse what this command sets only once, where it is given and another than it was."""
    from sdk.cli_identity_chain import keystore_address  # noqa: PLC0415 - slow to load

    config = run_on_bus(lambda bus: Register(bus).get(charge_point_id))
    if chosen is not None and not _is_password(config, chosen.value):
        raise InvalidInputError(
            f"{charge_point_id} signs in otherwise so far: `noroam charge-point set` changes it"
        )
    if key_file is not None and keystore_address(key_file) != config.address:
        raise InvalidInputError(
            f"{charge_point_id} has the key of {config.address}: `noroam identity new-key` gives "
            "it another one"
        )
    if chain_id != config.chain_id:
        raise InvalidInputError(f"{charge_point_id} is of chain {config.chain_id}: {config.did}")


def _is_password(config: ChargePointConfig, password: str | None) -> bool:
    if password is None or config.password_hash is None:
        return password is config.password_hash
    return password_matches(config.password_hash, password, settings().require_credential_key())


async def _change(
    bus: Bus, charge_point_id: str, given: options.Given, tariff: Path | None
) -> ChargePointConfig:
    register = Register(bus)
    before = await register.get(charge_point_id)
    changes = _fields(given, tariff, before.tariff)
    # not what is so already: each change is told to the gateway
    changes = {name: it for name, it in changes.items() if getattr(before, name) != it}
    return await register.set(charge_point_id, **changes) if changes else before


def _fields(
    given: options.Given, file: Path | None, before: Tariff | None = None
) -> dict[str, Any]:
    if file is None:
        fields = given.fields(before)
    elif given.price_per_kwh is not None:
        raise InvalidInputError("--tariff and --price-per-kwh exclude each other")
    else:
        tariff = _read_tariff(file)
        fields = {**given.fields(tariff), "tariff": tariff}
        if before is None:
            fields["minimum_deposit"] = usual_deposit(tariff)
    if before is None and "tariff" not in fields:
        raise InvalidInputError("a new charge point needs --price-per-kwh or --tariff")
    return fields


def _read_tariff(file: Path) -> Tariff:
    try:
        read = json.loads(read_text(file, "tariff"))
    except ValueError:
        raise InvalidInputError(f"tariff {file} is no JSON") from None
    tariff = changed_tariff(None, read) if isinstance(read, dict) else None
    if tariff is None:
        raise InvalidInputError(f"tariff {file} says nothing")
    return tariff
