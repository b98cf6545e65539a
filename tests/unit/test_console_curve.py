"""The curve of a session stays bounded and true."""

import itertools

from session_manager.console_curve import Curve, CurvePoint


def _point(t: int, energy_wh: int = 0) -> CurvePoint:
    return CurvePoint(t, 11_000, energy_wh)


def _times(curve: Curve) -> list[int | None]:
    return [each["t"] for each in curve.as_json()]


def test_a_long_session_stays_bounded_and_ends_in_the_newest_reading() -> None:
    curve = Curve(most=100)

    for second in range(20_000):
        curve.add(_point(second * 1000, second))

    times = _times(curve)
    assert 40 <= len(times) <= 100
    assert times[0] == 0
    assert times[-1] == 19_999_000
    assert times == sorted(time for time in times if time is not None)


def test_points_stay_evenly_apart_however_long_it_lasts() -> None:
    curve = Curve(most=100)

    for second in range(5_000):
        curve.add(_point(second * 1000))

    times = [t for t in _times(curve)[:-1] if t is not None]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert max(gaps) <= 2 * min(gaps)


def test_a_repeat_changes_nothing() -> None:
    curve = Curve()
    curve.add(_point(1000, 5))
    curve.add(_point(1000, 6))

    assert curve.as_json() == [{"t": 1000, "power_w": 11_000, "energy_wh": 5}]


def test_late_readings_find_their_place() -> None:
    curve = Curve()
    for t in (5000, 1000, 3000, 2000, 3000):
        curve.add(_point(t))

    assert _times(curve) == [1000, 2000, 3000, 5000]
