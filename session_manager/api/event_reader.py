"""One reader's place in the feeds that it reads, and how that place is written."""

import asyncio
import re
from collections.abc import Iterable, Mapping

from sdk.bus.interface import BusUnavailableError
from sdk.bus.stream_ids import START, position
from sdk.errors import InvalidInputError
from session_manager.api.event_feed import Feeds
from session_manager.api.event_kept import LANES, Feed, Places, Told

_PLACE = re.compile(r"([A-Za-z0-9._-]{1,48}):(\d{1,15}-\d{1,10}):(\d{1,15}-\d{1,10})")


class PlaceError(InvalidInputError):
    """A Last-Event-ID is none that was given here."""


def write_places(places: Mapping[str, Places]) -> str:
    """Write how far a reader got, as the id of a server-sent event."""
    return ",".join(
        ":".join((name, *(reached[lane] for lane in LANES))) for name, reached in places.items()
    )


def read_places(text: str) -> dict[str, Places]:
    """Read what `write_places` wrote. Raises PlaceError."""
    found = [_PLACE.fullmatch(part) for part in text.split(",")]
    if not all(found):
        raise PlaceError("the Last-Event-ID is no id of these events")
    return {match[1]: dict(zip(LANES, match.groups()[1:], strict=True)) for match in found if match}


class Reader:
    """One reader's place in the feeds that it reads; `close` it at the end."""

    def __init__(self, feeds: Feeds) -> None:
        self._source = feeds
        self._changed = asyncio.Event()
        self._feeds: dict[str, Feed] = {}
        self._numbers: dict[str, int] = {}
        self.places: dict[str, Places] = {}
        """How far it got, by charge point."""
        self.has_gap = False
        """Events were missed before what comes next; whoever tells of it sets it back."""

    async def begin(self, names: Iterable[str], since: Mapping[str, Places] | None) -> None:
        """Read these charge points from behind `since`, or from now on.

        Those that are not in `since` have come since then, and are read from their beginning.
        Raises TooManyFeedsError, BusUnavailableError.
        """
        for name in names:
            self._feeds[name] = self._source.want(name, self._changed)
        for name, feed in self._feeds.items():
            await feed.ready()
            if since is None:
                self.places[name], self._numbers[name] = dict(feed.places), feed.end
            else:
                self.places[name] = dict(since.get(name) or dict.fromkeys(LANES, START))
                self._numbers[name] = feed.begin
                self.has_gap |= feed.misses(self.places[name])

    def close(self) -> None:
        """Let go of the feeds."""
        for feed in self._feeds.values():
            feed.remove(self._changed)

    async def wait(self, seconds: float) -> None:
        """Wait until there may be something to take, for so long at most."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    def take(self) -> list[Told]:
        """Give what is new of all feeds, by time.

        Raises BusUnavailableError when a feed is not followed any more.
        """
        self._changed.clear()
        found: list[Told] = []
        for name, feed in self._feeds.items():
            if feed.has_failed:
                raise BusUnavailableError("Redis does not answer")
            self.has_gap |= self._numbers[name] < feed.begin
            fresh = [told for told in feed.behind(self._numbers[name]) if self._is_new(told)]
            self.has_gap |= any(told.gap for told in fresh)
            self._numbers[name] = feed.end
            found += fresh
        found.sort(key=lambda told: position(told.stream_id))
        return found

    def see(self, told: Told) -> None:
        """Note that an event was told or passed over: `places` are behind it."""
        places = self.places[told.charge_point_id]
        if position(told.stream_id) > position(places[told.lane]):
            places[told.lane] = told.stream_id

    def _is_new(self, told: Told) -> bool:
        places = self.places[told.charge_point_id]
        return position(told.stream_id) > position(places[told.lane])
