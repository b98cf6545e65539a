"""One TCP connection that speaks WebSocket (RFC 6455): messages in and out, and nothing else.

The protocol itself is `websockets`' own, without its loop: no task, no queue and no timer belong to
a socket that is idle. Whoever holds a wire bounds what it takes by `pause` and `resume`.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from cpg.handshake import Handshake, refusal
from cpg.receiver import Door, Receiver

MAX_FRAME = 64 * 1024
"""The largest message, in bytes; a larger one closes the socket with 1009."""
_READ = 4096
"""Bytes taken at once: what one socket can have parsed before others have their turn."""
_WRITE_HIGH = 32 * 1024
_TLS_READ_HIGH = 16 * 1024
"""Bytes of TLS that wait to be read before the peer has to."""
_CLOSE_FRAME = 0x88
_SUBPROTOCOLS = [Subprotocol("ocpp1.6")]

_buffer = bytearray(_READ)
_view = memoryview(_buffer)
_log = logging.getLogger("cpg.websocket")
_log.setLevel(logging.WARNING)


class Wire(asyncio.BufferedProtocol):
    """A connection; after `request` and `open` its `receiver` gets messages until it is lost."""

    __slots__ = (
        "_door",
        "_early",
        "_handshake",
        "_is_ended",
        "_is_held",
        "_message",
        "_response",
        "_transport",
        "_ws",
        "address",
        "choked",
        "closing_at",
        "heard_at",
        "is_gone",
        "receiver",
        "seen_at",
    )

    def __init__(self, door: Door["Wire"]) -> None:
        """Tell `door` what happens."""
        self._door = door
        self._handshake: Handshake | None = Handshake()
        self._early: bytearray | None = None
        """What came, and has to wait."""
        self._is_ended = False
        self._is_held = False
        self._ws: ServerProtocol | None = None
        self._message: bytearray | None = None
        self._response: Response | None = None
        self._transport: asyncio.Transport | None = None
        self.receiver: Receiver | None = None
        self.address = ""
        self.heard_at = self.seen_at = time.monotonic()
        """When the last bytes came, and the last message."""
        self.closing_at: float | None = None
        """Since when we wait for the peer to close."""
        self.choked = False
        """Whether the peer does not read what it is sent."""
        self.is_gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.BaseProtocol."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=_WRITE_HIGH)
        if self.tls is not None:
            # there is no interface for it: transports of TLS alone have it
            transport.set_read_buffer_limits(high=_TLS_READ_HIGH)  # type: ignore[attr-defined]
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""
        self._door.came(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        """See asyncio.BufferedProtocol; all wires share one buffer, emptied at once."""
        del sizehint
        return _view

    def buffer_updated(self, nbytes: int) -> None:
        """See asyncio.BufferedProtocol."""
        self.heard_at = time.monotonic()
        if self._ws is not None:
            if _view[0] == _CLOSE_FRAME and self._early is None:
                # nobody waits for it, and those who close at once are many
                self._early = bytearray(_view[:nbytes])
                self._turn_tap()
                self._door.leaving(self)
            else:
                self._feed(self._ws, _view[:nbytes])
            return
        if self._handshake is not None and self._handshake.add(_view[:nbytes]):
            self.pause()
            self._door.knocked(self)

    def eof_received(self) -> bool:
        """See asyncio.Protocol; the transport stays until `take_leave`, but that of TLS."""
        self._is_ended = True
        self._door.leaving(self)
        return self.tls is None

    async def take_leave(self) -> None:
        """Answer the peer's close, or take what only looked like one; hang up at the end."""
        data, self._early = self._early, None
        if self._ws is not None and data:
            self._feed(self._ws, memoryview(data))
            self._turn_tap()
        if self._is_ended and self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.BaseProtocol."""
        del exc
        self.is_gone = True
        self._door.gone(self)
        receiver, self.receiver, self._transport = self.receiver, None, None
        if self._ws is not None:
            # these and their protocol hold each other
            self._ws.parser.close()
            self._ws.parser_exc = None
            self._ws = None
        if receiver is not None:
            receiver.lost()

    def pause_writing(self) -> None:
        """See asyncio.BaseProtocol."""
        self.choked = True
        self._turn_tap()

    def resume_writing(self) -> None:
        """See asyncio.BaseProtocol."""
        self.choked = False
        self._turn_tap()
        if self.receiver is not None:
            self.receiver.writable()

    def request(self) -> Request | None:
        """Read the handshake; None where it was no HTTP, and is answered so."""
        handshake, self._handshake = self._handshake or Handshake(), None
        ws = self._ws = ServerProtocol(subprotocols=_SUBPROTOCOLS, max_size=MAX_FRAME, logger=_log)
        request = handshake.read(ws)
        self._early = handshake.early
        if request is None and ws.handshake_exc is None:
            self.abort()  # too long to wait for its end
        self._flush(ws)
        return request

    def is_handshake(self, request: Request) -> bool:
        """Tell whether it can be upgraded; what is no WebSocket handshake is answered so."""
        ws = self._opened()
        self._response = ws.accept(request)
        if self._response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            return True
        ws.send_response(self._response)
        self._flush(ws)
        return False

    def open(self, receiver: Receiver) -> None:
        """Upgrade; from now on `receiver` gets the messages."""
        ws, response = self._ws, self._response
        if ws is None or response is None:
            return  # gone by now
        self._response, self.receiver = None, receiver
        ws.send_response(response)
        self._flush(ws)
        early, self._early, self._is_held = self._early, None, False
        if early:
            self._feed(ws, memoryview(early))
        self._turn_tap()

    def refuse(self, status: HTTPStatus, text: str, headers: Sequence[tuple[str, str]]) -> None:
        """Answer the handshake by a plain HTTP response."""
        ws = self._ws
        if ws is None:
            return  # gone by now
        ws.send_response(refusal(status, text, headers))
        self._flush(ws)

    def send(self, data: bytes) -> None:
        """Send a text message; nothing where the socket is closing."""
        ws = self._ws
        if ws is not None and ws.state is OPEN:
            ws.send_text(data)
            self._flush(ws)

    def ping(self) -> None:
        """Ask for a sign of life."""
        ws = self._ws
        if ws is not None and ws.state is OPEN:
            ws.send_ping(b"")
            self._flush(ws)

    def close(self, code: int, reason: str = "") -> None:
        """Start the closing handshake; whoever minds the wires aborts it when it takes too long."""
        ws = self._ws
        if ws is not None and ws.state is OPEN:
            ws.send_close(code, reason)
            self.closing_at = time.monotonic()
            self._flush(ws)
            self.resume()

    def abort(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.abort()

    def pause(self) -> None:
        """Take nothing more for now: the peer has to wait."""
        self._is_held = True
        self._turn_tap()

    def resume(self) -> None:
        """Take more."""
        self._is_held = False
        self._turn_tap()

    def _turn_tap(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        # a peer that does not read gets no answers to its pings either
        waits = self._early is not None or (self.choked and self.closing_at is None)
        if self._is_held or waits:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    @property
    def tls(self) -> ssl.SSLObject | None:
        """What there is to ask of TLS; None on a plain connection."""
        if self._transport is None:
            return None
        return cast("ssl.SSLObject | None", self._transport.get_extra_info("ssl_object"))

    @property
    def keeps_peer_waiting(self) -> bool:
        """Whether it is we who do not read, and not the peer."""
        return self._is_held and not self.choked

    def _opened(self) -> ServerProtocol:
        if self._ws is None:
            raise RuntimeError("the handshake was not read")
        return self._ws

    def _feed(self, ws: ServerProtocol, data: memoryview) -> None:
        if ws.reader.eof:
            return
        ws.receive_data(cast("bytes", data))
        if ws.events:
            for frame in ws.events_received():
                if isinstance(frame, Frame):
                    self._take(frame)
        if ws.writes:
            self._flush(ws)

    def _take(self, frame: Frame) -> None:
        if self.receiver is None or self.closing_at is not None:
            return
        opcode = frame.opcode
        if opcode is Opcode.TEXT or opcode is Opcode.BINARY:
            if frame.fin:
                self.receiver.message(bytes(frame.data))
            else:
                self._message = bytearray(frame.data)
        elif opcode is Opcode.CONT and self._message is not None:
            self._message += frame.data
            if not frame.fin:
                self.receiver.control()  # it costs as much as a ping
            else:
                data, self._message = self._message, None
                self.receiver.message(bytes(data))
        elif opcode is not Opcode.CLOSE:
            self.receiver.control()

    def _flush(self, ws: ServerProtocol) -> None:
        transport = self._transport
        if transport is None:
            return
        for data in ws.data_to_send():
            if transport.is_closing():
                return
            if data:
                transport.write(data)
                continue
            # the peer's own close is awaited: closing at once would reset what it has not read
            if self.closing_at is None:
                self.closing_at = time.monotonic()
            self.resume()
            if transport.can_write_eof():
                transport.write_eof()
            else:
                transport.close()  # TLS: it waits for the peer's by itself
