"""Opens streams that speak `/noroam/1.0.0` with a P2P server: directly, or over a hub."""

from typing import Protocol

from pydantic import ValidationError

from sdk.p2p.errors import (
    FrameError,
    HostUnavailableError,
    PeerUnreachableError,
    StreamClosedError,
    StreamTimeoutError,
)
from sdk.p2p.host import P2pHost
from sdk.p2p.protocols import CONVERSATION, HUB, HubAnswer, HubWanted
from sdk.p2p.routes import Route
from sdk.p2p.stream import Stream

CONNECT_SECONDS = 5.0

STREAM_ERRORS = (StreamClosedError, StreamTimeoutError, HostUnavailableError, FrameError)
"""What reading or writing a frame may raise."""


class Frames(Protocol):
    """What carries frames to and from one P2P server: a `Stream`, or a branch of one."""

    @property
    def is_open(self) -> bool:
        """Whether frames may still be written."""
        ...

    async def read_frame(self, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as Stream's
        """See `Stream.read_frame`."""
        ...

    async def write_frame(self, content: bytes) -> None:
        """See `Stream.write_frame`."""
        ...

    def reset(self) -> None:
        """End it now."""
        ...


class Dialer(Protocol):
    """Leads to P2P servers."""

    async def open(self, route: Route, charge_point_id: str) -> Frames:
        """Open what carries one station's frames.

        Raises PeerUnreachableError, HostUnavailableError.
        """
        ...

    def discard(self, frames: Frames) -> None:
        """End what nothing comes from any more, whoever else uses it."""
        ...


class DirectDialer:
    """Opens a stream of its own each time."""

    def __init__(self, host: P2pHost) -> None:
        self._host = host

    async def open(self, route: Route, charge_point_id: str = "") -> Stream:  # noqa: ARG002
        """See `Dialer.open`."""
        if not route.via_hub:
            return await self._dial(route.dial, CONVERSATION)
        stream = await self._dial(route.dial, HUB)
        try:
            await self._ask_hub(stream, route)
        except BaseException:
            stream.reset()
            raise
        return stream

    def discard(self, frames: Frames) -> None:
        """See `Dialer.discard`."""
        frames.reset()

    async def _dial(self, multiaddr: str, protocol: str) -> Stream:
        peer_id = await self._host.connect(multiaddr, CONNECT_SECONDS)
        try:
            return await self._host.open_stream(peer_id, protocol, CONNECT_SECONDS)
        except PeerUnreachableError:
            # A connection that is dead and not yet known to be.
            await self._host.disconnect(peer_id)
            peer_id = await self._host.connect(multiaddr, CONNECT_SECONDS)
            return await self._host.open_stream(peer_id, protocol, CONNECT_SECONDS)

    async def _ask_hub(self, stream: Stream, route: Route) -> None:
        try:
            await stream.write_frame(HubWanted(to=route.peer_id).model_dump_json().encode())
            answer = HubAnswer.model_validate_json(await stream.read_frame(CONNECT_SECONDS))
        except (*STREAM_ERRORS, ValidationError) as error:
            raise PeerUnreachableError(f"no answer of the hub at {route.dial}: {error}") from error
        if answer.error is not None:
            raise PeerUnreachableError(f"the hub at {route.dial}: {answer.error}")
