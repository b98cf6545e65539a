"""The console with its HTTP API on a free port, over a real Valkey; a gateway beside it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from console_accounts import quick_passwords
from cpg_world import CREDENTIAL_KEY, Json, Point, World, gateway_in_process
from pydantic import SecretStr
from websockets.exceptions import ConnectionClosed

from sdk import logs
from sdk.accounts import Accounts
from sdk.api_keys import ApiKeys, Role
from sdk.audit import Audit
from sdk.bus.redis_bus import RedisBus
from sdk.chain.client import NodeStatus
from sdk.gateways import LiveGateways
from sdk.ids import utc_now
from sdk.webhooks.addresses import networks_of
from sdk.webhooks.post import Poster
from sdk.webhooks.register import Webhooks
from session_manager.access import Access
from session_manager.api.asking import Asking
from session_manager.api.catalogue import api
from session_manager.api.event_feed import Feeds
from session_manager.api.own_process import OwnProcess
from session_manager.api.registrar import Registrar
from session_manager.api.routes import Services
from session_manager.console import Api, Console, ConsoleAddress
from session_manager.sign_ins import SignIns

POINT = "CP-1"
CHAIN = NodeStatus(url="http://127.0.0.1:8545", chain_id=31337, connected=True, block_number=7)
NO_PAGE = Path("/nonexistent")
REQUESTS_PER_MINUTE = 1_000_000
WEBHOOK_TIMEOUT_S = 1.0
KEYS_PASSWORD = "the-password-of-the-keystores"


@dataclass(frozen=True)
class Told:
    """One answer: its status, headers, and JSON (None without a body)."""

    status: int
    headers: Mapping[str, str]
    json: Any
    text: str = ""


@dataclass
class ApiWorld:
    """The API as a client sees it: `url` ends in /api/v1."""

    bus: RedisBus
    keys: ApiKeys
    services: Services
    url: str
    http: aiohttp.ClientSession
    texts: dict[str, str] = field(default_factory=dict)

    async def key(self, role: Role = "administrator") -> str:
        """Give the text of a key of this role; it is made when it is first asked for."""
        if role not in self.texts:
            self.texts[role] = (await self.keys.make(role, role, 1_000_000))[1]
        return self.texts[role]

    async def call(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        role: Role | None = "administrator",
        **more: Any,
    ) -> Told:
        """Ask for a path behind /api/v1 with the key of a role; None: with no key.

        `more` is what aiohttp's `request` takes: `data`, `params`, `headers`.
        """
        headers = dict(more.pop("headers", {}))
        if role is not None:
            headers["Authorization"] = f"Bearer {await self.key(role)}"
        if json is not None:
            more["json"] = json
        async with self.http.request(method, self.url + path, headers=headers, **more) as response:
            is_json = "json" in response.content_type
            body = await response.json(content_type=None) if is_json else None
            return Told(response.status, response.headers, body, await response.text())

    async def get(self, path: str, **more: Any) -> Told:
        """Read a path."""
        return await self.call("GET", path, **more)

    async def ask(
        self, operation: str, body: Json, charge_point_id: str = POINT, **more: Any
    ) -> Told:
        """Ask a charge point for an operation."""
        path = f"/charge-points/{charge_point_id}/operations/{operation}"
        return await self.call("POST", path, body, **more)


def made_api(
    bus: RedisBus,
    *,
    credential_key: str | None = CREDENTIAL_KEY,
    keys_dir: Path | None = None,
    process: OwnProcess | None = None,
    tls: bool = False,
) -> tuple[Services, Api]:
    """Put the API together, as the Session Manager does."""
    keys = ApiKeys(bus, credential_key) if credential_key is not None else None
    sign_ins = SignIns(bus, Accounts(bus, quick_passwords()), utc_now, secure=tls)
    access = Access(keys, utc_now, REQUESTS_PER_MINUTE, sign_ins=sign_ins)
    secret = None if credential_key is None else SecretStr(credential_key)
    password = None if keys_dir is None else SecretStr(KEYS_PASSWORD)
    registrar = Registrar(keys_dir or NO_PAGE, password, secret, CHAIN.chain_id)
    log = logs.get_logger("api")
    asking, feeds, gateways = Asking(bus), Feeds(bus), LiveGateways(bus, utc_now)
    told = (Audit(bus, log), process)
    here = networks_of(["127.0.0.0/8"])
    webhooks = Webhooks(bus, credential_key, Poster(utc_now, here, WEBHOOK_TIMEOUT_S), utc_now)
    services = Services(
        *(bus, utc_now, log, access, keys, asking, feeds, registrar, gateways, *told),
        webhooks=webhooks,
    )
    return services, Api(api(services), services.run, sign_ins)


@asynccontextmanager
async def api_world(
    redis_url: str,
    *,
    credential_key: str | None = CREDENTIAL_KEY,
    static: Path = NO_PAGE,
    api_hosts: tuple[str, ...] = (),
    keys_dir: Path | None = None,
    process: OwnProcess | None = None,
) -> AsyncIterator[ApiWorld]:
    """Run the console with its API in this process, until the block ends.

    With `keys_dir` it can make keys for stations; `process` is what it tells of itself.
    """
    bus = RedisBus.from_url(redis_url)
    keys = ApiKeys(bus, credential_key or CREDENTIAL_KEY)
    services, served = made_api(
        bus, credential_key=credential_key, keys_dir=keys_dir, process=process
    )
    address = ConsoleAddress("127.0.0.1", 0, static, api_hosts)
    console = Console(bus, lambda: CHAIN, utc_now, address, api=served)
    try:
        async with asyncio.TaskGroup() as group, aiohttp.ClientSession() as http:
            url = await console.start()
            group.create_task(console.run())
            try:
                yield ApiWorld(bus, keys, services, f"{url}/api/v1", http)
            finally:
                await console.stop()
    finally:
        await bus.close()


@asynccontextmanager
async def api_and_gateway(redis_url: str, **options: Any) -> AsyncIterator[tuple[ApiWorld, World]]:
    """Run a gateway, too; `options` are those of `api_world`."""
    async with gateway_in_process(redis_url) as gateway, api_world(redis_url, **options) as world:
        yield world, gateway


@asynccontextmanager
async def answering(point: Point) -> AsyncIterator[None]:
    """Have a charge point answer whatever it is asked, by its `answers`, until the block ends."""

    async def answer() -> None:
        with suppress(ConnectionClosed):
            while True:
                await point.take()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(answer())
        try:
            yield
        finally:
            task.cancel()
