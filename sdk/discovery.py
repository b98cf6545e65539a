"""Finds stations: takes their announcements, and shows those that their DID documents bear out.

    async with P2pHost(NodeSettings(key), topics=stations_topic(utc_now)) as host:
        discovery = Discovery(host, resolver, chain_id, utc_now)

Then `run` in a task, connect the host with peers, `ask` each of them, and read `stations`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

import structlog

from sdk.chain.errors import ChainError
from sdk.did.errors import DidError
from sdk.did.identifier import EthrDid
from sdk.did.resolver import StationDescription
from sdk.discovery_queue import DiscoveryQueue, Origin
from sdk.ids import Clock
from sdk.leaky_count import LeakyCount
from sdk.p2p.announcement import AnnouncementError, StationAnnouncement, read_announcement
from sdk.p2p.announcement_exchange import fetch_announcements
from sdk.p2p.announcement_table import Announced, AnnouncementTable
from sdk.p2p.host import P2pHost

log = structlog.get_logger(__name__)

AT_ONCE = 16
BURST, RATE = 64, 50.0
"""Stations that are looked up at once, and a second: each takes some calls of the chain."""
GOOD_SECONDS = 600.0
DIFFERENT_SECONDS = 10.0
BAD_SECONDS = 60.0
"""So long a look-up counts for announcements that say the same; then it is done again."""
RETRY_SECONDS = 2.0
TIDY_SECONDS = 5.0


class Resolver(Protocol):
    """What gives the verified description of a station, as StationResolver does."""

    async def resolve(self, did: str) -> StationDescription:
        """Resolve; raises DidError, ChainError."""
        ...


@dataclass(frozen=True, slots=True)
class FoundStation:
    """A station whose announcement says what its document says."""

    announcement: StationAnnouncement
    station: StationDescription

    @property
    def free(self) -> tuple[int, ...]:
        """The connectors that a driver could have now."""
        connectors = self.announcement.connectors
        return tuple(it.connector_id for it in connectors if it.availability == "free")


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the look-up of a station found; without a `station` it is not to be shown."""

    lasting: StationAnnouncement
    station: StationDescription | None
    until: float

    def holds(self, announcement: StationAnnouncement, now: float) -> bool:
        return now < self.until and self.lasting == _lasting(announcement)


