"""Unknown charge points, let in as far as BootNotification (OCPP 1.6, 4.2) and told to wait.

They are written down for the operator (`sdk.quarantine`), a bounded number of them, seldom, and cut
to size: whoever they are, they may be hostile. Their payloads are not held against the schema: the
operator should see also a charge point that will need tolerance.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cpg.frames import Call
from cpg.translate import write_time
from cpg.validation import Violation
from sdk import quarantine
from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.ids import Clock
from sdk.leaky_count import LeakyCount
from sdk.quarantine import WaitingChargePoint

_WRITTEN_EVERY_S = 10.0
_READ_EVERY_S = 10.0
_CHANGES, _CHANGES_PER_S = 5, 0.1
_LONGEST = 50


@dataclass(frozen=True, slots=True)
class Stranger:
    """An unknown charge point at the door.

    `password_hash` is of the Basic password that it presented under its own id; None: none.
    """

    charge_point_id: str
    password_hash: str | None = field(repr=False)
    address: str


class AdmittedError(Exception):
    """The stranger is registered by now: close its socket, and it comes again as what it is."""


class Quarantine:
    """Answers strangers, and writes down who waits."""

    def __init__(self, bus: Bus, clock: Clock, *, interval: int = 60, most: int = 500) -> None:
        """Tell them to boot again in `interval` seconds; seat and write down up to `most`.

        Beyond `most`, who floods pushes out his own: see `oldest_of_most_frequent`.
        """
        self._bus = bus
        self._clock = clock
        self._interval = interval
        self._most = most
        self._seated = 0
        self._known: dict[str, _Known] = {}
        self._read_at: datetime | None = None
        self._reading = asyncio.Lock()

    @property
    def interval(self) -> int:
        """Seconds after which a stranger should try again."""
        return self._interval

    @property
    def full(self) -> bool:
        """Whether as many strangers are connected here as may be."""
        return self._seated >= self._most

    @contextmanager
    def seat(self) -> Iterator[None]:
        """Count a stranger's socket while the block lasts."""
        self._seated += 1
        try:
            yield
        finally:
            self._seated -= 1

    async def answer(self, stranger: Stranger, call: Call) -> dict[str, Any]:
        """Answer what a stranger asks.

        Raises Violation for all but BootNotification, AdmittedError, BusUnavailableError.
        """
        if call.action != "BootNotification":
            raise Violation("SecurityError", "the charge point is not admitted yet")
        now = self._clock()
        await self._note(stranger, call.payload, now)
        return {"status": "Pending", "currentTime": write_time(now), "interval": self._interval}

    async def _note(self, stranger: Stranger, payload: dict[str, Any], now: datetime) -> None:
        await self._look(now)
        known = self._known.get(stranger.charge_point_id)
        entry = _entry(stranger, payload, known.entry if known else None, now)
        if known is not None and not known.is_worth_writing(entry, now):
            return
        if await self._bus.read(keys.config(stranger.charge_point_id)):
            self._known.pop(stranger.charge_point_id, None)
            raise AdmittedError
        await quarantine.note(self._bus, entry)
        self._remember(entry)
        while len(self._known) > self._most:
            others = (each.entry for each in self._known.values() if each.entry != entry)
            gone = quarantine.oldest_of_most_frequent(others).charge_point_id
            del self._known[gone]
            await quarantine.forget(self._bus, gone)

    async def _look(self, now: datetime) -> None:
        """Read now and then who waits: other gateways write, too, and the operator forgets some."""
        async with self._reading:
            if self._read_at and 0 <= (now - self._read_at).total_seconds() < _READ_EVERY_S:
                return
            entries = await quarantine.waiting(self._bus, now)
            self._read_at = now
            before, self._known = self._known, {}
            for entry in entries:
                known = before.get(entry.charge_point_id) or _Known(entry)
                self._known[entry.charge_point_id] = _Known(entry, known.changes)

    def _remember(self, entry: WaitingChargePoint) -> None:
        known = self._known.setdefault(entry.charge_point_id, _Known(entry))
        known.entry = entry


@dataclass(slots=True)
class _Known:
    entry: WaitingChargePoint
    changes: LeakyCount = field(default_factory=lambda: LeakyCount(_CHANGES, _CHANGES_PER_S))

    def is_worth_writing(self, entry: WaitingChargePoint, now: datetime) -> bool:
        if abs((now - self.entry.last_seen).total_seconds()) >= _WRITTEN_EVERY_S:
            return True
        same = entry.model_copy(update={"last_seen": self.entry.last_seen}) == self.entry
        return not same and self.changes.take(now.timestamp())


def _entry(
    stranger: Stranger, payload: dict[str, Any], known: WaitingChargePoint | None, now: datetime
) -> WaitingChargePoint:
    contested = known is not None and (
        known.contested or known.password_hash != stranger.password_hash
    )
    return WaitingChargePoint(
        charge_point_id=stranger.charge_point_id,
        vendor=_told(payload, "chargePointVendor"),
        model=_told(payload, "chargePointModel"),
        serial_number=_told(payload, "chargePointSerialNumber")
        or _told(payload, "chargeBoxSerialNumber"),
        firmware_version=_told(payload, "firmwareVersion"),
        address=stranger.address[:100],
        password_hash=stranger.password_hash,
        contested=contested,
        first_seen=known.first_seen if known else now,
        last_seen=now,
    )


def _told(payload: dict[str, Any], name: str) -> str:
    """Read a text as it may be shown on a terminal; what is no text counts as nothing."""
    value = payload.get(name)
    if not isinstance(value, str):
        return ""
    return "".join(char for char in value[: 4 * _LONGEST] if char.isprintable())[:_LONGEST].strip()
