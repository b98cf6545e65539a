"""What is measured of the gateway: each load on a machine of its own, from other processes."""

import asyncio
import os

from benchmarks.figures import percentile, tell
from benchmarks.flood_load import FLOODED, flood_ratio
from benchmarks.gateway_machine import Found, Server, beside, gateway, generate, served
from benchmarks.parts import Part, Values
from benchmarks.plan import Plan

SOCKETS = 100
WINDOW_S = 6.0
PACED = 1_000
PACED_S = 11
IGNORED_S = 1
KNOCKS = 1_000
FEW, MANY, MOST = 10, 10_000, 15_000
SETTLE_S = 2.0


async def meter_values() -> Values:
    """Six samples of a transaction that was opened, again and again."""
    async with gateway(MV=SOCKETS) as server:
        return _rate("gateway.meter_values", await _closed(server, "MV", "MeterValues"))


async def heartbeat() -> Values:
    """Heartbeats, again and again."""
    async with gateway(HB=SOCKETS) as server:
        return _rate("gateway.heartbeat", await _closed(server, "HB", "Heartbeat"))


async def baseline() -> Values:
    """The same MeterValues against the package's own loop."""
    async with served("benchmarks.baseline", os.environ) as server:
        return _rate("baseline.ocpp.meter_values", await _closed(server, "MV", "MeterValues"))


async def paced() -> Values:
    """MeterValues once a second from each of a thousand, whatever the gateway does."""
    async with gateway(OL=PACED) as server:
        found = await generate(server.plan("paced", "OL", PACED, window_s=PACED_S))
    begin = found["samples"][0][0] + IGNORED_S
    late = [ms for due, ms in found["samples"] if due >= begin]
    half, p99 = percentile(late, 50), percentile(late, 99)
    tell(f"  half within {half:.1f} ms, 99 % within {p99:.1f} ms, all within {max(late):.1f} ms")
    return {"gateway.meter_values_1000.p99": p99}


async def connect() -> Values:
    """All at once, under names that nobody had before; a few others warm the gateway up."""
    async with gateway(WARM=FEW, CP=KNOCKS) as server:
        await generate(server.plan("stampede", "WARM", FEW))
        await asyncio.sleep(SETTLE_S)
        found = await generate(server.plan("stampede", "CP", KNOCKS))
    tell(f"  of {found['seconds']:.2f} s the generator worked {found['cpu_s']:.2f} s")
    return {"gateway.connect_1000": found["seconds"]}


async def many() -> Values:
    """Fill a gateway with idle charge points; look at its memory, and at what a message costs."""
    async with gateway(IDLE=MOST, FEW=FEW, MV=SOCKETS) as server, beside(_idle(server, "FEW", FEW)):
        empty = await _settled_kb(server)
        async with beside(_idle(server, "IDLE", MANY)):
            full = await _settled_kb(server)
            at_many = await _closed(server, "MV", "MeterValues")
            async with beside(_idle(server, "IDLE", MOST - MANY, first=MANY)):
                fullest = await _settled_kb(server)
    async with gateway(FEW=FEW, MV=SOCKETS) as server, beside(_idle(server, "FEW", FEW)):
        at_few = await _closed(server, "MV", "MeterValues")
    return {
        "gateway.idle.kb_per_charge_point": (full - empty) / MANY,
        "gateway.idle_15000.kb_per_charge_point": (fullest - empty) / MOST,
        "gateway.cost_ratio_10000_to_10": _gateway_us(at_many) / _gateway_us(at_few),
    }


GATEWAY_LOADS = (
    Part(
        ("gateway.meter_values.rate", "gateway.meter_values.cpu"),
        f"{SOCKETS} sockets, one message of each in flight for {WINDOW_S:g} s",
        meter_values,
    ),
    Part(
        ("baseline.ocpp.meter_values.rate", "baseline.ocpp.meter_values.cpu"),
        f"{SOCKETS} sockets, one message of each in flight for {WINDOW_S:g} s, nothing kept",
        baseline,
    ),
    Part(
        ("gateway.heartbeat.rate", "gateway.heartbeat.cpu"),
        f"{SOCKETS} sockets, one message of each in flight for {WINDOW_S:g} s",
        heartbeat,
    ),
    Part(
        ("gateway.meter_values_1000.p99",),
        f"{PACED:,} sockets, one message a second each for {PACED_S - IGNORED_S} s, open loop",
        paced,
    ),
    Part(
        (
            "gateway.idle.kb_per_charge_point",
            "gateway.idle_15000.kb_per_charge_point",
            "gateway.cost_ratio_10000_to_10",
        ),
        f"booted and idle; {SOCKETS} sockets beside them for the cost",
        many,
    ),
    Part(("gateway.connect_1000",), f"{KNOCKS:,} at once", connect),
    Part(("gateway.flood.p99_ratio",), FLOODED, flood_ratio),
)


def _idle(server: Server, prefix: str, count: int, first: int = 0) -> Plan:
    return server.plan("idle", prefix, count, first=first)


async def _closed(server: Server, prefix: str, action: str) -> Found:
    found = await generate(server.plan("closed", prefix, SOCKETS, action=action, window_s=WINDOW_S))
    shares = ", ".join(f"{name} {us:.1f} µs" for name, us in found["cpu_us"].items())
    tell(f"  {found['rate']:,.0f} {action} a second; CPU of each: {shares}")
    return found


def _rate(name: str, found: Found) -> Values:
    return {f"{name}.rate": found["rate"], f"{name}.cpu": _gateway_us(found)}


def _gateway_us(found: Found) -> float:
    return float(found["cpu_us"]["gateway"])


async def _settled_kb(server: Server) -> int:
    await asyncio.sleep(SETTLE_S)
    tell(f"  the gateway holds {server.resident_kb:,} kB")
    return server.resident_kb
