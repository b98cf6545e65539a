"""One charge point on one socket, from its admission to its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from cpg import presence
from cpg.calls import Asked, Calls
from cpg.command_lane import CommandLane
from cpg.commands import Commands
from cpg.errands import Errands
from cpg.exchange import Exchange, Spawn, Used
from cpg.frames import Call, CallError, CallResult
from cpg.inbound import Inbound
from cpg.message_log import MessageLog
from cpg.peer import Peer, SupersededError
from cpg.turns import Turns
from cpg.turnstile import Turnstile
from cpg.wire import Wire
from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError, Subscription
from sdk.charge_point_config import ChargePointConfig, ConfigError
from sdk.events.body import Body
from sdk.events.charge_point import ChargePointConfigChanged, ChargePointConnected
from sdk.logs import Logger, bind

CloseReason = Literal["closed", "silent", "superseded", "gateway_stopped"]
_GOING_AWAY = 1001
PING_S = 30.0
"""A socket on which nothing came for so long is pinged; after twice as long it is dropped."""
_SPREAD = 1024


@dataclass(frozen=True, slots=True)
class Rules:
    """How sockets are treated; seconds."""

    owner: str
    heartbeat_interval: int
    silence: float
    call_timeout: float
    messages_per_second: float = 500
    """How many messages a second one socket may bring; those above wait. 0: no limit."""
    message_burst: float = 1000


@dataclass(frozen=True, slots=True)
class House:
    """What the connections of one gateway share."""

    rules: Rules
    turns: Turns
    messages: MessageLog
    spawn: Spawn
    chores: Turnstile
    """For what many sockets may need at once, and no charge point waits for."""
    log: Logger


class Connection:
    """Serves one socket: answers its calls, carries out commands, tells when it is gone."""

    __slots__ = (
        "_calls",
        "_commands",
        "_errands",
        "_house",
        "_inbound",
        "_is_over",
        "_lane",
        "_on_over",
        "_pinged",
        "_reason",
        "_wire",
        "charge_point_id",
        "exchange",
        "peer",
        "tolerances",
    )

    def __init__(
        self,
        wire: Wire,
        peer: Peer,
        config: ChargePointConfig,
        house: House,
        on_over: Callable[["Connection"], None],
    ) -> None:
        """Serve `peer` on `wire`; `on_over` hears when all is told."""
        self._on_over = on_over
        self.peer = peer
        self.charge_point_id = peer.charge_point_id
        self.tolerances: Used = frozenset(config.tolerances)
        self._wire = wire
        self._house = house
        log = house.log
        self.exchange = Exchange(wire, self, house.turns, house.messages, house.spawn, log)
        self._calls = Calls(wire.send, house.rules.call_timeout, self._asked)
        self._commands = Commands(peer, self._calls, self._heard_fact)
        self._lane = CommandLane(
            peer, self._calls, self._commands, house.spawn, log, self._superseded
        )
        self._errands = Errands(self._calls, house.spawn)
        self._inbound = Inbound(
            peer, house.rules.heartbeat_interval, self._commands.forget_local_list, self._errands
        )
        self._reason: CloseReason = "closed"
        self._pinged = False
        self._is_over = False

    def at_once(self, call: Call) -> dict[str, Any] | None:
        """See `Desk`."""
        return self._inbound.at_once(call)

    async def answer(self, call: Call) -> tuple[dict[str, Any], Used]:
        """See `Desk`."""
        try:
            return await self._inbound.answer(call, self.tolerances)
        except SupersededError:
            self._superseded()
            raise BusUnavailableError("a newer socket of this charge point has come") from None

    def take(self, frame: CallResult | CallError) -> bool:
        """See `Desk`."""
        return self._calls.take(frame)

    def take_commands(self, subscription: Subscription, unanswered: Mapping[str, str]) -> None:
        """Carry out commands from now on; an earlier socket left some unanswered."""
        if unanswered:
            self._house.chores.add(partial(self._lane.settle_and_follow, subscription, unanswered))
        else:
            self._lane.follow(subscription)

    def wake(self) -> None:
        """Look whether there are commands."""
        self._lane.wake()

    def end(self, reason: CloseReason) -> None:
        """Close the socket: a newer one won, it was silent, or the gateway stops."""
        if self._reason == "closed":
            self._reason = reason
        self._calls.close()
        self._wire.close(_GOING_AWAY, self._reason)

    def look(self, now: float) -> None:
        """Ping or end a socket that has been silent; `now` as of `time.monotonic`."""
        if self._wire.keeps_peer_waiting:
            self._wire.heard_at = self.exchange.seen_at = now
        if now - self.exchange.seen_at > self._house.rules.silence:
            self._house.log.warning("silent: closing", charge_point_id=self.charge_point_id)
            self.end("silent")
            return
        quiet = now - self._wire.heard_at
        # not all at once, where all connected at once
        if quiet < PING_S * (1 - (hash(self.charge_point_id) & 0xFF) / _SPREAD):
            self._pinged = False
        elif quiet > 2 * PING_S:
            self._reason = "silent"
            self._wire.abort()
        elif not self._pinged:
            self._pinged = True
            self._wire.ping()

    def lost(self) -> None:
        """See `Desk`."""
        self._calls.close()
        self._house.chores.add(self.over)

    async def over(self) -> None:
        """Tell that the socket is gone, once, unless a newer one has come."""
        if self._is_over:
            return
        self._is_over = True
        with bind(charge_point_id=self.charge_point_id):
            try:
                await self._lane.stop()
                await self._tell_end()
            finally:
                self._on_over(self)

    async def _tell_end(self) -> None:
        log = self._house.log
        if self._reason == "superseded":
            log.info("superseded by a newer socket")
            return
        try:
            await self._commands.settle_unanswered()
            await presence.disconnect(self.peer, self._reason)
        except SupersededError:
            return
        except BusUnavailableError as error:
            log.warning("can't tell that it disconnected: %s", error)
        log.info("disconnected: %s", self._reason)

    def _superseded(self) -> None:
        self.end("superseded")

    def _asked(self, asked: Asked) -> None:
        self._house.messages.asked(
            self.charge_point_id,
            asked.action,
            asked.request,
            asked.answer,
            asked.outcome,
            began=asked.began,
            ended=asked.ended,
        )

    async def _heard_fact(self, body: Body) -> None:
        match body:
            case ChargePointConnected(generation=generation) if generation > self.peer.generation:
                self.end("superseded")
            case ChargePointConfigChanged():
                await self._take_config()
            case _:
                return

    async def _take_config(self) -> None:
        fields = await self.peer.bus.read(keys.config(self.charge_point_id))
        if not fields:
            self._house.log.warning(
                "is not registered any more: closing", charge_point_id=self.charge_point_id
            )
            self.end("closed")
            return
        try:
            config = ChargePointConfig.from_hash(self.charge_point_id, fields)
        except ConfigError as error:
            self._house.log.warning(
                "its changed configuration can't be read: %s",
                error,
                charge_point_id=self.charge_point_id,
            )
            return
        self.tolerances = frozenset(config.tolerances)
        self.peer.connectors = config.connectors
