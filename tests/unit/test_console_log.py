"""The console's log: its ring, and what Redis has beyond it."""

import pytest

from sdk.bus.interface import LogLine
from sdk.bus.limits import Limits
from sdk.bus.memory_bus import MemoryBus
from session_manager.console_board import Board
from session_manager.console_log import FIRST, LogBook, LogRing, line_number


def _line(line_id: str) -> LogLine:
    return LogLine(line_id, {"text": line_id, "level": "info", "service": "cpg", "at": "now"})


async def _book(bus: MemoryBus, most: int) -> LogBook:
    """Give a book whose ring is filled as `follow` fills it."""
    book = LogBook(bus, Board(), LogRing(most))
    book.ring.extend((await bus.read_log_back(None, most))[::-1])
    book.ring.is_loaded = True
    return book


async def _all_after(book: LogBook, line_id: str) -> tuple[list[str], int]:
    """Read as a page does, chunk by chunk; gives the texts and how many gaps were told."""
    texts: list[str] = []
    gaps, last = 0, line_id
    while True:
        missed = await book.after(last)
        gaps += missed.gap
        if not missed.lines:
            return texts, gaps
        texts += [line["text"] for line in missed.lines]
        last = missed.lines[-1]["id"]


def test_a_page_that_was_away_gets_what_came_after_its_last_line() -> None:
    ring = LogRing()
    ring.extend([_line(f"{number}-0") for number in range(1, 21)])

    missed = ring.after("15-0", 3)

    assert [line["id"] for line in missed] == ["16-0", "17-0", "18-0"]
    assert ring.after("20-0", 10) == []


def test_lines_that_are_known_are_not_taken_twice() -> None:
    ring = LogRing()
    ring.extend([_line("1-0"), _line("1-1")])

    assert ring.extend([_line("1-1"), _line("2-0")]) is True
    assert ring.extend([_line("2-0")]) is False
    assert [line["id"] for line in ring.after("0", 10)] == ["1-0", "1-1", "2-0"]


def test_the_ring_keeps_the_newest_and_knows_how_far_it_reaches_back() -> None:
    ring = LogRing(most=100)
    assert ring.reaches("7-0")
    for number in range(1, 1001):
        ring.extend([_line(f"{number}-0")])

    kept = ring.after("0", 1000)

    assert 100 <= len(kept) <= 110
    assert kept[-1]["id"] == ring.last_id == "1000-0"
    assert ring.reaches(kept[0]["id"])
    assert not ring.reaches(f"{1000 - len(kept)}-0")


@pytest.mark.parametrize("garbage", ["", "x", "1-x", "-", "²-0", "٣-0"])
def test_what_is_no_line_id_comes_before_all(garbage: str) -> None:
    assert line_number(garbage) == (0, 0)


def test_ids_are_ordered_by_number() -> None:
    assert line_number("9-9") < line_number("10-0") < line_number("10-10")


async def test_what_the_ring_lost_is_read_from_redis() -> None:
    bus = MemoryBus()
    await bus.append_log([{"text": str(number)} for number in range(3_000)])
    book = await _book(bus, most=100)

    assert await _all_after(book, "1-0") == ([str(number) for number in range(1, 3_000)], 0)
    assert await _all_after(book, "2990-0") == ([str(number) for number in range(2_990, 3_000)], 0)


async def test_lines_that_were_trimmed_are_told_as_a_gap_once() -> None:
    bus = MemoryBus(Limits(log_lines=200))
    await bus.append_log([{"text": str(number)} for number in range(1_000)])
    book = await _book(bus, most=100)

    texts, gaps = await _all_after(book, "500-0")

    assert texts == [str(number) for number in range(800, 1_000)]
    assert gaps == 1
    assert (await _all_after(book, "801-0"))[1] == 0


async def test_a_page_without_lines_gets_the_newest() -> None:
    bus = MemoryBus()
    await bus.append_log([{"text": str(number)} for number in range(FIRST + 50)])
    book = await _book(bus, most=FIRST * 2)

    missed = await book.after(None)

    assert missed.lines[0]["text"] == "50"
    assert not missed.gap


async def test_nothing_is_told_before_the_ring_is_filled() -> None:
    bus = MemoryBus()
    await bus.append_log([{"text": "early"}])
    book = LogBook(bus, Board())

    assert await book.after(None) == await book.after("1-0") == ([], False)


async def test_all_consoles_give_the_log_one_name() -> None:
    bus = MemoryBus()
    first = await LogBook(bus, Board()).name()

    assert first
    assert await LogBook(bus, Board()).name() == first
