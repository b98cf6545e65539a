"""One socket of one charge point, from the accepted handshake to its end."""

import asyncio
import time
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from cpg import presence
from cpg.calls import Calls
from cpg.command_lane import CommandLane
from cpg.commands import Commands
from cpg.frames import (
    Call,
    CallError,
    CallResult,
    Malformed,
    read_frame,
    write_error,
    write_result,
)
from cpg.inbound import Inbound
from cpg.leaky_count import LeakyCount
from cpg.peer import Peer, SupersededError
from cpg.validation import Violation
from sdk.bus.interface import BusUnavailableError, Follower
from sdk.logs import Logger

CloseReason = Literal["closed", "silent", "superseded", "gateway_stopped"]
_MOST_MALFORMED = 50
_FORGIVEN_PER_S = 1.0
_GOING_AWAY, _POLICY = 1001, 1008


@dataclass(frozen=True, slots=True)
class Rules:
    """How sockets are treated; seconds."""

    owner: str
    heartbeat_interval: int
    silence: float
    call_timeout: float


class Connection:
    """Serves one socket: answers its calls, carries out commands, watches for silence."""

    def __init__(self, socket: ServerConnection, peer: Peer, rules: Rules, log: Logger) -> None:
        """Serve `socket` for `peer`."""
        self.peer = peer
        self._socket = socket
        self._rules = rules
        self._log = log
        self._calls = Calls(socket.send, rules.call_timeout)
        self._commands = Commands(peer, self._calls)
        self._lane = CommandLane(peer, self._calls, self._commands, log)
        self._inbound = Inbound(
            peer, rules.heartbeat_interval, self._commands.local_list.forget, self._intruder
        )
        self._reason: CloseReason = "closed"
        self._ending = asyncio.Event()
        self._seen = time.monotonic()
        self._malformed = LeakyCount(_MOST_MALFORMED, _FORGIVEN_PER_S)
        self._group: asyncio.TaskGroup | None = None

    async def serve(self, follower: Follower) -> None:
        """Serve until the socket closes, then tell so. Raises BusUnavailableError at the start."""
        try:
            await presence.connect(self.peer, self._rules.owner, self._rules.heartbeat_interval)
            self._log.info("connected")
            await self._live(follower)
        except* SupersededError:
            self._reason = "superseded"
        finally:
            self._calls.close()
            await self._socket.close(_GOING_AWAY)
        await self._disconnected()

    def end(self, reason: CloseReason) -> None:
        """Close the socket soon: a newer one won, it was silent, or the gateway stops."""
        self._reason = reason
        self._calls.close()
        self._ending.set()

    async def _live(self, follower: Follower) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            commanding = group.create_task(self._lane.run(follower))
            helpers = [
                group.create_task(self._watch_silence()),
                group.create_task(self._close_when_asked()),
            ]
            await self._read()
            self._calls.close()
            for helper in helpers:
                helper.cancel()
            await self._lane.stop()
            await commanding

    async def _read(self) -> None:
        try:
            async for data in self._socket:
                self._seen = time.monotonic()
                await self._take(data)
        except ConnectionClosed as error:
            self._log.debug("socket ended: %s", error)

    async def _take(self, data: str | bytes) -> None:
        frame = read_frame(data)
        match frame:
            case Call():
                await self._socket.send(await self._answer(frame))
            case CallResult() | CallError():
                if not self._calls.take(frame):
                    self._log.debug("dropped an answer that nothing waits for")
            case Malformed(message_id, reason):
                await self._take_malformed(message_id, reason)

    async def _answer(self, call: Call) -> str:
        try:
            return write_result(call.message_id, await self._inbound.answer(call))
        except Violation as violation:
            self._log.warning("%s refused: %s", call.action[:50], violation.code)
            return write_error(call.message_id, violation.code, violation.description)
        except BusUnavailableError as error:
            self._log.warning("%s can't be kept now: %s", call.action[:50], error)
            return write_error(call.message_id, "InternalError", "try again later")
        except ValidationError as error:
            self._log.warning("%s holds what no event can: %s", call.action[:50], error.title)
            return write_error(call.message_id, "PropertyConstraintViolation", "out of range")
        except ValueError:
            self._log.exception("%s could not be handled", call.action[:50])
            return write_error(call.message_id, "InternalError")

    async def _take_malformed(self, message_id: str | None, reason: str) -> None:
        self._log.warning("malformed frame: %s", reason)
        if not self._malformed.add(time.monotonic()):
            await self._socket.close(_POLICY, "too many malformed frames")
        elif message_id is not None:
            await self._socket.send(write_error(message_id, "FormationViolation", reason))

    async def _watch_silence(self) -> None:
        silent = 0.0
        while silent < self._rules.silence:
            await asyncio.sleep(self._rules.silence - silent)
            silent = time.monotonic() - self._seen
        self._log.warning("silent for %d s: closing", silent)
        self.end("silent")

    async def _close_when_asked(self) -> None:
        await self._ending.wait()
        await self._socket.close(_GOING_AWAY, self._reason)

    async def _disconnected(self) -> None:
        if self._reason == "superseded":
            self._log.info("superseded by a newer socket")
            return
        try:
            await self._commands.settle_unanswered()
            await presence.disconnect(self.peer, self._reason)
        except SupersededError:
            return
        except BusUnavailableError as error:
            self._log.warning("can't tell that it disconnected: %s", error)
        self._log.info("disconnected: %s", self._reason)

    def _intruder(self, transaction_id: int) -> None:
        if self._group is not None:
            self._group.create_task(self._stop_intruder(transaction_id))

    async def _stop_intruder(self, transaction_id: int) -> None:
        self._log.warning(
            "transaction %d has no idTag that may charge: stopping it", transaction_id
        )
        await self._calls.call("RemoteStopTransaction", {"transactionId": transaction_id})
