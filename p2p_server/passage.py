"""One app's way through a hub to one member: frames pass one for one, as they are and in order."""

import asyncio

import structlog

from p2p_server.doors import NO_MORE, FloodError
from p2p_server.guard import Guard, Visitor
from p2p_server.requests import Refusal, UnanswerableError, read_at_hub, refusal_envelope, refuse
from sdk.ids import Clock
from sdk.p2p.errors import FrameError, SlowPeerError
from sdk.p2p.stream import Stream

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 4.0


class Passage:
    """Copies between an app's stream and the one to its server.

    Towards the server it waits: an app that sends more than the server takes is read no further.
    Towards the app it never waits: one that does not read is cut off, as at its server's own door,
    for all of a member's passages share one connection, and what one left there would stop all.
    """

    def __init__(
        self, app: Stream, server: Stream, visitor: Visitor, guard: Guard, clock: Clock
    ) -> None:
        self._app = app
        self._server = server
        self._visitor = visitor
        self._guard = guard
        self._clock = clock

    async def run(self, idle_seconds: float) -> None:
        """Copy until one side ends; then the other gets what was sent, and its end.

        Raises FrameError, FloodError, UnanswerableError: the app's faults.
        """
        fault: Exception | None = None
        async with asyncio.TaskGroup() as group:
            back = group.create_task(self._copy_back())
            try:
                await self._copy_forth(idle_seconds)
            except NO_MORE:
                await self._server.close()
                await asyncio.wait({back}, timeout=DRAIN_SECONDS)
            except (FrameError, FloodError, UnanswerableError) as error:
                fault = error
            finally:
                self._server.reset()
        if fault is not None:
            raise fault

    async def _copy_forth(self, idle_seconds: float) -> None:
        while True:
            frame = await self._app.read_frame(idle_seconds)
            refusal = self._refusal(frame)
            if refusal is None:
                await self._server.write_frame(frame)
            else:
                await self._app.write_frame(refusal)

    def _refusal(self, frame: bytes) -> bytes | None:
        verdict = self._guard.weighs(self._visitor, len(frame))
        if verdict == "cut":
            raise FloodError("too many frames after too many were refused")
        now = self._clock()
        read = read_at_hub(frame, self._visitor.place, now)
        if verdict == "refuse":
            read = refuse(read, "too_many_requests")
        if not isinstance(read, Refusal):
            return None
        log.info("not passed on", peer_id=read.address, type=read.request, why=read.reason)
        return refusal_envelope(read, now).to_json().encode()

    async def _copy_back(self) -> None:
        try:
            while True:
                self._app.write_frame_nowait(await self._server.read_frame())
        except SlowPeerError as error:
            log.info("app cut off", peer_id=self._app.peer_id, reason=str(error))
            self._app.reset()
        except (*NO_MORE, FrameError) as error:
            log.debug("passage ends", peer_id=self._app.peer_id, reason=str(error))
            await self._app.close()
