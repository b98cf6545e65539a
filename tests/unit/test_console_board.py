"""The console's board of objects, and what each page takes from it."""

from session_manager.console_board import Board
from session_manager.console_curve import Curve, CurvePoint, SessionCurve


def _curve(charge_point_id: str, *times: int) -> SessionCurve:
    curve = Curve()
    for t in times:
        curve.add(CurvePoint(t, 11_000, t))
    return SessionCurve(charge_point_id, 1, "0x01", curve)


def test_each_page_is_given_what_it_has_not_seen() -> None:
    board = Board()
    board.put("status", {"charge_point_id": "CP-1", "connected": False})
    board.put("session", {"charge_point_id": "CP-1", "connector_id": 1, "phase": "idle"})
    seen = board.revision
    board.put("status", {"charge_point_id": "CP-1", "connected": True})

    assert [place[0] for place, _ in board.newer_than(0)] == ["session", "status"]
    newer = [shown for _, shown in board.newer_than(seen)]
    assert newer == [{"charge_point_id": "CP-1", "connected": True}]
    assert board.newer_than(board.revision) == []


def test_many_changes_of_one_object_are_one() -> None:
    board = Board()
    for energy in range(50):
        board.put("session", {"charge_point_id": "CP-1", "connector_id": 1, "energy_wh": energy})
        board.put("session", {"charge_point_id": "CP-1", "connector_id": 2, "energy_wh": energy})

    assert [shown["energy_wh"] for _, shown in board.newer_than(0) if isinstance(shown, dict)] == [
        49,
        49,
    ]


def test_it_is_silent_about_what_did_not_change() -> None:
    board = Board()
    board.put("chain", {"block_number": 7})
    changed = board.changed()
    board.put("chain", {"block_number": 7})

    assert not changed.is_set()
    board.put("chain", {"block_number": 8})
    assert changed.is_set()


def test_a_charge_point_that_is_gone_is_told_to_those_who_saw_it() -> None:
    board = Board()
    board.put("status", {"charge_point_id": "CP-1"})
    board.put("status", {"charge_point_id": "CP-2"})
    seen = board.revision
    board.remove("CP-1")

    assert board.newer_than(seen) == [(("gone", "CP-1", ""), {"charge_point_id": "CP-1"})]
    assert [place for place, _ in board.newer_than(0)] == [("status", "CP-2", "")]
    board.forget_gone("CP-1")
    board.put("status", {"charge_point_id": "CP-1"})
    assert [place[0] for place, _ in board.newer_than(seen)] == ["status"]


def test_a_curve_is_told_again_with_each_reading() -> None:
    board = Board()
    curve = _curve("CP-1", 1000)
    board.put_curve(curve)
    seen = board.revision
    curve.curve.add(CurvePoint(2000, 11_000, 2))
    board.put_curve(curve)

    assert board.newer_than(seen) == [(("curve", "CP-1", "1"), curve)]


def test_details_are_those_of_the_charge_points_that_are_asked_for() -> None:
    board = Board()
    for name in ("CP-1", "CP-2"):
        board.put("status", {"charge_point_id": name})
        board.put("document", {"charge_point_id": name, "document": None})
        board.put_curve(_curve(name, 1000))

    found = [place for place, _ in board.details({"CP-2"})]

    assert found == [("document", "CP-2", ""), ("curve", "CP-2", "1")]


def test_completeness_is_told_once() -> None:
    board = Board()
    changed = board.changed()
    board.complete()
    assert (changed.is_set(), board.is_complete) == (True, True)
    changed = board.changed()
    board.complete()
    assert not changed.is_set()
