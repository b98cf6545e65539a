"""The message log of a charge point, newest first, with a place for each of its messages."""

from typing import NamedTuple

from sdk.bus.interface import Bus
from sdk.bus.stream_ids import START, position
from sdk.message_log import Message, read_entry
from session_manager.api.paging import Place

_AT_ONCE = 200


class Logged(NamedTuple):
    """A message and its place in the log: entry id in two parts, and number within the entry."""

    place: tuple[int, int, int]
    message: Message


async def logged_messages(bus: Bus, charge_point_id: str) -> list[Logged]:
    """Read the whole log, which takes at most 64 kB in Redis. Raises BusUnavailableError."""
    found: list[Logged] = []
    after = START
    while True:
        page = await bus.read_messages(charge_point_id, after, _AT_ONCE)
        for entry in page.entries:
            milliseconds, sequence = position(entry.entry_id)
            found += [
                Logged((milliseconds, sequence, number), message)
                for number, message in enumerate(read_entry(entry.data))
            ]
        if len(page.entries) < _AT_ONCE:
            return found[::-1]
        after = page.entries[-1].entry_id


def behind(found: list[Logged], place: Place | None) -> list[Logged]:
    """Give what is older than a place."""
    if place is None:
        return found
    reached = tuple(map(int, place[:3]))
    return [logged for logged in found if logged.place < reached]
