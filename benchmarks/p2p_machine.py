"""A light machine for the P2P server's figures: a durable Valkey, the server, and an echo."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.p2p_echo import PUSH, STATIONS
from benchmarks.p2p_plan import VARIABLE, P2pPlan
from benchmarks.processes import Process, first_cause, running
from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.embedded import EmbeddedServer
from sdk.register import station_did

READY_WITHIN_S = 60.0
CHAIN_ID = 31337
LIMITS = {
    "P2P_REQUESTS_PER_SECOND": "0",
    "P2P_MAX_CONNECTIONS": "4000",
    "P2P_CONNECTIONS_PER_IP": "4000",
}
"""All apps come from one address here, and ask as fast as they can."""
Found = dict[str, Any]


class LoadFailedError(Exception):
    """A load saw what it should not have seen; its figures would tell nothing."""


@dataclass(frozen=True, slots=True)
class Relay:
    """A P2P server at work, and whoever answers behind it."""

    url: str
    server: Process
    echo: Process
    stations: list[str]

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self.server.child.pid

    def plan(self, part: str, **more: Any) -> P2pPlan:  # noqa: ANN401
        """Make a plan against it; `more` are fields of `P2pPlan`."""
        return P2pPlan(part, self.url, self.stations, **more)


@asynccontextmanager
async def relay(
    stations: int, *, push: int = 0, module: str = "p2p_server"
) -> AsyncIterator[Relay]:
    """Run a P2P server that speaks for so many stations; `push`: see `benchmarks.p2p_echo`."""
    with TemporaryDirectory(prefix="noroam-bench-", ignore_cleanup_errors=True) as folder:
        redis = await EmbeddedServer.start(Path(folder))
        try:
            names = [f"BENCH-{number:03d}" for number in range(stations)]
            await _register(redis.url, names)
            environment = {
                **os.environ,
                **LIMITS,
                "REDIS_URL": redis.url,
                "DATA_DIR": folder,
                "P2P_PORT": "0",
                "P2P_WS_PORT": "0",
                "LOG_LEVEL": "WARNING",
                "LOG_FORMAT": "text",
                STATIONS: json.dumps(names),
                PUSH: str(push),
            }
            async with (
                running(module, environment) as server,
                running("benchmarks.p2p_echo", environment) as echo,
            ):
                url = (await server.line(READY_WITHIN_S)).split()[2]
                await echo.line(READY_WITHIN_S)
                try:
                    yield Relay(url, server, echo, names)
                except Exception as error:
                    first_cause(error).add_note("\n".join([*server.complaints, *echo.complaints]))
                    raise
        finally:
            await redis.stop()


@asynccontextmanager
async def apps(plan: P2pPlan) -> AsyncIterator[Process]:
    """Run a process of apps."""
    async with running("benchmarks.p2p_apps", {**os.environ, VARIABLE: plan.to_json()}) as process:
        yield process


async def ready(process: Process, within_s: float) -> None:
    """Wait until a process has done what comes before the load. Raises LoadFailedError."""
    told = json.loads(await process.line(within_s))
    if "ready" not in told:
        raise LoadFailedError(f"{process.module} was not ready: {told}")


async def result(process: Process, within_s: float) -> Found:
    """Give what a process found at its end. Raises LoadFailedError, ProcessError."""
    found: Found = {}
    while "done" not in found:
        found = json.loads(await process.line(within_s))
    if "error" in found:
        raise LoadFailedError(f"{process.module}: {found['error']}")
    return found


async def _register(url: str, names: list[str]) -> None:
    bus = RedisBus.from_url(url)
    did = station_did(CHAIN_ID, "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC")
    try:
        for name in names:
            await bus.add_member(keys.STATIONS, name)
            await bus.write(keys.config(name), {"did": did})
    finally:
        await bus.close()
