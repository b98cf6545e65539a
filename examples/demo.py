"""One charging session on one machine, on real parts; the demo plays the issuing authority.

It starts a local chain, Redis, the three services, a simulated charge point and a driver's app,
each as a process of its own, runs one session fast, prints the receipt, and stays up until Ctrl-C,
so that its page and its API, with the key that it prints, can be tried, and so can the app for a
phone of examples/app, where that is built: it is served with a test wallet of its own. With ONCE=1
the demo ends after the receipt: exit code 0, or 1 if anything failed.
"""

import asyncio
import contextlib
import json
import os
import re
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from sdk.accounts import Accounts
from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import new_key
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID
from sdk.errors import NoroamError
from sdk.launcher import Launcher
from sdk.station import Station

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
CHARGE_POINT = "DEMO-1"
TOKEN = 10**18
SPEED = float(os.environ.get("SPEED", "240"))
STOP_AFTER_WH = os.environ.get("STOP_AFTER_WH", "3000")
START_WITHIN_S = 60.0
SESSION_WITHIN_S = 180.0


class DemoError(NoroamError):
    """A step of the demo did not work."""


@dataclass
class Demo:
    """The processes and keys of one demo."""

    folder: Path
    show: Console
    env: dict[str, str] = field(default_factory=dict)
    programs: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self, *command: str, **env: str) -> asyncio.subprocess.Process:
        """Start a program of its own, whose output can be read."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            env={**os.environ, **self.env, **env},
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        self.programs.append(process)
        return process

    async def output(self, *command: str, **env: str) -> str:
        """Run a program to its end and give what it printed."""
        process = await self.start(*command, **env)
        printed, _ = await process.communicate()
        if process.returncode:
            raise DemoError(f"{' '.join(command[:4])} failed with {process.returncode}")
        return printed.decode().strip()

    async def noroam(self, *arguments: str, **env: str) -> str:
        """Run the operator's command line."""
        return await self.output("-m", "sdk.cli", *arguments, **env)

    async def stop(self) -> None:
        """End every program that still runs."""
        for process in reversed(self.programs):
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
        for process in self.programs:
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()


async def read_until(process: asyncio.subprocess.Process, pattern: str, what: str) -> re.Match[str]:
    """Read a program's lines until one matches. Raises DemoError when it ends or takes too long."""
    if process.stdout is None:
        raise DemoError(f"{what} has no output")
    try:
        async with asyncio.timeout(START_WITHIN_S):
            async for line in process.stdout:
                if found := re.search(pattern, line.decode()):
                    return found
    except TimeoutError as error:
        raise DemoError(f"{what} takes too long") from error
    raise DemoError(f"{what} ended")


async def start_chain(demo: Demo) -> str:
    """Start the local chain; gives its URL."""
    chain = await demo.start("-m", "sdk.chain.dev_node")
    return (await read_until(chain, r"ready dev_node (\S+)", "the chain"))[1]


async def set_up(demo: Demo, chain_url: str) -> dict[str, str]:
    """Make keys and settings: the gas account, and the authority that vouches for stations."""
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
    }
    gas = json.loads(await demo.noroam("gas-account", str(demo.folder / "gas"), "--json"))
    demo.env["GAS_KEY_FILE"] = gas["key_file"]
    await fund(chain_url, gas["address"])
    made = json.loads(
        await demo.noroam("authority", "new", str(demo.folder / "authority"), "--json")
    )
    demo.env["AUTHORITY_DIDS"] = made["did"]
    return {"key_file": made["key_file"], "did": made["did"]}


async def fund(chain_url: str, account: str) -> None:
    """Have the local chain give an account something to pay gas with."""
    client = ChainClient([chain_url], CHAIN_ID)
    try:
        await client.rpc("anvil_setBalance", account, hex(10 * TOKEN))
    finally:
        await client.close()


async def onboard(demo: Demo, authority_key: str, password: str) -> str:
    """Register the charge point and let the authority vouch for it; gives the QR code's text."""
    added = json.loads(
        await demo.noroam(
            *("charge-point", "add", CHARGE_POINT, "--price-per-kwh", "0.4", "--unit", "ether"),
            *("--name", "Demo station", "--power-w", "22000", "--json"),
            CHARGE_POINT_PASSWORD=password,
        )
    )
    await demo.noroam("authority", "issue", CHARGE_POINT, "--key-file", authority_key, "--store")
    return str(added["qr"][0])


async def make_api_key(demo: Demo) -> str:
    """Make a key that may do everything over HTTP; gives its text."""
    made = await demo.noroam("api-key", "make", "demo", "--role", "administrator", "--json")
    return str(json.loads(made)["key"])


async def make_account(redis_url: str) -> str:
    """Make an account that may do everything on the page; gives its password."""
    password = secrets.token_urlsafe(12)
    bus = RedisBus.from_url(redis_url)
    try:
        await Accounts(bus).add("demo", "administrator", password)
    finally:
        await bus.close()
    return password


async def start_charge_point(demo: Demo, gateway: str, password: str) -> None:
    """Start the simulated charge point; what it tells goes to a log file."""
    with (demo.folder / "charge_point.log").open("w", encoding="utf-8") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(EXAMPLES / "charge_point.py"),
            *("--id", CHARGE_POINT, "--url", gateway, "--password", password),
            *("--speed", str(SPEED), "--interval", str(SPEED / 4)),
            stdout=log,
            cwd=ROOT,
        )
    demo.programs.append(process)


