"""A conversation with one station: requests with their answers, everything else in order.

It survives its streams: when one ends it dials again, with growing pauses, the known addresses
first and then those of the DID document as it is now.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from time import monotonic
from uuid import UUID

import structlog

from sdk.errors import InvalidInputError, UnavailableError
from sdk.events.envelope import Envelope, UnreadableEnvelopeError, read_envelope
from sdk.p2p.consumer_errors import NoAnswerError
from sdk.p2p.errors import FrameError, HostUnavailableError, StreamClosedError
from sdk.p2p.link import Link, Resolver, StationDescription
from sdk.p2p.stream import Stream

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0

OnEnvelope = Callable[[Envelope], Awaitable[None]]
OnLost = Callable[[str], None]
OnRestored = Callable[[], Awaitable[None]]


class Conversation:
    """See the module. `open` once, then `run` in a task; `ask` and `send` meanwhile.

    `on_envelope` gets what answers no `ask`, in order; it may call `send`, not `ask`. `on_restored`
    runs beside the reading, and may ask.
    """

    def __init__(
        self,
        link: Link,
        resolver: Resolver,
        *,
        on_envelope: OnEnvelope,
        on_lost: OnLost,
        on_restored: OnRestored,
    ) -> None:
        self._link = link
        self._resolver = resolver
        self._on_envelope = on_envelope
        self._on_lost = on_lost
        self._on_restored = on_restored
        self._station: StationDescription | None = None
        self._stream: Stream | None = None
        self._connected = asyncio.Event()
        self._waiting: dict[UUID, asyncio.Future[Envelope]] = {}
        self._heard_at = 0.0

    async def open(self, did: str) -> StationDescription:
        """Resolve, check, dial and challenge.

        Raises StationUntrustedError, StationUnreachableError, and what the resolver raises.
        """
        station = await self._resolver.resolve(did)
        self._use(await self._link.open(station))
        self._station = station
        return station

    async def run(self) -> None:
        """Read until cancelled; dial again whenever the stream ends."""
        async with asyncio.TaskGroup() as group:
            while True:
                reason = await self._read()
                self._connected.clear()
                self._stream = None
                self._on_lost(reason)
                await self._dial_again()
                group.create_task(self._restore())

    async def send(self, envelope: Envelope) -> bool:
        """Send what needs no answer; False if there is no stream now."""
        if self._stream is None:
            return False
        try:
            await self._stream.write_frame(envelope.to_json().encode())
        except (StreamClosedError, HostUnavailableError):
            return False
        return True

    async def ask(self, envelope: Envelope, seconds: float) -> Envelope:
        """Send a request and give the event that it caused. Raises NoAnswerError."""
        answer: asyncio.Future[Envelope] = asyncio.get_running_loop().create_future()
        self._waiting[envelope.id] = answer
        try:
            async with asyncio.timeout(seconds):
                await self._connected.wait()
                if not await self.send(envelope):
                    raise NoAnswerError(f"{envelope.type}: the connection is gone")
                return await answer
        except TimeoutError as error:
            raise NoAnswerError(f"{envelope.type}: no answer within {seconds} s") from error
        finally:
            self._waiting.pop(envelope.id, None)

    @property
    def quiet_seconds(self) -> float:
        """How long nothing has come on the stream there is; 0 without one."""
        return monotonic() - self._heard_at if self._connected.is_set() else 0.0

    def close(self) -> None:
        """End the stream."""
        if self._stream is not None:
            self._stream.reset()

    def _use(self, stream: Stream) -> None:
        self._stream = stream
        self._heard_at = monotonic()
        self._connected.set()

    async def _restore(self) -> None:
        try:
            await self._on_restored()
        except UnavailableError as error:
            log.debug("not restored, dialling again", reason=str(error))
            self.close()

    async def _read(self) -> str:
        stream = self._stream
        if stream is None:
            return "the connection is gone"
        while True:
            try:
                frame = await stream.read_frame()
                self._heard_at = monotonic()
                envelope = read_envelope(frame)
            except UnreadableEnvelopeError as error:
                log.debug("unreadable event skipped", reason=str(error))
                continue
            except (StreamClosedError, HostUnavailableError, FrameError) as error:
                return str(error)
            waiting = self._waiting.get(envelope.caused_by) if envelope.caused_by else None
            if waiting is not None and not waiting.done():
                waiting.set_result(envelope)
            else:
                await self._on_envelope(envelope)

    async def _dial_again(self) -> None:
        pause = FIRST_PAUSE
        while True:
            for known in (True, False):
                try:
                    self._use(await self._link.open(await self._description(known=known)))
                except (UnavailableError, InvalidInputError) as error:
                    log.debug("station not reached", reason=str(error))
                else:
                    return
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311 - spreads, hides nothing
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _description(self, *, known: bool) -> StationDescription:
        station = self._station
        if station is None:
            raise InvalidInputError("the conversation was never opened")
        if known:
            return station
        found = await self._resolver.resolve(station.did)
        if found.provider.lower() != station.provider.lower():
            raise InvalidInputError("the DID document now names another account")
        self._station = found
        return found
