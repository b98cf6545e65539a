"""The demo's world: a chain, Redis, the three services, three charge points and their history.

    async with living(Demo(folder)) as house:
        house.page            # the operators' page; house.password is of its account "demo"
        house.stations["DEMO-2"].config.did

All of it ends with the block. The history is invented: see `demo_week`.
"""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import demo_dispute
from demo_history import History
from demo_points import (
    POINTS,
    TOKEN,
    DemoStation,
    make_station,
    register,
    start_charge_point,
    wait_for_station,
)
from demo_programs import Demo, read_json, read_until
from sdk.accounts import Accounts
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import SigningKey, load_keystore
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID
from sdk.ids import utc_now
from sdk.launcher import Launcher

ACCOUNT = "demo"
DISPUTED = "DEMO-1"
_SEED = 2026


@dataclass
class House:
    """What runs, and where."""

    demo: Demo
    launcher: Launcher
    bus: RedisBus
    authority: str
    """The DID of who vouches for the stations."""
    stations: dict[str, DemoStation] = field(default_factory=dict)
    charge_points: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    password: str = ""
    sessions: int = 0

    @property
    def page(self) -> str:
        """The operators' page."""
        return self.launcher.urls["session_manager"]

    @property
    def chain_url(self) -> str:
        """The local chain."""
        return self.demo.env["CHAIN_URLS"]


@contextlib.asynccontextmanager
async def living(
    demo: Demo, *, speed: float = 240, days: int = 7, seed: int = _SEED
) -> AsyncIterator[House]:
    """Run everything until the block ends, with a history of so many days.

    Raises DemoError, LauncherError, EmbeddedServerError.
    """
    try:
        chain = await demo.start("-m", "sdk.chain.dev_node")
        chain_url = (await read_until(chain, r"ready dev_node (\S+)", "the chain"))[1]
        authority, did = await _set_up(demo, chain_url)
        async with _services(demo) as launcher:
            bus = RedisBus.from_url(launcher.redis_url)
            try:
                house = House(demo, launcher, bus, did)
                await _move_in(house, authority, (seed, days), speed)
                yield house
            finally:
                await bus.close()
    finally:
        await demo.stop()


async def fund(chain_url: str, account: str, amount: int = 10 * TOKEN) -> None:
    """Have the local chain give an account something."""
    client = ChainClient([chain_url], CHAIN_ID)
    try:
        await client.rpc("anvil_setBalance", account, hex(amount))
    finally:
        await client.close()


async def _set_up(demo: Demo, chain_url: str) -> tuple[SigningKey, str]:
    """Make keys and settings; gives the key and DID of the authority that vouches for stations."""
    demo.env = {
        "DATA_DIR": str(demo.folder),
        "KEYS_PASSWORD": secrets.token_urlsafe(16),
        "AUTHORITY_PASSWORD": secrets.token_urlsafe(16),
        "CREDENTIAL_KEY": secrets.token_urlsafe(32),
        "CHAIN_URLS": chain_url,
        "CHAIN_ID": str(CHAIN_ID),
        "CONFIRMATIONS": "0",
        "CPG_PORT": "0",
        "P2P_PORT": "0",
        "P2P_WS_PORT": "0",
        "CONSOLE_PORT": os.environ.get("CONSOLE_PORT", "0"),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
        **demo.env,
    }
    gas, made = await asyncio.gather(
        read_json(demo, "gas-account", str(demo.folder / "gas")),
        read_json(demo, "authority", "new", str(demo.folder / "authority")),
    )
    demo.env |= {"GAS_KEY_FILE": gas["key_file"], "AUTHORITY_DIDS": made["did"]}
    await fund(chain_url, gas["address"])
    password = demo.env["AUTHORITY_PASSWORD"]
    key = await asyncio.to_thread(load_keystore, Path(made["key_file"]), password)
    return key, made["did"]


@contextlib.asynccontextmanager
async def _services(demo: Demo) -> AsyncIterator[Launcher]:
    """Run Redis and the three services, their logs in a file."""
    with (demo.folder / "services.log").open("a", encoding="utf-8") as log:

        def keep(line: str) -> None:
            log.write(line + "\n")
            log.flush()

        async with Launcher(env=demo.env, out=keep, err=keep) as launcher:
            yield launcher


async def _move_in(
    house: House, authority: SigningKey, history: tuple[int, int], speed: float
) -> None:
    """Write the history, and bring the charge points up."""
    demo, bus, now = house.demo, house.bus, utc_now()
    made = await asyncio.gather(*(make_station(demo, point) for point in POINTS))
    house.stations = {station.point.id: station for station in made}
    past = History(bus, house.stations)
    await past.write(history[0], now, history[1])
    house.sessions = past.sessions
    quote = await demo_dispute.write(bus, house.stations[DISPUTED], now)
    await fund(house.chain_url, quote.wallet, demo_dispute.DEPOSIT)
    house.password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(12)
    await Accounts(bus).add(ACCOUNT, "administrator", house.password)
    gateway = house.launcher.urls["cpg"]
    for name, station in house.stations.items():
        await register(demo, bus, authority, station)
        house.charge_points[name] = await start_charge_point(demo, station, gateway, speed)
    for name in house.stations:
        await wait_for_station(bus, name)
