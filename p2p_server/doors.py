"""Where streams come in: whose each is, who serves it, and what a breach of the rules costs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from p2p_server.guard import Fault, Guard, Visitor
from p2p_server.requests import UnanswerableError
from sdk.p2p.errors import FrameError, HostUnavailableError, StreamClosedError, StreamTimeoutError
from sdk.p2p.host import P2pHost
from sdk.p2p.stream import Stream

log = structlog.get_logger(__name__)

FIRST_FRAME_SECONDS = 30.0
GOODBYE_SECONDS = 3.0
"""After its server is done, a stream has so long to take what was sent."""

NO_MORE = (StreamClosedError, HostUnavailableError, StreamTimeoutError)
"""A stream that ends without a fault."""


class FloodError(Exception):
    """A visitor went on asking although it was refused."""


class NotAllowedError(Exception):
    """A visitor came to a door that is not for it."""


async def proven(stream: Stream) -> Visitor:
    """Take whom Noise proved: at all doors but the one that hubs come through."""
    return Visitor(stream.peer_id, stream.remote_ip)


@dataclass(frozen=True, slots=True)
class Door:
    """One protocol: who serves its streams, and how a visitor is known.

    What `serve` sent before it returned is still delivered; after an error it is not.
    """

    serve: Callable[[Stream, Visitor], Awaitable[None]]
    meet: Callable[[Stream], Awaitable[Visitor]] = proven


class Doors:
    """Lets streams in, each in its own task, by their protocol."""

    def __init__(self, guard: Guard, doors: Mapping[str, Door]) -> None:
        self._guard = guard
        self._doors = doors

    async def run(self, host: P2pHost) -> None:
        """Accept streams for ever."""
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self.admit(await host.accept()))

    async def admit(self, stream: Stream) -> None:
        """Serve one stream until it ends."""
        door = self._doors.get(stream.protocol)
        try:
            if door is not None:
                await self._admit(stream, door, await door.meet(stream))
        except NO_MORE as error:
            log.debug("stream ends", peer_id=stream.peer_id, reason=str(error))
        except (FrameError, NotAllowedError) as error:
            self._blame(Visitor(stream.peer_id, stream.remote_ip), error)
        except Exception:
            log.exception("stream failed", peer_id=stream.peer_id)
        finally:
            stream.reset()

    async def _admit(self, stream: Stream, door: Door, visitor: Visitor) -> None:
        if not self._guard.opens(visitor):
            return
        try:
            await door.serve(stream, visitor)
            await _say_goodbye(stream)
        except (FrameError, UnanswerableError, FloodError) as error:
            self._blame(visitor, error)
        finally:
            self._guard.closes(visitor)

    def _blame(self, visitor: Visitor, error: Exception) -> None:
        self._guard.blames(visitor, _fault(error))
        log.warning("stream reset", peer_id=visitor.place, reason=str(error))


async def _say_goodbye(stream: Stream) -> None:
    over = asyncio.Event()
    stream.on_end(over.set)
    await stream.close()
    try:
        async with asyncio.timeout(GOODBYE_SECONDS):
            await over.wait()
    except TimeoutError:
        log.debug("peer took no leave", peer_id=stream.peer_id)


def _fault(error: Exception) -> Fault:
    match error:
        case FloodError():
            return "flood"
        case UnanswerableError():
            return "unanswerable"
        case NotAllowedError():
            return "not_allowed"
        case _:
            return "framing"
