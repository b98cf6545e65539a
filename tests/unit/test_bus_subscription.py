"""How a subscription turns a channel that loses and a stream that does not into one sequence."""

import asyncio
from typing import Any

import pytest

from sdk.bus import subscription as module
from sdk.bus.interface import BusUnavailableError
from sdk.bus.keys import Lane
from sdk.bus.subscription import Announcement, Entry, LaneSubscription, Page, Topic
from sdk.events.envelope import Envelope
from sdk.ids import new_event_id


def body(value: int) -> bytes:
    reading = {
        "type": "MeterValueReported",
        "sampled_at": "2026-01-01T00:00:00Z",
        "energy_wh": value,
    }
    return (
        Envelope.model_validate(
            {
                "id": new_event_id(),
                "charge_point_id": "CP-1",
                "at": "2026-01-01T00:00:00Z",
                "body": reading,
            }
        )
        .to_json()
        .encode()
    )


class Stream:
    """A stream of entries 1-0, 2-0, …; counts its reads and fails when told to."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.buried: list[str] = []
        self.reads = 0
        self.failures = 0
        self.gap = False

    def append(self, data: bytes) -> Announcement:
        number = len(self.entries)
        self.entries.append(Entry(f"{number + 1}-0", data))
        return Announcement(f"{number + 1}-0", f"{number}-0", data)

    async def page(self, after: str, count: int) -> Page:
        self.reads += 1
        if self.failures:
            self.failures -= 1
            raise BusUnavailableError("away")
        start = int(after.partition("-")[0])
        return Page(self.entries[start : start + count], self.gap)

    async def bury(self, entry: Entry, reason: str) -> None:
        assert reason
        if self.failures:
            self.failures -= 1
            raise BusUnavailableError("away")
        self.buried.append(entry.stream_id)


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.fixture
def subscription(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> LaneSubscription:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)

    async def on_close(_: LaneSubscription) -> None: ...

    topic = Topic("CP-1", Lane.IN, durable=True)
    return LaneSubscription(topic, stream, "0-0", on_close=on_close, capacity=10)


async def take(subscription: LaneSubscription, count: int) -> list[int]:
    found: list[Any] = [await anext(subscription) for _ in range(count)]
    return [delivery.envelope.body.energy_wh for delivery in found]


async def test_a_whole_channel_needs_no_reads(
    stream: Stream, subscription: LaneSubscription
) -> None:
    subscription.offer(stream.append(body(1)))
    assert await take(subscription, 1) == [1]
    reads = stream.reads
    for value in range(2, 8):
        subscription.offer(stream.append(body(value)))
    assert await take(subscription, 6) == list(range(2, 8))
    assert stream.reads == reads


async def test_a_lost_announcement_is_read_from_the_stream(
    stream: Stream, subscription: LaneSubscription
) -> None:
    for value in range(6):
        announcement = stream.append(body(value))
        if value not in (2, 3):
            subscription.offer(announcement)
    assert await take(subscription, 6) == list(range(6))


async def test_doubled_announcements_are_skipped(
    stream: Stream, subscription: LaneSubscription
) -> None:
    announcements = [stream.append(body(value)) for value in range(4)]
    for announcement in (*announcements, *announcements):
        subscription.offer(announcement)
    last = stream.append(body(4))
    subscription.offer(last)
    assert await take(subscription, 5) == list(range(5))


async def test_what_does_not_fit_is_read_later(
    stream: Stream, subscription: LaneSubscription
) -> None:
    for value in range(95):
        subscription.offer(stream.append(body(value)))
        assert len(subscription._live) <= 10
    assert await take(subscription, 95) == list(range(95))


async def test_an_unavailable_stream_is_read_again(
    stream: Stream, subscription: LaneSubscription
) -> None:
    stream.append(body(1))
    stream.failures = 3
    assert await take(subscription, 1) == [1]
    assert stream.reads == 4


async def test_an_unreadable_entry_is_buried_even_if_that_takes_several_tries(
    stream: Stream, subscription: LaneSubscription
) -> None:
    subscription.offer(stream.append(body(1)))
    assert await take(subscription, 1) == [1]
    subscription.offer(stream.append(b"\xff"))
    subscription.offer(stream.append(body(2)))
    stream.failures = 2
    assert await take(subscription, 1) == [2]
    assert stream.buried == ["2-0"]


async def test_a_gap_is_told_once_and_not_to_who_starts_at_the_start(
    stream: Stream, subscription: LaneSubscription
) -> None:
    stream.gap = True
    for value in range(2):
        stream.append(body(value))
    assert not (await anext(subscription)).gap
    await anext(subscription)
    stream.append(body(2))
    stream.append(body(3))
    subscription.catch_up()
    assert (await anext(subscription)).gap
    assert not (await anext(subscription)).gap


async def test_ending_wakes_a_waiting_reader(subscription: LaneSubscription) -> None:
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(collect(subscription))
        await asyncio.sleep(0)
        subscription.end()
    assert reading.result() == 0


async def collect(subscription: LaneSubscription) -> int:
    return len([delivery async for delivery in subscription])
