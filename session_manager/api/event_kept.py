"""The newest events of charge points, followed once for all readers of a charge point.

A reader keeps no queue: it holds a place in what the feeds keep, and one that is too slow finds a
gap there. Places are those of the streams themselves, so that they outlive this process.
"""

import asyncio
from collections import deque
from itertools import islice

import orjson

from sdk.bus.interface import BusUnavailableError, Delivery
from sdk.bus.keys import Lane
from sdk.bus.stream_ids import START, position
from session_manager.api.event_shown import event_shown, shown

LANES = (Lane.IN, Lane.OUT)
KEPT, KEPT_BYTES = 512, 1_000_000
"""Events of a charge point that are kept here at most, of both lanes together."""
UNTRIMMED = 32
"""A lane that holds fewer entries was never trimmed (`Limits.kept_entries`)."""
LOAD_S = 5.0

Places = dict[Lane, str]
"""The newest entry of each lane that a reader has seen."""


class Told:
    """One event of a feed, written once for all readers who may see the same of it."""

    __slots__ = ("_masked", "_whole", "charge_point_id", "gap", "lane", "stream_id", "type")

    def __init__(self, delivery: Delivery) -> None:
        envelope = delivery.envelope
        self.lane = delivery.lane
        self.stream_id = delivery.stream_id
        self.gap = delivery.gap
        self.charge_point_id = envelope.charge_point_id
        self.type = envelope.type
        self._whole = orjson.dumps(event_shown(envelope, shows_tags=True))
        self._masked: bytes | None = None

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self._whole)

    def json(self, *, shows_tags: bool) -> bytes:
        """Give the event as a reader is shown it."""
        if shows_tags:
            return self._whole
        if self._masked is None:
            self._masked = orjson.dumps(shown(orjson.loads(self._whole), shows_tags=False))
        return self._masked


class Feed:
    """What one charge point told last."""

    def __init__(self, charge_point_id: str) -> None:
        self.charge_point_id = charge_point_id
        self.places: Places = dict.fromkeys(LANES, START)
        """The newest entry of each lane that is kept here."""
        self.end = 0
        """How many events there were; the newest has this number less one."""
        self.has_failed = False
        self._kept: deque[Told] = deque()
        self._bytes = 0
        self._gone: Places = dict.fromkeys(LANES, START)
        self._loaded = 0
        self._changed: set[asyncio.Event] = set()
        self._ready = asyncio.Event()
        self._used = asyncio.Event()

    @property
    def begin(self) -> int:
        """The number of the oldest event that is kept."""
        return self.end - len(self._kept)

    @property
    def is_unused(self) -> bool:
        """Tell whether nobody reads it."""
        return not self._changed

    def put(self, delivery: Delivery) -> None:
        """Keep an event, and wake the readers."""
        told = Told(delivery)
        self._kept.append(told)
        self._bytes += told.size
        while len(self._kept) > KEPT or (self._bytes > KEPT_BYTES and len(self._kept) > 1):
            gone = self._kept.popleft()
            self._bytes -= gone.size
            self._gone[gone.lane] = gone.stream_id
        self.end += 1
        self.places[told.lane] = told.stream_id
        self._wake()

    def behind(self, number: int) -> list[Told]:
        """Give what is kept from an event's number on."""
        start = max(0, number - self.begin)
        return list(islice(self._kept, start, None))

    def misses(self, places: Places) -> bool:
        """Tell whether events behind `places` may have been trimmed."""
        for lane in LANES:
            kept = [told for told in self._kept if told.lane is lane]
            reached = position(places[lane])
            if reached < position(self._gone[lane]):
                return True
            if len(kept) >= UNTRIMMED and reached < position(kept[0].stream_id):
                return True
        return False

    def loaded(self) -> None:
        """Note that a lane was read up to its end."""
        self._loaded += 1
        if self._loaded == len(LANES):
            self._ready.set()

    def fail(self) -> None:
        """Let the readers go: it is not followed any more."""
        self.has_failed = True
        self._ready.set()
        self._wake()

    async def ready(self) -> None:
        """Wait until what the streams hold is here. Raises BusUnavailableError."""
        try:
            async with asyncio.timeout(LOAD_S):
                await self._ready.wait()
        except TimeoutError:
            raise BusUnavailableError("Redis does not answer") from None
        if self.has_failed:
            raise BusUnavailableError("Redis does not answer")

    def add(self, changed: asyncio.Event) -> None:
        """Have a reader woken by what comes."""
        self._changed.add(changed)
        self._used.set()

    def remove(self, changed: asyncio.Event) -> None:
        """Let a reader go."""
        self._changed.discard(changed)

    async def unused(self, seconds: float) -> None:
        """Wait until nobody has read it for so long."""
        while True:
            self._used.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._used.wait()
            except TimeoutError:
                if self.is_unused:
                    return

    def _wake(self) -> None:
        for changed in self._changed:
            changed.set()
