"""Reads what the console shows of many charge points, in few round trips."""

from collections.abc import Sequence
from typing import NamedTuple

from sdk.availability import ENDED
from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.events.service import ChargingStatus
from sdk.records.curve import Reading, unpack_readings
from sdk.records.errors import CorruptRecordError
from sdk.records.record import decode_record
from session_manager.console_page import Hash, StationHashes, connector_ids


class Wanted(NamedTuple):
    """A session of which the curve so far is wanted."""

    charge_point_id: str
    connector_id: int
    status: ChargingStatus

    @property
    def key(self) -> str:
        """Where its readings are: in its record once it ended."""
        key = keys.record if self.status.phase in ENDED else keys.curve
        return key(self.charge_point_id, self.status.session_id or "")


async def read_hashes(bus: Bus, charge_point_ids: Sequence[str]) -> dict[str, StationHashes]:
    """Read all hashes of some charge points. Raises BusUnavailableError."""
    configs = await bus.read_many([keys.config(name) for name in charge_point_ids])
    numbers = [connector_ids(config) for config in configs]
    pairs = list(zip(charge_point_ids, numbers, strict=True))
    found = iter(await bus.read_many([key for name, some in pairs for key in _keys(name, some)]))
    read = [
        StationHashes(
            config=config,
            state=next(found),
            identity=next(found),
            disputes=next(found),
            connectors={number: next(found) for number in some},
            sessions={number: next(found) for number in some},
        )
        for config, some in zip(configs, numbers, strict=True)
    ]
    return await _with_disputed(bus, dict(zip(charge_point_ids, read, strict=True)))


async def read_curves(bus: Bus, wanted: Sequence[Wanted]) -> list[tuple[Wanted, Sequence[Reading]]]:
    """Read the readings of sessions, those that have any. Raises BusUnavailableError."""
    blobs = await bus.read_blobs([each.key for each in wanted]) if wanted else []
    found: list[tuple[Wanted, Sequence[Reading]]] = []
    for each, blob in zip(wanted, blobs, strict=True):
        try:
            ended = each.status.phase in ENDED
            readings = decode_record(blob).curve if blob and ended else unpack_readings(blob)
        except CorruptRecordError:
            continue
        if readings:
            found.append((each, readings))
    return found


def _keys(charge_point_id: str, numbers: Sequence[int]) -> list[str]:
    return [
        keys.state(charge_point_id),
        keys.identity(charge_point_id),
        keys.disputes(charge_point_id),
        *(keys.connector(charge_point_id, number) for number in numbers),
        *(keys.session(charge_point_id, number) for number in numbers),
    ]


async def _with_disputed(bus: Bus, read: dict[str, StationHashes]) -> dict[str, StationHashes]:
    places = [(name, item) for name, hashes in read.items() for item in hashes.disputes]
    if not places:
        return read
    found = await bus.read_many([keys.disputed(name, item) for name, item in places])
    disputed: dict[str, dict[str, Hash]] = {}
    for (name, item), hash_ in zip(places, found, strict=True):
        disputed.setdefault(name, {})[item] = hash_
    return {
        name: hashes.with_disputed(disputed[name]) if name in disputed else hashes
        for name, hashes in read.items()
    }
