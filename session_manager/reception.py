"""Takes every event of a charge point's lane to whoever decides what it changes."""

from collections.abc import Iterable

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.events.charge_point import (
    ChargePointBooted,
    ChargePointConnected,
    ChargePointDisconnected,
    ConnectorStatusChanged,
)
from sdk.events.charging import (
    ChargingStarted,
    ChargingStopped,
    CommandOutcomeUnknown,
    IdTagAccepted,
    IdTagRefused,
    IdTagRevoked,
    MeterValueReported,
    StartRefused,
    StopRefused,
)
from sdk.events.envelope import Envelope
from sdk.events.settlement import (
    DepositConfirmed,
    DepositLost,
    RefundOpening,
    SettlementExecuted,
    SettlementFailed,
)
from sdk.events.signed import SignedBody
from sdk.register import ChargePointConfig, ConfigError
from session_manager.consumers import Consumers
from session_manager.decision import Decision
from session_manager.operators import Operators
from session_manager.replies import refuse
from session_manager.session.table import SessionEvent
from session_manager.transactions import Transactions

_OF_CHARGE_POINT = (ChargePointConnected, ChargePointBooted, ChargePointDisconnected)
_OF_CONNECTOR = (
    ChargingStarted,
    ChargingStopped,
    CommandOutcomeUnknown,
    ConnectorStatusChanged,
    IdTagAccepted,
    IdTagRefused,
    IdTagRevoked,
    MeterValueReported,
    StartRefused,
    StopRefused,
)
_OfSession = DepositConfirmed | DepositLost | RefundOpening | SettlementExecuted | SettlementFailed


class Reception:
    """Decides what one event changes, for one station."""

    def __init__(
        self, bus: Bus, consumers: Consumers, operators: Operators, transactions: Transactions
    ) -> None:
        """Read the station's register over `bus` when a consumer asks."""
        self._bus = bus
        self._consumers = consumers
        self._operators = operators
        self._transactions = transactions

    async def receive(self, envelope: Envelope, decision: Decision) -> None:
        """Let `envelope` have its effect in `decision`."""
        body = envelope.body
        if envelope.peer_id is not None:
            await self._from_consumer(envelope, decision)
        elif isinstance(body, _OF_CHARGE_POINT):
            await self._transactions.take(envelope, decision)
            for n in sorted(decision.book.connectors):
                decision.step(n, body)
        elif isinstance(body, _OF_CONNECTOR):
            await self._transactions.take(envelope, decision)
            for n in _connectors(envelope, decision):
                decision.step(n, body, came_at=envelope.at)
            for session_id in _away(body, decision):
                decision.step_disputed(session_id, body)
        elif isinstance(body, _OfSession):
            self._of_session(body, decision)
        else:
            self._operators.handle(envelope, decision)

    async def _from_consumer(self, envelope: Envelope, decision: Decision) -> None:
        body = envelope.body
        if not isinstance(body, SignedBody):
            refuse(decision, envelope, "unknown_type")
            return
        fields = await self._bus.read(keys.config(envelope.charge_point_id))
        try:
            config = ChargePointConfig.from_hash(envelope.charge_point_id, fields)
        except ConfigError:
            refuse(decision, envelope, "unknown_station")
        else:
            await self._consumers.handle(envelope, body, decision, config)

    def _of_session(self, body: _OfSession, decision: Decision) -> None:
        n = decision.book.find(body.session_id)
        if n is not None:
            decision.step(n, body)
        elif body.session_id in decision.book.disputed:
            decision.step_disputed(body.session_id, body)


def _away(body: SessionEvent, decision: Decision) -> Iterable[str]:
    """Give the session that left its connector and whose transaction ends now."""
    if not isinstance(body, ChargingStopped):
        return []
    away = decision.book.disputed.items()
    return [it for it, held in away if held.session.transaction_id == body.transaction_id]


def _connectors(envelope: Envelope, decision: Decision) -> Iterable[int]:
    """Give the connectors that an event is about: all, where it names none or the charge point."""
    if envelope.connector_id:
        return (envelope.connector_id,)
    body = envelope.body
    if isinstance(body, MeterValueReported) and body.transaction_id is None:
        return ()  # the charge point's main meter
    if isinstance(body, ConnectorStatusChanged) and body.status != "Faulted":
        return ()  # the charge point's own, which says nothing of its connectors
    return sorted(decision.book.connectors)
