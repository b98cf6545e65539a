"""Runs one fault of the survival matrix: all of its cells at once, on services of their own."""

import asyncio
import json
from collections.abc import Awaitable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

from machine import World, living
from survival_audit import PER_KWH, audit
from survival_cell import STEP_WH, Cell
from survival_document import RESULTS
from survival_faults import STRIKES, WITH_TWO_MANAGERS, second_manager
from survival_tables import PHASES

from sdk.register import Register

SETTINGS = {
    "VOUCHER_INTERVAL": "1",
    "DEPOSIT_TIMEOUT": "15",
    "AUTHORISE_TIMEOUT": "20",
    "START_TIMEOUT": "15",
    "OFFLINE_GRACE": "5",
    "STOP_TIMEOUT": "10",
    "APPROVAL_TIMEOUT": "10",
    "EXECUTION_TIMEOUT": "5",
}
END_WITHIN_S = 60.0
_LEAD_S = 30.0
_EARLY = ("charging", "stopping", "settling", "executing", "disputed")
_LATE = ("verifying", "authorising", "starting", "refunding")


@dataclass(frozen=True)
class Result:
    """How one cell ended: where, how long after the fault was over, and what was wrong."""

    end: str
    seconds: float
    faults: tuple[str, ...]


async def run_fault(fault: str, folder: Path) -> dict[str, Result]:
    """Run all cells of a fault; gives phase -> result."""
    async with living(folder, **SETTINGS) as world, asyncio.TaskGroup() as group:
        cells = {phase: await _new_cell(phase, world) for phase in PHASES}
        try:
            await _connect(world, cells, group, fault)
            await _lead(world, cells)
            world.lines.append(f"{fault} strikes")
            await STRIKES[fault](world, list(cells.values()))
            await _mining(world, on=True)
            return await _finish(cells)
        finally:
            print("\n".join(world.lines))  # noqa: T201 - shown when a test fails
            await _all(cell.end() for cell in cells.values())


def keep(fault: str, results: dict[str, Result]) -> None:
    """Write a fault's results to the file that the document is made of."""
    RESULTS.parent.mkdir(exist_ok=True)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    known[fault] = {phase: asdict(result) for phase, result in results.items()}
    RESULTS.write_text(json.dumps(known, indent=1) + "\n")


async def _new_cell(phase: str, world: World) -> Cell:
    station = await world.station()
    step = STEP_WH * PER_KWH // 1000
    await Register(world.bus).set(station.id, exposure_step=step)
    return Cell(phase, world, station)


async def _connect(
    world: World, cells: dict[str, Cell], group: asyncio.TaskGroup, fault: str
) -> None:
    for cell in cells.values():
        cell.begin(group)
    await _all(
        world.until(
            cell.station,
            lambda state: (
                state.connector(1).status == "Available" and state.identity.state == "published"
            ),
        )
        for cell in cells.values()
    )
    if fault in WITH_TWO_MANAGERS:
        await second_manager(world)
    for cell in cells.values():
        cell.connect_app(group)


async def _lead(world: World, cells: dict[str, Cell]) -> None:
    """Lead every session into its phase, those last that may stay there the shortest."""
    for phase in _EARLY:
        cells[phase].lead()
    await _all(cells[phase].until_paid_for(_LEAD_S) for phase in _EARLY)
    for phase in _LATE:
        cells[phase].lead()
    await _all(cells[phase].until(phase, _LEAD_S) for phase in _LATE[:3])
    await cells["refunding"].until("starting", _LEAD_S)
    await _mining(world, on=False)
    cells["disputed"].stop()
    await cells["disputed"].until("disputed", _LEAD_S)
    for phase in ("executing", "refunding", "stopping", "settling"):
        cells[phase].stop()
    await _all(cells[phase].until(phase, _LEAD_S) for phase in PHASES)
    await _until_sent(world)
    stand = {phase: await cell.stands() for phase, cell in cells.items()}
    assert stand == {phase: phase for phase in PHASES}, "each waits in its phase"


async def _finish(cells: dict[str, Cell]) -> dict[str, Result]:
    began = monotonic()
    for cell in cells.values():
        cell.release()

    async def finish(phase: str, cell: Cell) -> tuple[str, Result]:
        end = await cell.ended(END_WITHIN_S)
        seconds = round(monotonic() - began, 1)
        return phase, Result(end, seconds, tuple(await audit(cell, end)))

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(finish(*item)) for item in cells.items()]
    return dict(task.result() for task in tasks)


async def _until_sent(world: World) -> None:
    """Wait until a payout waits for a block."""
    async with asyncio.timeout(_LEAD_S):
        while await _waiting(world) == 0:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)


async def _waiting(world: World) -> int:
    return int((await world.client.rpc("txpool_status"))["pending"], 16)


async def _mining(world: World, *, on: bool) -> None:
    client = world.client
    await client.rpc("evm_setAutomine", on)
    if on:
        await client.rpc("anvil_mine", "0x1")


async def _all(works: Iterable[Awaitable[object]]) -> None:
    await asyncio.gather(*works)
