"""Announces the stations that this P2P server serves: at each change, and before it expires."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from p2p_server.announced_station import (
    Hash,
    StationHashes,
    build_announcement,
    connectors_of,
    is_announced,
)
from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError
from sdk.errors import InvalidInputError
from sdk.gateways import LiveGateways
from sdk.ids import Clock
from sdk.p2p.announcement import LONGEST_LIFE, StationAnnouncement, sign_announcement
from sdk.p2p.announcement_table import Announced, AnnouncementTable
from sdk.p2p.errors import HostUnavailableError
from sdk.p2p.gossip_limits import RATE_OF_ONE
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.protocols import STATIONS_TOPIC

log = structlog.get_logger(__name__)

_AT_ONCE = 20
_SLICE_SECONDS = 0.05
"""Between one slice of stations and the next, so that many stations don't hold up the relay."""
_TICK = timedelta(milliseconds=1)
_SPARE = 0.8
"""So much of what one P2P server may announce a second goes into renewals."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often it looks for changes, and how often it announces what did not change (s)."""

    poll: float = 2.0
    renew: float = 60.0


class Announcing:
    """Looks at the stations in Redis; what it announces is in `table`, too, for those who ask.

    `multiaddrs` are those of the stations' documents.
    """

    def __init__(  # noqa: PLR0913 - the composition root's list
        self,
        bus: Bus,
        host: P2pHost,
        key: P2pKey,
        multiaddrs: Sequence[str],
        table: AnnouncementTable,
        *,
        clock: Clock,
        pace: Pace = Pace(),
    ) -> None:
        self._bus = bus
        self._host = host
        self._key = key
        self._multiaddrs = tuple(multiaddrs)
        self._table = table
        self._clock = clock
        self._gateways = LiveGateways(bus, clock)
        self._pace = pace
        self._told: dict[str, StationAnnouncement] = {}
        self._due = False

    async def run(self) -> None:
        """Announce for ever; Redis may be away."""
        while True:
            try:
                await self._look()
            except BusUnavailableError as error:
                log.warning("stations not announced: %s", error)
            await asyncio.sleep(self._pace.poll)

    def announce_again(self) -> None:
        """Announce all stations in the next round: somebody new may listen."""
        self._due = True

    async def _look(self) -> None:
        ids = sorted(await self._bus.members(keys.STATIONS))
        due, self._due = self._due, False
        for start in range(0, len(ids), _AT_ONCE):
            if start:
                await asyncio.sleep(_SLICE_SECONDS)
            found = await self._read(ids[start : start + _AT_ONCE])
            async with asyncio.TaskGroup() as group:
                for hashes in found:
                    announcement = self._consider(hashes, due=due)
                    if announcement is not None:
                        group.create_task(self._announce(announcement))
        for gone in set(self._told) - set(ids):
            del self._told[gone]

    async def _read(self, ids: Sequence[str]) -> list[StationHashes]:
        names = (keys.config, keys.identity, keys.state)
        found = iter(await self._bus.read_many([name(each) for each in ids for name in names]))
        heads = zip(ids, found, found, found, strict=True)
        served = []
        for charge_point_id, config, identity, station in heads:
            if is_announced(identity, self._key):
                served.append((charge_point_id, config, station))
            else:
                self._told.pop(charge_point_id, None)
        return await self._read_connectors(served)

    async def _read_connectors(
        self, served: Sequence[tuple[str, Hash, Hash]]
    ) -> list[StationHashes]:
        counts = [connectors_of(config) for _, config, _ in served]
        wanted = [
            name(charge_point_id, number)
            for (charge_point_id, _, _), count in zip(served, counts, strict=True)
            for name in (keys.connector, keys.session)
            for number in range(1, count + 1)
        ]
        found = iter(await self._bus.read_many(wanted) if wanted else [])
        dead = await self._gateways.dead()
        return [
            StationHashes(
                *head,
                connectors=[next(found) for _ in range(count)],
                sessions=[next(found) for _ in range(count)],
                dead=dead,
            )
            for head, count in zip(served, counts, strict=True)
        ]

    def _consider(self, hashes: StationHashes, *, due: bool) -> StationAnnouncement | None:
        """Give what is to be announced of a station now; None: nothing."""
        before = self._told.get(hashes.charge_point_id)
        now = self._clock()
        at = now if before is None else max(now, before.at + _TICK)
        announcement = build_announcement(hashes, self._key, self._multiaddrs, at, self._life())
        if announcement is None:
            return None
        holds = before is not None and now < before.at + self._renewal()
        if holds and not due and _content(announcement) == _content(before):
            return None
        self._told[hashes.charge_point_id] = announcement
        return announcement

    async def _announce(self, announcement: StationAnnouncement) -> None:
        data = sign_announcement(announcement, self._key)
        self._table.add(Announced(announcement, data))
        try:
            await self._host.publish(STATIONS_TOPIC, data)
        except HostUnavailableError:
            self._due = True
        except InvalidInputError as error:
            log.warning("not announced: %s", error, charge_point_id=announcement.charge_point_id)

    def _renewal(self) -> timedelta:
        least = len(self._told) / (RATE_OF_ONE * _SPARE)
        return timedelta(seconds=max(self._pace.renew, least))

    def _life(self) -> timedelta:
        return min(3 * self._renewal(), LONGEST_LIFE)


def _content(announcement: StationAnnouncement | None) -> object:
    return announcement and announcement.model_copy(
        update=dict.fromkeys(("at", "expires_at"), None)
    )