class Discovery:
    """Keeps the stations that are announced now; `run` has to run.

    `problem` says why the chain can't be read, while it can't; stations then wait.
    """

    def __init__(self, host: P2pHost, resolver: Resolver, chain_id: int, clock: Clock) -> None:
        self.problem: str | None = None
        self._host = host
        self._resolver = resolver
        self._chain_id = chain_id
        self._clock = clock
        self._table = AnnouncementTable()
        self._verdicts: dict[Origin, _Verdict] = {}
        self._queue = DiscoveryQueue()
        self._queued = asyncio.Event()
        self._changed = asyncio.Event()
        self._in_flight = 0
        self._rate = LeakyCount(BURST, RATE)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Hear, look up and forget for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hear())
            group.create_task(self._tidy())
            await self._look_up(group)

    async def ask(self, peer_id: str) -> int:
        """Take over what a connected peer knows; gives how many announcements that were.

        Raises UnavailableError, FrameError.
        """
        count = 0
        async with aclosing(fetch_announcements(self._host, peer_id, self._clock)) as found:
            async for announced in found:
                count += 1
                self.take(announced)
        return count

    def take(self, announced: Announced) -> None:
        """Consider an announcement that was read."""
        try:
            did = EthrDid.parse(announced.announcement.did)
        except DidError:
            return
        # A station of another chain is nobody's fault, and nothing that can be paid here.
        if did.chain_id != self._chain_id or not self._table.add(announced):
            return
        now, origin = monotonic(), announced.origin
        verdict = self._verdicts.get(origin)
        if verdict is None or not verdict.holds(announced.announcement, now):
            self._look_up_later(origin)
        elif verdict.station is not None:
            self._changed.set()

    def stations(self) -> list[FoundStation]:
        """Give what is known now, by name."""
        found = []
        for announced in self._table.holding(self._clock()):
            verdict, announcement = self._verdicts.get(announced.origin), announced.announcement
            if verdict is None or verdict.station is None:
                continue
            if verdict.lasting == _lasting(announcement):
                found.append(FoundStation(announcement, verdict.station))
        return sorted(found, key=lambda it: (it.station.name, it.station.did))

    async def changes(self) -> AsyncIterator[list[FoundStation]]:
        """Give all stations whenever one comes, changes or goes; at once first. For one reader."""
        while True:
            self._changed.clear()
            yield self.stations()
            await self._changed.wait()

    @property
    def waiting(self) -> int:
        """How many announced stations are not looked up yet."""
        return len(self._queue) + self._in_flight

    async def _hear(self) -> None:
        while True:
            data = (await self._host.heard()).data
            try:
                self.take(Announced(read_announcement(data, self._clock()), data))
            except AnnouncementError as error:
                log.debug("announcement dropped", reason=str(error))

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            self._table.forget_expired(self._clock())
            known = {it.origin: it.announcement for it in self._table.holding(self._clock())}
            now = monotonic()
            for origin, verdict in list(self._verdicts.items()):
                if origin not in known:
                    del self._verdicts[origin]
                    self._changed.set()
                elif not verdict.holds(known[origin], now):
                    self._look_up_later(origin)

    async def _look_up(self, group: asyncio.TaskGroup) -> None:
        while True:
            origin = self._queue.take()
            if origin is None:
                self._queued.clear()
                await self._queued.wait()
                continue
            self._in_flight += 1
            await asyncio.sleep(self._rate.wait(monotonic()))
            self._rate.add(monotonic())
            await self._room.acquire()
            group.create_task(self._verify(origin))

    async def _verify(self, origin: Origin) -> None:
        try:
            announced = self._table.get(origin)
            if announced is not None:
                await self._judge(origin, announced.announcement)
        finally:
            self._room.release()
            self._in_flight -= 1

    async def _judge(self, origin: Origin, announcement: StationAnnouncement) -> None:
        try:
            station, fault = await self._compare(announcement)
        except ChainError as error:
            self.problem = str(error)
            await asyncio.sleep(RETRY_SECONDS)
            self._look_up_later(origin)
            return
        self.problem = None
        now, seconds = monotonic(), GOOD_SECONDS
        if fault is not None:
            log.debug("announced station not shown", did=announcement.did, reason=fault)
            self._queue.blame(origin[1], now)
            seconds = BAD_SECONDS if station is None else DIFFERENT_SECONDS
        shown = station if fault is None else None
        self._verdicts[origin] = _Verdict(_lasting(announcement), shown, now + seconds)
        self._changed.set()

    async def _compare(
        self, announcement: StationAnnouncement
    ) -> tuple[StationDescription | None, str | None]:
        try:
            station = await self._resolver.resolve(announcement.did)
        except DidError as error:
            return None, str(error)
        return station, difference(announcement, station)

    def _look_up_later(self, origin: Origin) -> None:
        if self._queue.put(origin, monotonic()):
            self._queued.set()


def difference(announcement: StationAnnouncement, station: StationDescription) -> str | None:
    """Tell in what an announcement differs from the station's document; None: in nothing. Pure."""
    fields: list[tuple[str, object, object]] = [
        ("ed25519", announcement.ed25519, f"0x{station.ed25519}"),
        ("charge_point_id", announcement.charge_point_id, station.charge_point_id),
        ("name", announcement.name, station.name),
        ("maximum_power_w", announcement.maximum_power_w, station.maximum_power_w),
        ("plug_types", announcement.plug_types, station.plug_types),
        ("tariff", announcement.tariff, station.tariff),
        ("multiaddrs", announcement.multiaddrs, station.multiaddrs),
    ]
    different = [name for name, announced, documented in fields if announced != documented]
    if max(it.connector_id for it in announcement.connectors) > station.connectors:
        different.append("connectors")
    return f"{', '.join(different)} not as in its document" if different else None


def _lasting(announcement: StationAnnouncement) -> StationAnnouncement:
    return announcement.model_copy(update={"at": None, "expires_at": None, "connectors": ()})
