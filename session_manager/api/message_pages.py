"""The message log of a charge point, newest first, with a place for each of its messages."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from sdk.bus.interface import Bus
from sdk.bus.messages import MessageEntry
from sdk.bus.stream_ids import START, position
from sdk.message_log import Message, read_entry
from session_manager.api.heavy_reads import let_others_work
from session_manager.api.paging import Place

_AT_ONCE = 200


class Logged(NamedTuple):
    """A message and its place in the log: entry id in two parts, and number within the entry."""

    place: tuple[int, int, int]
    message: Message


async def logged_messages(
    bus: Bus, charge_point_id: str, place: Place | None = None
) -> AsyncIterator[Logged]:
    """Give the messages that are older than `place`, the newest first.

    A log takes at most 64 kB in Redis; it is decoded as far as it is asked for. Raises
    BusUnavailableError.
    """
    reached = None if place is None else tuple(map(int, place[:3]))
    for entry in reversed(await _entries(bus, charge_point_id)):
        of_entry = position(entry.entry_id)
        if reached is not None and of_entry > reached[:2]:
            continue
        for number, message in reversed([*enumerate(read_entry(entry.data))]):
            here = (*of_entry, number)
            if reached is None or here < reached:
                yield Logged(here, message)
        await let_others_work()


async def _entries(bus: Bus, charge_point_id: str) -> list[MessageEntry]:
    found: list[MessageEntry] = []
    after = START
    while True:
        page = await bus.read_messages(charge_point_id, after, _AT_ONCE)
        found += page.entries
        if len(page.entries) < _AT_ONCE:
            return found
        after = page.entries[-1].entry_id
