"""The three charge points of the demo: what they are, and how they come into being."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from demo_programs import EXAMPLES, START_WITHIN_S, Demo, DemoError
from sdk.bus.interface import Bus
from sdk.chain.accounts import SigningKey, create_keystore
from sdk.chain.dev_node import CHAIN_ID
from sdk.did.authority import issue_station_credential
from sdk.did.credential import StationSubject
from sdk.ids import utc_now
from sdk.p2p.keys import load_key
from sdk.register import ChargePointConfig, Register, password_hash, station_did
from sdk.station import Station
from sdk.tariff import Tariff, Window

TOKEN = 10**18
_CREDENTIAL_DAYS = 365


@dataclass(frozen=True)
class DemoPoint:
    """A charge point, and with which options it is simulated."""

    id: str
    name: str
    vendor: str
    model: str
    tariff: Tariff
    connectors: int = 1
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class DemoStation:
    """A charge point as it is registered, with its key and its password."""

    point: DemoPoint
    config: ChargePointConfig
    key: SigningKey
    password: str


POINTS = (
    DemoPoint(
        "DEMO-1", "Market square", "Noroam", "Simulated", Tariff(per_kwh=Decimal(4 * TOKEN) / 10)
    ),
    DemoPoint(
        "DEMO-2",
        "Town hall",
        "Elektra",
        "Duo 22",
        Tariff(
            per_kwh=Decimal(45 * TOKEN) / 100,
            tax_percent=Decimal(19),
            windows=(Window(start="22:00", end="06:00", per_kwh=Decimal(3 * TOKEN) / 10),),
            timezone="Europe/Berlin",
        ),
        connectors=2,
        options=("--faulted-connector", "2"),
    ),
    DemoPoint(
        "DEMO-3",
        "Old mill",
        "Voltwerk",
        "Pole S",
        Tariff(per_kwh=Decimal(55 * TOKEN) / 100, per_session=Decimal(TOKEN) / 2),
        options=("--reject-start",),
    ),
)
"""The second one's connector 2 is broken; the third one refuses to start, and so earns nothing."""


async def make_station(demo: Demo, point: DemoPoint) -> DemoStation:
    """Make a station's key and configuration; it is not registered yet."""
    key = await asyncio.to_thread(create_keystore, demo.folder / "keys", demo.env["KEYS_PASSWORD"])
    password = secrets.token_hex(12)
    config = ChargePointConfig(
        charge_point_id=point.id,
        did=station_did(CHAIN_ID, key.address),
        name=point.name,
        tariff=point.tariff,
        connectors=point.connectors,
        maximum_power_w=22_000,
        password_hash=password_hash(password, demo.env["CREDENTIAL_KEY"]),
    )
    return DemoStation(point, config, key, password)


async def register(demo: Demo, bus: Bus, authority: SigningKey, station: DemoStation) -> None:
    """Register a station, with the authority's credential for it."""
    p2p = load_key(demo.folder / "p2p.key")
    subject = StationSubject(
        did=station.config.did,
        charge_point_id=station.point.id,
        account=station.key.address,
        ed25519=p2p.ed25519,
        x25519=p2p.x25519,
    )
    lasts = timedelta(days=_CREDENTIAL_DAYS)
    credential = issue_station_credential(authority, subject, utc_now(), lasts)
    await Register(bus).add(station.config.changed({"credential": credential}))


async def start_charge_point(
    demo: Demo, station: DemoStation, gateway: str, speed: float
) -> asyncio.subprocess.Process:
    """Start the simulated charge point; what it tells goes to a log file."""
    point = station.point
    return await demo.start_quietly(
        f"{point.id}.log",
        str(EXAMPLES / "charge_point.py"),
        *("--id", point.id, "--url", gateway, "--password", station.password),
        *("--vendor", point.vendor, "--model", point.model),
        *("--connectors", str(point.connectors), *point.options),
        *("--speed", str(speed), "--interval", str(speed / 4)),
    )


async def wait_for_station(bus: Bus, charge_point_id: str) -> None:
    """Wait until a station's document is on the chain and its charge point is ready."""
    try:
        async with asyncio.timeout(START_WITHIN_S), Station.over(bus, charge_point_id) as it:
            while True:
                state = await it.state()
                ready = state.connected and state.connector(1).status == "Available"
                if ready and state.identity.state == "published":
                    return
                await asyncio.sleep(0.2)
    except TimeoutError as error:
        raise DemoError(f"{charge_point_id} does not get ready") from error
