"""A libp2p host for asyncio programs: libp2p runs under trio in a thread of its own.

    async with P2pHost(NodeSettings(key, listen=("/ip4/127.0.0.1/tcp/0",)), PROTOCOLS) as host:
        stream = await host.accept()

A crash of the trio thread ends all streams and is reported; the host is up again within two
seconds, at the same addresses.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from threading import Event as ThreadEvent
from threading import Thread
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog
import trio
from libp2p.exceptions import BaseLibp2pError
from multiaddr.exceptions import Error as MultiaddrError

from sdk.errors import InvalidInputError
from sdk.p2p.errors import HostUnavailableError, ListenError, PeerUnreachableError
from sdk.p2p.gossip import Accepts, Heard
from sdk.p2p.listening import check_free
from sdk.p2p.node import NodeSettings
from sdk.p2p.runner import Runner
from sdk.p2p.stream import Stream

log = structlog.get_logger(__name__)

RESTART_SECONDS = 0.5
STOP_SECONDS = 5.0
CONNECT_SECONDS = 10.0
WAITING_STREAMS = 256
"""Inbound streams that nobody accepted yet; more are reset."""
WAITING_MESSAGES = 4096
"""Messages of the gossip that nobody took yet; more are dropped."""

T = TypeVar("T")


class P2pHost:
    """Dials, listens, and gives streams that speak frames; see the module.

    `protocols` are the inbound ones, `topics` those of the gossip that it takes part in (with what
    is acceptable there). `on_crash` is called in the event loop with each crash.
    """

    def __init__(
        self,
        settings: NodeSettings,
        protocols: Sequence[str] = (),
        on_crash: Callable[[BaseException], None] | None = None,
        topics: Mapping[str, Accepts] | None = None,
    ) -> None:
        self.peer_id = settings.key.peer_id
        self.addresses: tuple[str, ...] = ()
        self.crashes = 0
        self._settings = settings
        self._protocols = protocols
        self._topics = topics or {}
        self._on_crash = on_crash
        self._stopping = ThreadEvent()
        self._streams: asyncio.Queue[Stream] = asyncio.Queue(WAITING_STREAMS)
        self._heard: asyncio.Queue[Heard] = asyncio.Queue(WAITING_MESSAGES)
        self._pending: set[asyncio.Future[Any]] = set()
        self._runner: Runner | None = None
        self._listen = settings.listen

    async def __aenter__(self) -> Self:
        """Start; see `start`."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; see `stop`."""
        await self.stop()

    async def start(self) -> None:
        """Listen; `addresses` then holds the real multiaddrs, with `/p2p/<peer id>`.

        Raises ListenError, HostUnavailableError.
        """
        check_free(self._settings.listen)
        self._loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = self._loop.create_future()
        self._thread = Thread(target=self._run_thread, args=(ready,), name="libp2p", daemon=True)
        self._thread.start()
        await ready

    async def stop(self) -> None:
        """Close every connection and end the thread."""
        self._stopping.set()
        if self._runner is not None:
            self._runner.stop()
        await asyncio.to_thread(self._thread.join, STOP_SECONDS)
        self._fail_pending()

    async def connect(self, multiaddr: str, seconds: float = CONNECT_SECONDS) -> str:
        """Connect to `/ip4/.../tcp/.../p2p/<peer id>` (or ws); give the peer id, proved by Noise.

        Raises PeerUnreachableError, HostUnavailableError.
        """
        return await self._reach(lambda runner: runner.connect(multiaddr, seconds), multiaddr)

    async def open_stream(
        self, peer_id: str, protocol: str, seconds: float = CONNECT_SECONDS
    ) -> Stream:
        """Open a stream to a connected peer. Raises PeerUnreachableError, HostUnavailableError."""
        return await self._reach(
            lambda runner: runner.open_stream(peer_id, protocol, seconds), peer_id
        )

    async def disconnect(self, peer_id: str) -> None:
        """Close all connections with a peer, if any.

        Raises PeerUnreachableError for what is no peer id, HostUnavailableError.
        """
        await self._reach(lambda runner: runner.disconnect(peer_id), peer_id)

    async def is_connected(self, peer_id: str) -> bool:
        """Tell whether there is a connection with a peer. Raises as `disconnect`."""
        return await self._reach(lambda runner: runner.is_connected(peer_id), peer_id)

    async def accept(self) -> Stream:
        """Give the next inbound stream."""
        return await self._streams.get()

    async def publish(self, topic: str, data: bytes) -> None:
        """Tell all who follow a topic of this host; not more than about 200 a second.

        Nobody tells whether it reached anybody. Raises InvalidInputError for what is not acceptable
        on the topic, HostUnavailableError.
        """
        try:
            await self._call(lambda runner: runner.publish(topic, data))
        except ValueError as error:
            raise InvalidInputError(str(error)) from error

    async def heard(self) -> Heard:
        """Give the next message that another peer published."""
        return await self._heard.get()

    async def _reach(self, work: Callable[[Runner], Awaitable[T]], whom: str) -> T:
        try:
            return await self._call(work)
        except (BaseLibp2pError, MultiaddrError, ValueError, OSError, trio.TooSlowError) as error:
            raise PeerUnreachableError(f"{whom}: {_first_line(error)}") from error

    async def _call(self, work: Callable[[Runner], Awaitable[T]]) -> T:
        runner = self._runner
        if runner is None:
            raise HostUnavailableError("the libp2p host is not running")
        result: asyncio.Future[T] = self._loop.create_future()
        self._pending.add(result)
        result.add_done_callback(self._pending.discard)
        cancel = runner.submit(work, result)
        try:
            return await result
        except asyncio.CancelledError:
            cancel()
            raise

    def _run_thread(self, ready: asyncio.Future[None]) -> None:
        while not self._stopping.is_set():
            settings = replace(self._settings, listen=self._listen)
            runner = Runner(settings, self._protocols, self._loop, self._topics)
            runner.on_ready = partial(self._tell, self._started, runner, ready)
            runner.on_stream = partial(self._tell, self._offer)
            runner.on_heard = partial(self._tell, self._hear)
            try:
                trio.run(runner.run, strict_exception_groups=True)
            except BaseException as error:  # noqa: BLE001 - the thread's last resort: report, restart
                self._tell(self._crashed, error, ready)
                self._stopping.wait(RESTART_SECONDS)

    def _started(self, runner: Runner, ready: asyncio.Future[None]) -> None:
        self._runner = runner
        self.addresses = tuple(f"{address}/p2p/{self.peer_id}" for address in runner.addresses)
        self._listen = runner.addresses
        if not ready.done():
            ready.set_result(None)
        if self._stopping.is_set():
            runner.stop()

    def _offer(self, stream: Stream) -> None:
        try:
            self._streams.put_nowait(stream)
        except asyncio.QueueFull:
            stream.reset()

    def _hear(self, message: Heard) -> None:
        with suppress(asyncio.QueueFull):
            self._heard.put_nowait(message)

    def _crashed(self, error: BaseException, ready: asyncio.Future[None]) -> None:
        self._runner = None
        self._fail_pending()
        if not ready.done():
            self._stopping.set()
            ready.set_exception(_start_error(error))
            return
        self.crashes += 1
        log.error("libp2p host crashed and starts again", error=repr(error))
        if self._on_crash is not None:
            self._on_crash(error)

    def _fail_pending(self) -> None:
        for result in list(self._pending):
            if not result.done():
                result.set_exception(HostUnavailableError("the libp2p host stopped"))

    def _tell(self, call: Callable[..., Any], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            self._stopping.set()


def _start_error(error: BaseException) -> Exception:
    if isinstance(error, BaseExceptionGroup):
        refused, _ = error.split(ListenError)
        if refused is not None:
            return ListenError(str(refused.exceptions[0]))
    return HostUnavailableError(f"libp2p does not start: {error!r}")


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
