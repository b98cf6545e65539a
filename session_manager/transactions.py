"""Transactions that no open session explains: private tests, and what was closed too late."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from sdk.bus import keys
from sdk.bus.interface import Bus, StateWrite
from sdk.bus.keys import Lane
from sdk.events.charge_point import (
    ChargePointConnected,
)
from sdk.events.charging import (
    ChargingStarted,
    ChargingStopped,
    MeterValueReported,
    StopCharging,
)
from sdk.events.envelope import Envelope
from sdk.events.service import QuoteOffered
from sdk.events.settlement import UnbilledEnergyFound
from sdk.records.ending import addendum
from sdk.records.moments import to_ms
from sdk.records.row import Row
from session_manager.decision import Decision
from session_manager.session.private import PrivateStarted
from session_manager.session.state import FREE, Session

PrivateTerms = Callable[[ChargingStarted, int, datetime], QuoteOffered]
"""Gives the terms of a test without money: of a transaction, its connector, and now."""

_STOP_WITHIN = timedelta(seconds=30)
_RUNNING = frozenset({"charging", "stopping"})


class Transactions:
    """Looks at what a charge point starts and stops, before the sessions do."""

    def __init__(self, bus: Bus, private_id: str | None, private_terms: PrivateTerms) -> None:
        """`private_id` is the idTag that charges without money; None: there is none."""
        self._bus = bus
        self._private_id = private_id.casefold() if private_id else None
        self._private_terms = private_terms

    async def take(self, envelope: Envelope, decision: Decision) -> None:
        """Let a private session begin, or note energy that a paid session did not bill.

        A transaction that goes on when its session is over is told to stop, as long as it is seen.
        """
        match envelope.body:
            case MeterValueReported(transaction_id=int() as transaction_id):
                await self._stop_again(transaction_id, envelope.connector_id or 0, decision)
            case ChargePointConnected():
                await self._stop_open_ones(decision)
            case ChargingStarted() as started if self._is_private(started):
                self._begin(envelope, started, decision)
            case ChargingStopped() as stopped:
                await self._late(envelope, stopped, decision)

    def _is_private(self, started: ChargingStarted) -> bool:
        accepted = started.id_tag_status == "Accepted"
        return accepted and started.id_tag.casefold() == self._private_id

    def _begin(self, envelope: Envelope, started: ChargingStarted, decision: Decision) -> None:
        n = envelope.connector_id or 1
        if decision.held(n).session.phase in FREE:
            quote = self._private_terms(started, n, decision.outbox.at)
            decision.step(n, PrivateStarted(quote, started))

    async def _stop_open_ones(self, decision: Decision) -> None:
        cp, numbers = decision.book.charge_point_id, sorted(decision.book.connectors)
        hashes = await self._bus.read_many([keys.connector(cp, n) for n in numbers])
        for n, connector in zip(numbers, hashes, strict=True):
            if connector.get("transaction_id", "").isdecimal():
                await self._stop_again(int(connector["transaction_id"]), n, decision)

    async def _stop_again(self, transaction_id: int, n: int, decision: Decision) -> None:
        session = _session_of(transaction_id, decision)
        if session is not None and (session.phase in _RUNNING or session.private):
            return
        cp, field = decision.book.charge_point_id, str(transaction_id)
        if _goes_on(session) or field in await self._bus.read(keys.assumed(cp)):
            expires_at = decision.outbox.at + _STOP_WITHIN
            stop = StopCharging(transaction_id=transaction_id, expires_at=expires_at)
            decision.outbox.add(Lane.OCPP, stop, connector_id=n)

    async def _late(self, envelope: Envelope, stopped: ChargingStopped, decision: Decision) -> None:
        cp, field = envelope.charge_point_id, str(stopped.transaction_id)
        noted = (await self._bus.read(keys.assumed(cp))).get(field)
        if noted is None:
            return
        decision.forget(keys.assumed(cp), field)
        paid = json.loads(noted)
        more = stopped.meter_stop_wh - int(paid["meter_wh"])
        if more <= 0:
            return
        found = {
            "session_id": paid["session_id"],
            "unbilled_wh": more,
            "stopped_at": stopped.stopped_at.isoformat(),
        }
        decision.writes.append(StateWrite(keys.unbilled(cp), {field: json.dumps(found)}))
        body = UnbilledEnergyFound(
            session_id=paid["session_id"], transaction_id=stopped.transaction_id, unbilled_wh=more
        )
        whole = addendum(
            Row(
                charge_point_id=cp,
                connector_id=envelope.connector_id or 0,
                session_id=paid["session_id"],
                outcome="addendum",
                ended_ms=to_ms(decision.outbox.at),
                flags=("unbilled",),
                unbilled_wh=more,
                transaction_id=stopped.transaction_id,
            )
        )
        decision.add_ending(whole)
        decision.outbox.add(
            Lane.OUT, body, connector_id=envelope.connector_id, session_id=paid["session_id"]
        )


def _goes_on(session: Session | None) -> bool:
    """Tell whether a session's transaction was never closed; of ended ones `assumed` tells it."""
    if session is None:
        return False
    if "late_start" in session.flags:
        return True
    return session.phase not in FREE and session.stopped_at is None and session.usage is not None


def _session_of(transaction_id: int, decision: Decision) -> Session | None:
    book = decision.book
    held = (*book.connectors.values(), *book.disputed.values())
    sessions = (each.session for each in held)
    return next((it for it in sessions if it.transaction_id == transaction_id), None)
