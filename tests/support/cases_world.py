"""What a conformance case plays on: a gateway, the HTTP API, and the simulated charge point."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from api_world import ApiWorld, api_world
from certificates import CPO, Ca
from cpg_world import CREDENTIAL_KEY, Json
from tls_world import TlsWorld, tls_gateway

from cpg.gatekeeper import Trust
from sdk.bus import keys
from sdk.bus.interface import Subscription
from sdk.bus.keys import Lane
from sdk.charge_point_config import password_hash
from sdk.events.body import Body
from sdk.events.charge_point import ChargePointBooted, ConnectorStatusChanged
from sdk.events.charging import ChargingStarted
from sdk.id_tags import IdTagEntry, IdTags
from sdk.ids import new_event_id
from simulated_charge_point import SimulatedChargePoint
from simulated_options import Options, Script

B = TypeVar("B", bound=Body)
R = TypeVar("R")
WITHIN_S = 10.0
METER_START = 100_000
PASSWORD = "a password of its own"


@dataclass(frozen=True)
class Answer:
    """What the API told of an operation."""

    outcome: str
    response: Json | None
    error: Json | None

    @property
    def status(self) -> str:
        """The charge point's own word; fails where it did not answer."""
        assert self.outcome == "answered", self
        assert self.response is not None
        return str(self.response["status"])


class News:
    """What is told of one charge point: each kind in order, whatever came between."""

    def __init__(self, subscription: Subscription) -> None:
        self._coming = aiter(subscription)
        self._heard: list[tuple[Body, int | None]] = []
        self._read: dict[tuple[type[Body], int | None], int] = {}

    async def next(self, kind: type[B], connector_id: int | None = None, **fields: object) -> B:
        """Wait for the next of a kind, at a connector if it is given, with these fields."""
        place = kind, connector_id
        try:
            async with asyncio.timeout(WITHIN_S):
                while True:
                    for at in range(self._read.get(place, 0), len(self._heard)):
                        body, n = self._heard[at]
                        self._read[place] = at + 1
                        is_there = connector_id in (None, n)
                        if isinstance(body, kind) and is_there and _has(body, fields):
                            return body
                    envelope = (await anext(self._coming)).envelope
                    self._heard.append((envelope.body, envelope.connector_id))
        except TimeoutError:
            heard = [
                (type(body).__name__, n, getattr(body, "status", "")) for body, n in self._heard
            ]
            raise AssertionError(f"no {kind.__name__} {fields} in {heard}") from None

    def of(self, kind: type[B]) -> list[B]:
        """Give all of a kind that was heard so far."""
        return [body for body, _ in self._heard if isinstance(body, kind)]


def _has(body: Body, fields: Mapping[str, object]) -> bool:
    return all(getattr(body, name) == wanted for name, wanted in fields.items())


class Played(SimulatedChargePoint):
    """The simulated charge point, and what it has exchanged."""

    def answers(self, kind: type[object]) -> list[Any]:
        """Give what its requests of a kind were answered so far, in order."""
        return [answer for request, answer in self.outbox.told if isinstance(request, kind)]

    def order(self) -> list[str]:
        """Give the actions that it has told, in order."""
        return [type(request).__name__ for request, _ in self.outbox.told]

    async def told(self, request: object) -> Any:
        """Have it send a request, and give the answer."""
        async with asyncio.timeout(WITHIN_S):
            return await self.state.put(request)

    async def settled(self) -> None:
        """Wait until no transaction runs or is about to."""
        async with asyncio.timeout(WITHIN_S):
            await self.parts.hardware.charging.all_ended()


