"""Writes the demo's invented history as Session Manager and gateway would have, marked as such."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from demo_points import DemoStation
from demo_sessions import GENERATED, charged, failed_session, paid_session
from demo_week import BROKEN, BROKEN_FOR, Visit, planned
from sdk.bus import keys
from sdk.bus.interface import Bus, Commit
from sdk.ids import new_event_id
from sdk.log_stream import stream_fields
from sdk.logs import Line, get_logger
from sdk.records.curve import Reading, pack_reading
from sdk.records.ending import enlist
from sdk.records.presence import Entry, What, entry_writes
from sdk.records.receipts import FIRST
from session_manager.ending import Ended, end_session
from session_manager.receipts import receipt_hash

FIRST_METER_WH = 100_000
FIRST_TRANSACTION = 900_000
"""Far from what gateways give now, which begin at 1."""
_log = get_logger("demo")


class History:
    """Writes sessions one after the other: meters and the chain of receipts go on."""

    def __init__(self, bus: Bus, stations: Mapping[str, DemoStation]) -> None:
        self.sessions = 0
        self._bus = bus
        self._stations = stations
        self._meters: dict[tuple[str, int], int] = {}
        self._receipts = dict.fromkeys(stations, FIRST)

    async def write(self, seed: int, now: datetime, days: int) -> None:
        """Write all that is planned of these days, and say so in the log.

        Raises BusUnavailableError.
        """
        for name in self._stations:
            await enlist(self._bus, name)
            await self._note_presence(name, now, days)
        for visit in planned(seed, now, days):
            await self._write(visit)
        for name, receipt in self._receipts.items():
            if receipt != FIRST:
                await self._bus.write(keys.last_receipt(name), {"hash": receipt})
        told = f"{GENERATED}: {self.sessions} sessions of the last {days} days were invented"
        await tell(self._bus, now, told)

    async def _write(self, visit: Visit) -> None:
        name = visit.charge_point_id
        station, number = self._stations[name], FIRST_TRANSACTION + self.sessions
        readings: tuple[Reading, ...] = ()
        if visit.failure is not None:
            ended = failed_session(station, visit, number, self._receipts[name])
        else:
            place = (name, visit.connector_id)
            used = charged(station, visit, self._meters.get(place, FIRST_METER_WH))
            readings = used.readings
            self._meters[place] = readings[-1].energy_wh
            ended = paid_session(station, visit, used, number, self._receipts[name])
        await self._store(name, ended, readings)
        if ended.receipt is not None:
            self._receipts[name] = receipt_hash(ended.receipt)
        self.sessions += 1

    async def _store(self, name: str, ended: Ended, readings: tuple[Reading, ...]) -> None:
        session_id = ended.session.terms.session_id
        if readings:
            curve = {keys.curve(name, session_id): b"".join(map(pack_reading, readings))}
            await self._bus.apply(Commit(name, new_event_id(), appends=curve))
        end = await end_session(self._bus, name, ended, _log)
        commit = Commit(
            name,
            new_event_id(),
            writes=end.writes,
            appends=end.appends,
            constants=end.constants,
        )
        await self._bus.apply(commit)

    async def _note_presence(self, name: str, now: datetime, days: int) -> None:
        """Say that a charge point was there all the time, but for an hour the day before."""
        happened: list[tuple[timedelta, int, What]] = [
            (timedelta(days=days), 0, "came"),
            (timedelta(hours=30), 0, "gone"),
            (timedelta(hours=29), 0, "came"),
        ]
        if name == BROKEN[0]:
            happened.append((BROKEN_FOR, BROKEN[1], "faulted"))
        for number, (ago, connector_id, what) in enumerate(happened):
            for write in entry_writes(name, number, Entry(now - ago, connector_id, what)):
                await self._bus.write(write.key, write.fields or {})
        marked = {GENERATED: f"those before {now.isoformat(timespec='seconds')}"}
        await self._bus.write(keys.presence(name), marked)


async def tell(bus: Bus, now: datetime, text: str, **more: str) -> None:
    """Write a line to the services' log, as the demo's."""
    at = now.isoformat(timespec="milliseconds")
    line: Line = {"at": at, "level": "info", "service": "demo", "event": text, **more}
    await bus.append_log([stream_fields(line)])
