"""The request that opens a wire: collected, read once, and refused by plain HTTP."""

from collections.abc import Sequence
from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.exceptions import InvalidMessage
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

LONGEST = 16 * 1024
_END_OF_HEADERS = b"\r\n\r\n"
_UNREADABLE = "this is no request that can be read\n"


class Handshake:
    """What came before the wire is open."""

    __slots__ = ("_data", "early")

    def __init__(self) -> None:
        self._data = bytearray()
        self.early: bytearray | None = None
        """What came behind the request: it belongs to whoever the wire is opened for."""

    def add(self, data: memoryview) -> bool:
        """Take more; True when the request is complete, or too long to be one."""
        self._data += data
        return _END_OF_HEADERS in self._data or len(self._data) > LONGEST

    def read(self, ws: ServerProtocol) -> Request | None:
        """Have `ws` read the request; None where it was none, which is answered so."""
        head, end, early = self._data.partition(_END_OF_HEADERS)
        self.early = early or None
        ws.receive_data(bytes(head + end))
        for event in ws.events_received():
            if isinstance(event, Request):
                return event
        if isinstance(ws.handshake_exc, InvalidMessage):
            # of itself `ws` only hangs up, which tells nobody why
            ws.writes.insert(0, refusal(HTTPStatus.BAD_REQUEST, _UNREADABLE, ()).serialize())
        return None


def refusal(status: HTTPStatus, text: str, headers: Sequence[tuple[str, str]]) -> Response:
    """Give the answer that refuses a handshake."""
    fields = Headers([("Content-Type", "text/plain"), ("Connection", "close"), *headers])
    fields["Content-Length"] = str(len(text))
    return Response(status.value, status.phrase, fields, text.encode())
