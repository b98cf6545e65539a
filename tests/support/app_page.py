"""The driver's app in a browser: its page on loopback, set up for one machine's chain."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.async_playwright import Axe
from built_pages import APP, check_built
from machine import ROOT, SPEED, TOKEN, World
from playwright.async_api import Browser, ConsoleMessage, Page

from sdk.bus import keys
from sdk.chain.accounts import new_key
from sdk.chain.dev_node import CHAIN_ID
from sdk.did.authority import authority_did
from sdk.p2p.keys import load_key

SCREENS = ROOT / "build" / "screens" / "app"
PHONE = {"width": 390, "height": 844}
POLICY = "Content Security Policy"
FUNDS = 1000 * TOKEN
STARTED_WITHIN_S = 20


@dataclass
class Site:
    """The page's server, which a test may stop."""

    url: str
    process: asyncio.subprocess.Process

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()


@asynccontextmanager
async def page_server(config: dict[str, Any]) -> AsyncIterator[Site]:
    """Serve the page with these defaults."""
    check_built(APP)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "examples" / "app_server.py"),
        *("--config", json.dumps(config)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), STARTED_WITHIN_S)
    site = Site(line.decode().split()[-1], process)
    try:
        yield site
    finally:
        await site.stop()


@dataclass(frozen=True)
class Served:
    """Where the page is, and the account of its test wallet."""

    url: str
    driver: str


@asynccontextmanager
async def serving(
    world: World, *, authority: str | None = None, bootstrap: tuple[str, ...] = ()
) -> AsyncIterator[Served]:
    """Serve the page with a funded test wallet; it trusts the machine's authority, or another."""
    key = new_key()
    await world.node.fund(key.address, FUNDS)
    config = {
        "chainUrl": world.node.http_url,
        "chainId": CHAIN_ID,
        "authorities": [authority or authority_did(world.authority, CHAIN_ID)],
        "bootstrap": list(bootstrap),
        "testWalletKey": "0x" + key.secret.hex(),
        "speedLimit": SPEED * 2,
    }
    async with page_server(config) as site:
        yield Served(site.url, key.address)


async def bootstrap(world: World) -> tuple[str, ...]:
    """Give the addresses of the machine's P2P server that a browser can dial."""
    peer_id = load_key(world.folder / "p2p.key").peer_id
    entry = await world.bus.read(keys.p2p_server(peer_id))
    return tuple(address for address in json.loads(entry["multiaddrs"]) if "/ws" in address)


@asynccontextmanager
async def phone(browser: Browser, *, width: int = 390) -> AsyncIterator[Page]:
    """A phone with an empty page; whatever the page complains about fails the test."""
    context = await browser.new_context(
        viewport={"width": width, "height": PHONE["height"]},
        color_scheme="light",
        has_touch=True,
        device_scale_factor=2,
    )
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.extend(_refused(line)))
    yield page
    await context.close()
    assert not wrong, wrong


def _refused(line: ConsoleMessage) -> list[str]:
    return [line.text] if POLICY in line.text else []


async def look(page: Page, name: str) -> None:
    """Keep what the screen looks like, light and dark; axe must find nothing on either."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await settle(page)
        await page.screenshot(path=SCREENS / f"{name}-{scheme}.png")
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    await page.emulate_media(color_scheme="light")


async def settle(page: Page) -> None:
    """Wait until what moves once has moved."""
    await page.evaluate(
        """async () => {
            const once = document.getAnimations().filter((one) =>
                one.effect.getComputedTiming().iterations !== Infinity);
            await Promise.allSettled(once.map((one) => one.finished));
        }"""
    )
