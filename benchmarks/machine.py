"""One machine with everything on it, on loopback and free ports: chain, Redis, the services."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import SigningKey, create_keystore, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.sender import Sender
from sdk.did.authority import authority_did, issue_station_credential
from sdk.did.credential import StationSubject
from sdk.did.registry import DidRegistry
from sdk.did.resolver import StationResolver
from sdk.ids import utc_now
from sdk.launcher import Launcher
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_chain import NodeChain
from sdk.p2p.consumer_settings import ConsumerSettings
from sdk.p2p.keys import load_key
from sdk.register import ChargePointConfig, Register, password_hash, station_did
from sdk.station import Station
from sdk.tariff import Tariff

ROOT = Path(__file__).resolve().parents[1]
TOKEN = 10**18
PASSWORD = "secret"  # noqa: S105 - of a machine that lives for a minute
SPEED = 240
SETTINGS = {
    "CONFIRMATIONS": "0",
    "CPG_PORT": "0",
    "P2P_PORT": "0",
    "P2P_WS_PORT": "0",
    "CONSOLE_PORT": "0",
    "P2P_REQUESTS_PER_SECOND": "0",
}


@dataclass(frozen=True, slots=True)
class Machine:
    """What runs; `lines` are what the services say."""

    folder: Path
    node: DevNode
    launcher: Launcher
    bus: RedisBus
    client: ChainClient
    authority: SigningKey
    lines: list[str]

    @asynccontextmanager
    async def app(self, did: str) -> AsyncIterator[Consumer]:
        """Connect a new driver's app with a station."""
        payer = self.node.accounts[1]
        settings = ConsumerSettings(CHAIN_ID, Deployment(), speed_limit=1e6)
        chain = NodeChain(self.client, payer)
        async with Consumer(
            settings, self.resolver(), chain, refund_account=payer.address
        ) as consumer:
            await consumer.connect(did)
            yield consumer

    def resolver(self) -> StationResolver:
        """Make what resolves stations, trusting this machine's authority."""
        trusted = [authority_did(self.authority, CHAIN_ID)]
        return StationResolver(DidRegistry(self.client, Deployment()), trusted, utc_now)

    async def pay(self, wallet: str, amount: int) -> None:
        """Deposit, as the driver's wallet does."""
        await Sender(self.client, self.node.accounts[1]).send(wallet, b"", value=amount)

    async def add_station(self, name: str) -> str:
        """Register a station that the authority vouches for; gives its DID."""
        environment, key = self.launcher.environment, new_key()
        await asyncio.to_thread(
            create_keystore, self.folder / "keys", environment["KEYS_PASSWORD"], key
        )
        server = load_key(self.folder / "p2p.key")
        did = station_did(CHAIN_ID, key.address)
        subject = StationSubject(
            did=did,
            charge_point_id=name,
            account=key.address,
            ed25519=server.ed25519,
            x25519=server.x25519,
        )
        lifetime = timedelta(days=1)
        config = ChargePointConfig(
            charge_point_id=name,
            did=did,
            tariff=Tariff(per_kwh=4 * TOKEN // 10),
            password_hash=password_hash(PASSWORD, environment["CREDENTIAL_KEY"]),
            credential=issue_station_credential(self.authority, subject, utc_now(), lifetime),
        )
        await self.node.fund(key.address, TOKEN)
        await Register(self.bus).add(config)
        return did

    async def until_ready(self, name: str) -> None:
        """Wait until a station can sell."""
        async with asyncio.timeout(60), Station.over(self.bus, name) as station:
            while True:
                state = await station.state()
                available = state.connected and state.connector(1).status == "Available"
                if available and state.identity.state == "published":
                    return
                await asyncio.sleep(0.05)

    @asynccontextmanager
    async def charge_point(self, name: str) -> AsyncIterator[None]:
        """Run the simulated charge point of a station as a process."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "examples" / "charge_point.py"),
            *("--id", name, "--url", self.launcher.urls["cpg"], "--password", PASSWORD),
            *("--speed", str(SPEED), "--interval", str(SPEED / 10)),
            stdout=asyncio.subprocess.DEVNULL,
            cwd=ROOT,
        )
        try:
            await self.until_ready(name)
            yield
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


@asynccontextmanager
async def running() -> AsyncIterator[Machine]:
    """Start a machine with empty hands; stop it at the end."""
    with TemporaryDirectory(prefix="noroam-bench-", ignore_cleanup_errors=True) as name:
        folder, authority = Path(name), new_key()
        async with DevNode(program=os.environ.get("ANVIL")) as node:
            environment = await _environment(folder, node, authority)
            lines: list[str] = []
            async with Launcher(env=environment, out=lines.append, err=lines.append) as launcher:
                bus, client = RedisBus.from_url(launcher.redis_url), node.client()
                try:
                    yield Machine(folder, node, launcher, bus, client, authority, lines)
                finally:
                    await client.close()
                    await bus.close()


async def _environment(folder: Path, node: DevNode, authority: SigningKey) -> dict[str, str]:
    password = secrets.token_hex(8)
    gas = await asyncio.to_thread(create_keystore, folder / "gas", password)
    await node.fund(gas.address, 100 * TOKEN)
    return {
        **SETTINGS,
        "DATA_DIR": str(folder),
        "REDIS_URL": "",
        "KEYS_PASSWORD": password,
        "CREDENTIAL_KEY": secrets.token_hex(16),
        "CHAIN_URLS": node.ws_url,
        "CHAIN_ID": str(CHAIN_ID),
        "AUTHORITY_DIDS": authority_did(authority, CHAIN_ID),
        "GAS_KEY_FILE": str(folder / "gas" / f"{gas.address}.json"),
    }
