"""What is measured of the P2P server: round trips, many apps at once, and those that come and go.

A bare echo stands in place of the Session Manager, so that the way there and back is what is told.
"""

import asyncio
import json
import os
import signal
from contextlib import AsyncExitStack
from time import monotonic

from benchmarks.figures import percentile, tell
from benchmarks.p2p_board import SERVERS, STATIONS
from benchmarks.p2p_machine import LoadFailedError, Relay, apps, ready, relay, result
from benchmarks.parts import Part, Values
from benchmarks.processes import Process, running
from benchmarks.usage import cpu_seconds, resident_kb
from sdk.ids import utc_now
from sdk.p2p.announcement_exchange import fetch_announcements
from sdk.p2p.announcement_table import AnnouncementTable
from sdk.p2p.gossip_limits import stations_topic
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings

ASKS = 2_000
STREAMS = 16
HELD, HELD_BY = 2_000, 4
HELD_ASKS = 250
HELD_STATIONS = 50
PUSHED, PUSHED_BY, PUSH_S, DRAIN_S = 200, 2, 15.0, 2.0
JOINING, ROUNDS = 150, 4
SETTLE_S = 3.0
WITHIN_S = 200.0


async def one_stream() -> Values:
    """Ask one thing after the other."""
    async with relay(1) as server, apps(server.plan("sequential", asks=ASKS)) as process:
        samples = (await result(process, WITHIN_S))["samples"]
    names = {"p2p.roundtrip_1_stream.p50": 50, "p2p.roundtrip_1_stream.p99": 99}
    return {name: percentile(samples, percent) for name, percent in names.items()}


async def many_streams() -> Values:
    """Ask on streams of as many apps, each in a closed loop."""
    async with relay(STREAMS) as server, apps(server.plan("closed", count=STREAMS)) as process:
        used = cpu_seconds(server.pid)
        found = await result(process, WITHIN_S)
        each = (cpu_seconds(server.pid) - used) / found["answers"]
    tell(f"  CPU of each at the server: {each * 1e6:.0f} µs")
    return {"p2p.roundtrip_16_streams.rate": found["rate"]}


async def held() -> Values:
    """Hold connections with a stream each; then ask on one after the other."""
    async with relay(HELD_STATIONS) as server, AsyncExitStack() as stack:
        await _settle()
        before, began = resident_kb(server.pid), monotonic()
        holders = await _together(
            stack, server, "held", HELD, HELD_BY, asks=HELD_ASKS, within_s=WITHIN_S
        )
        await _settle()
        each = (resident_kb(server.pid) - before) / HELD
        tell(f"  all connected after {monotonic() - began:.0f} s")
        samples: list[float] = []
        for holder in holders:
            holder.child.ask_to_stop()
            samples += (await result(holder, WITHIN_S))["samples"]
    return {"p2p.consumers_2000.kb_each": each, "p2p.consumers_2000.p50": percentile(samples, 50)}


async def push() -> Values:
    """Tell all apps their state twice a second."""
    async with relay(HELD_STATIONS, push=PUSHED) as server, AsyncExitStack() as stack:
        listeners = await _together(stack, server, "listening", PUSHED, PUSHED_BY)
        await ready(server.echo, WITHIN_S)
        used, began = cpu_seconds(server.pid), monotonic()
        await asyncio.sleep(PUSH_S)
        cpu = (cpu_seconds(server.pid) - used) / (monotonic() - began)
        server.echo.child.ask_to_stop()
        sent = (await result(server.echo, WITHIN_S))["sent"]
        await asyncio.sleep(DRAIN_S)
        late: list[float] = []
        for listener in listeners:
            listener.child.ask_to_stop()
            late += (await result(listener, WITHIN_S))["samples"]
    tell(f"  {sent} sent, half within {percentile(late, 50):.1f} ms, all within {max(late):.1f} ms")
    return {
        "p2p.push_200.lost": sent - len(late),
        "p2p.push_200.p99": percentile(late, 99),
        "p2p.push_200.cpu": cpu * 100,
    }


async def churn() -> Values:
    """Let apps come, ask once and go, in rounds; gives what grows from the first to the last."""
    sizes, tasks = [], []
    async with relay(HELD_STATIONS, module="benchmarks.p2p_watched") as server:
        for _ in range(ROUNDS):
            async with apps(server.plan("churn", count=JOINING)) as process:
                await result(process, WITHIN_S)
            await _settle()
            os.kill(server.server.child.pid, signal.SIGUSR1)
            tasks.append(json.loads(await server.server.line(WITHIN_S))["tasks"])
            sizes.append(resident_kb(server.pid))
    tell(f"  kB {sizes}, tasks {tasks}")
    return {
        "p2p.churn_600.rss_growth": (sizes[-1] - sizes[0]) / 1024,
        "p2p.churn_600.task_growth": tasks[-1] - tasks[0],
    }


async def announcements() -> Values:
    """Dial a P2P server that knows of many stations, and take over all of them."""
    async with running("benchmarks.p2p_board", os.environ) as board:
        url = (await board.line(WITHIN_S)).split()[2]
        settings = NodeSettings(P2pKey.generate())
        async with P2pHost(settings, topics=stations_topic(utc_now)) as host:
            began, known = monotonic(), AnnouncementTable()
            peer_id = await host.connect(url)
            async for announced in fetch_announcements(host, peer_id, utc_now):
                known.add(announced)
            took = monotonic() - began
    if len(known) != STATIONS:
        raise LoadFailedError(f"the newcomer has {len(known)} of {STATIONS} announcements")
    return {"p2p.announcements_1000.seconds": took}


P2P_LOADS = (
    Part(
        ("p2p.roundtrip_1_stream.p50", "p2p.roundtrip_1_stream.p99"),
        f"{ASKS:,} requests one after the other, a bare echo in place of the Session Manager",
        one_stream,
    ),
    Part(
        ("p2p.roundtrip_16_streams.rate",),
        f"{STREAMS} apps and stations, a bare echo in place of the Session Manager",
        many_streams,
    ),
    Part(
        ("p2p.consumers_2000.kb_each", "p2p.consumers_2000.p50"),
        f"{HELD:,} apps with a stream each at {HELD_STATIONS} stations, bare echo",
        held,
    ),
    Part(
        ("p2p.push_200.lost", "p2p.push_200.p99", "p2p.push_200.cpu"),
        f"2 status a second to each of {PUSHED} apps for {PUSH_S:g} s; CPU is the server's",
        push,
    ),
    Part(
        ("p2p.churn_600.rss_growth", "p2p.churn_600.task_growth"),
        f"{ROUNDS} rounds of {JOINING} apps that come and go, last round less first",
        churn,
    ),
    Part(
        ("p2p.announcements_1000.seconds",),
        f"{STATIONS:,} stations of {SERVERS} servers, their signatures checked",
        announcements,
    ),
)


async def _together(
    stack: AsyncExitStack,
    server: Relay,
    part: str,
    count: int,
    processes: int,
    **more: float,
) -> list[Process]:
    plan = server.plan(part, count=count // processes, **more)
    started = [await stack.enter_async_context(apps(plan)) for _ in range(processes)]
    for process in started:
        await ready(process, WITHIN_S)
    return started


async def _settle() -> None:
    await asyncio.sleep(SETTLE_S)
