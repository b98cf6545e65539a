"""What is measured of the HTTP API: an operation there and back, and reads of a state."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from websockets.asyncio.client import connect

from benchmarks.api_client import HttpClient, request_text
from benchmarks.charge_point import OCPP, BareChargePoint
from benchmarks.figures import percentile, tell
from benchmarks.gateway_machine import Server, register, served
from benchmarks.parts import Part, Values
from benchmarks.plan import PASSWORD, charge_point_id
from benchmarks.session_machine import manager_environment
from benchmarks.usage import cpu_seconds
from sdk.api_keys import ApiKeys
from sdk.bus.redis_bus import RedisBus
from sdk.embedded import EmbeddedServer

PREFIX = "API"
NAME = charge_point_id(PREFIX, 0)
COMMANDS, WARM_COMMANDS = 300, 30
CONNECTIONS = 8
WARM_S, WINDOW_S = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class Api:
    """A manager with its console, and a key for it; a charge point is connected."""

    server: Server
    key: str

    async def client(self) -> HttpClient:
        """Connect."""
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(HttpClient, self.server.host, self.server.port)
        return client


async def command() -> Values:
    """Reset one charge point again and again; it answers at once."""
    async with _api() as api:
        path = f"/charge-points/{NAME}/operations/Reset"
        request = request_text("POST", path, api.key, b'{"type":"Soft"}')
        client, took = await api.client(), []
        for _ in range(WARM_COMMANDS + COMMANDS):
            began = perf_counter()
            answer = json.loads(await client.ask(request))
            took.append((perf_counter() - began) * 1000)
            assert answer["outcome"] == "answered", answer
        client.close()
    took = took[WARM_COMMANDS:]
    tell(f"  99 % within {percentile(took, 99):.1f} ms")
    return {"api.command.p50": median(took)}


async def read() -> Values:
    """Read the state of one charge point over kept connections, each waiting for its answer."""
    async with _api() as api:
        request = request_text("GET", f"/charge-points/{NAME}", api.key)
        clients = [await api.client() for _ in range(CONNECTIONS)]
        await _reads(clients, request, WARM_S)
        pid = api.server.watch["gateway"]
        busy = cpu_seconds(pid)
        rate = await _reads(clients, request, WINDOW_S) / WINDOW_S
        tell(f"  of each second the manager worked {(cpu_seconds(pid) - busy) / WINDOW_S:.2f} s")
        for client in clients:
            client.close()
    return {"api.read.rate": rate}


async def _reads(clients: list[HttpClient], request: bytes, seconds: float) -> int:
    end = perf_counter() + seconds

    async def repeat(client: HttpClient) -> int:
        count = 0
        while perf_counter() < end:
            await client.ask(request)
            count += 1
        return count

    return sum(await asyncio.gather(*map(repeat, clients)))


@asynccontextmanager
async def _api() -> AsyncIterator[Api]:
    with TemporaryDirectory(prefix="noroam-bench-", ignore_cleanup_errors=True) as name:
        redis = await EmbeddedServer.start(Path(name))
        key = token_hex(16)
        try:
            await register(redis.url, key, {PREFIX: 1})
            environment = await manager_environment(Path(name), token_hex(8), redis.url)
            environment |= {"CREDENTIAL_KEY": key, "CPG_PORT": "0"}
            async with (
                served("cpg", environment) as gateway,
                served("session_manager", environment) as manager,
                _connected(gateway),
            ):
                yield Api(manager, await make_key(redis.url, key))
        finally:
            await redis.stop()


@asynccontextmanager
async def _connected(gateway: Server) -> AsyncIterator[None]:
    basic = b64encode(f"{NAME}:{PASSWORD}".encode()).decode()
    url = f"ws://{gateway.host}:{gateway.port}/{NAME}"
    headers = {"Authorization": f"Basic {basic}"}
    async with (
        connect(url, subprotocols=[OCPP], additional_headers=headers, compression=None) as socket,
        asyncio.TaskGroup() as tasks,
    ):
        point = BareChargePoint(socket, tasks)
        listening = tasks.create_task(point.listen())
        await point.boot()
        yield
        listening.cancel()


async def make_key(url: str, credential_key: str) -> str:
    """Make an API key, and give its text."""
    bus = RedisBus.from_url(url)
    try:
        _, text = await ApiKeys(bus, credential_key).make("bench", "operator", 10_000_000)
    finally:
        await bus.close()
    return text


API_LOADS = (
    Part(
        ("api.command.p50",),
        f"{COMMANDS} Resets through HTTP to one charge point and back, one after the other",
        command,
    ),
    Part(
        ("api.read.rate",),
        f"one charge point's state over {CONNECTIONS} kept connections for {WINDOW_S:g} s",
        read,
    ),
)
