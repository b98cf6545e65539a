"""Pauses that grow, and differ from one app to the next."""

import random


class Backoff:
    """Gives pauses in seconds: `first`, then twice as long each time, up to `longest`.

    Each is up to 30 % shorter or longer, so that those who lost something together do not all come
    back together.
    """

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._pause = first

    def next(self) -> float:
        """Give the next pause."""
        pause, self._pause = self._pause, min(self._pause * 2, self._longest)
        return pause * random.uniform(0.7, 1.3)  # noqa: S311 - spreads, hides nothing

    def reset(self) -> None:
        """Begin again with `first`."""
        self._pause = self._first
