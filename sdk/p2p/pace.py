"""How fast one party may send. Whoever is faster is read from more slowly, not refused. Pure."""


class Pace:
    """Lets `burst` units pass at once and `rate` per second after that.

    Several connections of one party share a pace: the debt of one makes all of them wait.
    """

    __slots__ = ("_at", "_burst", "_debt", "_rate")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._debt = 0.0
        self._at = 0.0

    def pay(self, units: float, now: float) -> float:
        """Count what came at second `now`; give the seconds to wait before more is read."""
        passed = max(0.0, now - self._at)
        self._debt = max(0.0, self._debt - passed * self._rate) + units
        self._at = now
        return max(0.0, (self._debt - self._burst) / self._rate)
