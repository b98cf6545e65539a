"""The audit trail over either bus: numbered without gaps, bounded, and written by several."""

import asyncio
from datetime import UTC, datetime

import pytest

from sdk import audit as module
from sdk.audit import Audit, AuditEntry, AuditNote, AuditWho
from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError, Commit, Outcome
from sdk.logs import get_logger

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
WHO = AuditWho(id="0123456789ab", name="Ada", role="operator")


def note(action: str, **fields: object) -> AuditNote:
    told = {"at": NOON, "source": "api", "who": WHO, "action": action, "outcome": "done"}
    return AuditNote.model_validate({**told, **fields})


async def read(trail: Audit, before: int | None = None) -> list[AuditEntry]:
    return [entry async for chunk in trail.newest(before) for entry in chunk.entries]


async def test_a_note_is_in_the_trail_when_it_is_taken(bus: Bus) -> None:
    trail = Audit(bus, get_logger("test"))
    assert await read(trail) == []
    await trail.take(note("Reset", charge_point_id="CP-1", detail="x" * 1_000))
    await trail.take(note("stop_session", session_id="0x" + "1" * 64))
    newest, first = await read(trail)
    assert (newest.number, newest.action, newest.who) == (1, "stop_session", WHO)
    assert (first.number, first.charge_point_id, len(first.detail or "")) == (0, "CP-1", 300)
    assert await read(trail, before=1) == [first]
    (chunk,) = [each async for each in trail.newest(words=['"CP-1"', '"Reset"'])]
    assert chunk == (0, [first])


async def test_several_processes_write_one_trail(bus: Bus) -> None:
    trails = [Audit(bus, get_logger("test")) for _ in range(3)]
    names = [f"{number}" for number in range(450)]
    async with asyncio.TaskGroup() as group:
        for number, name in enumerate(names):
            group.create_task(trails[number % 3].take(note(name)))
    found = await read(trails[0])
    assert [entry.number for entry in found] == list(range(449, -1, -1))
    assert sorted(entry.action for entry in found) == sorted(names)


async def test_the_oldest_go(bus: Bus) -> None:
    trail = Audit(bus, get_logger("test"))
    newest = module.CHUNK * module.CHUNKS
    await trail.take(note("oldest"))
    await bus.write(keys.audit(), {"version": str(newest - 1)})  # as after so many more
    await trail.take(note("last of the chunks"))
    assert await bus.read(keys.audit_chunk(0)) != {}
    await trail.take(note("newest"))
    assert await bus.read(keys.audit_chunk(0)) == {}
    assert [entry.number for entry in await read(trail)] == [newest, newest - 1]


async def test_a_trail_that_was_emptied_begins_anew(bus: Bus) -> None:
    trail = Audit(bus, get_logger("test"))
    await trail.take(note("before"))
    await bus.delete(keys.audit())
    await bus.delete(keys.audit_chunk(0))
    await trail.take(note("after"))
    assert [(entry.number, entry.action) for entry in await read(trail)] == [(0, "after")]


async def test_what_waits_for_redis_is_written_when_it_is_back(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_S", 0.05)
    is_away = True
    apply = bus.apply

    async def away(commit: Commit) -> Outcome:
        if is_away:
            raise BusUnavailableError("it is away")
        return await apply(commit)

    monkeypatch.setattr(bus, "apply", away)
    trail = Audit(bus, get_logger("test"))
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(10):
        running = tasks.create_task(trail.run())
        await trail.take(note("first"))
        await trail.take(note("second"))
        await asyncio.sleep(0.2)
        assert await read(trail) == []
        is_away = False
        while len(found := await read(trail)) < 2:  # noqa: ASYNC110 - it is written elsewhere
            await asyncio.sleep(0.02)
        running.cancel()
    assert [(entry.number, entry.action) for entry in found] == [(1, "second"), (0, "first")]
