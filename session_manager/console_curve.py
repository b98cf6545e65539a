"""The live curve of a session: bounded, however long, and ending in the newest reading."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import count
from operator import attrgetter
from typing import Any, NamedTuple

from sdk.records.curve import Reading

MOST_POINTS = 600
_GENERATIONS = count(1)


class CurvePoint(NamedTuple):
    """One reading: `t` in milliseconds since 1970."""

    t: int
    power_w: int | None
    energy_wh: int


class Mark(NamedTuple):
    """How much of a curve a page has: its first `settled` points, as they were in `generation`."""

    generation: int
    settled: int


class Curve:
    """The readings of one session, thinned to half as soon as there are too many.

    Points keep `spacing` milliseconds apart; the last one is provisional, and gives way to the next
    reading when that comes sooner. All others stay as they are within one generation.
    """

    def __init__(self, most: int = MOST_POINTS) -> None:
        self._most = most
        self._spacing = 0
        self._points: list[CurvePoint] = []
        self._generation = next(_GENERATIONS)

    @property
    def points(self) -> list[CurvePoint]:
        """The curve as it is now, in order of time."""
        return list(self._points)

    def add(self, point: CurvePoint) -> bool:
        """Take a reading, in order or late, and tell whether it is new; a repeat is dropped."""
        points = self._points
        if points and point.t <= points[-1].t:
            if not self._insert(point):
                return False
            self._generation = next(_GENERATIONS)
        else:
            if len(points) > 1 and points[-1].t - points[-2].t < self._spacing:
                points.pop()
            points.append(point)
        if len(points) > self._most:
            self._thin()
        return True

    def restore(self, earlier: Iterable[CurvePoint]) -> None:
        """Put what was read before this curve was begun in front of it."""
        live, self._points = self._points, []
        for point in (*earlier, *live):
            self.add(point)
        self._generation = next(_GENERATIONS)

    def since(self, mark: Mark | None) -> tuple[int, list[CurvePoint], Mark]:
        """Give what a page lacks: from which point on it is told anew, the points, its new mark."""
        points = self._points
        known = mark.settled if mark and mark.generation == self._generation else 0
        return known, points[known:], Mark(self._generation, max(0, len(points) - 1))

    def _insert(self, point: CurvePoint) -> bool:
        points = self._points
        place = bisect_left(points, point.t, key=attrgetter("t"))
        too_close = max(1, self._spacing)
        if points[place].t - point.t < too_close:
            return False
        if place == 0 or point.t - points[place - 1].t >= too_close:
            points.insert(place, point)
            return True
        return False

    def _thin(self) -> None:
        points = self._points
        self._spacing = max(1, (points[-1].t - points[0].t) * 2 // self._most)
        kept = points[:1]
        for point in points[1:-1]:
            if point.t - kept[-1].t >= self._spacing:
                kept.append(point)
        self._points = [*kept, points[-1]]
        self._generation = next(_GENERATIONS)


class SessionCurve(NamedTuple):
    """The curve of the session on a connector, as the board holds it."""

    charge_point_id: str
    connector_id: int
    session_id: str
    curve: Curve

    def increment(self, mark: Mark | None) -> tuple[dict[str, Any], Mark]:
        """Write for a page what it lacks; with `from` 0 the curve starts over."""
        known, points, now = self.curve.since(mark)
        shown = {
            "charge_point_id": self.charge_point_id,
            "connector_id": self.connector_id,
            "session_id": self.session_id,
            "from": known,
            "points": [point._asdict() for point in points],
        }
        return shown, now


def collected_points(readings: Iterable[Reading], meter_start_wh: int) -> list[CurvePoint]:
    """Turn collected readings, which tell the meter's register, to points of a session's energy."""
    return [CurvePoint(r.at_ms, r.power_w, max(0, r.energy_wh - meter_start_wh)) for r in readings]
