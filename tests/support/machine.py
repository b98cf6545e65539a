"""One machine with everything on it, for the end-to-end tests: each test adds its own station."""

import asyncio
import base64
import contextlib
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import SigningKey, create_keystore, new_key
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.did.authority import authority_did, issue_station_credential
from sdk.did.credential import StationSubject
from sdk.fields import NATIVE_TOKEN
from sdk.ids import utc_now
from sdk.launcher import Launcher
from sdk.p2p.keys import load_key
from sdk.register import ChargePointConfig, Register, password_hash, qr_text, station_did
from sdk.station import Station
from sdk.station_state import StationState
from sdk.tariff import Tariff

ROOT = Path(__file__).resolve().parents[2]
TOKEN = 10**18
SPEED = 240
PLAIN = Tariff(per_kwh=4 * TOKEN // 10)
SETTINGS = {
    "CONFIRMATIONS": "0",
    "CPG_PORT": "0",
    "P2P_PORT": "0",
    "P2P_WS_PORT": "0",
    "CONSOLE_PORT": "0",
    "HEARTBEAT_INTERVAL": "60",
    "DEPOSIT_TIMEOUT": "8",
    "START_TIMEOUT": "8",
    "VOUCHER_GRACE": "8",
    "STOP_TIMEOUT": "15",
    "APPROVAL_TIMEOUT": "3",
    "CLOSE_TIMEOUT": "3",
    "SESSION_SECONDS": "600",
    "REFUND_MARGIN_SECONDS": "600",
    "CHAIN_MARGIN_SECONDS": "300",
    "LEASE_SECONDS": "2",
    "P2P_REQUESTS_PER_SECOND": "200",
}


@dataclass
class Program:
    """A process whose lines are kept, and can be waited for."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)
    _grown: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip())
            self._grown.set()
        self._grown.set()

    async def line(self, wanted: Callable[[str], bool], seconds: float = 30) -> str:
        """Wait for a line."""
        async with asyncio.timeout(seconds):
            while True:
                self._grown.clear()
                found = next((line for line in self.lines if wanted(line)), None)
                if found is not None:
                    return found
                await self._grown.wait()

    def count(self, text: str) -> int:
        return sum(text in line for line in self.lines)


@dataclass
class App(Program):
    """The driver's app, whose lines are JSON events."""

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    async def event(
        self,
        kind: str,
        seconds: float = 60,
        when: Callable[[dict[str, Any]], bool] = lambda _: True,
    ) -> dict[str, Any]:
        """Wait for an event."""
        line = await self.line(
            lambda text: (
                text.startswith("{")
                and json.loads(text)["event"] == kind
                and when(json.loads(text))
            ),
            seconds,
        )
        return dict(json.loads(line))

    async def receipt(self, seconds: float = 90) -> dict[str, Any]:
        """Wait for the receipt."""
        return dict((await self.event("receipt", seconds))["receipt"])

    async def charging(self, energy_wh: int = 1) -> dict[str, Any]:
        """Wait until energy flows."""
        return await self.event(
            "status", when=lambda e: e["phase"] == "charging" and e["energy_wh"] >= energy_wh
        )


OcppCall = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
P = TypeVar("P", bound=Program)


@dataclass
class TestStation:
    """One registered and onboarded station."""

    __test__ = False
    id: str
    did: str
    address: str
    qr: str
    password: str
    key: SigningKey


class World:
    """Chain, Redis, services; and whatever a test starts."""

    def __init__(
        self,
        folder: Path,
        node: DevNode,
        launcher: Launcher,
        bus: RedisBus,
        readers: asyncio.TaskGroup,
    ) -> None:
        self.folder = folder
        self.readers = readers
        self.node = node
        self.launcher = launcher
        self.bus = bus
        self.client = ChainClient([node.http_url], CHAIN_ID)
        self.authority = new_key()
        self.env: dict[str, str] = {}
        self.lines: list[str] = []
        self._programs: list[Program] = []
        self._number = 0

    async def station(
        self,
        *,
        connectors: int = 1,
        minimum: int = TOKEN // 2,
        tariff: Tariff = PLAIN,
        token: str = NATIVE_TOKEN,
        exposure_limit: int = 1000 * TOKEN,  # energy comes faster here than any clock allows
    ) -> TestStation:
        """Register a station with a key of its own and the authority's credential."""
        self._number += 1
        name = f"CP-{self._number}-{secrets.token_hex(2)}"
        key = new_key()
        await asyncio.to_thread(
            create_keystore, self.folder / "keys", self.env["KEYS_PASSWORD"], key
        )
        p2p = load_key(self.folder / "p2p.key")
        did = station_did(CHAIN_ID, key.address)
        subject = StationSubject(
            did=did,
            charge_point_id=name,
            account=key.address,
            ed25519=p2p.ed25519,
            x25519=p2p.x25519,
        )
        config = ChargePointConfig(
            charge_point_id=name,
            did=did,
            tariff=tariff,
            token=token,
            connectors=connectors,
            minimum_deposit=minimum,
            exposure_limit=exposure_limit,
            password_hash=password_hash("secret", self.env["CREDENTIAL_KEY"]),
            credential=issue_station_credential(
                self.authority, subject, utc_now(), timedelta(days=1)
            ),
        )
        await self.node.fund(key.address, TOKEN)
        await Register(self.bus).add(config)
        return TestStation(name, did, key.address, qr_text(did, 1), "secret", key)

    async def charge_point(self, station: TestStation, *options: str) -> Program:
        """Start the simulated charge point, and wait until the station can sell."""
        faulted = "--faulted" in options
        program = await self._start(
            Program,
            "examples/charge_point.py",
            *("--id", station.id, "--url", self.launcher.urls["cpg"]),
            *("--password", station.password, "--speed", str(SPEED), "--interval", "60", *options),
        )
        wanted = "Faulted" if faulted else "Available"
        await self.until(
            station,
            lambda state: (
                state.connected
                and state.connector(1).status == wanted
                and state.identity.state == "published"
            ),
        )
        return program

    @asynccontextmanager
    async def raw_charge_point(self, station: TestStation) -> AsyncIterator[OcppCall]:
        """Connect a charge point that says just what the test says; gives its way to call."""
        pair = base64.b64encode(f"{station.id}:{station.password}".encode()).decode()
        async with connect(
            f"{self.launcher.urls['cpg']}/{station.id}",
            subprotocols=[Subprotocol("ocpp1.6")],
            additional_headers={"Authorization": f"Basic {pair}"},
        ) as socket:

            async def call(action: str, payload: dict[str, Any]) -> dict[str, Any]:
                await socket.send(json.dumps([2, action, action, payload]))
                while True:
                    frame = json.loads(await asyncio.wait_for(socket.recv(), 10))
                    if frame[:2] == [3, action]:
                        return dict(frame[2])

            yield call

    async def app(self, station: TestStation, *options: str, authority: str | None = None) -> App:
        """Start the driver's app, which trusts the machine's authority unless told otherwise."""
        return await self._start(
            App,
            "examples/consumer.py",
            *("--qr", station.qr, "--chain-url", self.node.http_url, "--json"),
            *("--authority", authority or authority_did(self.authority, CHAIN_ID)),
            *("--speed-limit", str(SPEED * 2), *options),
        )

    async def until(
        self, station: TestStation, holds: Callable[[StationState], bool], seconds: float = 40
    ) -> StationState:
        """Wait until a station's state is as wanted."""
        async with asyncio.timeout(seconds), Station.over(self.bus, station.id) as watched:
            while not holds(state := await watched.state()):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
            return state

    async def kill(self, service: str) -> None:
        """Kill a service hard, and wait until the launcher has started it again."""
        pid = self.launcher.pids[service]
        os.kill(pid, signal.SIGKILL)
        await self.launcher.wait_ready(service, after_pid=pid)

    async def check(
        self, station: TestStation, receipt: dict[str, Any], before: int = TOKEN
    ) -> None:
        """Check a receipt against the chain: every token of the deposit went where it says.

        The station had `before`.
        """
        deposit, spent, refund = (int(receipt[name]) for name in ("deposit", "spent", "refund"))
        assert spent + refund == deposit
        assert await self.client.balance(receipt["wallet"]) == 0
        assert await self.client.balance(station.address) == before + spent
        mined = await self.client.receipt(receipt["transaction_hash"])
        assert mined is not None
        assert mined["status"] == "0x1"
        number = int(mined["blockNumber"], 16)
        account = receipt["refund_account"]
        before = await self.client.balance(account, tag=number - 1)
        assert await self.client.balance(account, tag=number) - before == refund
        if receipt.get("meter_start_wh") is not None and not receipt.get("flags"):
            energy = receipt["meter_stop_wh"] - receipt["meter_start_wh"]
            assert energy == receipt["energy_wh"]
            assert spent == min(deposit, energy * (4 * TOKEN // 10) // 1000)

    async def stored_receipt(self, station: TestStation) -> dict[str, Any]:
        """Read the receipt that the Session Manager keeps of the connector's last session."""
        fields = await self.bus.read(keys.session(station.id, 1))
        return dict(json.loads(json.loads(fields["receipt"])["payload"]))

    async def stop(self, program: Program, number: int = signal.SIGTERM) -> None:
        """End a program of a test."""
        with contextlib.suppress(ProcessLookupError):
            program.process.send_signal(number)
        await asyncio.wait_for(program.process.wait(), 15)

    async def stop_all(self) -> None:
        """End what the last test started."""
        programs, self._programs = self._programs, []
        for program in programs:
            if program.process.returncode is None:
                await self.stop(program, signal.SIGKILL)

    async def _start(self, kind: type[P], *command: str) -> P:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            cwd=ROOT,
            env={**os.environ, **self.env},
            stdout=asyncio.subprocess.PIPE,
        )
        program = kind(process)
        self._programs.append(program)
        self.readers.create_task(program.read())
        return program


@asynccontextmanager
async def living(folder: Path, **settings: str) -> AsyncIterator[World]:
    """Start a chain, Redis and the services; stop them at the end."""
    chain = DevNode(program=os.environ.get("ANVIL"), state_file=folder / "chain.json")
    async with chain as node, providing(folder, node, new_key(), **settings) as world:
        yield world


@asynccontextmanager
async def providing(
    folder: Path, node: DevNode, authority: SigningKey, **settings: str
) -> AsyncIterator[World]:
    """Start Redis and the services of one provider at a chain that there is."""
    async with asyncio.TaskGroup() as readers:
        env = {
            **SETTINGS,
            "DATA_DIR": str(folder),
            "KEYS_PASSWORD": secrets.token_hex(8),
            "CREDENTIAL_KEY": secrets.token_hex(16),
            "CHAIN_URLS": node.ws_url,
            "CHAIN_ID": str(CHAIN_ID),
            "AUTHORITY_DIDS": authority_did(authority, CHAIN_ID),
            **settings,
        }
        gas = await asyncio.to_thread(create_keystore, folder / "gas", env["KEYS_PASSWORD"])
        env["GAS_KEY_FILE"] = str(folder / "gas" / f"{gas.address}.json")
        await node.fund(gas.address, 100 * TOKEN)
        lines: list[str] = []
        async with Launcher(env=env, out=lines.append, err=lines.append) as launcher:
            bus = RedisBus.from_url(launcher.redis_url)
            world = World(folder, node, launcher, bus, readers)
            world.authority, world.env, world.lines = authority, env, lines
            try:
                yield world
            finally:
                await world.stop_all()
                await world.client.close()
                await bus.close()
