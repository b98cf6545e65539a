"""What is measured of the console's page, in a real Chromium: its size, its frames, its memory."""

import asyncio
from time import perf_counter

from playwright.async_api import Page

from benchmarks.figures import tell
from benchmarks.page_browser import STATIONS, Watched, log_lines, watched, write_reading
from benchmarks.page_first_load import FIRST_LOAD
from benchmarks.parts import Part, Values
from sdk.bus.redis_bus import RedisBus

KEPT_LINES = 100_000
LINES_S, WATCH_S = 200, 10.0
UPDATES, UPDATES_S = 86_400, 500
AT_ONCE = 10
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


class Told:
    """How many updates of a session a page was told."""

    def __init__(self, page: Page) -> None:
        """Count from the next connection on."""
        self.updates = 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._count))

    def _count(self, frame: str | bytes) -> None:
        self.updates += frame.count('["session",') if isinstance(frame, str) else 0


async def log_frames() -> Values:
    """Let 200 lines a second come on top of 100,000, and count the page's frames."""
    async with watched(KEPT_LINES) as stage:
        page = stage.page
        await _load_log(stage)
        writing = asyncio.TaskGroup()
        async with writing:
            task = writing.create_task(_write_lines(stage.bus, LINES_S))
            await asyncio.sleep(2.0)
            rate, long_tasks = await page.evaluate(_COUNT_FRAMES, WATCH_S)
            task.cancel()
        shown = await page.locator("[role=option]").last.inner_text()
        tell(f"  {long_tasks} long tasks; the last line shown is {' '.join(shown.split())[:80]}")
    return {"dui.log_200.fps": rate}


async def heap_growth() -> Values:
    """Show a day of a reading each second, with a log that is full already.

    At a hundred times the speed it would take 14 minutes, so it is five hundred times. The sessions
    take turns, and each has its next reading later than the console's next batch (80 ms). Where two
    still come in one batch they count as one: it goes on until the page was told a day's number.
    """
    async with watched(KEPT_LINES) as stage:
        page, told = stage.page, Told(stage.page)
        await _load_log(stage)
        await page.get_by_role("link", name="Charge points").first.click()
        warmed = await _charge(stage.bus, told, 0, UPDATES // 20)
        before, began = await _heap_mb(page), perf_counter()
        readings = await _charge(stage.bus, told, warmed, UPDATES) - warmed
        took = perf_counter() - began
        await asyncio.sleep(1.0)
        after = await _heap_mb(page)
        tell(
            f"  told of {UPDATES:,} in {took:.0f} s, with {readings:,} readings; "
            f"{before:.1f} MB before, {after:.1f} MB after"
        )
    return {"dui.heap_growth_day": after - before}


async def _load_log(stage: Watched) -> None:
    page = stage.page
    await page.goto(f"{stage.url}/log")
    await page.get_by_role("button", name="Load all that are kept").click()
    loaded = page.get_by_text("These are all lines that are kept.")
    full = page.get_by_text("The page holds no more lines")
    await loaded.or_(full).wait_for(timeout=120_000)
    await page.get_by_role("button", name="Follow").click()


async def _write_lines(bus: RedisBus, rate: int) -> None:
    number, pause_s = 0, 0.05
    while True:
        count = int(rate * pause_s)
        await bus.append_log(log_lines(number, count))
        number += count
        await asyncio.sleep(pause_s)


async def _charge(bus: RedisBus, told: Told, first: int, updates: int) -> int:
    """Write readings, and a line now and then, until the page was told of so many; give the next.

    Raises TimeoutError where the page is told of less than half of them.
    """
    began, until, number = perf_counter(), told.updates + updates, first
    while told.updates < until:
        await asyncio.gather(
            *(write_reading(bus, each) for each in range(number, number + AT_ONCE))
        )
        await bus.append_log(log_lines(number, 1))
        number += AT_ONCE
        if number - first > 2 * updates:
            raise TimeoutError(f"the page was told of {told.updates:,} readings alone")
        due = began + (number - first) / UPDATES_S
        await asyncio.sleep(max(0.0, due - perf_counter()))
    return number


async def _heap_mb(page: Page) -> float:
    session = await page.context.new_cdp_session(page)
    for _ in range(2):
        await session.send("HeapProfiler.collectGarbage")
    used: float = (await session.send("Runtime.getHeapUsage"))["usedSize"]
    await session.detach()
    return used / 1e6


PAGE_LOADS = (
    FIRST_LOAD,
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
