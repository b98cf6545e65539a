"""The live curve of a session: bounded, however long, and ending in the newest reading."""

from bisect import bisect_left
from dataclasses import dataclass
from operator import attrgetter

MOST_POINTS = 600


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One reading: `t` in milliseconds since 1970."""

    t: int
    power_w: int | None
    energy_wh: int


class Curve:
    """The readings of one session, thinned to half as soon as there are too many.

    Points keep `spacing` milliseconds apart; the last one is provisional, and gives way to the next
    reading when that comes sooner.
    """

    def __init__(self, most: int = MOST_POINTS) -> None:
        self._most = most
        self._spacing = 0
        self._points: list[CurvePoint] = []

    def add(self, point: CurvePoint) -> None:
        """Take a reading, in order or late; a repeat is dropped."""
        points = self._points
        if points and point.t <= points[-1].t:
            self._insert(point)
        else:
            if len(points) > 1 and points[-1].t - points[-2].t < self._spacing:
                points.pop()
            points.append(point)
        if len(points) > self._most:
            self._thin()

    def as_json(self) -> list[dict[str, int | None]]:
        """Write the curve as the page reads it."""
        return [{"t": p.t, "power_w": p.power_w, "energy_wh": p.energy_wh} for p in self._points]

    def _insert(self, point: CurvePoint) -> None:
        points = self._points
        place = bisect_left(points, point.t, key=attrgetter("t"))
        too_close = max(1, self._spacing)
        if points[place].t - point.t < too_close:
            return
        if place == 0 or point.t - points[place - 1].t >= too_close:
            points.insert(place, point)

    def _thin(self) -> None:
        points = self._points
        self._spacing = max(1, (points[-1].t - points[0].t) * 2 // self._most)
        kept = points[:1]
        for point in points[1:-1]:
            if point.t - kept[-1].t >= self._spacing:
                kept.append(point)
        self._points = [*kept, points[-1]]
