"""Several consoles over one Redis: they show the same, and the log goes on from one to another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from console_accounts import cookie_of
from console_socket import PageSocket, page_socket, until

from sdk.bus import keys
from sdk.bus.limits import Limits
from sdk.bus.redis_bus import RedisBus
from sdk.chain.client import NodeStatus
from sdk.ids import utc_now
from session_manager.console import Console, ConsoleAddress
from session_manager.console_log import RING

CHAIN = NodeStatus(url="http://127.0.0.1:8545", chain_id=31337, connected=True, block_number=7)


@asynccontextmanager
async def _console(redis_url: str, static: Path) -> AsyncIterator[str]:
    bus = RedisBus.from_url(redis_url)
    console = Console(bus, lambda: CHAIN, utc_now, ConsoleAddress("127.0.0.1", 0, static))
    async with asyncio.TaskGroup() as tasks:
        url = await console.start()
        tasks.create_task(console.run())
        try:
            yield url
        finally:
            await console.stop()
    await bus.close()


def _lines(first: int, last: int) -> list[dict[str, str]]:
    return [
        {"text": str(number), "level": "info", "service": "cpg"} for number in range(first, last)
    ]


async def _write(bus: RedisBus, first: int, last: int, pause_s: float = 0.005) -> None:
    for start in range(first, last, 50):
        await bus.append_log(_lines(start, min(start + 50, last)))
        await asyncio.sleep(pause_s)


class _Visitor:
    """A page that comes and goes, to one console or another, and keeps what it read."""

    def __init__(self, bus: RedisBus, cookie: str) -> None:
        self._bus, self._cookie = bus, cookie
        self.lines: list[dict[str, Any]] = []
        self.gaps: list[str] = []
        self.epoch: str | None = None

    @asynccontextmanager
    async def at(self, url: str) -> AsyncIterator[PageSocket]:
        since = self.lines[-1]["id"] if self.lines else None
        auth = {"since": since, "epoch": self.epoch}
        async with page_socket(self._bus, url, self._cookie, **auth) as page:
            yield page
        self.lines += page.lines
        self.gaps += page.gaps
        self.epoch = (page.hello or {}).get("epoch") or self.epoch

    @property
    def texts(self) -> list[str]:
        return [line["text"] for line in self.lines]


@pytest.fixture
async def visitor(redis_bus: RedisBus) -> _Visitor:
    return _Visitor(redis_bus, await cookie_of(redis_bus))


async def test_two_consoles_show_the_same(
    redis_bus: RedisBus, redis_url: str, tmp_path: Path
) -> None:
    for number in range(1, 31):
        point = f"CP-{number}"
        await redis_bus.write(keys.config(point), {"connectors": "2"})
        await redis_bus.write(keys.connector(point, 1), {"status": "Available"})
        await redis_bus.add_member(keys.STATIONS, point)
    async with AsyncExitStack() as stack:
        urls = [await stack.enter_async_context(_console(redis_url, tmp_path)) for _ in "12"]
        pages = [await stack.enter_async_context(page_socket(redis_bus, url)) for url in urls]
        for page in pages:
            await until(partial(_is_complete, page))
        for number in range(1, 31):
            fields = {"status": "Charging", "power_w": str(number)}
            await redis_bus.write(keys.connector(f"CP-{number}", 1), fields)
        await redis_bus.remove_member(keys.STATIONS, "CP-7")
        await redis_bus.append_log(_lines(0, 3))
        for page in pages:
            await until(partial(_is_settled, page), 15)

    first, second = pages
    assert first.shown() == second.shown()
    assert first.lines == second.lines
    assert (first.hello or {})["epoch"] == (second.hello or {})["epoch"]
    assert (first.hello or {})["server"] != (second.hello or {})["server"]
    assert len([place for place in first.shown() if place[0] == "status"]) == 29


def _is_complete(page: PageSocket) -> bool:
    return ("complete", {}) in page.objects


def _is_settled(page: PageSocket) -> bool:
    shown = page.shown()
    statuses = [each for place, each in shown.items() if place[0] == "status"]
    charging = [each for each in statuses if each["connectors"][0]["status"] == "Charging"]
    return len(charging) == len(statuses) == 29 and len(page.lines) == 3


async def test_the_log_goes_on_at_another_console_without_gap_or_double(
    redis_bus: RedisBus, redis_url: str, tmp_path: Path, visitor: _Visitor
) -> None:
    await redis_bus.append_log(_lines(0, 1))
    count = 6_000
    async with (
        _console(redis_url, tmp_path) as first,
        _console(redis_url, tmp_path) as second,
        asyncio.TaskGroup() as tasks,
    ):
        async with visitor.at(first) as page:
            await until(lambda: page.lines)
        tasks.create_task(_write(redis_bus, 1, count))
        async with asyncio.timeout(30):
            while len(visitor.lines) < count:
                for url in (first, second):
                    async with visitor.at(url):
                        await asyncio.sleep(0.15)

    assert visitor.texts == [str(number) for number in range(count)]
    assert len({line["id"] for line in visitor.lines}) == count
    assert visitor.gaps == []


async def test_the_log_goes_on_after_a_restart_from_far_behind_the_ring(
    redis_bus: RedisBus, redis_url: str, tmp_path: Path, visitor: _Visitor
) -> None:
    await redis_bus.append_log(_lines(0, 5))
    async with _console(redis_url, tmp_path) as url, visitor.at(url) as page:
        await until(lambda: len(page.lines) == 5)
    count = RING * 2 + 700
    await _write(redis_bus, 5, count, pause_s=0)
    async with _console(redis_url, tmp_path) as url, visitor.at(url) as page:
        await until(lambda: len(page.lines) >= count - 5, 20)
        await redis_bus.append_log(_lines(count, count + 1))
        await until(lambda: len(page.lines) == count - 4)

    assert visitor.texts == [str(number) for number in range(count + 1)]
    assert visitor.gaps == []


async def test_lines_that_were_trimmed_meanwhile_are_told(
    redis_bus: RedisBus, redis_url: str, tmp_path: Path, visitor: _Visitor
) -> None:
    small = RedisBus.from_url(redis_url, limits=Limits(log_lines=1_000))
    await redis_bus.append_log(_lines(0, 5))
    async with _console(redis_url, tmp_path) as url, visitor.at(url) as page:
        await until(lambda: len(page.lines) == 5)
    last = visitor.lines[-1]["id"]
    await _write(small, 5, 5_000, pause_s=0)
    await small.close()
    async with _console(redis_url, tmp_path) as url, visitor.at(url) as page:
        await until(lambda: page.lines and page.lines[-1]["text"] == "4999")

    assert visitor.gaps == [last]
    after = [int(text) for text in visitor.texts[5:]]
    assert after == list(range(after[0], 5_000))
    assert after[0] > 5


async def test_the_lines_of_another_log_are_not_mixed_with_these(
    redis_bus: RedisBus, redis_url: str, tmp_path: Path, visitor: _Visitor
) -> None:
    await redis_bus.append_log(_lines(0, 5))
    async with _console(redis_url, tmp_path) as url, visitor.at(url) as page:
        await until(lambda: len(page.lines) == 5)
    before, visitor.lines[-1]["id"] = visitor.epoch, "9999999999999-0"
    await redis_bus.delete(keys.LOG)
    await redis_bus.delete(keys.LOG_NAMES)
    await redis_bus.append_log(_lines(100, 105))
    async with _console(redis_url, tmp_path) as url, visitor.at(url) as page:
        await until(lambda: len(page.lines) == 5)

    assert visitor.texts[5:] == [str(number) for number in range(100, 105)]
    assert visitor.epoch not in (None, before)


@pytest.mark.parametrize("since", ["5-٣", "99999999999999999999-0", "-1-0", "1-0-0", "x", {}, 7])
async def test_whatever_a_page_says_of_its_last_line_harms_nobody(
    redis_bus: RedisBus, redis_url: str, tmp_path: Path, visitor: _Visitor, since: object
) -> None:
    await redis_bus.append_log(_lines(0, 5))
    cookie = await cookie_of(redis_bus)
    async with (
        _console(redis_url, tmp_path) as url,
        page_socket(redis_bus, url, cookie, since=since, epoch=since, watch=since) as odd,
        visitor.at(url) as page,
    ):
        await until(lambda: len(page.lines) == len(odd.lines) == 5)
        await odd.client.emit("watch", since)
        await redis_bus.append_log(_lines(5, 6))
        await until(lambda: len(page.lines) == len(odd.lines) == 6)
