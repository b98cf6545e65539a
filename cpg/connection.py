"""One charge point on one socket, from its admission to its end.

Nothing here refers back to the connection but its wire, which lets go of it when it is lost: a
socket that is gone leaves no cycle of references, and so no work for the garbage collector.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any

from cpg import presence
from cpg.calls import Calls
from cpg.command_lane import CommandLane
from cpg.commands import Commands
from cpg.data_transfer import Vendors
from cpg.desired import DesiredKeys
from cpg.desk import Spawn, Used
from cpg.ending import CloseReason, Ending
from cpg.errands import Errands
from cpg.exchange import Exchange
from cpg.facts import Facts
from cpg.frames import Call, CallError, CallResult
from cpg.inbound import Inbound
from cpg.message_log import AskedOutcome, MessageLog
from cpg.passwords import HashPassword
from cpg.peer import Peer, SupersededError
from cpg.reservations import end_lapsed, has_reservations
from cpg.signing import Signing
from cpg.turns import Turns
from cpg.turnstile import Turnstile
from cpg.wire import Wire
from sdk.bus.interface import BusUnavailableError, Follower, Subscription
from sdk.ca.interface import CertificateAuthority
from sdk.logs import Logger, bind
from sdk.message_log import TOLERATED

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
    hash_password: HashPassword
    authority: CertificateAuthority | None = None
    follower: Follower | None = None
    """By which vendors' handlers are heard; None: there are none."""


class Connection:
    """Serves one socket: answers its calls, carries out commands, tells when it is gone."""

    __slots__ = (
        "_calls",
        "_commands",
        "_desired",
        "_ending",
        "_house",
        "_inbound",
        "_is_over",
        "_lane",
        "_on_over",
        "_pinged",
        "_vendors",
        "_wire",
        "charge_point_id",
        "peer",
    )

    def __init__(
        self, wire: Wire, peer: Peer, house: House, on_over: Callable[["Connection"], None]
    ) -> None:
        """Serve `peer` on `wire`; `on_over` hears when all is told."""
        self.peer = peer
        self.charge_point_id = peer.charge_point_id
        self._wire = wire
        self._house = house
        self._on_over = on_over
        asked = partial(_log_asked, house.messages, peer.charge_point_id)
        self._calls = Calls(wire.send, house.rules.call_timeout, asked, peer.mend_answer)
        self._ending = Ending(wire, self._calls)
        self._desired = DesiredKeys(peer, self._calls, house.spawn, house.chores)
        facts = Facts(peer, self._ending, house.log, self._desired.changed)
        self._commands = Commands(peer, self._calls, facts.take, house.hash_password)
        self._lane = CommandLane(
            peer, self._calls, self._commands, house.spawn, house.log, self._ending.superseded
        )
        self._vendors = Vendors(peer, house.follower)
        self._inbound = Inbound(
            peer,
            house.rules.heartbeat_interval,
            _OnBoot(self._commands, self._desired),
            Errands(self._calls, house.spawn),
            Signing(peer, self._calls, house.spawn, house.authority, house.log),
            self._vendors,
        )
        self._pinged = False
        self._is_over = False

    @property
    def tolerances(self) -> Used:
        """See `Desk`."""
        return self.peer.tolerances

    def open(self) -> None:
        """Upgrade the wire, and answer what comes over it."""
        house = self._house
        self._wire.open(
            Exchange(self._wire, self, house.turns, house.messages, house.spawn, house.log)
        )

    def at_once(self, call: Call) -> dict[str, Any] | None:
        """See `Desk`."""
        return self._inbound.at_once(call)

    async def answer(self, call: Call) -> tuple[dict[str, Any], Used]:
        """See `Desk`."""
        try:
            return await self._inbound.answer(call, self.peer.tolerances)
        except SupersededError:
            self._ending.superseded()
            raise BusUnavailableError("a newer socket of this charge point has come") from None

    def take(self, frame: CallResult | CallError) -> bool:
        """See `Desk`."""
        return self._calls.take(frame)

    def take_commands(
        self,
        subscription: Subscription,
        unanswered: Mapping[str, str],
        state: Mapping[str, str],
    ) -> None:
        """Carry out commands from now on; an earlier socket left some unanswered.

        `state` is `{CP}:charge_point` as that one left it.
        """
        if has_reservations(state):
            self.peer.reservations_due = 0.0
        self._desired.resume(state)
        self._lane.hold(subscription)
        if unanswered:
            self._house.chores.add(partial(self._lane.settle_and_follow, unanswered))
        else:
            self._lane.follow()

    def wake(self) -> None:
        """Look whether there are commands."""
        self._lane.wake()

    def end(self, reason: CloseReason) -> None:
        """Close the socket."""
        self._ending.end(reason)

    def look(self, now: float) -> None:
        """Ping or end a socket that has been silent; `now` as of `time.monotonic`."""
        wire = self._wire
        if wire.keeps_peer_waiting:
            wire.heard_at = wire.seen_at = now
        if now - wire.seen_at > self._house.rules.silence * self.peer.patience:
            self._house.log.warning("silent: closing", charge_point_id=self.charge_point_id)
            self.end("silent")
            return
        if now >= self.peer.reservations_due:
            self.peer.reservations_due = inf
            self._house.chores.add(partial(end_lapsed, self.peer))
        self._desired.look(now)
        quiet = now - wire.heard_at
        # not all at once, where all connected at once
        if quiet < PING_S * (1 - (hash(self.charge_point_id) & 0xFF) / _SPREAD):
            self._pinged = False
        elif quiet > 2 * PING_S:
            self._ending.drop()
        elif not self._pinged:
            self._pinged = True
            wire.ping()

    def give_up(self, message_id: str) -> None:
        """See `Desk`."""
        self._calls.give_up(message_id)

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
                await self._vendors.close()
                await self._lane.stop()
                await self._tell_end()
            finally:
                self._on_over(self)

    async def _tell_end(self) -> None:
        log, reason = self._house.log, self._ending.reason
        if reason == "superseded":
            log.info("superseded by a newer socket")
            return
        try:
            await self._commands.settle_unanswered()
            await presence.disconnect(self.peer, reason)
        except SupersededError:
            return
        except BusUnavailableError as error:
            log.warning("can't tell that it disconnected: %s", error)
        log.info("disconnected: %s", reason)


class _OnBoot:
    """Tells who must know of a boot; each socket has one, and a partial is three times as large."""

    __slots__ = ("_commands", "_desired")

    def __init__(self, commands: Commands, desired: DesiredKeys) -> None:
        self._commands = commands
        self._desired = desired

    def __call__(self) -> None:
        self._commands.forget_local_list()
        self._desired.booted()


def _log_asked(  # noqa: PLR0913 - what there is to tell of a call
    messages: MessageLog,
    charge_point_id: str,
    action: str,
    request: bytes,
    answer: str | bytes | None,
    outcome: AskedOutcome,
    *,
    used: Used,
    began: float,
    ended: float,
) -> None:
    messages.asked(charge_point_id, action, request, answer, outcome, began=began, ended=ended)
    for kind in used:
        messages.count(charge_point_id, TOLERATED[kind])
