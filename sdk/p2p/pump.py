"""The trio side of one stream: moves bytes between libp2p and the asyncio side."""

from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import trio
from libp2p.abc import INetStream
from libp2p.stream_muxer.exceptions import MuxedStreamEOF

from sdk.p2p.errors import FrameError, HostUnavailableError, StreamClosedError
from sdk.p2p.framing import FrameDecoder
from sdk.p2p.guards import reset_quietly
from sdk.p2p.stream import UNREAD_FRAMES, UNSENT_BYTES, Stream

READ_BYTES = 64 * 1024
REST_OF_FRAME_SECONDS = 20.0
"""A frame that began must be complete after so long."""
LINGER_SECONDS = 2.0
"""After our end of the stream is closed, the peer has so long to close its own."""


class Pump:
    """Runs one stream until either side ends it; lives in the trio thread."""

    def __init__(self, net_stream: INetStream, protocol: str, loop: AbstractEventLoop) -> None:
        self._net = net_stream
        # Its own reads and writes only add a lock, and a state that nobody asks for.
        opened: Any = net_stream
        self._muxed = opened.muxed_stream
        self._loop = loop
        self._token = trio.lowlevel.current_trio_token()
        self._scope = trio.CancelScope()
        self._work = trio.Event()
        self._room = trio.Event()
        self._delivered = 0
        address = net_stream.get_remote_address()
        self.stream = Stream(
            str(net_stream.muxed_conn.peer_id), protocol, address[0] if address else None, self
        )

    def wake_writer(self) -> None:
        """Called from asyncio: the outbox has something, or the stream is to be closed."""
        self._ask(self._set_work)

    def wake_reader(self) -> None:
        """Called from asyncio: frames were read."""
        self._ask(self._set_room)

    def cancel(self) -> None:
        """Called from asyncio: reset the stream."""
        self._ask(self._scope.cancel)

    async def run(self) -> None:
        """Move bytes until the stream is over, and tell the asyncio side why."""
        reason: Exception = HostUnavailableError("the libp2p host stopped")
        try:
            with self._scope:
                reason = await self._until_over()
            if self._scope.cancelled_caught:
                reason = StreamClosedError("the stream was reset here")
        finally:
            self._tell(self.stream.end, reason)
            with trio.CancelScope(shield=True), trio.move_on_after(LINGER_SECONDS):
                await reset_quietly(self._net)

    async def _until_over(self) -> Exception:
        reasons: list[Exception] = []
        async with trio.open_nursery() as nursery:
            for work in (self._read, self._write):
                nursery.start_soon(self._end_with, work, reasons, nursery)
        return reasons[0]

    async def _end_with(
        self, work: Callable[[], Any], reasons: list[Exception], nursery: trio.Nursery
    ) -> None:
        try:
            await work()
            reasons.append(StreamClosedError("the stream was closed"))
        except (FrameError, StreamClosedError) as error:
            reasons.append(error)
        except Exception as error:  # noqa: BLE001 - libp2p raises anything, and one would end the host
            closed = StreamClosedError(f"the stream broke: {type(error).__name__}: {error}")
            closed.__cause__ = error
            reasons.append(closed)
        nursery.cancel_scope.cancel()

    async def _read(self) -> None:
        decoder = FrameDecoder()
        while True:
            receive = self._receive_rest if decoder.unfinished else self._receive
            frames = decoder.feed(await receive())
            if frames:
                self._delivered += len(frames)
                self._tell(self.stream.deliver, frames)
                await self._wait_for_room()

    async def _receive(self) -> bytes:
        try:
            data: bytes = await self._muxed.read(READ_BYTES)
        except MuxedStreamEOF as error:
            raise StreamClosedError("the peer closed the stream") from error
        if data:
            return data
        raise StreamClosedError("the peer closed the stream")

    async def _receive_rest(self) -> bytes:
        with trio.move_on_after(REST_OF_FRAME_SECONDS):
            return await self._receive()
        raise StreamClosedError(f"a frame was not complete after {REST_OF_FRAME_SECONDS} s")

    async def _wait_for_room(self) -> None:
        while self._delivered - self.stream.taken_frames >= UNREAD_FRAMES:
            self._room = trio.Event()
            self.stream.reader_paused = True
            if self._delivered - self.stream.taken_frames < UNREAD_FRAMES:
                break
            await self._room.wait()
        self.stream.reader_paused = False

    async def _write(self) -> None:
        stream = self.stream
        while True:
            self._work = trio.Event()
            stream.writer_awake = False
            if stream.outbox:
                stream.writer_awake = True
                await self._flush()
            elif stream.closing:
                await self._finish()
                return
            else:
                await self._work.wait()

    async def _flush(self) -> None:
        stream = self.stream
        chunk = bytearray()
        while stream.outbox and len(chunk) < READ_BYTES:
            chunk += stream.outbox.popleft()
        await self._muxed.write(bytes(chunk))
        was_full = stream.queued_bytes - stream.sent_bytes > UNSENT_BYTES
        stream.sent_bytes += len(chunk)
        if was_full:
            self._tell(stream.drained)

    async def _finish(self) -> None:
        await self._net.close()
        # The reader ends both when the peer closes its side.
        await trio.sleep(LINGER_SECONDS)

    def _set_work(self) -> None:
        self._work.set()

    def _set_room(self) -> None:
        self._room.set()

    def _ask(self, call: Callable[[], Any]) -> None:
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(call)

    def _tell(self, call: Callable[..., Any], *arguments: object) -> None:
        # A closed loop has no one left to tell.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)
