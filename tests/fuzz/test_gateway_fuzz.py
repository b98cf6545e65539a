"""All kinds of garbage at one gateway, and an innocent charge point that must not notice.

`FUZZ_SECONDS` and `FUZZ_SEED` ("random" draws one) change how long, and what is sent.
"""

import asyncio
import os
import secrets
import signal
from itertools import chain
from pathlib import Path

import pytest
from cpg_world import Bench
from fuzz_calls import HostilePoint
from fuzz_door import Stranger
from fuzz_frames import KINDS
from fuzz_history import History
from fuzz_innocent import INNOCENT, TAG, Innocent
from fuzz_values import TAG as FUZZ_TAG
from fuzz_vitals import Vitals
from fuzz_wire import WirePoint
from redis.asyncio import Redis
from soak_gateway import SoakGateway
from soak_random import seeded

from sdk.bus.redis_bus import RedisBus

SECONDS = float(os.environ.get("FUZZ_SECONDS", "30"))
_SEED = os.environ.get("FUZZ_SEED", "1")
SEED = secrets.token_hex(4) if _SEED == "random" else _SEED
HOSTILE = {f"HOSTILE-{n}": [f"HOSTILE-{n}-{m}" for m in range(6)] for n in range(4)}
WIRE = {f"WIRE-{n}": [f"WIRE-{n}-{m}" for m in range(12)] for n in range(3)}
STRANGERS = ("stranger 0", "stranger 1")
ATTACKERS = [*chain.from_iterable(HOSTILE.values()), *chain.from_iterable(WIRE.values())]
"""Many ids for few, as one id may not connect too often."""


@pytest.mark.timeout(SECONDS + 120)
async def test_nothing_that_is_sent_harms_another(
    redis: Redis, redis_bus: RedisBus, redis_url: str, tmp_path: Path
) -> None:
    print(f"FUZZ_SEED={SEED}")  # noqa: T201 - to be seen when it fails
    history = History(SEED, f"marker{seeded(SEED).getrandbits(64):016x}")
    gateway = SoakGateway("fuzzed", redis_url, tmp_path, level="INFO")
    try:
        await gateway.start()
        async with redis_bus.follow() as follower:
            bench = Bench(redis_bus, follower)
            await register(bench)
            await attack(gateway, bench, redis, history)
        await gateway.end(signal.SIGTERM)
    finally:
        await gateway.end(signal.SIGKILL)
    assert gateway.exits[0] == (signal.SIGTERM, 0)
    assert not gateway.faults()
    assert history.counts.keys() >= KINDS.keys(), "each kind of input was tried"
    assert min(history.counts["taken"], history.counts["refused"]) > 10 * SECONDS, history.counts


async def register(bench: Bench) -> None:
    """Register all who may connect."""
    for charge_point_id in (INNOCENT, *ATTACKERS):
        await bench.register(charge_point_id)
        await bench.permit(charge_point_id, FUZZ_TAG)
    await bench.permit(INNOCENT, TAG)


async def attack(gateway: SoakGateway, bench: Bench, redis: Redis, history: History) -> None:
    """Let everybody loose on the gateway, then look at what is left."""
    port, vitals = int(gateway.url.rpartition(":")[2]), Vitals(gateway, redis, history)
    innocent = Innocent(gateway.url, bench, seeded(SEED, INNOCENT), history)
    end = asyncio.get_running_loop().time() + SECONDS
    async with asyncio.TaskGroup() as group:
        group.create_task(innocent.run(end))
        group.create_task(vitals.run(end, ATTACKERS))
        for name, ids in HOSTILE.items():
            group.create_task(HostilePoint(name, ids, port, history).run(end))
        for name, ids in WIRE.items():
            group.create_task(WirePoint(name, ids, port, history).run(end))
        for name in STRANGERS:
            group.create_task(Stranger(name, port, history).run(end))
    await innocent.check_events(redis)
    await vitals.until_tidy()
    vitals.check_alive()
    print(sorted(history.counts.items()), vitals.growth_kb, innocent.slowest_s)  # noqa: T201 - the same
