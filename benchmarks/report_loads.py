"""What is measured of reports: all that the console's report asks for, for the first time."""

import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import orjson
from redis.asyncio import Redis

from benchmarks.api_client import HttpClient, request_text
from benchmarks.api_loads import Api, make_key
from benchmarks.figures import tell
from benchmarks.gateway_machine import register, served
from benchmarks.parts import Part, Values
from benchmarks.plan import charge_point_id
from benchmarks.records_loads import REPORTED, row_of
from benchmarks.session_machine import manager_environment
from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.embedded import EmbeddedServer
from sdk.records.ending import enlist
from sdk.records.mark import Mark, encode_mark
from sdk.records.row import encode_row

PREFIX, STATIONS, DRIVERS = "REPORT", 20, 5_000
_DAYS = "first_day=2026-11-01&last_day=2026-11-30&zone=Europe%2FBerlin"
"""Days of this zone need rows of the month before, too."""
CALLS = (f"/reports/overview?{_DAYS}", f"/reports/consumers?{_DAYS}", f"/reports/uptime?{_DAYS}")
"""What the console's report asks for, one after the other."""
_MONTH_MS = 31 * 86_400_000


async def report() -> Values:
    """Ask a manager that has read nothing yet for a month's report, call after call."""
    async with _api() as api:
        client = await api.client()
        took = [await _timed(client, api, call) for call in CALLS]
        client.close()
        parts = ", ".join(f"{each:.0f} ms" for each in took)
        tell(f"  of {len(CALLS)} calls: {parts}")
    return {"dui.report_month_100000": sum(took)}


async def _timed(client: HttpClient, api: Api, call: str) -> float:
    request = request_text("GET", call, api.key)
    began = perf_counter()
    answer = await client.ask(request)
    took = (perf_counter() - began) * 1000
    found = orjson.loads(answer)
    if "total" in found:
        assert abs(found["total"]["sessions"] - REPORTED) < REPORTED // 100
    return took


@asynccontextmanager
async def _api() -> AsyncIterator[Api]:
    with TemporaryDirectory(prefix="noroam-bench-", ignore_cleanup_errors=True) as name:
        redis = await EmbeddedServer.start(Path(name))
        secret = secrets.token_hex(16)
        try:
            await register(redis.url, secret, {PREFIX: STATIONS})
            await _store(redis.url)
            environment = await manager_environment(Path(name), secrets.token_hex(8), redis.url)
            environment |= {"CREDENTIAL_KEY": secret}
            key = await make_key(redis.url, secret)
            async with served("session_manager", environment) as manager:
                yield Api(manager, key)
        finally:
            await redis.stop()


async def _store(url: str) -> None:
    """Write two months of rows and marks, in the order in which sessions end."""
    rng = random.Random(1)  # noqa: S311 - a load
    drivers = [secrets.token_bytes(20) for _ in range(DRIVERS)]
    bus = RedisBus.from_url(url)
    async with Redis.from_url(url) as redis:
        for number in range(STATIONS):
            name = charge_point_id(PREFIX, number)
            await enlist(bus, name)
            rows = [row_of(rng, name) for _ in range(REPORTED // STATIONS)]
            rows.sort(key=lambda row: row.ended_ms)
            for month, before in (("2026-10", _MONTH_MS), ("2026-11", 0)):
                moved = [row._replace(ended_ms=row.ended_ms - before) for row in rows]
                marks = (
                    Mark(bytes.fromhex(row.session_id[2:18]), rng.choice(drivers)) for row in moved
                )
                await redis.hset(keys.row_months(name), month, "")
                await redis.set(keys.rows(name, month), b"".join(map(encode_row, moved)))
                await redis.set(keys.row_marks(name, month), b"".join(map(encode_mark, marks)))
    await bus.close()


REPORT_LOADS = (
    Part(
        ("dui.report_month_100000",),
        f"{REPORTED:,} sessions of a month at {STATIONS} charge points, with {DRIVERS:,} drivers",
        report,
    ),
)
