"""The stream on which a peer tells every announcement that it knows, one frame each."""

import asyncio
from collections.abc import AsyncGenerator, Iterable

from sdk.ids import Clock
from sdk.p2p.announcement import AnnouncementError, read_announcement
from sdk.p2p.announcement_table import MOST_STATIONS, Announced
from sdk.p2p.errors import StreamClosedError
from sdk.p2p.host import P2pHost
from sdk.p2p.protocols import ANNOUNCEMENTS
from sdk.p2p.stream import Stream

FRAME_SECONDS = 10.0
TELL_SECONDS = 60.0


async def fetch_announcements(
    host: P2pHost, peer_id: str, clock: Clock
) -> AsyncGenerator[Announced]:
    """Ask a connected peer; gives those that are signed by their key and hold now.

    Raises PeerUnreachableError (also of a peer that tells none), HostUnavailableError,
    StreamTimeoutError, FrameError.
    """
    stream = await host.open_stream(peer_id, ANNOUNCEMENTS)
    try:
        for _ in range(MOST_STATIONS):
            data = await stream.read_frame(FRAME_SECONDS)
            try:
                yield Announced(read_announcement(data, clock()), data)
            except AnnouncementError:
                continue
    except StreamClosedError:
        return
    finally:
        stream.reset()


async def tell_announcements(stream: Stream, known: Iterable[Announced]) -> None:
    """Tell all; raises StreamClosedError, TimeoutError where the peer takes too long."""
    async with asyncio.timeout(TELL_SECONDS):
        for announced in known:
            await stream.write_frame(announced.data)
