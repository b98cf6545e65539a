"""Who may not come back yet: a minute at first, twice as long each time, an hour at most. Pure."""

from collections import OrderedDict
from dataclasses import dataclass

FIRST_SECONDS = 60.0
LONGEST_SECONDS = 3600.0
FORGIVEN_AFTER_SECONDS = 6 * 3600.0
"""Whoever behaved for so long after a ban begins anew."""
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class _Ban:
    until: float
    seconds: float


class Bans:
    """Bans by key, the newest `most`; moments are seconds of a monotonic clock.

    To ban again whoever is banned already changes nothing: what came before the ban was heard of
    late.
    """

    def __init__(self, first_seconds: float = FIRST_SECONDS, most: int = REMEMBERED) -> None:
        self._first_seconds = first_seconds
        self._most = most
        self._bans: OrderedDict[str, _Ban] = OrderedDict()

    def ban(self, key: str, now: float) -> float:
        """Ban a key, and tell for how many seconds from now."""
        last = self._bans.get(key)
        if last is not None and now < last.until:
            return last.until - now
        seconds = self._first_seconds
        if last is not None and now < last.until + FORGIVEN_AFTER_SECONDS:
            seconds = min(2 * last.seconds, max(LONGEST_SECONDS, seconds))
        self._bans[key] = _Ban(now + seconds, seconds)
        self._bans.move_to_end(key)
        if len(self._bans) > self._most:
            self._bans.popitem(last=False)
        return seconds

    def holds(self, key: str, now: float) -> bool:
        """Tell whether a key is banned at `now`."""
        ban = self._bans.get(key)
        return ban is not None and now < ban.until

    def __len__(self) -> int:
        return len(self._bans)
