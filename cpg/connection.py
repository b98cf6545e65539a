"""One socket of one charge point, from the accepted handshake to its end."""

import asyncio
import time
from dataclasses import dataclass
from typing import Literal

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from cpg.calls import Calls
from cpg.commands import READER, Commands
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
from cpg.peer import Peer, SupersededError
from cpg.validation import Violation
from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError, Delivery, Follower, Outcome, StateWrite
from sdk.bus.keys import Lane
from sdk.events.charge_point import ChargePointConnected, ChargePointDisconnected
from sdk.ids import natural_id
from sdk.logs import Logger

CloseReason = Literal["closed", "silent", "superseded", "gateway_stopped"]
_RETRY_S = 0.5
_MOST_MALFORMED = 50
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
        self._inbound = Inbound(rules.heartbeat_interval, self._booted, self._intruder)
        self._reason: CloseReason = "closed"
        self._seen = time.monotonic()
        self._malformed = 0
        self._group: asyncio.TaskGroup | None = None

    async def serve(self, follower: Follower) -> None:
        """Serve until the socket closes, then tell so."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await self._connected()
                helpers = [
                    group.create_task(self._carry_out(follower)),
                    group.create_task(self._watch_silence()),
                ]
                await self._read()
                self._calls.close()
                for helper in helpers:
                    helper.cancel()
        except* SupersededError:
            self._reason = "superseded"
        finally:
            self._calls.close()
            await self._socket.close(_GOING_AWAY)
        await self._disconnected()

    async def close(self, reason: CloseReason) -> None:
        """Close the socket: a newer one won, it was silent, or the gateway stops."""
        self._reason = reason
        self._calls.close()
        await self._socket.close(_GOING_AWAY, reason)

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
            return write_result(call.message_id, await self._inbound.answer(self.peer, call))
        except Violation as violation:
            self._log.warning("%s refused: %s", call.action[:50], violation.code)
            return write_error(call.message_id, violation.code, violation.description)
        except BusUnavailableError as error:
            self._log.warning("%s can't be kept now: %s", call.action[:50], error)
            return write_error(call.message_id, "InternalError", "try again later")

    async def _take_malformed(self, message_id: str | None, reason: str) -> None:
        self._malformed += 1
        self._log.warning("malformed frame: %s", reason)
        if message_id is not None:
            await self._socket.send(write_error(message_id, "FormationViolation", reason))
        elif self._malformed > _MOST_MALFORMED:
            await self._socket.close(_POLICY, "too many malformed frames")

    async def _carry_out(self, follower: Follower) -> None:
        charge_point_id = self.peer.charge_point_id
        await self._commands.settle_unanswered()
        cursor = await self.peer.bus.cursor(charge_point_id, READER)
        subscription = await follower.subscribe(
            charge_point_id, Lane.OCPP, after=cursor or "0", reader=READER
        )
        try:
            async for delivery in subscription:
                await self._take_command(delivery)
        finally:
            await subscription.close()

    async def _take_command(self, delivery: Delivery) -> None:
        while True:
            try:
                await self._commands.take(delivery)
            except BusUnavailableError as error:
                self._log.warning("a command waits for Redis: %s", error)
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def _watch_silence(self) -> None:
        while True:
            silent = time.monotonic() - self._seen
            if silent >= self._rules.silence:
                self._log.warning("silent for %d s: closing", silent)
                await self.close("silent")
                return
            await asyncio.sleep(self._rules.silence - silent)

    async def _connected(self) -> None:
        peer = self.peer
        now = peer.clock().isoformat()
        fields = {
            "connected": "1",
            "generation": str(peer.generation),
            "fence": peer.guard.token,
            "gateway": self._rules.owner,
            "heartbeat_interval": str(self._rules.heartbeat_interval),
            "connected_at": now,
            "last_seen_at": now,
        }
        event_id = natural_id(peer.charge_point_id, peer.guard.token, "connected")
        body = ChargePointConnected(generation=peer.generation)
        await peer.commit(
            writes=[StateWrite(keys.state(peer.charge_point_id), fields)],
            events=[peer.envelope(event_id, body)],
            cause=event_id,
        )
        self._log.info("connected")

    async def _disconnected(self) -> None:
        if self._reason == "superseded":
            self._log.info("superseded by a newer socket")
            return
        try:
            await disconnect(self.peer, self._reason)
        except SupersededError:
            return
        except BusUnavailableError as error:
            self._log.warning("can't tell that it disconnected: %s", error)
        self._log.info("disconnected: %s", self._reason)

    def _booted(self, _: Peer) -> None:
        if self._group is not None:
            self._group.create_task(self._commands.local_list.learn())

    def _intruder(self, _: Peer, transaction_id: int) -> None:
        if self._group is not None:
            self._group.create_task(self._stop_intruder(transaction_id))

    async def _stop_intruder(self, transaction_id: int) -> None:
        self._log.warning(
            "transaction %d has no idTag that may charge: stopping it", transaction_id
        )
        await self._calls.call("RemoteStopTransaction", {"transactionId": transaction_id})


async def disconnect(
    peer: Peer, reason: Literal["closed", "silent", "gateway_stopped", "gateway_lost"]
) -> Outcome:
    """Tell that a socket is gone, once. Raises SupersededError when a newer one has come."""
    event_id = natural_id(peer.charge_point_id, peer.guard.token, "disconnected")
    body = ChargePointDisconnected(generation=peer.generation, reason=reason)
    return await peer.commit(
        writes=[StateWrite(keys.state(peer.charge_point_id), {"connected": "0"})],
        events=[peer.envelope(event_id, body)],
        cause=event_id,
    )
