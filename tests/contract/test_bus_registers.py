"""Hashes, sets, transaction ids and the log."""

import asyncio
from collections.abc import Callable

import pytest

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.bus.limits import Limits

CP = "CP-1"


async def test_hashes(bus: Bus) -> None:
    assert await bus.read(keys.config(CP)) == {}
    await bus.write(keys.config(CP), {"name": "Höchst", "connectors": "2"})
    await bus.write(keys.config(CP), {"connectors": "1"})
    await bus.write(keys.config(CP), {})
    expected = {"name": "Höchst", "connectors": "1"}
    assert await bus.read(keys.config(CP)) == expected
    found = await bus.read_many([keys.config(CP), keys.config("CP-2"), keys.config(CP)])
    assert found == [expected, {}, expected]
    assert await bus.read_many([]) == []
    await bus.delete(keys.config(CP))
    assert await bus.read(keys.config(CP)) == {}


async def test_sets(bus: Bus) -> None:
    assert await bus.members(keys.STATIONS) == set()
    for member in ("A", "B", "A"):
        await bus.add_member(keys.STATIONS, member)
    await bus.remove_member(keys.STATIONS, "C")
    assert await bus.members(keys.STATIONS) == {"A", "B"}
    await bus.remove_member(keys.STATIONS, "A")
    assert await bus.members(keys.STATIONS) == {"B"}


async def test_a_transaction_id_is_given_once_per_natural_key(bus: Bus) -> None:
    fields = {"connector_id": "1", "id_tag": "TAG"}
    first, is_new = await bus.open_transaction(CP, "1:TAG:12:00:0", fields)
    assert is_new
    assert await bus.open_transaction(CP, "1:TAG:12:00:0", {"x": "y"}) == (first, False)
    assert await bus.read(keys.transaction(CP, first)) == fields
    other, is_new = await bus.open_transaction("CP-2", "1:TAG:12:00:0", fields)
    assert is_new
    assert 0 < first < other < 2**31


async def test_concurrent_starts_of_one_transaction_get_one_id(bus: Bus) -> None:
    answers = await asyncio.gather(*(bus.open_transaction(CP, "same", {}) for _ in range(20)))
    assert len({number for number, _ in answers}) == 1
    assert [is_new for _, is_new in answers].count(True) == 1


async def test_the_log_is_read_behind_a_line(bus: Bus) -> None:
    await bus.append_log([{"text": str(number)} for number in range(5)])
    lines = await bus.read_log()
    assert [line.fields["text"] for line in lines] == ["0", "1", "2", "3", "4"]
    assert await bus.read_log(lines[2].line_id) == lines[3:]
    assert await bus.read_log("0", 2) == lines[:2]
    await bus.append_log([])


async def test_the_log_is_capped(make_bus: Callable[[Limits], Bus]) -> None:
    bus = make_bus(Limits(log_lines=50))
    for _ in range(10):
        await bus.append_log([{"text": "line"}] * 100)
    assert 50 <= len(await bus.read_log("0", 10_000)) < 500


@pytest.mark.parametrize("after", ["0", None])
async def test_the_log_can_be_followed(bus: Bus, after: str | None) -> None:
    await bus.append_log([{"text": "old"}])
    async with bus.follow() as follower:
        subscription = await follower.subscribe_log(after=after)
        await bus.append_log([{"text": str(number)} for number in range(1200)])
        seen: list[str] = []
        async for lines in subscription:
            assert len(lines) <= 500
            seen.extend(line.fields["text"] for line in lines)
            if seen[-1] == "1199":
                break
    new = [str(number) for number in range(1200)]
    assert seen == (new if after is None else ["old", *new])


async def test_the_log_is_read_back_from_a_line(bus: Bus) -> None:
    await bus.append_log([{"text": str(number)} for number in range(5)])
    lines = await bus.read_log()
    assert await bus.read_log_back(None, 2) == [lines[4], lines[3]]
    assert await bus.read_log_back(lines[2].line_id) == [lines[1], lines[0]]
    assert await bus.read_log_back(lines[0].line_id) == []
