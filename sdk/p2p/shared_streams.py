"""One stream to a P2P server for all sessions of an app: the server sends each answer to all."""

import asyncio
import json
from collections import deque
from typing import Any

from sdk.p2p.dialing import STREAM_ERRORS, DirectDialer, Frames
from sdk.p2p.errors import StreamClosedError, StreamTimeoutError
from sdk.p2p.host import P2pHost
from sdk.p2p.routes import Route
from sdk.p2p.stream import UNREAD_FRAMES, Stream


class Branch:
    """One session's part of a shared stream: gets the frames of its station."""

    def __init__(self, trunk: "Trunk", charge_point_id: str) -> None:
        self.charge_point_id = charge_point_id
        self._trunk = trunk
        self._inbox: deque[bytes] = deque()
        self._readable = asyncio.Event()
        self._ended: Exception | None = None

    @property
    def is_open(self) -> bool:
        """See `Stream.is_open`."""
        return self._ended is None and self._trunk.stream.is_open

    async def read_frame(self, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as Stream's
        """See `Stream.read_frame`."""
        while not self._inbox:
            if self._ended is not None:
                raise self._ended
            self._readable.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._readable.wait()
            except TimeoutError as error:
                raise StreamTimeoutError(f"no frame within {timeout} s") from error
        return self._inbox.popleft()

    async def write_frame(self, content: bytes) -> None:
        """See `Stream.write_frame`."""
        if self._ended is not None:
            raise StreamClosedError(str(self._ended)) from self._ended
        await self._trunk.stream.write_frame(content)

    def reset(self) -> None:
        """Leave the stream; the last one ends it."""
        self.end(StreamClosedError("the stream was reset here"))
        self._trunk.leave(self)

    def discard(self) -> None:
        """End the stream for all."""
        self._trunk.stream.reset()

    def deliver(self, frame: bytes) -> None:
        """Take a frame; a session that reads nothing any more is cut off."""
        if len(self._inbox) >= UNREAD_FRAMES:
            self.reset()
            return
        self._inbox.append(frame)
        self._readable.set()

    def end(self, error: Exception) -> None:
        """Learn that it is over."""
        self._ended = self._ended or error
        self._readable.set()


class Trunk:
    """One stream and its branches."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._branches: list[Branch] = []

    def branch(self, charge_point_id: str) -> Branch:
        """Let one more session use the stream."""
        branch = Branch(self, charge_point_id)
        self._branches.append(branch)
        return branch

    def leave(self, branch: Branch) -> None:
        """Take a branch off."""
        if branch in self._branches:
            self._branches.remove(branch)
        if not self._branches:
            self.stream.reset()

    async def run(self) -> None:
        """Hand out what comes, until the stream ends."""
        while True:
            try:
                frame = await self.stream.read_frame()
            except STREAM_ERRORS as error:
                for branch in self._branches:
                    branch.end(error)
                return
            station = _station_of(frame)
            for branch in list(self._branches):
                if branch.charge_point_id == station:
                    branch.deliver(frame)


class SharedStreams:
    """A `Dialer` that opens one stream for each server and hub; `group` runs their reading."""

    def __init__(self, host: P2pHost, group: asyncio.TaskGroup) -> None:
        self._dialer = DirectDialer(host)
        self._group = group
        self._trunks: dict[Route, Trunk] = {}
        self._locks: dict[Route, asyncio.Lock] = {}

    async def open(self, route: Route, charge_point_id: str) -> Branch:
        """See `Dialer.open`."""
        async with self._locks.setdefault(route, asyncio.Lock()):
            trunk = self._trunks.get(route)
            if trunk is None or not trunk.stream.is_open:
                trunk = self._trunks[route] = Trunk(await self._dialer.open(route))
                branch = trunk.branch(charge_point_id)
                self._group.create_task(trunk.run())
                return branch
            return trunk.branch(charge_point_id)

    def discard(self, frames: Frames) -> None:
        """See `Dialer.discard`."""
        if isinstance(frames, Branch):
            frames.discard()

    def close(self) -> None:
        """End all streams."""
        for trunk in self._trunks.values():
            trunk.stream.reset()


def _station_of(frame: bytes) -> Any:  # noqa: ANN401 - whatever the JSON holds there
    try:
        content = json.loads(frame)
    except (ValueError, RecursionError):
        return None
    return content.get("charge_point_id") if isinstance(content, dict) else None
