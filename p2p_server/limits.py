"""Limits per peer: a token bucket that outlives its streams; reconnecting is no way around it."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

REMEMBERED_PEERS = 10_000


@dataclass(slots=True)
class TokenBucket:
    """Lets `burst` requests through at once and `rate` per second after that; PURE.

    A rate of 0 lets everything through.
    """

    rate: float
    burst: int
    tokens: float
    at: float

    def take(self, now: float, amount: float = 1) -> bool:
        """Take tokens at second `now`; False where there are too few. Refused ones count as well.

        Whoever goes on asking while refused runs into debt, down to a second burst.
        """
        if not self.rate:
            return True
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        allowed = self.tokens >= amount
        self.tokens = max(self.tokens - amount, -self.burst)
        return allowed

    @property
    def is_flood(self) -> bool:
        """Whether the peer went on asking for a whole burst while it was refused."""
        return self.tokens <= -self.burst


class PeerLimits:
    """The buckets of the peers seen last; `clock` gives monotonic seconds."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def of(self, peer_id: str) -> TokenBucket:
        """Give the bucket of a peer."""
        bucket = self._buckets.get(peer_id)
        if bucket is None:
            bucket = TokenBucket(self._rate, self._burst, self._burst, self._clock())
            self._buckets[peer_id] = bucket
            if len(self._buckets) > REMEMBERED_PEERS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(peer_id)
        return bucket

    def allow(self, peer_id: str) -> bool:
        """Count one request of a peer; False if it is one too many."""
        return self.of(peer_id).take(self._clock())
