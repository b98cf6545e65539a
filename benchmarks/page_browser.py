"""A real Chromium, signed in to a console of its own machine, for what is measured of the page.

What the page's folder has is measured: build it first (`make bench` does).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from playwright.async_api import Page, async_playwright

from benchmarks.gateway_machine import register, served
from benchmarks.plan import charge_point_id
from benchmarks.session_machine import manager_environment
from sdk.accounts import Accounts
from sdk.bus import keys
from sdk.bus.interface import Commit, StateWrite
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.embedded import EmbeddedServer
from sdk.events.envelope import Envelope
from sdk.events.service import ChargingStatus
from sdk.ids import new_event_id, utc_now
from session_manager.sign_in_cookie import COOKIE
from session_manager.sign_ins import SignIns

PREFIX, STATIONS = "PAGE", 60
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
_BATCH = 500
_DEPOSIT = 10**20
_PRICE = 10**12
_CHROMIUM = Path(__file__).parents[1] / ".tools" / "chromium.sh"
_FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


@dataclass(frozen=True, slots=True)
class Watched:
    """An empty page that is signed in to the console at `url`, and the bus that both live of."""

    bus: RedisBus
    page: Page
    url: str


@asynccontextmanager
async def watched(kept_lines: int) -> AsyncIterator[Watched]:
    """Run a console over STATIONS registered stations and a log of so many lines."""
    with TemporaryDirectory(prefix="noroam-bench-", ignore_cleanup_errors=True) as name:
        redis = await EmbeddedServer.start(Path(name))
        bus = RedisBus.from_url(redis.url)
        try:
            await register(redis.url, token_hex(16), {PREFIX: STATIONS})
            for first in range(0, kept_lines, _BATCH):
                await bus.append_log(log_lines(first, _BATCH))
            environment = await manager_environment(Path(name), token_hex(8), redis.url)
            async with served("session_manager", environment) as manager:
                url = f"http://{manager.host}:{manager.port}"
                async with _signed_in(url, await _token(bus)) as page:
                    yield Watched(bus, page, url)
        finally:
            await bus.close()
            await redis.stop()


def log_lines(first: int, count: int) -> list[dict[str, str]]:
    """Make log lines as services write them, numbered."""
    return [
        {
            "at": (BEGAN + timedelta(milliseconds=number)).isoformat(),
            "level": "warning" if number % 50 == 0 else "info",
            "service": ("cpg", "session_manager", "p2p_server")[number % 3],
            "charge_point_id": charge_point_id(PREFIX, number % STATIONS),
            "text": f"line {number}: MeterValues energy_wh={number} power_w=11000 answered in 3 ms",
        }
        for number in range(first, first + count)
    ]


async def write_reading(bus: RedisBus, number: int) -> None:
    """Write the reading of a number: the stations have their turns, a second each."""
    station, second = charge_point_id(PREFIX, number % STATIONS), number // STATIONS
    status = ChargingStatus(
        session_id=f"0x{number % STATIONS + 1:064x}",
        phase="charging",
        meter_start_wh=0,
        energy_wh=second * 3,
        power_w=11_000 + second % 100,
        sampled_at=BEGAN + timedelta(seconds=second),
        deposit=_DEPOSIT,
        cost=second * 3 * _PRICE,
        remaining=_DEPOSIT - second * 3 * _PRICE,
    )
    envelope = Envelope(
        id=new_event_id(),
        charge_point_id=station,
        connector_id=1,
        session_id=status.session_id,
        at=utc_now(),
        body=status,
    )
    fields = {"phase": "charging", "status": status.model_dump_json()}
    await bus.apply(
        Commit(
            station,
            writes=[StateWrite(keys.session(station, 1), fields)],
            events=[(Lane.OUT, envelope)],
        )
    )


async def _token(bus: RedisBus) -> str:
    accounts = Accounts(bus)
    account = await accounts.add("bench", "operator", token_hex(16))
    return await SignIns(bus, accounts, utc_now).open(account.id)


@asynccontextmanager
async def _signed_in(url: str, token: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=await _chromium(), args=list(_FLAGS)
        )
        context = await browser.new_context(
            viewport={"width": 1440, "height": 1000}, locale="en-GB"
        )
        await context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
        yield await context.new_page()
        await browser.close()


async def _chromium() -> str:
    finder = await asyncio.create_subprocess_exec(_CHROMIUM, stdout=asyncio.subprocess.PIPE)
    said, _ = await finder.communicate()
    lines: Sequence[str] = said.decode().strip().splitlines()
    if finder.returncode or not lines:
        raise FileNotFoundError("no Chromium: set CHROMIUM")
    return lines[-1]
