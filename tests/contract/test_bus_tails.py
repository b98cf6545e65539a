"""Strings of bytes that grow are read from an offset on, and held by those who read them again."""

from sdk.bus import keys
from sdk.bus.interface import Bus, Commit
from sdk.ids import new_event_id
from sdk.records.tails import Tails

CP = "CP-1"
ROWS = keys.rows(CP, "2026-11")
OTHER = keys.rows(CP, "2026-12")


async def _append(bus: Bus, key: str, data: bytes) -> None:
    await bus.apply(Commit(CP, new_event_id(), appends={key: data}))


async def test_a_tail_begins_where_it_is_asked_for(bus: Bus) -> None:
    await _append(bus, ROWS, b"onetwo")
    places = [(ROWS, 3), (OTHER, 0), (ROWS, 0), (ROWS, 6), (OTHER, 9)]
    assert await bus.read_blob_tails(places) == [b"two", b"", b"onetwo", b"", b""]
    assert await bus.read_blob_tails([]) == []


async def test_what_is_held_grows_with_what_is_stored(bus: Bus) -> None:
    tails = Tails()
    assert await tails.read(bus, [ROWS, OTHER], 3) == [b"", b""]
    await _append(bus, ROWS, b"onetwo")
    (first,) = await tails.read(bus, [ROWS], 3)
    (again,) = await tails.read(bus, [ROWS], 3)
    assert (first, again is first) == (b"onetwo", True)
    await _append(bus, ROWS, b"six")
    assert await tails.read(bus, [OTHER, ROWS], 3) == [b"", b"onetwosix"]


async def test_what_was_written_anew_is_read_anew(bus: Bus) -> None:
    tails = Tails()
    await _append(bus, ROWS, b"onetwo")
    assert await tails.read(bus, [ROWS], 3) == [b"onetwo"]
    for written in (b"ten", b"fivenine", b""):
        await bus.delete(ROWS)
        await _append(bus, ROWS, written)
        assert await tails.read(bus, [ROWS], 3) == [written]


async def test_no_more_is_held_than_may_be(bus: Bus) -> None:
    tails = Tails(most=10)
    for key, data in ((ROWS, b"onetwo"), (OTHER, b"sixten")):
        await _append(bus, key, data)
    assert await tails.read(bus, [ROWS, OTHER], 3) == [b"onetwo", b"sixten"]
    assert tails._bytes == 6
    assert await tails.read(bus, [ROWS, OTHER], 3) == [b"onetwo", b"sixten"]
