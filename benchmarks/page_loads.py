"""What is measured of the console's page, in a real Chromium: the log's frames, and a day's memory.

What the page's folder has is measured: build it first (`make demo` or `npm run build` in dui/).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from time import perf_counter

from playwright.async_api import Page, async_playwright

from benchmarks.figures import tell
from benchmarks.gateway_machine import register, served
from benchmarks.parts import Part, Values
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

PREFIX, STATIONS = "PAGE", 40
KEPT_LINES = 100_000
LINES_S, WATCH_S = 200, 10.0
UPDATES, UPDATES_S = 86_400, 500
AT_ONCE = 10
BATCH = 500
_CHROMIUM = Path(__file__).parents[1] / ".tools" / "chromium.sh"
_FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
_BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
_DEPOSIT = 10**20
_PRICE = 10**12
_COUNT_FRAMES = """seconds => new Promise(done => {
  let frames = 0, long = 0
  new PerformanceObserver(list => long += list.getEntries().length).observe({type: 'longtask'})
  const began = performance.now()
  const next = now => {
    frames += 1
    if (now - began < seconds * 1000) requestAnimationFrame(next)
    else done([frames * 1000 / (now - began), long])
  }
  requestAnimationFrame(next)
})"""


@dataclass(frozen=True, slots=True)
class Watched:
    """A page that is signed in to a console, and the bus that both live of."""

    bus: RedisBus
    page: Page


async def log_frames() -> Values:
    """Let 200 lines a second come on top of 100,000, and count the page's frames."""
    async with _watched() as watched:
        page = watched.page
        await _load_log(watched)
        writing = asyncio.TaskGroup()
        async with writing:
            task = writing.create_task(_write_lines(watched.bus, LINES_S))
            await asyncio.sleep(2.0)
            rate, long_tasks = await page.evaluate(_COUNT_FRAMES, WATCH_S)
            task.cancel()
        shown = await page.locator("[role=option]").last.inner_text()
        tell(f"  {long_tasks} long tasks; the last line shown is {' '.join(shown.split())[:80]}")
    return {"dui.log_200.fps": rate}


async def heap_growth() -> Values:
    """Show a day of readings, quicker, with a log that is full already."""
    async with _watched() as watched:
        await _load_log(watched)
        page = watched.page
        await page.get_by_role("link", name="Charge points").first.click()
        await _charge(watched.bus, 0, UPDATES // 20)
        before = await _heap_mb(page)
        began = perf_counter()
        await _charge(watched.bus, UPDATES // 20, UPDATES + UPDATES // 20)
        took = perf_counter() - began
        await asyncio.sleep(1.0)
        after = await _heap_mb(page)
        tell(f"  {UPDATES:,} updates in {took:.0f} s; {before:.1f} MB before, {after:.1f} MB after")
    return {"dui.heap_growth_day": after - before}


async def _load_log(watched: Watched) -> None:
    page = watched.page
    await page.get_by_role("link", name="Log").first.click()
    await page.get_by_role("button", name="Load all that are kept").click()
    loaded = page.get_by_text("These are all lines that are kept.")
    full = page.get_by_text("The page holds no more lines")
    await loaded.or_(full).wait_for(timeout=120_000)
    await page.get_by_role("button", name="Follow").click()


async def _write_lines(bus: RedisBus, rate: int) -> None:
    number, pause_s = 0, 0.05
    while True:
        count = int(rate * pause_s)
        await bus.append_log(_lines(number, count))
        number += count
        await asyncio.sleep(pause_s)


def _lines(first: int, count: int) -> list[dict[str, str]]:
    return [
        {
            "at": (_BEGAN + timedelta(milliseconds=number)).isoformat(),
            "level": "warning" if number % 50 == 0 else "info",
            "service": ("cpg", "session_manager", "p2p_server")[number % 3],
            "charge_point_id": charge_point_id(PREFIX, number % STATIONS),
            "text": f"line {number}: MeterValues energy_wh={number} power_w=11000 answered in 3 ms",
        }
        for number in range(first, first + count)
    ]


async def _charge(bus: RedisBus, first: int, last: int) -> None:
    """Write readings, one station after the other; and a line now and then."""
    began = perf_counter()
    for number in range(first, last, AT_ONCE):
        await asyncio.gather(*(_reading(bus, each) for each in range(number, number + AT_ONCE)))
        await bus.append_log(_lines(number, 1))
        due = began + (number - first) / UPDATES_S
        await asyncio.sleep(max(0.0, due - perf_counter()))


async def _reading(bus: RedisBus, number: int) -> None:
    station, second = charge_point_id(PREFIX, number % STATIONS), number // STATIONS
    status = ChargingStatus(
        session_id=f"0x{number % STATIONS + 1:064x}",
        phase="charging",
        meter_start_wh=0,
        energy_wh=second * 3,
        power_w=11_000 + second % 100,
        sampled_at=_BEGAN + timedelta(seconds=second),
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


async def _heap_mb(page: Page) -> float:
    session = await page.context.new_cdp_session(page)
    for _ in range(2):
        await session.send("HeapProfiler.collectGarbage")
    used: float = (await session.send("Runtime.getHeapUsage"))["usedSize"]
    await session.detach()
    return used / 1e6


@asynccontextmanager
async def _watched() -> AsyncIterator[Watched]:
    with TemporaryDirectory(prefix="noroam-bench-", ignore_cleanup_errors=True) as name:
        redis = await EmbeddedServer.start(Path(name))
        bus = RedisBus.from_url(redis.url)
        try:
            await register(redis.url, token_hex(16), {PREFIX: STATIONS})
            for first in range(0, KEPT_LINES, BATCH):
                await bus.append_log(_lines(first, BATCH))
            environment = await manager_environment(Path(name), token_hex(8), redis.url)
            async with served("session_manager", environment) as manager:
                url = f"http://{manager.host}:{manager.port}"
                async with _opened(url, await _token(bus)) as page:
                    yield Watched(bus, page)
        finally:
            await bus.close()
            await redis.stop()


async def _token(bus: RedisBus) -> str:
    accounts = Accounts(bus)
    account = await accounts.add("bench", "operator", token_hex(16))
    return await SignIns(bus, accounts, utc_now).open(account.id)


@asynccontextmanager
async def _opened(url: str, token: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=await _chromium(), args=list(_FLAGS)
        )
        context = await browser.new_context(
            viewport={"width": 1440, "height": 1000}, locale="en-GB"
        )
        await context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
        page = await context.new_page()
        await page.goto(url)
        yield page
        await browser.close()


async def _chromium() -> str:
    finder = await asyncio.create_subprocess_exec(_CHROMIUM, stdout=asyncio.subprocess.PIPE)
    said, _ = await finder.communicate()
    lines: Sequence[str] = said.decode().strip().splitlines()
    if finder.returncode or not lines:
        raise FileNotFoundError("no Chromium: set CHROMIUM")
    return lines[-1]


PAGE_LOADS = (
    Part(
        ("dui.log_200.fps",),
        f"{LINES_S} lines a second for {WATCH_S:g} s on top of {KEPT_LINES:,}, in Chromium",
        log_frames,
    ),
    Part(
        ("dui.heap_growth_day",),
        f"{UPDATES:,} readings of {STATIONS} sessions, {UPDATES_S} a second, in Chromium",
        heap_growth,
    ),
)
