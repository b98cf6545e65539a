"""The console for tests: signed in, in this process, over a real Valkey, with its API.

    async with console_world(redis_url) as world:      # redis_url: fixture of tests/conftest.py
        await world.bus.write(...)                     # write state as a manager would
        page = await world.page(browser, role="operator", path="/", lang="de", dark=True)
        http = await world.client("administrator")     # aiohttp session, with the cookie
        answer = await http.get(f"{world.url}/api/v1/me")

`page` gives a Playwright page that is signed in as the account `<role>` (password
`console_accounts.PASSWORD`), with its own browser context, which ends with the world. `role=None`:
nobody is signed in. Take the fixture `redis` or `redis_bus`, too, for a Valkey that is emptied
before. The page's files come from `static`, else the folder in NOROAM_STATIC, else `dui/static`.
A console's node is `world.chain`, which a test may replace.

`client` sends the header that a change by cookie needs. `stop()` stops the console, and `start()`
starts it again at the same URL; who was signed in still is.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from api_world import CHAIN, made_api
from built_pages import CONSOLE, check_built
from console_accounts import account_of
from console_browser import session_cookie
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize
from yarl import URL

from sdk.api_keys import Role
from sdk.bus.redis_bus import RedisBus
from sdk.chain.client import NodeStatus
from sdk.ids import utc_now
from session_manager.api.own_process import OwnProcess
from session_manager.console import Console, ConsoleAddress
from session_manager.sign_in_cookie import COOKIE, HEADER
from session_manager.sign_ins import SignIns

DESKTOP = ViewportSize(width=1440, height=1000)
PHONE = ViewportSize(width=390, height=844)


def built_page() -> Path:
    """Give the folder of the built page: NOROAM_STATIC, or `dui/static`."""
    return Path(os.environ.get("NOROAM_STATIC") or CONSOLE.output)


@dataclass
class ConsoleWorld:
    """A console that runs, and who is signed in to it."""

    bus: RedisBus
    static: Path
    answer_timeout: float
    keys_dir: Path | None
    process: OwnProcess | None
    tls: bool
    tasks: asyncio.TaskGroup
    url: str = ""
    chain: NodeStatus = CHAIN
    _console: Console | None = None
    _running: asyncio.Task[None] | None = None
    _sign_ins: SignIns | None = None
    _contexts: list[BrowserContext] = field(default_factory=list)
    _clients: list[aiohttp.ClientSession] = field(default_factory=list)

    @property
    def sign_ins(self) -> SignIns:
        """The console's own."""
        assert self._sign_ins is not None
        return self._sign_ins

    async def token(self, role: Role) -> str:
        """Sign in as the account `<role>`; give the session's token."""
        account = await account_of(self.sign_ins, role)
        return await self.sign_ins.open(account.id)

    async def client(self, role: Role | None = "operator") -> aiohttp.ClientSession:
        """Give an HTTP client that is signed in; None: that is not."""
        cookies = {} if role is None else {COOKIE: await self.token(role)}
        jar = aiohttp.CookieJar(unsafe=True)  # of an address, as is ours
        jar.update_cookies(cookies, URL(self.url))
        client = aiohttp.ClientSession(cookie_jar=jar, headers={HEADER: "1"})
        self._clients.append(client)
        return client

    async def page(  # noqa: PLR0913 - what a page can look like
        self,
        browser: Browser,
        *,
        role: Role | None = "operator",
        path: str = "/",
        lang: str = "en",
        dark: bool = False,
        phone: bool = False,
        bypass_csp: bool = False,
    ) -> Page:
        """Open a path of the console in a new browser context; `bypass_csp`: for axe."""
        if self.static == CONSOLE.output:
            check_built(CONSOLE)
        context = await browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            locale={"en": "en-GB", "de": "de-DE"}.get(lang, lang),
            color_scheme="dark" if dark else "light",
            has_touch=phone,
            bypass_csp=bypass_csp,
        )
        self._contexts.append(context)
        if role is not None:
            await context.add_cookies([session_cookie(await self.token(role), self.url)])
        page = await context.new_page()
        await page.goto(self.url + path)
        return page

    async def start(self) -> None:
        """Start the console; the second time, at the URL of the first."""
        port = URL(self.url).port or 0 if self.url else 0
        address = ConsoleAddress("127.0.0.1", port, self.static)
        _, served = made_api(self.bus, keys_dir=self.keys_dir, process=self.process, tls=self.tls)
        self._sign_ins = served.sign_ins
        console = Console(
            self.bus, lambda: self.chain, utc_now, address, self.answer_timeout, api=served
        )
        self.url = await console.start()
        self._console = console
        self._running = self.tasks.create_task(console.run())

    async def stop(self) -> None:
        """Stop the console."""
        if self._console is not None and self._running is not None:
            await self._console.stop()
            await self._running
        self._console = self._running = None

    async def close(self) -> None:
        """Let go of browsers and clients."""
        for context in self._contexts:
            await context.close()
        for client in self._clients:
            await client.close()


@asynccontextmanager
async def console_world(
    redis_url: str,
    *,
    static: Path | None = None,
    answer_timeout: float = 2.0,
    keys_dir: Path | None = None,
    process: OwnProcess | None = None,
    tls: bool = False,
) -> AsyncIterator[ConsoleWorld]:
    """Run a console until the block ends; see the module for how to use it.

    With `keys_dir` it can make keys for stations; `process` is what it tells of itself.
    """
    bus = RedisBus.from_url(redis_url)
    folder = static or built_page()
    try:
        async with asyncio.TaskGroup() as tasks:
            world = ConsoleWorld(bus, folder, answer_timeout, keys_dir, process, tls, tasks)
            await world.start()
            try:
                yield world
            finally:
                await world.close()
                await world.stop()
    finally:
        await bus.close()
