"""What is measured, each on a machine that runs; samples in ms come from one clock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter

from benchmarks.charge_point import BareChargePoint, plugged_in
from benchmarks.figures import percentile
from benchmarks.machine import PASSWORD, TOKEN, Machine
from benchmarks.parts import Values
from benchmarks.payout_loads import PAYOUTS, settlement_gas, settlement_gas_erc20, stop_to_sent
from benchmarks.usage import resident_kb
from sdk.events.service import ChargingStatus
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_events import LAST, ReceiptDelivered, StatusChanged

ROUNDTRIPS = 2_000
RESOLUTIONS = 500
WARM_UP = 100
SESSIONS = 20
READINGS = 300
PAUSE_S = 0.01
WITHIN_S = 30.0
PATIENCE_S = 240.0


class UnexpectedError(Exception):
    """A session went another way than what is to be measured."""


@dataclass(frozen=True, slots=True)
class Load:
    """One part: the names that it measures, and what it does, for the setup line."""

    names: tuple[str, ...]
    what: str
    measure: Callable[[Machine], Awaitable[Values]]


async def roundtrip(machine: Machine) -> Values:
    """Ask how a connector stands, again and again, on one stream."""
    name = "BENCH-ASK"
    did = await machine.add_station(name)
    samples: list[float] = []
    async with machine.charge_point(name), machine.app(did) as app:
        for _ in range(WARM_UP + ROUNDTRIPS):
            began = perf_counter()
            await app.availability(1)
            samples.append((perf_counter() - began) * 1000)
    samples = samples[WARM_UP:]
    names = {"relay.roundtrip.p50": 50, "relay.roundtrip.p99": 99}
    return {name: percentile(samples, percent) for name, percent in names.items()}


async def quote_to_charging(machine: Machine) -> Values:
    """Go through whole sessions, one after the other."""
    name = "BENCH-SELL"
    did = await machine.add_station(name)
    samples: list[float] = []
    async with machine.charge_point(name):
        for _ in range(SESSIONS):
            await machine.until_ready(name)
            async with machine.app(did) as app:
                samples.append(await _start(machine, app))
                await _until(app, lambda status: status.energy_wh > 0)
                await _end(app)
    return {"session.quote_to_charging": percentile(samples, 50)}


async def meter_to_consumer(machine: Machine) -> Values:
    """Send readings from a socket of ours; the app is ours, too."""
    name = "BENCH-METER"
    did = await machine.add_station(name)
    gateway = machine.launcher.urls["cpg"]
    async with plugged_in(gateway, name, PASSWORD) as charge_point:
        await machine.until_ready(name)
        async with machine.app(did) as app:
            await _start(machine, app)
            samples = [await _reading(charge_point, app) for _ in range(READINGS)]
            await _end(app)
    return {"session.meter_to_consumer.p50": percentile(samples, 50)}


async def resolve(machine: Machine) -> Values:
    """Read a station's document and the authority's revocations, and check both, as an app does."""
    name = "BENCH-DID"
    did = await machine.add_station(name)
    samples: list[float] = []
    async with machine.charge_point(name):
        resolver = machine.resolver()
        for _ in range(WARM_UP + RESOLUTIONS):
            began = perf_counter()
            await resolver.resolve(did)
            samples.append((perf_counter() - began) * 1000)
    return {"did.resolve.p50": percentile(samples[WARM_UP:], 50)}


async def memory(machine: Machine) -> Values:
    """Look at what the services hold."""
    pids = machine.launcher.pids
    return {f"memory.{name}.rss": resident_kb(pid) / 1024 for name, pid in pids.items()}


LOADS = (
    Load(
        ("relay.roundtrip.p50", "relay.roundtrip.p99"), f"{ROUNDTRIPS:,} requests each", roundtrip
    ),
    Load(("did.resolve.p50",), f"{RESOLUTIONS} resolutions against anvil each", resolve),
    Load(("session.quote_to_charging",), f"{SESSIONS} sessions each", quote_to_charging),
    Load(("session.meter_to_consumer.p50",), f"{READINGS} readings each", meter_to_consumer),
    Load(("settlement.gas",), "one payout each", settlement_gas),
    Load(("settlement.gas_erc20",), "one payout of a plain token each", settlement_gas_erc20),
    Load(("settlement.stop_to_sent",), f"{PAYOUTS} sessions each, with an app", stop_to_sent),
)
MEMORY = Load(
    ("memory.cpg.rss", "memory.p2p_server.rss", "memory.session_manager.rss"),
    "after the loads above",
    memory,
)


async def _start(machine: Machine, app: Consumer) -> float:
    """Start a session; gives the ms from the quote's request to the energy that flows."""
    began = perf_counter()
    quote = await app.quote(1, 5 * TOKEN)
    await app.start(quote, machine.pay)
    await _until(app, lambda status: status.phase == "charging")
    return (perf_counter() - began) * 1000


async def _reading(charge_point: BareChargePoint, app: Consumer) -> float:
    await asyncio.sleep(PAUSE_S)
    charge_point.meter_wh += 1
    async with asyncio.TaskGroup() as tasks:
        began = perf_counter()
        tasks.create_task(charge_point.meter_values())
        await _until(app, lambda status: status.meter_wh == charge_point.meter_wh)
        return (perf_counter() - began) * 1000


async def _end(app: Consumer) -> None:
    await app.stop()
    while not isinstance(event := await app.next_event(WITHIN_S), LAST):
        if event is None:
            raise UnexpectedError("the session does not end")
    if not isinstance(event, ReceiptDelivered):
        raise UnexpectedError(f"the session ended with {event}")


async def _until(app: Consumer, holds: Callable[[ChargingStatus], bool]) -> None:
    while True:
        event = await app.next_event(WITHIN_S)
        if event is None or isinstance(event, LAST):
            raise UnexpectedError(f"the session does not go on: {event}")
        if isinstance(event, StatusChanged) and holds(event.status):
            return
