"""In which order announced stations are looked up on the chain, and which not at all. Pure.

Announcements cost nothing to make up, and look-ups do: each key has its turn after the others, and
one whose stations are not what it says has to wait.
"""

from collections import OrderedDict

from sdk.leaky_count import LeakyCount, LeakyCounts

FAULTS, FAULTS_PER_SECOND = 64, 0.1
"""So many stations of one key may turn out to be made up, at once and a second."""
REMEMBERED_KEYS = 20_000

Origin = tuple[str, str]
"""A DID in lower case, and the key that announced it."""


class DiscoveryQueue:
    """Moments are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, OrderedDict[Origin, None]] = OrderedDict()
        self._faults = LeakyCounts(lambda: LeakyCount(FAULTS, FAULTS_PER_SECOND), REMEMBERED_KEYS)

    def put(self, origin: Origin, now: float) -> bool:
        """Have a station looked up, once; False where its key has to wait."""
        key = origin[1]
        if self._faults.wait(key, now) is not None:
            return False
        self._waiting.setdefault(key, OrderedDict())[origin] = None
        return True

    def take(self) -> Origin | None:
        """Give the next one to look up; None: there is none."""
        if not self._waiting:
            return None
        key, origins = self._waiting.popitem(last=False)
        origin, _ = origins.popitem(last=False)
        if origins:
            self._waiting[key] = origins
        return origin

    def __len__(self) -> int:
        return sum(len(origins) for origins in self._waiting.values())

    def blame(self, key: str, now: float) -> None:
        """Note that a station of this key was made up."""
        self._faults.take(key, now)
        if self._faults.wait(key, now) is not None:
            self._waiting.pop(key, None)
