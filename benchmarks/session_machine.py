"""A light machine for the manager's figures: a durable Valkey, managers, and no chain."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import hiredis

from benchmarks.processes import Process, first_cause, running
from benchmarks.session_states import METER_START_WH, TRANSACTION, ChargingStation, store
from sdk.bus import keys
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.bus.redis_line import packed
from sdk.chain.accounts import create_keystore, new_key
from sdk.chain.dev_node import CHAIN_ID
from sdk.did.authority import authority_did
from sdk.embedded import EmbeddedServer
from sdk.events.charging import MeterValueReported
from sdk.events.envelope import Envelope
from sdk.ids import new_event_id, utc_now

READY_WITHIN_S = 60.0
LEASE_S = 6.0
_STATUS = b'"type":"ChargingStatus"'
_CAUSE = b'"caused_by":"'
_UUID_CHARS = 36
_NO_CHAIN = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Shift:
    """Managers at work over one Redis, and the stations that they drive."""

    url: str
    redis_pid: int
    stations: list[ChargingStation]
    managers: list[Process]


class Answers(asyncio.Protocol):
    """Hears all that goes out, and tells when the status comes that follows from an event.

    A connection of its own that parses nothing but what it must: it shares two cores with what is
    measured.
    """

    def __init__(self) -> None:
        """Wait for nothing yet."""
        self._reader = hiredis.Reader()
        self._loop = asyncio.get_running_loop()
        self.waiting: dict[bytes, tuple[float, str]] = {}
        self.heard: list[tuple[float, float, str]] = []
        """(moment it was due, seconds from there, charge point) of each."""

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        now = self._loop.time()
        self._reader.feed(data)
        while (message := self._reader.gets()) is not False:
            if isinstance(message, list) and message[0] == b"pmessage" and _STATUS in message[3]:
                self._take(message[3], now)

    def _take(self, data: bytes, now: float) -> None:
        at = data.find(_CAUSE) + len(_CAUSE)
        found = self.waiting.pop(data[at : at + _UUID_CHARS], None)
        if found is not None:
            due, name = found
            self.heard.append((due, now - due, name))


class Meters:
    """Publishes readings of all stations as a gateway does, and hears what the managers say."""

    def __init__(self, bus: RedisBus, answers: Answers, stations: list[ChargingStation]) -> None:
        self._bus = bus
        self._stations = stations
        self._wh = [METER_START_WH] * len(stations)
        self.answers = answers

    @property
    def count(self) -> int:
        """How many stations there are."""
        return len(self._stations)

    async def read(self, number: int, due: float) -> None:
        """Publish the next reading of one station, which was due at a moment of the loop."""
        name = self._stations[number].name
        self._wh[number] += 1
        now = utc_now()
        body = MeterValueReported(
            transaction_id=TRANSACTION, sampled_at=now, energy_wh=self._wh[number], power_w=3_600
        )
        envelope = Envelope(
            id=new_event_id(), charge_point_id=name, connector_id=1, at=now, body=body
        )
        self.answers.waiting[str(envelope.id).encode()] = (due, name)
        await self._bus.publish(Lane.IN, envelope, reserved=True)

    async def read_all(self, within_s: float) -> None:
        """Publish a reading of each station at once, and wait until all are answered."""
        now = asyncio.get_running_loop().time()
        async with asyncio.timeout(within_s):
            for number in range(self.count):
                await self.read(number, now)
            while self.answers.waiting:  # noqa: ASYNC110 - events would cost each answer
                await asyncio.sleep(0.005)


@asynccontextmanager
async def shift(stations: int, managers: int) -> AsyncIterator[Shift]:
    """Run managers over one Redis that has so many stations in charging."""
    with TemporaryDirectory(prefix="noroam-bench-", ignore_cleanup_errors=True) as name:
        folder, password = Path(name), secrets.token_hex(8)
        redis = await EmbeddedServer.start(folder)
        try:
            stored = await store(redis.url, folder / "keys", password, stations)
            environment = await manager_environment(folder, password, redis.url)
            async with AsyncExitStack() as stack:
                crew = [
                    await stack.enter_async_context(_manager(environment)) for _ in range(managers)
                ]
                try:
                    yield Shift(redis.url, redis.pid or 0, stored, crew)
                except Exception as error:
                    for manager in crew:
                        first_cause(error).add_note("\n".join(manager.complaints))
                    raise
        finally:
            await redis.stop()


@asynccontextmanager
async def meters(shift: Shift) -> AsyncIterator[Meters]:
    """Connect with a shift's Redis, as those do who publish and who listen."""
    bus = RedisBus.from_url(shift.url)
    url = urlsplit(shift.url)
    loop = asyncio.get_running_loop()
    transport, answers = await loop.create_connection(Answers, url.hostname or "", url.port or 0)
    pattern = keys.lane("*", Lane.OUT).replace("{*}", "*")
    try:
        transport.write(packed("AUTH", url.password or "") + packed("PSUBSCRIBE", pattern))
        yield Meters(bus, answers, shift.stations)
    finally:
        transport.abort()
        await bus.close()


async def leased(url: str, stations: list[ChargingStation]) -> int:
    """Count the stations that somebody drives."""
    bus = RedisBus.from_url(url)
    try:
        line: Any = bus._line  # noqa: SLF001 - a count of keys is no part of a bus
        return int(await line.read("EXISTS", *(keys.lease(station.name) for station in stations)))
    finally:
        await bus.close()


@asynccontextmanager
async def _manager(environment: dict[str, str]) -> AsyncIterator[Process]:
    async with running("session_manager", environment) as process:
        await process.line(READY_WITHIN_S)
        yield process


async def manager_environment(folder: Path, password: str, url: str) -> dict[str, str]:
    """Give the settings of a manager that reaches no chain, with a gas account of its own."""
    gas = await asyncio.to_thread(create_keystore, folder / "gas", password)
    return {
        **os.environ,
        "REDIS_URL": url,
        "DATA_DIR": str(folder),
        "KEYS_PASSWORD": password,
        "GAS_KEY_FILE": str(folder / "gas" / f"{gas.address}.json"),
        "AUTHORITY_DIDS": authority_did(new_key(), CHAIN_ID),
        "CHAIN_ID": str(CHAIN_ID),
        "CHAIN_URLS": _NO_CHAIN,
        "CONSOLE_PORT": "0",
        "LEASE_SECONDS": str(LEASE_S),
        "LOG_LEVEL": "WARNING",
        "LOG_FORMAT": "text",
    }
