"""What operators ask of a station, and what they are answered."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from sdk.bus.interface import Bus
from sdk.bus.keys import Lane
from sdk.events.envelope import Envelope
from sdk.events.station import (
    BalanceReported,
    BalanceRequested,
    ChainReconnected,
    ChainReconnectRequested,
    ChainUnreachable,
    DidDeactivated,
    DidDeactivateFailed,
    DidDeactivateRequested,
    DidPublished,
    DidPublishFailed,
    DidPublishRequested,
    DisputeResolveRefused,
    DisputeResolveRequested,
    PublicKeyReported,
    PublicKeyRequested,
    SessionStopRefused,
    SessionStopRequested,
)
from sdk.ids import Clock
from session_manager.decision import Decision
from session_manager.outgoing import Outbox
from session_manager.replies import reply

LateAnswer = (
    BalanceReported
    | ChainReconnected
    | ChainUnreachable
    | DidDeactivated
    | DidDeactivateFailed
    | DidPublished
    | DidPublishFailed
)


class StationDesk(Protocol):
    """What takes time to find out or to do: asks the chain."""

    async def balance(self) -> BalanceReported | ChainUnreachable:
        """Read the balances of the station's and the gas account."""
        ...

    async def publish(self) -> DidPublished | DidPublishFailed:
        """Publish the station's DID document."""
        ...

    async def deactivate(self, did: str) -> DidDeactivated | DidDeactivateFailed:
        """Give the station's DID up, for good, if it is `did`."""
        ...

    async def reconnect(self) -> ChainReconnected | ChainUnreachable:
        """Connect to the chain's node again."""
        ...

    def public_key(self) -> PublicKeyReported:
        """Give the public key of the station's account."""
        ...


class Operators:
    """Handles the station commands of one charge point.

    What asks the chain is answered after the command is committed, by `spawn`, so that sessions
    never wait for it; the answer has the id that the command's answer always has.
    """

    def __init__(
        self,
        bus: Bus,
        desk: StationDesk,
        clock: Clock,
        spawn: Callable[[Awaitable[None]], None],
    ) -> None:
        """Answer over `bus` with what `desk` finds out."""
        self._bus = bus
        self._desk = desk
        self._clock = clock
        self._spawn = spawn

    def handle(self, envelope: Envelope, decision: Decision) -> None:
        """Carry out a station command; anything else is none of ours."""
        match envelope.body:
            case SessionStopRequested() as body:
                _stop(envelope, body, decision)
            case DisputeResolveRequested() as body:
                _resolve(envelope, body, decision)
            case PublicKeyRequested():
                reply(decision, envelope, self._desk.public_key())
            case BalanceRequested():
                self._later(envelope, decision, self._desk.balance)
            case DidPublishRequested():
                self._later(envelope, decision, self._desk.publish)
            case DidDeactivateRequested(did=did):
                self._later(envelope, decision, partial(self._desk.deactivate, did))
            case ChainReconnectRequested():
                self._later(envelope, decision, self._desk.reconnect)
            case _:
                return

    def _later(
        self,
        envelope: Envelope,
        decision: Decision,
        ask: Callable[[], Awaitable[LateAnswer]],
    ) -> None:
        async def start() -> None:
            self._spawn(self._answer(envelope, ask))

        decision.afterwards.append(start)

    async def _answer(self, envelope: Envelope, ask: Callable[[], Awaitable[LateAnswer]]) -> None:
        """Answer; raises whatever `ask` does, and BusUnavailableError: then there is no answer."""
        body = await ask()
        outbox = Outbox(envelope.charge_point_id, envelope.id, self._clock())
        outbox.add(Lane.OUT, body, connector_id=envelope.connector_id)
        for lane, answer in outbox.events:
            await self._bus.publish(lane, answer, reserved=True)


def _stop(envelope: Envelope, body: SessionStopRequested, decision: Decision) -> None:
    n = envelope.connector_id
    if n is None or n not in decision.book.connectors:
        reply(decision, envelope, SessionStopRefused(reason="unknown_connector"))
        return
    running = decision.held(n).session.session_id
    if body.session_id is not None and body.session_id != running:
        reply(decision, envelope, SessionStopRefused(reason="other_session"))
        return
    decision.step(n, body)


def _resolve(envelope: Envelope, body: DisputeResolveRequested, decision: Decision) -> None:
    if body.session_id in decision.book.disputed:
        decision.step_disputed(body.session_id, body)
        return
    refused = DisputeResolveRefused(session_id=body.session_id, reason="no_dispute")
    reply(decision, envelope, refused)
