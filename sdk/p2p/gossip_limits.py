"""What may be said on the gossip topic of stations: only announcements that hold, and not too many.

One peer that announces more than its share is not passed on; nor are all together beyond what
libp2p carries without loss.
"""

from collections.abc import Callable, Mapping
from time import monotonic

from sdk.ids import Clock
from sdk.leaky_count import LeakyCount, LeakyCounts
from sdk.p2p.announcement import LONGEST_ANNOUNCEMENT, AnnouncementError, read_announcement
from sdk.p2p.gossip import Accepts, Heard
from sdk.p2p.keys import peer_id_of
from sdk.p2p.protocols import STATIONS_TOPIC

BURST_OF_ONE, RATE_OF_ONE = 1200, 25.0
"""Messages at once, and a second, of one P2P server: about a thousand stations."""
BURST_OF_ALL, RATE_OF_ALL = 4000, 400.0
REMEMBERED_ORIGINS = 10_000


class StationsTopic:
    """Judges what is said on the topic of stations, once for each message.

    `seconds` is a monotonic clock. A message is refused that is too long, comes from another peer
    than the one whose key signed it, does not hold now, or is one too many.
    """

    def __init__(self, clock: Clock, seconds: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._seconds = seconds
        self._all = LeakyCount(BURST_OF_ALL, RATE_OF_ALL)
        self._of_one = LeakyCounts(
            lambda: LeakyCount(BURST_OF_ONE, RATE_OF_ONE), REMEMBERED_ORIGINS
        )

    def __call__(self, message: Heard) -> bool:
        """Tell whether a message may be passed on."""
        if len(message.data) > LONGEST_ANNOUNCEMENT:
            return False
        now = self._seconds()
        if self._of_one.take(message.origin, now) is not None:
            return False
        try:
            announcement = read_announcement(message.data, self._clock())
        except AnnouncementError:
            return False
        return peer_id_of(announcement.ed25519) == message.origin and self._all.take(now)


def stations_topic(clock: Clock) -> Mapping[str, Accepts]:
    """Give the `topics` of a host that takes part in the gossip of stations."""
    return {STATIONS_TOPIC: StationsTopic(clock)}
