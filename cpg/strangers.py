"""Sockets of unknown charge points in quarantine: they may boot, and wait."""

from contextlib import ExitStack
from typing import Any

from cpg.connection import House
from cpg.desk import Used
from cpg.exchange import Exchange
from cpg.frames import Call, CallError, CallResult
from cpg.quarantine import AdmittedError, Quarantine, Stranger
from cpg.validation import Violation
from cpg.wire import Wire
from sdk.bus.interface import Follower, Subscription
from sdk.bus.keys import Lane
from sdk.events.charge_point import (
    ChargePointConfigChanged,
)

_GOING_AWAY = 1001
_ADMITTED = "admitted"


class _Unlogged:
    """Keeps nothing: whoever likes can be a stranger, under any number of names."""

    def heard(self, *_: object, **__: object) -> None:
        """See `Messages`."""

    def stray(self, *_: object) -> None:
        """See `Messages`."""

    def unreadable(self, *_: object) -> None:
        """See `Messages`."""

    def count(self, *_: object) -> None:
        """See `Messages`."""


class StrangerConnection:
    """Answers a stranger; closes its socket when it is admitted, so that it comes again."""

    def __init__(
        self, wire: Wire, stranger: Stranger, quarantine: Quarantine, house: House
    ) -> None:
        """Seat `stranger` until `wire` is lost."""
        self.charge_point_id = stranger.charge_point_id
        self._wire = wire
        self._stranger = stranger
        self._quarantine = quarantine
        self._house = house
        self._subscription: Subscription | None = None
        self._is_reading = False
        self._seat = ExitStack()
        self._seat.enter_context(quarantine.seat())

    @property
    def tolerances(self) -> Used:
        """See `Desk`: nobody has granted it any."""
        return frozenset()

    def open(self) -> None:
        """Upgrade the wire, and answer what comes over it."""
        house, wire = self._house, self._wire
        wire.open(Exchange(wire, self, house.turns, _Unlogged(), house.spawn, house.log))

    def at_once(self, call: Call) -> dict[str, Any] | None:
        """See `Desk`."""
        del call
        return None

    async def answer(self, call: Call) -> tuple[dict[str, Any], Used]:
        """See `Desk`."""
        try:
            return await self._quarantine.answer(self._stranger, call), call.tolerated
        except AdmittedError:
            self.end(_ADMITTED)
            raise Violation("SecurityError", "connect again") from None

    def take(self, frame: CallResult | CallError) -> bool:
        """See `Desk`: a stranger is asked nothing."""
        del frame
        return False

    async def watch(self, follower: Follower) -> None:
        """Hear of its admission."""
        subscription = await follower.subscribe(
            self.charge_point_id, Lane.OCPP, after=None, on_wake=self._wake
        )
        if self._wire.is_gone:
            await subscription.close()
        self._subscription = subscription
        self._wake()

    def _wake(self) -> None:
        if self._subscription is None or self._is_reading or self._wire.is_gone:
            return
        self._is_reading = True
        self._house.spawn(self._read(self._subscription))

    async def _read(self, subscription: Subscription) -> None:
        try:
            while delivery := await subscription.take():
                if isinstance(delivery.envelope.body, ChargePointConfigChanged):
                    self.end(_ADMITTED)
        finally:
            self._is_reading = False

    def end(self, reason: str) -> None:
        """Close the socket."""
        self._wire.close(_GOING_AWAY, reason)

    def give_up(self, message_id: str) -> None:
        """See `Desk`: nothing is pending."""

    def look(self, now: float) -> None:
        """End a socket that has been silent; `now` as of `time.monotonic`."""
        limit = max(self._house.rules.silence, 2.5 * self._quarantine.interval)
        if now - self._wire.seen_at > limit:
            self.end("silent")

    def lost(self) -> None:
        """See `Desk`."""
        self._seat.close()
        if self._subscription is not None:
            self._house.spawn(self._subscription.close())
