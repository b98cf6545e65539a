"""Keeps the DID document of each leased charge point as it should be, and tells which may sell.

What should be published follows from the register and the P2P servers' entries, and is compared
with the chain, so a restart at any moment just looks again. A look at Redis costs two round trips
for all stations together; the chain is asked only when something differs, and now and then.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError
from sdk.events.station import DidPublished, DidPublishFailed
from sdk.ids import Clock
from sdk.logs import Logger
from session_manager.identity import Servers, read_servers
from session_manager.inspector import Inspector
from session_manager.verdict import OnboardingState, Verdict, publish_answer

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something is done, in seconds.

    `poll` Redis is looked at; `refresh` the chain is asked about a station that is in order;
    `first_retry` to `last_retry` a failed publication is tried again, doubling.
    """

    poll: float = 2.0
    refresh: float = 60.0
    first_retry: float = 1.0
    last_retry: float = 15.0

    def after(self, failures: int) -> float:
        """Tell how long to wait after so many failures in a row."""
        if not failures:
            return self.refresh
        return min(self.last_retry, self.first_retry * 2.0 ** min(failures - 1, 10))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a verdict was made of."""

    config: Mapping[str, str]
    servers: Servers


@dataclass(slots=True)
class _Station:
    id: str
    verdict: Verdict = field(default_factory=lambda: Verdict("checking"))
    seen: _Seen | None = None
    next_look: float = 0.0
    failures: int = 0
    leased: bool = True
    waits: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Onboarding:
    """Publishes documents, and says whether a station's is published and vouched for."""

    def __init__(
        self,
        bus: Bus,
        inspector: Inspector,
        clock: Clock,
        log: Logger,
        pace: Pace | None = None,
    ) -> None:
        self._bus = bus
        self._inspector = inspector
        self._clock = clock
        self._log = log
        self._pace = pace or Pace()
        self._stations: dict[str, _Station] = {}
        self._woken = asyncio.Event()
        self._slots = asyncio.Semaphore(_AT_ONCE)

    def add(self, charge_point_id: str) -> None:
        """Take care of a charge point from now on: its lease is ours."""
        if charge_point_id not in self._stations:
            self._stations[charge_point_id] = _Station(charge_point_id)
            self._woken.set()

    def remove(self, charge_point_id: str) -> None:
        """Leave a charge point alone: its lease is lost or given back."""
        station = self._stations.pop(charge_point_id, None)
        if station is not None:
            station.leased = False

    def look_again(self, charge_point_id: str) -> None:
        """Ask the chain soon: what the station's accounts hold has changed."""
        station = self._stations.get(charge_point_id)
        if station is not None:
            station.next_look = 0.0
            self._woken.set()

    def state(self, charge_point_id: str) -> OnboardingState:
        """Tell how far a charge point's onboarding got."""
        station = self._stations.get(charge_point_id)
        if station is None:
            return "checking"
        expired = station.verdict.has_expired(self._clock())
        return "not_onboarded" if expired else station.verdict.state

    def is_onboarded(self, charge_point_id: str) -> bool:
        """Tell whether an app that resolves the station now would trust it."""
        return self.state(charge_point_id) == "published"

    async def publish(self, charge_point_id: str) -> DidPublished | DidPublishFailed:
        """Compare with the chain now, and publish what differs."""
        station = self._stations.get(charge_point_id) or _Station(charge_point_id)
        try:
            (config,), servers = await self._look([station])
        except BusUnavailableError as error:
            return DidPublishFailed(reason="unavailable", detail=str(error))
        async with station.lock:
            return publish_answer(await self._judge(station, _Seen(config, servers)))

    async def run(self) -> None:
        """Look after all stations until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._woken.clear()
                try:
                    await self._round(group)
                except BusUnavailableError as error:
                    self._log.warning("onboarding waits for Redis: %s", error)
                await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._pace.poll):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _round(self, group: asyncio.TaskGroup) -> None:
        stations = list(self._stations.values())
        configs, servers = await self._look(stations)
        for station, config in zip(stations, configs, strict=True):
            seen = _Seen(config, servers)
            if config and not station.waits and self._is_due(station, seen):
                station.waits = True  # for a slot: a thousand may
                group.create_task(self._attend(station, seen))

    async def _look(self, stations: Sequence[_Station]) -> tuple[list[dict[str, str]], Servers]:
        peers = sorted(await self._bus.members(keys.P2P_SERVERS))
        entries = [keys.p2p_server(peer) for peer in peers]
        configs = [keys.config(station.id) for station in stations]
        hashes = await self._bus.read_many([*entries, *configs])
        known = dict(zip(peers, hashes[: len(peers)], strict=True))
        return hashes[len(peers) :], read_servers(known, self._clock())

    def _is_due(self, station: _Station, seen: _Seen) -> bool:
        return (
            seen != station.seen
            or asyncio.get_running_loop().time() >= station.next_look
            or station.verdict.has_expired(self._clock())
        )

    async def _attend(self, station: _Station, seen: _Seen) -> None:
        try:
            async with self._slots, station.lock:
                if not station.leased:
                    return
                if seen == station.seen and await self._inspector.still_holds(station.verdict):
                    await self._record(station, seen)
                else:
                    await self._judge(station, seen)
        finally:
            station.waits = False

    async def _judge(self, station: _Station, seen: _Seen) -> Verdict:
        verdict = await self._inspector.inspect(station.id, seen.config, seen.servers)
        before, station.verdict, station.seen = station.verdict, verdict, seen
        if (before.state, before.reason) != (verdict.state, verdict.reason):
            tell = self._log.info if verdict.state == "published" else self._log.warning
            tell("identity %s %s", verdict.state, verdict.detail, charge_point_id=station.id)
        await self._record(station, seen)
        return verdict

    async def _record(self, station: _Station, seen: _Seen) -> None:
        station.failures = station.failures + 1 if station.verdict.may_change else 0
        pause = self._pace.after(station.failures)
        if station.leased:
            try:
                await self._inspector.record(station.id, seen.config, station.verdict)
            except BusUnavailableError as error:
                self._log.warning("identity not written: %s", error, charge_point_id=station.id)
                pause = self._pace.first_retry
        station.next_look = asyncio.get_running_loop().time() + pause
