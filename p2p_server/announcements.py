"""The announcements that this P2P server knows of, its own and others': hears, asks and tells."""

import asyncio
from contextlib import aclosing
from time import monotonic

import structlog

from p2p_server.doors import FloodError
from p2p_server.guard import Visitor
from sdk.ids import Clock
from sdk.leaky_count import LeakyCount, LeakyCounts
from sdk.p2p.announcement import AnnouncementError, read_announcement
from sdk.p2p.announcement_exchange import fetch_announcements, tell_announcements
from sdk.p2p.announcement_table import Announced, AnnouncementTable
from sdk.p2p.errors import FrameError, StreamTimeoutError
from sdk.p2p.host import P2pHost
from sdk.p2p.stream import Stream

log = structlog.get_logger(__name__)

TIDY_SECONDS = 20.0
TELLING = 8
"""So many visitors are told at the same time; the others wait."""
BURST, RATE = 20, 0.2
"""What one visitor may ask at once, and a second."""
_REMEMBERED = 10_000


class Announcements:
    """Keeps `table` as others announce, and tells it to whoever asks."""

    def __init__(self, host: P2pHost, table: AnnouncementTable, clock: Clock) -> None:
        self._host = host
        self._table = table
        self._clock = clock
        self._telling = asyncio.Semaphore(TELLING)
        self._asked = LeakyCounts(lambda: LeakyCount(BURST, RATE), _REMEMBERED)

    async def hear(self) -> None:
        """Take what comes over gossip, for ever."""
        while True:
            data = (await self._host.heard()).data
            try:
                self._table.add(Announced(read_announcement(data, self._clock()), data))
            except AnnouncementError as error:
                log.debug("announcement dropped", reason=str(error))

    async def tidy(self) -> None:
        """Forget what does not hold any more, for ever."""
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            self._table.forget_expired(self._clock())

    async def ask(self, peer_id: str) -> None:
        """Take over what a connected peer knows. Raises UnavailableError."""
        try:
            async with aclosing(fetch_announcements(self._host, peer_id, self._clock)) as found:
                async for announced in found:
                    self._table.add(announced)
        except FrameError as error:
            log.warning("announcements cut short", peer_id=peer_id, reason=str(error))

    async def serve(self, stream: Stream, visitor: Visitor) -> None:
        """Tell one visitor everything. Raises FloodError, StreamClosedError, StreamTimeoutError."""
        if self._asked.take(visitor.ip or visitor.place, monotonic()) is not None:
            raise FloodError("asks for the announcements too often")
        async with self._telling:
            try:
                await tell_announcements(stream, self._table.holding(self._clock()))
            except TimeoutError as error:
                raise StreamTimeoutError("takes the announcements too slowly") from error
