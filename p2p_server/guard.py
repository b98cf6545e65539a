"""What one peer and one address may do here; who does more is refused, cut off, and banned.

Behind a hub the peer is `consumer@hub`, without an address: whoever a hub brings is counted and
banned alone. Behind a trusted proxy that does not tell whom it forwards there is no address either.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import structlog

from p2p_server.limits import PeerLimits
from sdk.leaky_count import LeakyCount, LeakyCounts, network_of
from sdk.p2p.admission import Admission

Verdict = Literal["pass", "refuse", "cut"]
"""`refuse`: answer `too_many_requests`; `cut`: end the stream."""
Fault = Literal["framing", "flood", "unanswerable", "slow", "not_allowed"]

POINTS: dict[Fault, int] = {
    "slow": 2,
    "framing": 5,
    "unanswerable": 5,
    "not_allowed": 5,
    "flood": 11,
}
MOST_POINTS, FORGIVEN_PER_SECOND = 10, 1 / 6
"""Above so many a peer is banned; a flood is enough, or the third broken frame within a minute."""
BANNED_PEERS, FORGIVEN_PEERS_PER_SECOND = 2, 1 / 300
"""Where more peers of one address were banned, the address is."""
REMEMBERED = 10_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who opened a stream: `place` as in `sdk.p2p.addresses`, `ip` where it is known.

    Behind a hub the place names the hub too and there is no `ip`: the hub is not to suffer for
    those whom it brings.
    """

    place: str
    ip: str | None = None

    @property
    def network(self) -> str | None:
        """What its address is counted by."""
        return None if self.ip is None else network_of(self.ip)


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """What a place, and what an address, may have: streams at a time, bytes a second (and burst).

    An address may ask `peers_per_address` times as much as a peer.
    """

    streams_per_place: int = 16
    streams_per_address: int = 400
    bytes_per_second: float = 256 * 1024
    bytes_burst: int = 2 * 1024 * 1024
    peers_per_address: int = 20


class Guard:
    """Counts what visitors do; `clock` gives monotonic seconds.

    `rate` requests a second, `burst` at once; a rate of 0 counts neither requests nor bytes.
    """

    def __init__(
        self,
        rate: float,
        burst: int,
        clock: Callable[[], float],
        admission: Admission | None = None,
        limits: GuardLimits | None = None,
    ) -> None:
        limits = limits or GuardLimits()
        self._limits = limits
        self._clock = clock
        self._admission = admission or Admission(clock=clock)
        crowd = limits.peers_per_address
        self._requests = PeerLimits(rate, burst, clock)
        self._bytes = PeerLimits(limits.bytes_per_second if rate else 0, limits.bytes_burst, clock)
        self._of_address = PeerLimits(rate * crowd, burst * crowd, clock)
        self._streams: Counter[str] = Counter()
        self._points = LeakyCounts(lambda: LeakyCount(MOST_POINTS, FORGIVEN_PER_SECOND), REMEMBERED)
        self._banned = LeakyCounts(
            lambda: LeakyCount(BANNED_PEERS, FORGIVEN_PEERS_PER_SECOND), REMEMBERED
        )

    def opens(self, visitor: Visitor) -> bool:
        """Count a stream that opens; False if the visitor may not have it. Pairs with `closes`."""
        network = visitor.network
        if self._admission.bans(visitor.place) or (network and self._admission.bans(network)):
            return False
        if self._streams[visitor.place] >= self._limits.streams_per_place:
            return False
        if network and self._streams[network] >= self._limits.streams_per_address:
            return False
        self._streams.update(_names(visitor))
        return True

    def closes(self, visitor: Visitor) -> None:
        """Count a stream that ended, after `opens` said yes."""
        for name in _names(visitor):
            self._streams[name] -= 1
            if self._streams[name] <= 0:
                del self._streams[name]

    def weighs(self, visitor: Visitor, size: int) -> Verdict:
        """Count one frame of `size` bytes."""
        requests, weight = self._requests.of(visitor.place), self._bytes.of(visitor.place)
        now = self._clock()
        # Each is counted, also where another one refuses already.
        allowed = requests.take(now) & weight.take(now, size)
        if visitor.network is not None:
            allowed &= self._of_address.of(visitor.network).take(now)
        if requests.is_flood or weight.is_flood:
            return "cut"
        return "pass" if allowed else "refuse"

    def blames(self, visitor: Visitor, fault: Fault) -> None:
        """Note that a visitor broke the rules; whoever does it again and again is banned."""
        now = self._clock()
        fits = [self._points.take(visitor.place, now) is None for _ in range(POINTS[fault])]
        if all(fits) or self._admission.bans(visitor.place):
            return
        seconds = self._admission.ban(visitor.place)
        log.warning("peer banned", peer_id=visitor.place, fault=fault, seconds=seconds)
        network = visitor.network
        if network is not None and self._banned.take(network, now) is not None:
            seconds = self._admission.ban(network)
            log.warning("address banned", ip=network, seconds=seconds)


def _names(visitor: Visitor) -> tuple[str, ...]:
    network = visitor.network
    return (visitor.place,) if network is None else (visitor.place, network)
