"""A count that forgets with time, and many of them by key. Pure: the time is passed in."""

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

_ROUNDING = 1e-9
_IPV6_PREFIX = 64
"""So much of an IPv6 address is one customer's: the rest is its own to choose."""


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


class LeakyCounts:
    """Counts by key; above `most_keys` the one that was not touched for longest is dropped."""

    def __init__(self, new: Callable[[], LeakyCount], most_keys: int) -> None:
        self._new = new
        self._most_keys = most_keys
        self._counts: OrderedDict[str, LeakyCount] = OrderedDict()

    def wait(self, key: str, now: float) -> int | None:
        """Give the seconds until one more fits, or None."""
        count = self._counts.get(key)
        if count is None:
            return None
        self._counts.move_to_end(key)
        return ceil(count.wait(now)) or None

    def take(self, key: str, now: float) -> int | None:
        """Count one if it fits, else give the seconds until it does."""
        if seconds := self.wait(key, now):
            return seconds
        count = self._counts.get(key)
        if count is None:
            count = self._counts[key] = self._new()
            if len(self._counts) > self._most_keys:
                self._counts.popitem(last=False)
        count.take(now)
        return None


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Give what stands for one party: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ip_network((int(ip), _IPV6_PREFIX), strict=False))
