"""The announcements that hold now, newest of each station; bounded however many are made up. Pure.

Where it is full, what is there stays, and is renewed; what is new has to wait for room.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sdk.p2p.announcement import StationAnnouncement

MOST_STATIONS = 20_000
MOST_BYTES = 64 * 1024 * 1024
MOST_OF_ONE_KEY = 4_000


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement, and the bytes as they came, for others."""

    announcement: StationAnnouncement
    data: bytes

    @property
    def origin(self) -> tuple[str, str]:
        """Station and key: a key can only replace what it announced itself."""
        return self.announcement.did.lower(), self.announcement.ed25519


class AnnouncementTable:
    """Keeps by DID and key, so that a made-up announcement never hides the station's own."""

    def __init__(
        self,
        most: int = MOST_STATIONS,
        most_bytes: int = MOST_BYTES,
        most_of_one_key: int = MOST_OF_ONE_KEY,
    ) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._most_of_one_key = most_of_one_key
        self._entries: dict[tuple[str, str], Announced] = {}
        self._per_key: Counter[str] = Counter()
        self._bytes = 0

    def add(self, announced: Announced) -> bool:
        """Keep an announcement that was read; False if it is old, or there is no room for it."""
        origin = announced.origin
        before = self._entries.get(origin)
        if before is not None and announced.announcement.at <= before.announcement.at:
            return False
        if not self._has_room(announced, before):
            return False
        self._remove(origin)
        self._entries[origin] = announced
        self._per_key[origin[1]] += 1
        self._bytes += len(announced.data)
        return True

    def get(self, origin: tuple[str, str]) -> Announced | None:
        """Give the newest of a station and key."""
        return self._entries.get(origin)

    def forget_expired(self, now: datetime) -> None:
        """Drop what no longer holds."""
        gone = [
            origin
            for origin, entry in self._entries.items()
            if now >= entry.announcement.expires_at
        ]
        for origin in gone:
            self._remove(origin)

    def holding(self, now: datetime) -> list[Announced]:
        """Give what holds now."""
        return [it for it in self._entries.values() if now < it.announcement.expires_at]

    def __len__(self) -> int:
        return len(self._entries)

    def _has_room(self, announced: Announced, before: Announced | None) -> bool:
        more = len(announced.data) - (len(before.data) if before is not None else 0)
        if self._bytes + more > self._most_bytes:
            return False
        if before is not None:
            return True
        key = announced.announcement.ed25519
        return len(self) < self._most and self._per_key[key] < self._most_of_one_key

    def _remove(self, origin: tuple[str, str]) -> None:
        entry = self._entries.pop(origin, None)
        if entry is None:
            return
        self._bytes -= len(entry.data)
        self._per_key[origin[1]] -= 1
        if not self._per_key[origin[1]]:
            del self._per_key[origin[1]]
