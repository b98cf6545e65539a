"""What a charge point's history says of its uptime, against a plain look at each second."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdk.bus import keys
from sdk.bus.interface import Commit
from sdk.bus.memory_bus import MemoryBus
from sdk.records.presence import (
    SLOTS,
    Entry,
    Happened,
    Uptime,
    entry_writes,
    read_entries,
    uptime,
    written_entries,
)

CP = "CP-1"
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.integers(0, 2),
        st.sampled_from(("came", "gone", "faulted", "unavailable", "fine")),
    ),
    max_size=12,
)


@given(STEPS, st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=200)
def test_uptime_is_what_each_second_says(
    steps: list[tuple[int, int, str]], begin: int, length: int
) -> None:
    entries, at = [], 100
    for number, (later, connector_id, what) in enumerate(steps):
        at += later
        entries.append(Happened._make((number, at, connector_id, what)))
    begin_s, end_s = 100 + begin, 100 + begin + length
    expected = [0] * 4
    for second in range(begin_s, end_s):
        past = [entry for entry in entries if entry.at_s <= second]
        if not past:
            continue
        moves = [entry.what for entry in past if entry.what in ("came", "gone")]
        states = {e.connector_id: e.what for e in past if e.what not in ("came", "gone")}
        expected[0] += 1
        expected[1] += not moves or moves[-1] == "came"
        expected[2] += "faulted" in states.values()
        expected[3] += "faulted" not in states.values() and "unavailable" in states.values()
    found = uptime(entries, begin_s, end_s)
    assert list(found[1:5]) == expected
    assert found.known_since_s == (entries[0].at_s if entries else None)


def test_faults_and_losses_are_counted_once() -> None:
    words = ("came", "faulted", "faulted", "fine", "faulted", "gone", "gone", "came", "gone")
    entries = [Happened._make((n, 100 + n, 1, word)) for n, word in enumerate(words)]
    found = uptime(entries, 0, 1_000)
    assert (found.faults, found.disconnects) == (2, 2)
    assert uptime(entries, 102, 106)[5:] == (1, 1)
    assert uptime([], 0, 1_000) == Uptime()


def test_a_clock_that_was_set_back_makes_no_time() -> None:
    entries = [
        Happened(0, 200, 0, "came"),
        Happened(1, 100, 0, "gone"),
        Happened(2, 300, 0, "came"),
    ]
    found = uptime(entries, 0, 400)
    assert (found.known_s, found.connected_s) == (200, 100)


def test_only_the_last_entries_are_kept() -> None:
    asyncio.run(_fill_the_ring())


async def _fill_the_ring() -> None:
    bus = MemoryBus()
    for number in range(SLOTS + 3):
        entry = Entry(NOON + timedelta(seconds=number), 0, "came" if number % 2 else "gone")
        await bus.apply(Commit(CP, writes=entry_writes(CP, number, entry)))
    assert written_entries(await bus.read(keys.state(CP))) == SLOTS + 3
    entries = read_entries(await bus.read(keys.presence(CP)))
    assert [entry.number for entry in entries] == list(range(3, SLOTS + 3))
    assert entries[0].at_s == int(NOON.timestamp()) + 3


@pytest.mark.parametrize("text", ["", "1 2 3", "1 2 3 burnt", "x 2 3 came", "1 -2 3 came"])
def test_what_is_no_entry_is_left_out(text: str) -> None:
    assert read_entries({"0": text, "1": "1 2 0 came"}) == [Happened(1, 2, 0, "came")]
    assert written_entries({"presence": text}) == 0
