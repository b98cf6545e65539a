"""The curve of a session stays bounded and true, and pages keep up with it by increments."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk.records.curve import Reading
from session_manager.console_curve import (
    Curve,
    CurvePoint,
    Mark,
    SessionCurve,
    collected_points,
)


def _point(t: int, energy_wh: int = 0) -> CurvePoint:
    return CurvePoint(t, 11_000, energy_wh)


def _times(curve: Curve) -> list[int]:
    return [point.t for point in curve.points]


class _Page:
    """A page that applies increments."""

    def __init__(self) -> None:
        self.mark: Mark | None = None
        self.points: list[dict[str, Any]] = []

    def read(self, curve: Curve) -> int:
        shown, self.mark = SessionCurve("CP-1", 1, "0x01", curve).increment(self.mark)
        assert shown["from"] <= len(self.points)
        self.points = [*self.points[: shown["from"]], *shown["points"]]
        return len(shown["points"])

    @property
    def times(self) -> list[int]:
        return [point["t"] for point in self.points]


def test_a_long_session_stays_bounded_and_ends_in_the_newest_reading() -> None:
    curve = Curve(most=100)

    for second in range(20_000):
        curve.add(_point(second * 1000, second))

    times = _times(curve)
    assert 40 <= len(times) <= 100
    assert times[0] == 0
    assert times[-1] == 19_999_000
    assert times == sorted(times)


def test_points_stay_evenly_apart_however_long_it_lasts() -> None:
    curve = Curve(most=100)

    for second in range(5_000):
        curve.add(_point(second * 1000))

    gaps = [later - earlier for earlier, later in itertools.pairwise(_times(curve)[:-1])]
    assert max(gaps) <= 2 * min(gaps)


def test_a_repeat_changes_nothing() -> None:
    curve = Curve()
    assert curve.add(_point(1000, 5))
    assert not curve.add(_point(1000, 6))

    assert curve.points == [_point(1000, 5)]


def test_late_readings_find_their_place() -> None:
    curve = Curve()
    for t in (5000, 1000, 3000, 2000, 3000):
        curve.add(_point(t))

    assert _times(curve) == [1000, 2000, 3000, 5000]


def test_a_page_is_sent_only_what_is_new() -> None:
    curve, page = Curve(), _Page()
    for second in range(300):
        curve.add(_point(second * 1000))
    assert page.read(curve) == 300

    for second in range(300, 400):
        curve.add(_point(second * 1000))
        assert page.read(curve) <= 2

    assert page.times == _times(curve)


@given(
    st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=200),
    st.integers(4, 40),
)
def test_whatever_comes_a_page_that_applies_increments_has_the_curve(
    steps: list[tuple[int, bool]], most: int
) -> None:
    curve, page = Curve(most), _Page()
    for t, reads in steps:
        curve.add(_point(t))
        if reads:
            page.read(curve)
    page.read(curve)

    assert page.times == _times(curve)


def test_what_was_collected_before_comes_in_front() -> None:
    curve, page = Curve(), _Page()
    curve.add(_point(3000, 30))
    page.read(curve)

    curve.restore(
        collected_points([Reading(t, 500 + t // 100, 7) for t in (1000, 2000, 3000)], 500)
    )
    page.read(curve)

    assert [(p["t"], p["energy_wh"]) for p in page.points] == [(1000, 10), (2000, 20), (3000, 30)]


def test_a_register_that_was_set_back_gives_no_negative_energy() -> None:
    assert collected_points([Reading(1000, 5, None)], 100) == [CurvePoint(1000, None, 0)]


@pytest.mark.parametrize("most", [4, 600])
def test_another_curve_is_never_taken_for_the_one_before(most: int) -> None:
    first, second, page = Curve(most), Curve(most), _Page()
    for t in range(3):
        first.add(_point(t))
        second.add(_point(t + 10))
    page.read(first)
    page.read(second)

    assert page.times == [10, 11, 12]