class Stage:
    """One case: its charge point, registered and never seen, and what is told of it."""

    def __init__(self, world: TlsWorld, api: ApiWorld, ca: Ca, news: News, cp: str) -> None:
        self.world = world
        self.api = api
        self.ca = ca
        self.news = news
        self.cp = cp

    @asynccontextmanager
    async def charge_point(
        self, script: Script | None = None, /, **options: Any
    ) -> AsyncIterator[Played]:
        """Run the charge point, and wait until it has told how it is; it has a password."""
        if "password_hash" not in await self.config():
            known = {"password_hash": password_hash(PASSWORD, CREDENTIAL_KEY)}
            await self.world.bus.write(keys.config(self.cp), known)
        first = {
            "id": self.cp,
            "password": PASSWORD,
            "url": self.world.url,
            "tls_url": self.world.wss,
            "ca_file": str(self.ca.root_file),
            "cpo_name": CPO,
            "connectors": 2,
            "meter_wh": METER_START,
            "speed": 60,
            "interval": 3,
            "authorize": True,
            "wait_for_cable": True,
        }
        async with Played(Options(**{**first, **options}), script) as played:
            await self.news.next(ChargePointBooted)
            for n in range(played.state.options.connectors + 1):
                await self.news.next(ConnectorStatusChanged, n)
            yield played

    async def ask(self, operation: str, request: Json | None = None) -> Answer:
        """Ask for an operation over the HTTP API."""
        told = await self.api.ask(operation, request or {}, self.cp)
        assert told.status == 200, told
        names = ("outcome", "response", "error")
        return Answer(**{name: told.json[name] for name in names})

    async def tag(self, **fields: Any) -> str:
        """Register an idTag of the operator; give it."""
        entry = IdTagEntry(tag=f"T{new_event_id().hex[-16:]}", **fields)
        await IdTags(self.world.bus).add(entry)
        return entry.tag

    async def statuses(self, connector_id: int, *wanted: str) -> ConnectorStatusChanged:
        """Wait for statuses of a connector, in this order; give the last."""
        for status in wanted:
            last = await self.news.next(ConnectorStatusChanged, connector_id, status=status)
        return last

    async def charging(self, played: Played, tag: str, connector_id: int = 1) -> ChargingStarted:
        """Plug in and show a tag that may charge; wait until it does."""
        played.plug_in(connector_id)
        await played.present(tag, connector_id)
        started = await self.news.next(ChargingStarted, connector_id)
        await self.statuses(connector_id, "Charging")
        return started

    async def until(self, look: Callable[[], R | None]) -> R:
        """Wait until something of the charge point itself is there, which tells nobody."""
        async with asyncio.timeout(WITHIN_S):
            while not (found := look()):  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.01)
        return found

    async def open_transaction(self, connector_id: int = 1) -> str:
        """Give the id of the connector's open transaction as Redis has it, or nothing."""
        return (await self.world.connector(self.cp, connector_id)).get("transaction_id", "")

    @staticmethod
    def read_time(text: str) -> datetime:
        """Read a timestamp of OCPP."""
        return datetime.fromisoformat(text)

    async def config(self) -> dict[str, str]:
        """Read `{CP}:config`."""
        return await self.world.bus.read(keys.config(self.cp))

    async def security_profile(self) -> str:
        """Give what the charge point must offer at the least."""
        return (await self.config())["security_profile"]

    async def rises_to(self, profile: str) -> None:
        """Wait until that is what was proven, which is kept after the charge point was let in."""
        async with asyncio.timeout(WITHIN_S):
            while await self.security_profile() != profile:  # noqa: ASYNC110 - Redis tells nobody
                await asyncio.sleep(0.02)


@asynccontextmanager
async def stage(redis_url: str, folder: Path) -> AsyncIterator[Stage]:
    """Run gateway and API in this process, until the block ends."""
    ca = Ca(folder)
    tls = tls_gateway(redis_url, ca.files(), Trust(organization=CPO), authority=ca.authority)
    async with tls as world, api_world(redis_url) as api:
        cp = f"CP-{new_event_id().hex[-10:]}"
        await world.register(cp)
        news = News(await world.follower.subscribe(cp, Lane.IN, after=None))
        yield Stage(world, api, ca, news, cp)
