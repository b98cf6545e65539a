"""The member's side of hubs: stays one of each, and lets in those whom a hub brings."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from pydantic import ValidationError

from p2p_server.doors import FIRST_FRAME_SECONDS, NotAllowedError
from p2p_server.guard import Visitor
from sdk.errors import UnavailableError
from sdk.p2p.addresses import ConsumerAddress
from sdk.p2p.backoff import Backoff
from sdk.p2p.errors import (
    FrameError,
    PeerUnreachableError,
    StreamClosedError,
    StreamTimeoutError,
)
from sdk.p2p.host import P2pHost
from sdk.p2p.protocols import MEMBER, HubAnswer, Relayed
from sdk.p2p.stream import Stream

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
DIAL_SECONDS = 5.0
PING_SECONDS = 4.0
PONG_SECONDS = 6.0
PING = b"{}"


class HubRefusedError(UnavailableError):
    """The hub does not take us as a member; it may do so later."""


class Membership:
    """Keeps this server a member of one hub, which is reached at any of `multiaddrs`."""

    def __init__(self, host: P2pHost, hub: str, multiaddrs: Sequence[str]) -> None:
        self.is_member = False
        self._host = host
        self._hub = hub
        self._multiaddrs = multiaddrs
        self._pauses = Backoff(FIRST_PAUSE, LONGEST_PAUSE)

    async def keep(self) -> None:
        """Be a member for ever: join again whenever the hub is gone, ever later while it is."""
        while True:
            try:
                await self._be_member()
            except (UnavailableError, FrameError, ValidationError) as error:
                log.warning("no member of the hub", hub=self._hub, reason=str(error))
            await asyncio.sleep(self._pauses.next())

    async def _be_member(self) -> None:
        stream = await self._open()
        try:
            await self._join(stream)
            self.is_member = True
            self._pauses.reset()
            log.info("member of the hub", hub=self._hub)
            while True:
                await asyncio.sleep(PING_SECONDS)
                await stream.write_frame(PING)
                await stream.read_frame(PONG_SECONDS)
        except StreamTimeoutError:
            # The connection is dead; the next attempt must not use it.
            with suppress(PeerUnreachableError):
                await self._host.disconnect(self._hub)
            raise
        finally:
            self.is_member = False
            stream.reset()

    async def _open(self) -> Stream:
        faults = []
        for multiaddr in self._multiaddrs:
            try:
                await self._host.connect(multiaddr, DIAL_SECONDS)
                return await self._host.open_stream(self._hub, MEMBER, DIAL_SECONDS)
            except PeerUnreachableError as error:
                faults.append(str(error))
                with suppress(PeerUnreachableError):
                    await self._host.disconnect(self._hub)
        raise PeerUnreachableError("; ".join(faults))

    async def _join(self, stream: Stream) -> None:
        await stream.write_frame(PING)
        answer = HubAnswer.model_validate_json(await stream.read_frame(PONG_SECONDS))
        if answer.error is not None:
            raise HubRefusedError(answer.error)


class BroughtByHubs:
    """Meets those whom hubs bring: only our own hubs may, and each brings so many at a time."""

    def __init__(self, hubs: Sequence[str], most: int) -> None:
        self._hubs = frozenset(hubs)
        self._most = most
        self._brought: Counter[str] = Counter()

    async def meet(self, stream: Stream) -> Visitor:
        """Read whom the hub brings; the hub is proven, the consumer is only what the hub tells.

        Raises NotAllowedError, StreamClosedError (too many), and what `Stream.read_frame` raises.
        """
        hub = stream.peer_id
        if hub not in self._hubs:
            raise NotAllowedError("not one of our hubs")
        if self._brought[hub] >= self._most:
            raise StreamClosedError("the hub brings too many")
        self._brought[hub] += 1
        stream.on_end(self._leaver(hub))
        try:
            brought = Relayed.model_validate_json(await stream.read_frame(FIRST_FRAME_SECONDS))
        except ValidationError as error:
            raise NotAllowedError("the hub does not say whom it brings") from error
        return Visitor(str(ConsumerAddress(brought.consumer, hub)))

    def _leaver(self, hub: str) -> Callable[[], None]:
        def leave() -> None:
            self._brought[hub] -= 1

        return leave
