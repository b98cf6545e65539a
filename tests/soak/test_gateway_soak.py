"""Two minutes of bad network: 200 charge points, two gateways that die, and every Wh counted.

`SOAK_SECONDS`, `SOAK_POINTS` and `SOAK_SEED` change how long, how many, and what happens.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from random import Random

import pytest
from cpg_world import Bench
from redis.asyncio import Redis
from soak_audit import audit_lane, audit_state, energy_of, read_lane
from soak_charging import Outlets
from soak_gateway import SoakGateway
from soak_line import Journal, Line
from soak_random import seeded

from sdk.bus.redis_bus import RedisBus
from sdk.ids import utc_now

EXACTLY_ONCE = True
"""Whether a reading that was repeated on a new socket must be told once; else at least once."""

SECONDS = float(os.environ.get("SOAK_SECONDS", "120"))
POINTS = int(os.environ.get("SOAK_POINTS", "200"))
SEED = os.environ.get("SOAK_SEED", "1")
DRAIN_S = 90.0
MOST_SHOWN = 40


@pytest.mark.timeout(SECONDS + DRAIN_S + 90)
async def test_every_watt_hour_is_told_once(
    redis: Redis, redis_bus: RedisBus, redis_url: str, tmp_path: Path
) -> None:
    journal, rng = Journal(), seeded(SEED)
    async with redis_bus.follow() as follower:
        outlets = await registered(Bench(redis_bus, follower))
    async with two_gateways(redis_url, tmp_path) as gateways:
        await charge(outlets, gateways, rng, journal)
        for gateway in gateways:
            await gateway.end(signal.SIGTERM)
        faults = [*journal.faults, *await audited(redis, outlets), *ends(gateways)]
    told = f"SOAK_SEED={SEED}, {len(faults)} faults\n{sorted(journal.counts.items())}\n"
    assert not faults, told + "\n".join(faults[:MOST_SHOWN])
    assert journal.counts["answer lost: abort"], told
    assert journal.counts["StopTransaction"] > POINTS * SECONDS / 60, told


async def registered(bench: Bench) -> list[Outlets]:
    """Register all charge points, with a tag for each connector."""
    points = []
    for number in range(POINTS):
        rng = seeded(SEED, number)
        charge_point_id, connectors = f"SOAK-{number:03}", rng.choice((1, 2))
        await bench.register(charge_point_id, connectors=str(connectors))
        for connector_id in range(1, connectors + 1):
            await bench.permit(charge_point_id, f"{charge_point_id}-{connector_id}")
        points.append(Outlets(charge_point_id, connectors, rng, utc_now))
    return points


@asynccontextmanager
async def two_gateways(redis_url: str, folder: Path) -> AsyncIterator[list[SoakGateway]]:
    """Run two gateways over one Valkey."""
    gateways = [SoakGateway(name, redis_url, folder) for name in ("first", "second")]
    try:
        for gateway in gateways:
            await gateway.start()
        yield gateways
    finally:
        for gateway in gateways:
            await gateway.end(signal.SIGKILL)


async def charge(
    points: list[Outlets], gateways: list[SoakGateway], rng: Random, journal: Journal
) -> None:
    """Let it all happen; then calm the network, and wait until all is told."""
    ending = asyncio.Event()
    try:
        async with asyncio.timeout(SECONDS + DRAIN_S), asyncio.TaskGroup() as group:
            for outlets in points:
                own = seeded(SEED, outlets.charge_point_id, "line")
                group.create_task(outlets.run(ending))
                group.create_task(Line(outlets, gateways, own, journal).run())
            await restart_now_and_then(gateways, rng)
            journal.is_calm = True
            ending.set()
    except TimeoutError:
        stuck = {item.charge_point_id: len(item.outbox) for item in points if item.outbox}
        journal.faults.append(f"still queued after {DRAIN_S} s: {stuck}")


async def restart_now_and_then(gateways: list[SoakGateway], rng: Random) -> None:
    """End one gateway after the other, by `kill -9` and by SIGTERM in turn, for `SECONDS`."""
    clock = asyncio.get_running_loop()
    end = clock.time() + SECONDS
    for how in cycle((signal.SIGKILL, signal.SIGTERM)):
        pause = rng.uniform(10, 15)
        if clock.time() + pause > end:
            break
        await asyncio.sleep(pause)
        gateway = rng.choice(gateways)
        await gateway.end(how)
        await gateway.start()
    await asyncio.sleep(max(0.0, end - clock.time()))


async def audited(redis: Redis, points: list[Outlets]) -> list[str]:
    """Compare the events and the state with what the charge points know."""
    faults: list[str] = []
    told = charged = 0
    for outlets in points:
        envelopes = await read_lane(redis, outlets.charge_point_id)
        faults += audit_lane(outlets, envelopes, exactly_once=EXACTLY_ONCE)
        faults += await audit_state(redis, outlets)
        told += energy_of(envelopes)
        charged += sum(transaction.energy_wh for transaction in outlets.transactions)
    if told != charged:
        faults.insert(0, f"{told} Wh in the events, {charged} Wh in the charge points")
    ids = [number for item in points for sold in item.transactions for number in set(sold.ids)]
    if len(ids) != len(set(ids)):
        faults.append("one transaction id was given twice")
    return faults


def ends(gateways: list[SoakGateway]) -> list[str]:
    """Give what the gateways themselves got wrong: exit codes, and errors in their logs."""
    faults = [
        f"{how.name} ended a gateway with {code}"
        for gateway in gateways
        for how, code in gateway.exits
        if code not in (0, -signal.SIGKILL)
    ]
    return faults + [line for gateway in gateways for line in gateway.faults()]
