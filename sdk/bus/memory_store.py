"""What the memory bus keeps: values that expire, hashes, sets, streams and bytes."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from sdk.bus.stream_ids import START, position

PURGE_EVERY = 1_000


class StoredEntry(NamedTuple):
    """One entry of a stream, with its fields."""

    stream_id: str
    fields: dict[str, str]


class MemoryStream:
    """An append-only list of entries with rising ids, trimmed at its front."""

    def __init__(self) -> None:
        self._count = 0
        self._positions: list[tuple[int, int]] = []
        self._entries: list[StoredEntry] = []

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def last_id(self) -> str:
        """The newest entry's id."""
        return f"{self._count}-0" if self._count else START

    @property
    def first_id(self) -> str:
        """The oldest entry's id that is still kept."""
        return self._entries[0].stream_id if self._entries else START

    def append(self, fields: dict[str, str]) -> str:
        """Append an entry and give its id."""
        self._count += 1
        entry = StoredEntry(f"{self._count}-0", fields)
        self._positions.append((self._count, 0))
        self._entries.append(entry)
        return entry.stream_id

    def after(self, stream_id: str, count: int) -> list[StoredEntry]:
        """Give up to `count` entries behind `stream_id`."""
        start = bisect_right(self._positions, position(stream_id))
        return self._entries[start : start + count]

    def before(self, stream_id: str | None, count: int) -> list[StoredEntry]:
        """Give up to `count` entries before `stream_id` (None: the newest), newest first."""
        end = len(self._entries)
        if stream_id is not None:
            end = bisect_left(self._positions, position(stream_id))
        return self._entries[max(0, end - count) : end][::-1]

    def keep_newest(self, count: int) -> None:
        """Drop the oldest above `count`."""
        self._drop(len(self._entries) - count)

    def drop_before(self, stream_id: str, *, keep: int) -> None:
        """Drop what is older than `stream_id`, but keep the newest `keep`."""
        older = bisect_right(self._positions, position(stream_id)) - 1
        self._drop(min(older, len(self._entries) - keep))

    def erase(self, stream_id: str) -> None:
        """Drop one entry, if it is still kept."""
        at = bisect_left(self._positions, position(stream_id))
        if at < len(self._entries) and self._entries[at].stream_id == stream_id:
            del self._positions[at], self._entries[at]

    def _drop(self, count: int) -> None:
        if count > 0:
            del self._positions[:count], self._entries[:count]


class MemoryStore:
    """Keys of the five kinds that the bus uses. `now` gives seconds that never run backwards."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._values: dict[str, tuple[str, float | None]] = {}
        self._writes = 0
        self.hashes: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.sets: defaultdict[str, set[str]] = defaultdict(set)
        self.blobs: dict[str, bytes] = {}
        self.streams: defaultdict[str, MemoryStream] = defaultdict(MemoryStream)

    def get(self, key: str) -> str | None:
        """Read a value that has not expired."""
        value, expires = self._values.get(key, (None, None))
        return None if expires is not None and expires <= self._now() else value

    def set(self, key: str, value: str, ttl: float | None = None) -> None:
        """Write a value that expires in `ttl` seconds, or never."""
        self._values[key] = (value, None if ttl is None else self._now() + ttl)
        self._writes += 1
        if self._writes % PURGE_EVERY == 0:
            self._values = {name: held for name, held in self._values.items() if self.get(name)}

    def replace(self, key: str, value: str) -> None:
        """Write another value, which expires when the one before would have."""
        self._values[key] = (value, self._values[key][1])

    def delete(self, key: str) -> None:
        """Delete a key of any kind."""
        self._values.pop(key, None)
        self.hashes.pop(key, None)
        self.sets.pop(key, None)
        self.blobs.pop(key, None)
        self.streams.pop(key, None)
