"""A light machine for the gateway's figures: a durable Valkey and one gateway, nothing else."""

import json
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import Redis

from benchmarks.plan import PASSWORD, VARIABLE, Plan, charge_point_id
from benchmarks.processes import Process, first_cause, running
from benchmarks.usage import resident_kb
from sdk.bus import keys
from sdk.embedded import EmbeddedServer
from sdk.register import ChargePointConfig, password_hash, station_did
from sdk.tariff import Tariff

READY_WITHIN_S = 30.0
WRITTEN_AT_ONCE = 1_000
ID_TAG = json.dumps({"valid_until": None, "of_session": False})
Found = dict[str, Any]


class LoadFailedError(Exception):
    """A load saw what it should not have seen; its figures would tell nothing."""


@dataclass(frozen=True, slots=True)
class Server:
    """What charge points connect to, and the processes whose CPU counts; `gateway` is one."""

    host: str
    port: int
    watch: Mapping[str, int]
    process: Process

    @property
    def resident_kb(self) -> int:
        """The resident memory of the gateway."""
        return resident_kb(self.watch["gateway"])

    def plan(self, part: str, prefix: str, count: int, **more: Any) -> Plan:  # noqa: ANN401
        """Make a plan against this server; `more` are fields of `Plan`."""
        return Plan(part, self.host, self.port, prefix, count, watch=self.watch, **more)


async def generate(plan: Plan) -> Found:
    """Run a load to its end, and give what it found. Raises LoadFailedError, ProcessError."""
    async with _generating(plan) as process:
        return await result(process, plan)


@asynccontextmanager
async def beside(plan: Plan) -> AsyncIterator[Process]:
    """Run a load beside others, from when it says `ready`: it has connected what it needs."""
    async with _generating(plan) as process:
        told: Found = json.loads(await process.line(plan.within_s))
        if "ready" not in told:
            raise LoadFailedError(f"{plan.part} was not ready: {told['texts']}")
        yield process


async def result(process: Process, plan: Plan) -> Found:
    """Give what a load found at its end; what errors it saw makes it fail, unless it floods."""
    while True:
        found: Found = json.loads(await process.line(plan.within_s))
        if "errors" in found:
            break
    if found["errors"] and plan.part != "flood":
        raise LoadFailedError(f"{plan.part}: {found['errors']} errors, as {found['texts']}")
    return found


@asynccontextmanager
async def gateway(**registered: int) -> AsyncIterator[Server]:
    """Run a gateway that knows so many charge points of each prefix; its Redis is durable."""
    with TemporaryDirectory(prefix="noroam-bench-", ignore_cleanup_errors=True) as folder:
        redis = await EmbeddedServer.start(Path(folder))
        key = secrets.token_hex(16)
        try:
            await register(redis.url, key, registered)
            environment = {
                **os.environ,
                "REDIS_URL": redis.url,
                "DATA_DIR": folder,
                "CREDENTIAL_KEY": key,
                "CPG_PORT": "0",
                "LOG_LEVEL": "WARNING",
                "LOG_FORMAT": "text",
            }
            async with served("cpg", environment, redis=redis.pid or 0) as server:
                yield server
        finally:
            await redis.stop()


@asynccontextmanager
async def served(
    module: str, environment: Mapping[str, str], **watch: int
) -> AsyncIterator[Server]:
    """Run a server that says `ready <name> <url>`; what it complained of goes with errors."""
    async with running(module, environment) as process:
        url = urlsplit((await process.line(READY_WITHIN_S)).split()[2])
        pids = {"gateway": process.child.pid, **watch}
        try:
            yield Server(url.hostname or "", url.port or 0, pids, process)
        except Exception as error:
            first_cause(error).add_note("\n".join(process.complaints))
            raise


async def engine() -> str:
    """Give name and version of the private Redis."""
    with TemporaryDirectory(prefix="noroam-bench-") as folder:
        server = await EmbeddedServer.start(Path(folder))
        try:
            async with Redis.from_url(server.url) as redis:
                return engine_name(await redis.info("server"))
        finally:
            await server.stop()


def engine_name(info: Mapping[str, Any]) -> str:
    """Say which server this INFO is of."""
    name = "valkey" if "valkey_version" in info else "redis"
    return f"{name} {info[f'{name}_version']}"


@asynccontextmanager
async def _generating(plan: Plan) -> AsyncIterator[Process]:
    environment = {**os.environ, VARIABLE: plan.to_json()}
    async with running("benchmarks.generator", environment) as process:
        yield process


async def register(url: str, credential_key: str, registered: Mapping[str, int]) -> None:
    """Write registrations as `sdk.register` does, without its look at all others for each DID."""
    names = [
        charge_point_id(prefix, number)
        for prefix, count in registered.items()
        for number in range(count)
    ]
    pattern = ChargePointConfig(
        charge_point_id="any",
        did=station_did(1, f"0x{0:040x}"),
        tariff=Tariff(per_kwh=1000),
        password_hash=password_hash(PASSWORD, credential_key),
    ).to_hash()
    async with Redis.from_url(url) as redis:
        for at in range(0, len(names), WRITTEN_AT_ONCE):
            pipe = redis.pipeline(transaction=False)
            for number, name in enumerate(names[at : at + WRITTEN_AT_ONCE], start=at + 1):
                fields: dict[Any, Any] = {
                    **pattern,
                    "did": station_did(1, f"0x{number:040x}"),
                    "version": "1",
                }
                pipe.hset(keys.config(name), mapping=fields)
                pipe.hset(keys.id_tags(name), "BENCH", ID_TAG)
                pipe.sadd(keys.STATIONS, name)
            await pipe.execute()
