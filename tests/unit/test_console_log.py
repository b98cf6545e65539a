"""The console's ring of log lines and its board of objects."""

import pytest

from sdk.bus.interface import LogLine
from session_manager.console_board import Board
from session_manager.console_log import LogRing, line_number


def _line(line_id: str) -> LogLine:
    return LogLine(line_id, {"text": line_id, "level": "info", "service": "cpg", "at": "now"})


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


def test_the_ring_keeps_the_newest() -> None:
    ring = LogRing(most=100)
    for number in range(1, 1001):
        ring.extend([_line(f"{number}-0")])

    kept = ring.after("0", 1000)

    assert 100 <= len(kept) <= 110
    assert kept[-1]["id"] == ring.last_id == "1000-0"


@pytest.mark.parametrize("garbage", ["", "x", "1-x", "-", "²-0"])
def test_what_is_no_line_id_asks_for_everything(garbage: str) -> None:
    assert line_number(garbage) == (0, 0)


def test_ids_are_ordered_by_number() -> None:
    assert line_number("9-9") < line_number("10-0") < line_number("10-10")


def test_the_board_gives_each_page_what_it_has_not_seen() -> None:
    board = Board()
    board.put("status", {"charge_point_id": "CP-1", "connected": False})
    board.put("session", {"charge_point_id": "CP-1", "connector_id": 1, "phase": "idle"})
    seen = board.revision
    board.put("status", {"charge_point_id": "CP-1", "connected": True})

    assert [event for event, _ in board.newer_than(0)] == ["session", "status"]
    assert board.newer_than(seen) == [("status", {"charge_point_id": "CP-1", "connected": True})]


def test_the_board_is_silent_about_what_did_not_change() -> None:
    board = Board()
    board.put("status", {"charge_point_id": "CP-1", "connected": True})
    changed = board.changed()
    board.put("status", {"charge_point_id": "CP-1", "connected": True})

    assert not changed.is_set()
    board.put("status", {"charge_point_id": "CP-1", "connected": False})
    assert changed.is_set()


def test_the_board_forgets_a_charge_point() -> None:
    board = Board()
    board.put("status", {"charge_point_id": "CP-1"})
    board.put("status", {"charge_point_id": "CP-2"})
    board.remove("CP-1")

    assert board.newer_than(0) == [("status", {"charge_point_id": "CP-2"})]
