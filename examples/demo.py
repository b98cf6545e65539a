"""A day at an operator's on one machine, on real parts; the demo plays the issuing authority.

It starts a local chain, Redis, the three services, three simulated charge points of different makes
and a driver's app, each as a process of its own. A week of sessions that never happened is there
already, each marked as `generated`; one session is run really, fast, and its receipt printed. Then
it stays up until Ctrl-C, so that its page, with the administrator's account that it prints, and its
API, with the key that it prints, can be tried, and so can the app for a phone of examples/app,
where that is built: it is served with a test wallet of its own. DEMO_PASSWORD is taken as the
account's password where it is set. With ONCE=1 the demo ends after the receipt: exit code 0, or 1
if anything failed.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from demo_house import ACCOUNT, House, fund, living
from demo_programs import EXAMPLES, Demo, DemoError, read_json, read_until
from sdk.bus import keys
from sdk.chain.accounts import new_key
from sdk.chain.dev_node import CHAIN_ID
from sdk.errors import NoroamError

CHARGE_POINT = "DEMO-1"
SPEED = float(os.environ.get("SPEED", "240"))
STOP_AFTER_WH = os.environ.get("STOP_AFTER_WH", "3000")
SESSION_WITHIN_S = 180.0


async def charge(house: House, qr: str) -> None:
    """Run the driver's app. Raises DemoError unless it ends with a good receipt."""
    app = await house.demo.start_shown(
        str(EXAMPLES / "consumer.py"),
        *("--qr", qr, "--authority", house.authority, "--chain-url", house.chain_url),
        *("--deposit", "5", "--stop-after-wh", STOP_AFTER_WH, "--speed-limit", str(SPEED * 2)),
    )
    try:
        async with asyncio.timeout(SESSION_WITHIN_S):
            code = await app.wait()
    except TimeoutError as error:
        raise DemoError("the session takes too long") from error
    if code:
        raise DemoError(f"the driver's app ended with {code}")


async def serve_app(house: House) -> str:
    """Serve the driver's app with a funded test wallet; gives its URL, "" where it isn't built."""
    if not (EXAMPLES / "app" / "dist" / "index.html").is_file():
        return ""
    wallet = new_key()
    await fund(house.chain_url, wallet.address)
    config = {
        "chainUrl": house.chain_url.replace("ws://", "http://", 1),
        "chainId": CHAIN_ID,
        "authorities": [house.authority],
        "bootstrap": await browsers_doors(house),
        "testWalletKey": "0x" + wallet.secret.hex(),
        "speedLimit": SPEED * 2,
    }
    server = await house.demo.start(str(EXAMPLES / "app_server.py"), "--config", json.dumps(config))
    return (await read_until(server, r"ready app_server (\S+)", "the app's server"))[1]


async def browsers_doors(house: House) -> list[str]:
    """Give the P2P servers' addresses that a browser can dial."""
    bus = house.bus
    servers = [
        await bus.read(keys.p2p_server(peer)) for peer in await bus.members(keys.P2P_SERVERS)
    ]
    return [
        address
        for server in servers
        for address in json.loads(server["multiaddrs"])
        if "/ws" in address
    ]


async def run(demo: Demo, show: Console, stopping: asyncio.Event) -> None:
    """Run the whole demo."""
    async with living(demo, speed=SPEED) as house:
        urls = house.launcher.urls
        show.print(f"chain     {house.chain_url}")
        show.print(f"gateway   {urls['cpg']}\np2p       {urls['p2p_server']}")
        for station in house.stations.values():
            show.print(f"station   {station.point.id} {station.config.qr_text()}")
        show.print(f"history   {house.sessions} sessions and a dispute, marked as generated")
        login = f"sign in as {ACCOUNT}, password {house.password}"
        show.print(f"page      {house.page} {login}")
        key = await read_json(demo, "api-key", "make", "demo", "--role", "administrator")
        show.print(f"api       {house.page}/api/ key {key['key']}\n")
        qr = house.stations[CHARGE_POINT].config.qr_text()
        await charge(house, qr)
        if not os.environ.get("ONCE"):
            if app := await serve_app(house):
                show.print(f"\nDrive yourself: {app}/#/station/{qr}")
            show.print(f"\nThe operators' page: {house.page} ({login})")
            show.print(f"Logs: {demo.folder}\nCtrl-C ends the demo.")
            await stopping.wait()


async def main() -> int:
    """Run the demo; gives the exit code."""
    stopping = asyncio.Event()
    show = Console(highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory(prefix="noroam-demo-", ignore_cleanup_errors=True) as name:
        demo = Demo(Path(name))
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()

        def end() -> None:
            stopping.set()
            if task is not None:
                task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end)
        try:
            await run(demo, show, stopping)
        except NoroamError as error:
            show.print(f"[red]The demo failed:[/red] {error}")
            demo.show_logs()
            return 1
        except asyncio.CancelledError:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
