"""A count that forgets with time: many faults at once are too many, a few now and then are not."""


class LeakyCount:
    """Counts up to `most`; each second takes `per_second` off again."""

    def __init__(self, most: float, per_second: float) -> None:
        """Start at zero."""
        self._most = most
        self._per_second = per_second
        self._level = 0.0
        self._at = 0.0

    def add(self, now: float) -> bool:
        """Count one at `now` (seconds of a monotonic clock); False when there are too many."""
        self._level = max(0.0, self._level - (now - self._at) * self._per_second) + 1
        self._at = now
        return self._level <= self._most
