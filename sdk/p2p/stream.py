"""The asyncio side of one libp2p stream: whole frames in and out, bounded both ways.

The trio side is `sdk.p2p.pump`. Each counter is written by one side only and read by the other, so
that a frame crosses the threads with one wake-up and without a lock.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from sdk.p2p.errors import SlowPeerError, StreamClosedError, StreamTimeoutError
from sdk.p2p.framing import encode_frame

UNREAD_FRAMES = 64
"""At so many frames that nobody read, the peer is no longer read from."""
UNSENT_BYTES = 512 * 1024
"""At so many bytes that the peer did not take, `write_frame` waits."""
UNSENT_LIMIT = 1024 * 1024
"""At so many, `write_frame_nowait` refuses."""


class Wakeups(Protocol):
    """What the asyncio side asks of the trio side; each may be called from any thread."""

    def wake_writer(self) -> None:
        """Something is in the outbox."""

    def wake_reader(self) -> None:
        """There is room for frames again."""

    def cancel(self) -> None:
        """Reset the stream."""


class Stream:
    """One stream with one peer, for one reader and any number of writers.

    `peer_id` is what the Noise handshake proved, `remote_ip` the peer's address where known.
    """

    def __init__(
        self, peer_id: str, protocol: str, remote_ip: str | None, wakeups: Wakeups
    ) -> None:
        self.peer_id = peer_id
        self.protocol = protocol
        self.remote_ip = remote_ip
        self.outbox: deque[bytes] = deque()
        self.taken_frames = 0
        self.queued_bytes = 0
        self.sent_bytes = 0
        self.writer_awake = False
        self.closing = False
        self.reader_paused = False
        self._wakeups = wakeups
        self._inbox: deque[bytes] = deque()
        self._readable = asyncio.Event()
        self._drained = asyncio.Event()
        self._ended: Exception | None = None
        self._on_end: list[Callable[[], None]] = []

    @property
    def is_open(self) -> bool:
        """Whether frames may still be written."""
        return self._ended is None and not self.closing

    async def read_frame(self, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - per frame
        """Give the next frame, waiting at most `timeout` seconds.

        Raises StreamTimeoutError, StreamClosedError, FrameError (the peer's fault, stream reset) or
        HostUnavailableError; frames that came before the end are given first.
        """
        while not self._inbox:
            if self._ended is not None:
                raise self._ended
            self._readable.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._readable.wait()
            except TimeoutError as error:
                raise StreamTimeoutError(f"no frame within {timeout} s") from error
        frame = self._inbox.popleft()
        self.taken_frames += 1
        if self.reader_paused and len(self._inbox) < UNREAD_FRAMES // 2:
            self._wakeups.wake_reader()
        return frame

    async def write_frame(self, content: bytes) -> None:
        """Send one frame; waits while the peer takes too little.

        Raises StreamClosedError, FrameError (the content is too large or empty).
        """
        self._send(content)
        while self._ended is None and self._unsent > UNSENT_BYTES:
            self._drained.clear()
            await self._drained.wait()
        if self._ended is not None:
            raise StreamClosedError(str(self._ended)) from self._ended

    def write_frame_nowait(self, content: bytes) -> None:
        """Send one frame without waiting; SlowPeerError where it would have to, else as above."""
        if self._ended is None and self._unsent > UNSENT_LIMIT:
            raise SlowPeerError(f"peer {self.peer_id} leaves {self._unsent} bytes unread")
        self._send(content)

    async def close(self) -> None:
        """Send what is queued, then end the stream; returns at once."""
        if self.is_open:
            self.closing = True
            self._wakeups.wake_writer()

    def reset(self) -> None:
        """End the stream now; what is queued is dropped."""
        self.end(StreamClosedError("the stream was reset here"))
        self._wakeups.cancel()

    def on_end(self, callback: Callable[[], None]) -> None:
        """Call `callback` once when the stream is over."""
        if self._ended is not None:
            callback()
        else:
            self._on_end.append(callback)

    def deliver(self, frames: list[bytes]) -> None:
        """Take frames from the trio side."""
        self._inbox.extend(frames)
        self._readable.set()

    def drained(self) -> None:
        """Learn from the trio side that it wrote all there was."""
        self._drained.set()

    def end(self, error: Exception) -> None:
        """Learn that the stream is over, and why; the first reason stays."""
        if self._ended is not None:
            return
        self._ended = error
        self._readable.set()
        self._drained.set()
        for callback in self._on_end:
            callback()

    @property
    def _unsent(self) -> int:
        return self.queued_bytes - self.sent_bytes

    def _send(self, content: bytes) -> None:
        if self._ended is not None:
            raise StreamClosedError(str(self._ended)) from self._ended
        if self.closing:
            raise StreamClosedError("the stream was closed here")
        frame = encode_frame(content)
        self.queued_bytes += len(frame)
        self.outbox.append(frame)
        if not self.writer_awake:
            self.writer_awake = True
            self._wakeups.wake_writer()
