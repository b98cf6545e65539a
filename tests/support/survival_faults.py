"""What strikes all cells of a fault at once."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

from machine import SETTINGS, Program, World
from survival_cell import Cell

from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError

LEASE_S = float(SETTINGS["LEASE_SECONDS"])
DOWN_S = 2.0
_READY_S = 30.0

Strike = Callable[[World, Sequence[Cell]], Awaitable[None]]


async def second_manager(world: World) -> Program:
    """Start another Session Manager over the same Redis, keys and chain."""
    program = await world._start(Program, "-m", "session_manager")
    await program.line(lambda line: line.startswith("ready session_manager"), _READY_S)
    return program


async def _kill_manager(world: World, _: Sequence[Cell]) -> None:
    await world.kill("session_manager")


async def _freeze_manager(world: World, cells: Sequence[Cell]) -> None:
    pid, before = world.launcher.pids["session_manager"], await _owners(world, cells)
    os.kill(pid, signal.SIGSTOP)
    try:
        await _taken_over(world, cells, before)
    finally:
        os.kill(pid, signal.SIGCONT)


async def _replace_manager(world: World, cells: Sequence[Cell]) -> None:
    before = await _owners(world, cells)
    world.launcher._keepers["session_manager"]._stopping.set()
    os.kill(world.launcher.pids["session_manager"], signal.SIGKILL)
    await _taken_over(world, cells, before)


async def _owners(world: World, cells: Sequence[Cell]) -> list[bytes | None]:
    """Read who drives each charge point."""
    redis = world.bus._redis
    return [await redis.get(keys.lease(cell.station.id)) for cell in cells]


async def _taken_over(world: World, cells: Sequence[Cell], before: list[bytes | None]) -> None:
    """Wait until another manager drives every charge point: within three leases."""
    assert all(before)
    began = monotonic()
    async with asyncio.timeout(3 * LEASE_S):
        while True:
            now = await _owners(world, cells)
            if all(now) and not {*now} & {*before}:
                break
            await asyncio.sleep(0.05)
    world.lines.append(f"all taken over after {monotonic() - began:.1f} s")


async def _kill_redis(world: World, _: Sequence[Cell]) -> None:
    pid = world.launcher.server_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(_READY_S):
        while not await _is_back(world, pid):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


async def _is_back(world: World, before: int) -> bool:
    """Tell whether another Redis process answers."""
    if world.launcher.server_pid in (None, before):
        return False
    try:
        await world.bus.ping()
    except BusUnavailableError:
        return False
    return True


async def _restart_chain(world: World, _: Sequence[Cell]) -> None:
    await world.node.stop()
    await asyncio.sleep(DOWN_S)
    await world.node.start()


async def _kill_gateway(world: World, _: Sequence[Cell]) -> None:
    await world.kill("cpg")


async def _kill_p2p_server(world: World, _: Sequence[Cell]) -> None:
    await world.kill("p2p_server")


async def _reboot_with(_: World, cells: Sequence[Cell]) -> None:
    await asyncio.gather(*(cell.charge_point.reboot(forgets=False) for cell in cells))


async def _reboot_without(_: World, cells: Sequence[Cell]) -> None:
    await asyncio.gather(*(cell.charge_point.reboot(forgets=True) for cell in cells))


async def _lose_charge_points(_: World, cells: Sequence[Cell]) -> None:
    for cell in cells:
        cell.charge_point.leave()


async def _lose_apps(_: World, cells: Sequence[Cell]) -> None:
    await asyncio.gather(*(cell.lose_app() for cell in cells))


STRIKES: dict[str, Strike] = {
    "manager_killed": _kill_manager,
    "manager_frozen": _freeze_manager,
    "manager_replaced": _replace_manager,
    "redis_restarted": _kill_redis,
    "chain_restarted": _restart_chain,
    "gateway_killed": _kill_gateway,
    "charge_point_rebooted_with": _reboot_with,
    "charge_point_rebooted_without": _reboot_without,
    "charge_point_offline": _lose_charge_points,
    "p2p_server_killed": _kill_p2p_server,
    "consumer_gone": _lose_apps,
}
WITH_TWO_MANAGERS = frozenset({"manager_frozen", "manager_replaced"})
