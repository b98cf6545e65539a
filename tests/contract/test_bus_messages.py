"""The message logs and counts of charge points."""

from collections.abc import Callable

import pytest

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.bus.limits import Limits
from sdk.bus.messages import MessageBatch

CP = "CP-1"


async def entries(bus: Bus, charge_point_id: str = CP, after: str = "0") -> list[bytes]:
    return [
        entry.data for entry in (await bus.read_messages(charge_point_id, after, 5_000)).entries
    ]


async def test_batches_of_many_charge_points_go_together(bus: Bus) -> None:
    refused = await bus.append_messages(
        [
            MessageBatch(CP, "b1", [b"one", "zwölf\n\x00".encode()], {"malformed": 2}),
            MessageBatch("CP-2", "b1", [b"other"]),
            MessageBatch("CP-3", "b1", [], {"refused": 1}),
        ]
    )
    assert refused == []
    assert await entries(bus) == [b"one", "zwölf\n\x00".encode()]
    assert await entries(bus, "CP-2") == [b"other"]
    assert await entries(bus, "CP-3") == []
    await bus.append_messages([MessageBatch(CP, "b2", [b"two"], {"malformed": 3, "refused": 1})])
    held = await bus.read(keys.counts(CP))
    assert (held["malformed"], held["refused"]) == ("5", "1")
    assert await bus.append_messages([]) == []


async def test_a_batch_that_is_sent_again_changes_nothing(bus: Bus) -> None:
    batch = MessageBatch(CP, "b1", [b"one"], {"malformed": 1})
    for _ in range(3):
        await bus.append_messages([batch])
    assert await entries(bus) == [b"one"]
    assert (await bus.read(keys.counts(CP)))["malformed"] == "1"


async def test_the_log_is_read_behind_an_entry(bus: Bus) -> None:
    assert await bus.last_message(CP) == "0-0"
    assert (await bus.read_messages(CP)).entries == []
    await bus.append_messages([MessageBatch(CP, "b1", [b"1", b"2", b"3"])])
    page = await bus.read_messages(CP, "0", 2)
    assert [entry.data for entry in page.entries] == [b"1", b"2"]
    rest = await bus.read_messages(CP, page.entries[-1].entry_id)
    assert [entry.data for entry in rest.entries] == [b"3"]
    assert not page.gap
    assert not rest.gap
    assert await bus.last_message(CP) == rest.entries[-1].entry_id


@pytest.mark.parametrize("size", [100, 5_000])
async def test_the_log_is_capped_in_bytes(make_bus: Callable[[Limits], Bus], size: int) -> None:
    bus = make_bus(Limits(message_bytes=20_000))
    for number in range(40):
        batch = [f"{number}-{at}".encode().ljust(size, b".") for at in range(10)]
        await bus.append_messages([MessageBatch(CP, str(number), batch)])
    kept = await entries(bus)
    assert 8_000 < sum(map(len, kept)) <= 20_000
    assert kept[-1].startswith(b"39-9.")


async def test_the_log_is_capped_in_entries(make_bus: Callable[[Limits], Bus]) -> None:
    bus = make_bus(Limits(message_entries=20))
    for number in range(30):
        await bus.append_messages([MessageBatch(CP, str(number), [b"entry"] * 10)])
    assert 20 <= len(await entries(bus)) < 150


async def test_one_entry_above_the_cap_is_kept(make_bus: Callable[[Limits], Bus]) -> None:
    bus = make_bus(Limits(message_bytes=1_000))
    await bus.append_messages([MessageBatch(CP, "b1", [b"x" * 5_000, b"y" * 5_000])])
    assert await entries(bus) == [b"y" * 5_000]


async def test_a_reader_learns_that_it_missed_something(make_bus: Callable[[Limits], Bus]) -> None:
    bus = make_bus(Limits(message_bytes=5_000))
    await bus.append_messages([MessageBatch(CP, "b1", [b"first"])])
    seen = await bus.last_message(CP)
    for number in range(5):
        await bus.append_messages([MessageBatch(CP, str(number), [b"z" * 4_000] * 3)])
    page = await bus.read_messages(CP, seen)
    assert page.gap
    assert not (await bus.read_messages(CP)).gap
    assert not (await bus.read_messages(CP, await bus.last_message(CP))).gap