async def wait_for_station(redis_url: str) -> None:
    """Wait until the station's document is on the chain and its charge point is ready."""
    try:
        async with asyncio.timeout(START_WITHIN_S), Station.connect(redis_url, CHARGE_POINT) as it:
            while True:
                state = await it.state()
                ready = state.connected and state.connector(1).status == "Available"
                if ready and state.identity.state == "published":
                    return
                await asyncio.sleep(0.2)
    except TimeoutError as error:
        raise DemoError("the station does not get ready") from error


async def charge(demo: Demo, qr: str, authority: str) -> None:
    """Run the driver's app. Raises DemoError unless it ends with a good receipt."""
    app = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLES / "consumer.py"),
        *("--qr", qr, "--authority", authority, "--chain-url", demo.env["CHAIN_URLS"]),
        *("--deposit", "5", "--stop-after-wh", STOP_AFTER_WH, "--speed-limit", str(SPEED * 2)),
        env={**os.environ, **demo.env},
        cwd=ROOT,
    )
    demo.programs.append(app)
    try:
        async with asyncio.timeout(SESSION_WITHIN_S):
            code = await app.wait()
    except TimeoutError as error:
        raise DemoError("the session takes too long") from error
    if code:
        raise DemoError(f"the driver's app ended with {code}")


async def serve_app(demo: Demo, authority: str, redis_url: str) -> str:
    """Serve the driver's app with a funded test wallet; gives its URL, "" where it isn't built."""
    if not (EXAMPLES / "app" / "dist" / "index.html").is_file():
        return ""
    wallet = new_key()
    chain_url = demo.env["CHAIN_URLS"]
    await fund(chain_url, wallet.address)
    config = {
        "chainUrl": chain_url.replace("ws://", "http://", 1),
        "chainId": CHAIN_ID,
        "authorities": [authority],
        "bootstrap": await browsers_doors(redis_url),
        "testWalletKey": "0x" + wallet.secret.hex(),
        "speedLimit": SPEED * 2,
    }
    server = await demo.start(str(EXAMPLES / "app_server.py"), "--config", json.dumps(config))
    return (await read_until(server, r"ready app_server (\S+)", "the app's server"))[1]


async def browsers_doors(redis_url: str) -> list[str]:
    """Give the P2P servers' addresses that a browser can dial."""
    bus = RedisBus.from_url(redis_url)
    try:
        servers = [
            await bus.read(keys.p2p_server(peer)) for peer in await bus.members(keys.P2P_SERVERS)
        ]
    finally:
        await bus.close()
    return [
        address
        for server in servers
        for address in json.loads(server["multiaddrs"])
        if "/ws" in address
    ]


@contextlib.asynccontextmanager
async def services(demo: Demo) -> AsyncIterator[Launcher]:
    """Run Redis and the three services, their logs in a file."""
    with (demo.folder / "services.log").open("a", encoding="utf-8") as log:

        def keep(line: str) -> None:
            log.write(line + "\n")
            log.flush()

        async with Launcher(env=demo.env, out=keep, err=keep) as launcher:
            yield launcher


async def run(demo: Demo, stopping: asyncio.Event) -> None:
    """Run the whole demo."""
    show = demo.show
    chain_url = await start_chain(demo)
    show.print(f"chain     {chain_url}")
    authority = await set_up(demo, chain_url)
    password = secrets.token_hex(12)
    async with services(demo) as launcher:
        urls = launcher.urls
        show.print(f"gateway   {urls['cpg']}\np2p       {urls['p2p_server']}")
        qr = await onboard(demo, authority["key_file"], password)
        await start_charge_point(demo, urls["cpg"], password)
        await wait_for_station(launcher.redis_url)
        show.print(f"station   {qr}")
        login = f"sign in as demo, password {await make_account(launcher.redis_url)}"
        show.print(f"page      {urls['session_manager']} {login}")
        show.print(f"api       {urls['session_manager']}/api/ key {await make_api_key(demo)}\n")
        await charge(demo, qr, authority["did"])
        if not os.environ.get("ONCE"):
            if app := await serve_app(demo, authority["did"], launcher.redis_url):
                show.print(f"\nDrive yourself: {app}/#/station/{qr}")
            show.print(f"\nThe operators' page: {urls['session_manager']} ({login})")
            show.print(f"Logs: {demo.folder}\nCtrl-C ends the demo.")
            await stopping.wait()


async def main() -> int:
    """Run the demo; gives the exit code."""
    stopping = asyncio.Event()
    show = Console(highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory(prefix="noroam-demo-", ignore_cleanup_errors=True) as name:
        demo = Demo(Path(name), show)
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()

        def end() -> None:
            stopping.set()
            if task is not None:
                task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end)
        try:
            await run(demo, stopping)
        except NoroamError as error:
            show.print(f"[red]The demo failed:[/red] {error}")
            _show_logs(demo)
            return 1
        except asyncio.CancelledError:
            return 0
        finally:
            await demo.stop()
    return 0


def _show_logs(demo: Demo) -> None:
    for log in sorted(demo.folder.glob("*.log")):
        last = log.read_text("utf-8").splitlines()[-40:]
        print(f"--- {log.name}", *last, sep="\n", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
