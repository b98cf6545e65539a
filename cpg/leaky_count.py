"""A count that forgets with time: many faults at once are too many, a few now and then are not."""


class LeakyCount:
    """Counts up to `most`; each second takes `per_second` off again.

    Moments are seconds of any clock; one that runs backwards forgives nothing meanwhile.
    """

    __slots__ = ("_at", "_level", "_most", "_per_second")

    def __init__(self, most: float, per_second: float) -> None:
        """Start at zero."""
        self._most = most
        self._per_second = per_second
        self._level = 0.0
        self._at = 0.0

    def add(self, now: float) -> bool:
        """Count one at `now`; False when there are too many."""
        self._level = self._left(now) + 1
        self._at = now
        return self._level <= self._most

    def take(self, now: float) -> bool:
        """Count one at `now` if it fits; False, and nothing counted, when it does not."""
        if self.wait(now) > 0:
            return False
        return self.add(now)

    def wait(self, now: float) -> float:
        """Tell in how many seconds from `now` one more fits; 0: it fits now."""
        above = self._left(now) + 1 - self._most
        return above / self._per_second if above > _ROUNDING else 0.0

    def _left(self, now: float) -> float:
        return max(0.0, self._level - max(0.0, now - self._at) * self._per_second)


_ROUNDING = 1e-9
