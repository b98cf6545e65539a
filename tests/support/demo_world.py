"""The demo as a world for the browser tests: real services, three charge points, a real Chromium.

    async with demo_world(folder, chromium, days=40) as world:
        seat = await world.seat(role="operator", path="/charge-points")
        await seat.page.get_by_role(...)
        assert seat.troubles == []
        world.bus                      # the Redis that all of them use
        world.house.charge_points      # the simulated charge points, as processes

Each seat is somebody at a browser of their own: nothing is known there of another. `troubles` are
what nobody should see: errors in the browser's console, and requests to other hosts.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from built_pages import CONSOLE, check_built
from console_accounts import account_of, quick_sign_ins
from console_browser import session_cookie
from console_world import DESKTOP, PHONE
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright

from demo_house import House, living
from demo_programs import Demo
from sdk.api_keys import Role
from sdk.bus.redis_bus import RedisBus

PATIENCE_S = 20.0
LANGUAGES = {"en": "en-GB", "de": "de-DE"}


@dataclass
class Seat:
    """A page, and what went wrong on it."""

    page: Page
    troubles: list[str] = field(default_factory=list)


@dataclass
class DemoWorld:
    """The demo that runs, and the browser in front of it."""

    house: House
    browser: Browser
    _contexts: list[BrowserContext] = field(default_factory=list)

    @property
    def bus(self) -> RedisBus:
        """The Redis of all services."""
        return self.house.bus

    @property
    def url(self) -> str:
        """The console's."""
        return self.house.page

    def log(self, charge_point_id: str) -> str:
        """Read what a simulated charge point told so far."""
        return (self.house.demo.folder / f"{charge_point_id}.log").read_text("utf-8")

    async def seat(
        self,
        *,
        role: Role | None = "operator",
        path: str = "/",
        lang: str = "en",
        phone: bool = False,
        bypass_csp: bool = False,
    ) -> Seat:
        """Open a path in a new browser context, signed in as `<role>`; `bypass_csp`: for axe."""
        context = await self.browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            locale=LANGUAGES[lang],
            has_touch=phone,
            bypass_csp=bypass_csp,
            timezone_id="UTC",
        )
        self._contexts.append(context)
        if role is not None:
            await context.add_cookies([session_cookie(await self._token(role), self.url)])
        seat = Seat(await context.new_page())
        self._listen(seat)
        await seat.page.goto(self.url + path)
        return seat

    async def leave(self) -> None:
        """Close all seats."""
        contexts, self._contexts = self._contexts, []
        for context in contexts:
            await context.close()

    async def _token(self, role: Role) -> str:
        sign_ins = quick_sign_ins(self.bus)
        account = await account_of(sign_ins, role)
        return await sign_ins.open(account.id)

    def _listen(self, seat: Seat) -> None:
        def requested(request: Request) -> None:
            own = (self.url, self.url.replace("http", "ws", 1), "data:", "blob:")
            if not request.url.startswith(own):
                seat.troubles.append(f"asks another host: {request.url}")

        seat.page.on("request", requested)
        seat.page.on("pageerror", lambda error: seat.troubles.append(f"throws {error}"))
        seat.page.on(
            "console",
            lambda said: seat.troubles.append(said.text) if said.type == "error" else None,
        )


@asynccontextmanager
async def demo_world(
    folder: Path, chromium: str, days: int = 7, speed: float = 240
) -> AsyncIterator[DemoWorld]:
    """Run the demo with a history of so many days, and a browser of this path."""
    check_built(CONSOLE)
    demo = Demo(folder)
    demo.env = {
        "CONSOLE_PORT": "0",
        "LEASE_SECONDS": "2",
        "UNKNOWN_CHARGE_POINTS": "quarantine",
        "QUARANTINE_INTERVAL": "3",
    }
    async with living(demo, days=days, speed=speed) as house, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        world = DemoWorld(house, browser)
        try:
            yield world
        finally:
            await world.leave()
            await browser.close()


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until something holds; fails after `PATIENCE_S`."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await holds():  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        raise AssertionError(f"not in {PATIENCE_S:g} s: {what}") from error
