"""Connectors as the charge point tells of them: StatusNotification (OCPP 1.6, 4.9)."""

from collections.abc import Sequence
from typing import Any

from cpg.errands import Errands
from cpg.frames import Call
from cpg.newest import Newest
from cpg.peer import Peer
from cpg.translate import read_connector, status_changed
from cpg.validation import Violation
from sdk.bus import keys
from sdk.bus.interface import Room, StateWrite
from sdk.events.charge_point import (
    ConnectorStatusChanged,
)
from sdk.records.presence import Entry, entry_writes, state_of

_OF_THE_WHOLE = frozenset({"Available", "Unavailable", "Faulted"})
"""What connector 0, the charge point itself, can be (OCPP 1.6, 7.7)."""
_REPEATED_S = 5.0
_MOST = 64

Told = tuple[str, str, str | None]


class Statuses:
    """What one socket told of its connectors; the first of each counts whatever its timestamp."""

    __slots__ = ("_errands", "_newest", "_peer", "_told")

    def __init__(self, peer: Peer, errands: Errands) -> None:
        """Tell for `peer`, and ask it by `errands` where what it tells can't be."""
        self._peer = peer
        self._errands = errands
        self._newest = Newest()
        self._told: dict[int, tuple[Told, float]] = {}

    async def take(self, call: Call, at: float) -> dict[str, Any]:
        """Carry out a StatusNotification.req that came at `at` (seconds, monotonic).

        The same as before, within seconds, is answered and not told again: some firmware repeats it
        without end. Raises Violation, BusUnavailableError, SupersededError.
        """
        peer, n = self._peer, read_connector(call.payload)
        now = peer.clock()
        body = status_changed(call.payload, now)
        if n == 0 and body.status not in _OF_THE_WHOLE:
            raise Violation("PropertyConstraintViolation", "status: not of the whole charge point")
        told: Told = (body.status, body.error_code, body.info)
        if not self._newest.takes(n, body.changed_at, now):
            return {}
        before = self._told.get(n)
        if before is not None and before[0] == told and at - before[1] < _REPEATED_S:
            return {}
        fields = {
            "status": body.status,
            "error_code": body.error_code,
            "changed_at": body.changed_at.isoformat(),
        }
        if n:
            fields["suspect_since"] = await self._suspicion(n, body)
        noted = self._noted(n, body, before and before[0][0])
        await peer.commit(
            writes=[StateWrite(keys.connector(peer.charge_point_id, n), fields), *noted],
            events=[peer.envelope(peer.cause(call, "StatusNotification"), body, n)],
            room=Room.STATE_ONLY,
        )
        peer.presence += bool(noted)
        if len(self._told) >= _MOST:
            self._told.clear()
        self._told[n] = (told, at)
        return {}

    def forget(self, n: int) -> None:
        """Tell the next status of connector `n` whatever it is: a transaction began or ended."""
        self._told.pop(n, None)

    def _noted(
        self, n: int, body: ConnectorStatusChanged, before: str | None
    ) -> Sequence[StateWrite]:
        """Give what is written of a status into the charge point's history, where that changes."""
        state = state_of(body.status)
        if before is not None and state_of(before) == state:
            return ()
        peer = self._peer
        entry = Entry(peer.clock(), n, state)
        return entry_writes(peer.charge_point_id, peer.presence, entry)

    async def _suspicion(self, n: int, body: ConnectorStatusChanged) -> str:
        """Doubt a transaction that is open on an available connector: its stop may be lost.

        The charge point is asked for its status, once; nothing is closed.
        """
        if body.status != "Available":
            return ""
        stored = await self._peer.bus.read(keys.connector(self._peer.charge_point_id, n))
        if not stored.get("transaction_id"):
            return ""
        if stored.get("suspect_since"):
            return stored["suspect_since"]
        self._errands.add(
            "TriggerMessage", {"requestedMessage": "StatusNotification", "connectorId": n}
        )
        return body.changed_at.isoformat()
