"""One socket of a simulated charge point: one call at a time, and the gateway's calls answered."""

import asyncio
import json
from contextlib import suppress

from soak_charging import Outlets
from soak_ledger import Json
from websockets.asyncio.client import ClientConnection, connect

ANSWER_S = 20.0
Frame = list[object]


class UnansweredError(Exception):
    """A call got no answer in time."""


class Visit:
    """A charge point's stay at a gateway; ConnectionClosed ends it."""

    def __init__(self, socket: ClientConnection, outlets: Outlets) -> None:
        """Speak for the charge point of `outlets`."""
        self.socket = socket
        self._outlets = outlets

    @classmethod
    async def begin(cls, url: str, outlets: Outlets) -> "Visit":
        """Connect. Raises OSError, InvalidHandshake, TimeoutError."""
        socket = await connect(
            f"{url}/ocpp/{outlets.charge_point_id}",
            subprotocols=["ocpp1.6"],  # type: ignore[list-item]
            compression=None,
            ping_interval=None,
            close_timeout=5,
            proxy=None,
        )
        return cls(socket, outlets)

    async def send(self, message_id: str, action: str, payload: Json) -> None:
        """Send a call."""
        await self.socket.send(json.dumps([2, message_id, action, payload]))

    async def answer_to(self, message_id: str, action: str) -> Frame:
        """Wait for the answer of our call. Raises UnansweredError."""
        try:
            async with asyncio.timeout(ANSWER_S):
                while True:
                    frame = await self._take()
                    if frame[0] != 2 and frame[1] == message_id:
                        return frame
        except TimeoutError as error:
            raise UnansweredError(action) from error

    async def ask(self, message_id: str, action: str, payload: Json) -> Frame:
        """Send a call and wait for its answer. Raises UnansweredError."""
        await self.send(message_id, action, payload)
        return await self.answer_to(message_id, action)

    async def listen(self, seconds: float) -> None:
        """Answer what we are asked for so long, or until we were asked something."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._take()

    async def leave(self, how: str) -> None:
        """End it by `abort` (no close frame), `close`, or `half-open` (reads no more)."""
        if how == "half-open":
            self.socket.transport.pause_reading()
        elif how == "close":
            await self.socket.close()
        else:
            await abort(self.socket)

    async def _take(self) -> Frame:
        frame: Frame = json.loads(await self.socket.recv())
        if frame[0] == 2:
            await self.socket.send(json.dumps(self._reply(frame)))
        return frame

    def _reply(self, call: Frame) -> Frame:
        _, message_id, action, payload = call
        if action != "RemoteStopTransaction" or not isinstance(payload, dict):
            return [4, message_id, "NotImplemented", "", {}]
        is_running = self._outlets.stop_remotely(payload["transactionId"])
        return [3, message_id, {"status": "Accepted" if is_running else "Rejected"}]


async def abort(socket: ClientConnection) -> None:
    """Drop a connection without a word."""
    socket.transport.abort()
    await socket.wait_closed()
