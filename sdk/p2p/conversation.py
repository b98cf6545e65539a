"""A conversation with one station: requests with their answers, everything else in order.

It survives its ways: when one ends it dials again, and from a hub it changes over to a direct way
as soon as there is one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog

from sdk.errors import UnavailableError
from sdk.events.envelope import Envelope, UnreadableEnvelopeError
from sdk.ids import Clock
from sdk.p2p.backoff import Backoff
from sdk.p2p.challenge import challenge_for
from sdk.p2p.consumer_errors import NoAnswerError, StationBusyError, StationUnreachableError
from sdk.p2p.correspondence import Correspondence
from sdk.p2p.dialing import STREAM_ERRORS
from sdk.p2p.link import Link, Resolver, StationDescription
from sdk.p2p.redial import Redial
from sdk.p2p.seal import SealError
from sdk.p2p.way import Way

log = structlog.get_logger(__name__)

FIRST_BUSY_PAUSE = 1.0
LONGEST_BUSY_PAUSE = 30.0
FLUSH_SECONDS = 2.0
LINGER_SECONDS = 5.0
"""A hub that was left still brings the answers to what was asked over it for so long."""

OnEnvelope = Callable[[Envelope], Awaitable[None]]
OnLost = Callable[[str], None]
OnRestored = Callable[[], Awaitable[None]]


class Conversation:
    """See the module. `open` or `expect` once, then `run` in a task; `ask` and `send` meanwhile.

    `on_envelope` gets what answers no `ask`, in order; it may call `send`, not `ask`. `on_restored`
    runs beside the reading, may ask, and calls `settle` between an answer and what it does about
    it. It comes after each new dial, and after each change from a hub to a direct way.
    """

    def __init__(
        self,
        link: Link,
        resolver: Resolver,
        clock: Clock,
        *,
        on_envelope: OnEnvelope,
        on_lost: OnLost,
        on_restored: OnRestored,
    ) -> None:
        self._redial = Redial(link, resolver)
        self._clock = clock
        self._on_envelope = on_envelope
        self._on_lost = on_lost
        self._on_restored = on_restored
        self._way: Way | None = None
        self._left: Way | None = None
        self._lingering: set[Way] = set()
        self._connected = asyncio.Event()
        self._post = Correspondence()
        self._heard_at = 0.0

    @property
    def station(self) -> StationDescription | None:
        """The station as its document described it last."""
        return self._redial.station

    @property
    def hub(self) -> str | None:
        """The peer id of the hub that leads to the station now; None where it is direct."""
        return self._way.hub if self._way is not None else None

    @property
    def reply_key(self) -> str | None:
        """What requests must name so that their answers can be sealed.

        None where no hub leads to the station; else always, as a request may be written before its
        way is known.
        """
        return self._redial.reply_key

    async def open(self, did: str) -> StationDescription:
        """Resolve, check, dial and challenge.

        Raises StationUntrustedError, StationUnreachableError, and what the resolver raises.
        """
        self._use(await self._redial.open(did))
        if self.station is None:
            raise StationUnreachableError(did)
        return self.station

    def expect(self, did: str, provider: str) -> None:
        """Leave all that `open` does to `run`, which goes on trying; `provider` as it was."""
        self._redial.expect(did, provider)

    async def run(self) -> None:
        """Read until cancelled; dial again whenever the way ends."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            while True:
                way = self._way
                if way is None:
                    way = await self._redial.again()
                    self._use(way)
                    group.create_task(self._restore(way))
                reason = await self._follow(way)
                self._connected.clear()
                self._way = None
                self._on_lost(reason)

    async def send(self, envelope: Envelope) -> bool:
        """Send what needs no answer; False if there is no way now."""
        way = self._way
        if way is None:
            return False
        self._post.note_sent(envelope)
        try:
            await way.write(envelope)
        except (SealError, *STREAM_ERRORS) as error:
            log.debug("not sent", type=envelope.type, reason=str(error))
            return False
        return True

    async def ask(self, envelope: Envelope, seconds: float) -> Envelope:
        """Send a request and give the event that it caused. Raises NoAnswerError."""
        try:
            with self._post.awaiting(envelope) as answer:
                async with asyncio.timeout(seconds):
                    await self._connected.wait()
                    if not await self.send(envelope):
                        raise NoAnswerError(f"{envelope.type}: it could not be sent")
                    return await answer
        except TimeoutError as error:
            raise NoAnswerError(f"{envelope.type}: no answer within {seconds} s") from error

    async def settle(self) -> None:
        """Wait until what still was on its way over the hub that is being left has come.

        A challenge is sent after it, whose answer comes last.
        """
        left, station = self._left, self.station
        if left is None or station is None:
            return
        request = challenge_for(station, self._clock)
        try:
            with self._post.awaiting(request) as answer:
                async with asyncio.timeout(FLUSH_SECONDS):
                    await left.write(request)
                    await answer
        except (TimeoutError, *STREAM_ERRORS) as error:
            log.debug("the hub did not answer any more", reason=str(error))

    @property
    def quiet_seconds(self) -> float:
        """How long nothing has come on the way there is; 0 without one."""
        return monotonic() - self._heard_at if self._connected.is_set() else 0.0

    def close(self) -> None:
        """End the way there is."""
        for way in (self._way, *self._lingering):
            if way is not None:
                way.reset()

    def _use(self, way: Way) -> None:
        self._way = way
        self._heard_at = monotonic()
        self._connected.set()

    async def _follow(self, way: Way) -> str:
        """Read until `way`, or the one that it was changed for, ends; say why."""
        self._reader = self._group.create_task(self._read(way))
        if way.hub is None:
            return await self._reader
        seeker = self._group.create_task(self._seek_direct(way))
        try:
            while True:
                reader = self._reader
                reason = await reader
                if reader is self._reader:
                    return reason
        finally:
            seeker.cancel()

    async def _seek_direct(self, way: Way) -> None:
        while True:
            if await self._change_over(way, await self._redial.direct()):
                return

    async def _change_over(self, old: Way, new: Way) -> bool:
        """Move to `new`; what comes over it waits for what still comes over `old`."""
        gate, reader = asyncio.Event(), self._reader
        self._left = old
        self._lingering.add(old)
        self._use(new)
        self._reader = self._group.create_task(self._read(new, gate))
        moved = False
        try:
            await self._on_restored()
            moved = True
        except UnavailableError as error:
            log.debug("not changed over", reason=str(error))
            self._use(old)
            self._reader = reader
            new.reset()
        finally:
            self._left = None
            gate.set()
            if self._way is old:
                self._lingering.discard(old)
            else:
                self._group.create_task(self._leave(old))
        return moved

    async def _leave(self, way: Way) -> None:
        await asyncio.sleep(LINGER_SECONDS)
        way.reset()
        self._lingering.discard(way)

    async def _restore(self, way: Way) -> None:
        pauses = Backoff(FIRST_BUSY_PAUSE, LONGEST_BUSY_PAUSE)
        while self._way is way:
            try:
                await self._on_restored()
            except StationBusyError as error:
                await asyncio.sleep(max(error.retry_after or 0.0, pauses.next()))
            except UnavailableError as error:
                log.debug("not restored, dialling again", reason=str(error))
                way.reset()
                return
            else:
                self._redial.was_right()
                return

    async def _read(self, way: Way, gate: asyncio.Event | None = None) -> str:
        """Take what comes over a way until it ends, and say why that is.

        Answers are taken at once; what else comes waits for `gate`.
        """
        while True:
            try:
                envelope = await way.read()
            except (UnreadableEnvelopeError, SealError) as error:
                log.debug("unreadable event skipped", reason=str(error))
                continue
            except STREAM_ERRORS as error:
                return str(error)
            self._heard_at = monotonic()
            post = self._post
            if not post.is_new(envelope) or post.takes_answer(envelope):
                continue
            if gate is not None:
                await gate.wait()
            if post.is_ours(envelope):
                await self._on_envelope(envelope)
