"""One life of the libp2p node inside the trio thread, and the calls that come from asyncio."""

from asyncio import AbstractEventLoop, Future
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, TypeVar

import trio
from libp2p.abc import INetStream
from libp2p.custom_types import TProtocol
from libp2p.network.swarm import Swarm
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import info_from_p2p_addr
from multiaddr.multiaddr import Multiaddr

from sdk.p2p.errors import HostUnavailableError, ListenError
from sdk.p2p.gossip import Accepts, Gossip, Heard
from sdk.p2p.guards import track_websockets
from sdk.p2p.node import NodeSettings, build_node
from sdk.p2p.pump import Pump
from sdk.p2p.stream import Stream

GOODBYE_SECONDS = 1.0

T = TypeVar("T")


class Runner:
    """Runs a node until it is stopped; `submit` and `stop` may be called from any thread.

    `on_ready`, `on_stream` and `on_heard` are called in the trio thread.
    """

    def __init__(
        self,
        settings: NodeSettings,
        protocols: Sequence[str],
        loop: AbstractEventLoop,
        topics: Mapping[str, Accepts],
    ) -> None:
        self.addresses: tuple[str, ...] = ()
        self.on_ready: Callable[[], None] = lambda: None
        self.on_stream: Callable[[Stream], None] = lambda _stream: None
        self.on_heard: Callable[[Heard], None] = lambda _message: None
        self._settings = settings
        self._protocols = protocols
        self._loop = loop
        self._topics = topics
        self._gossip: Gossip | None = None

    async def run(self) -> None:
        """Listen and serve until `stop`. Raises ListenError, and whatever crashed libp2p."""
        self._token = trio.lowlevel.current_trio_token()
        self._stop = trio.Event()
        self._host = build_node(self._settings)
        if self._topics:
            self._gossip = Gossip(self._host, self._topics, self.on_heard)
        close_websockets = track_websockets(self._swarm())
        try:
            await self._serve()
        finally:
            close_websockets()

    async def _serve(self) -> None:
        for protocol in self._protocols:
            self._host.set_stream_handler(TProtocol(protocol), self._handler(protocol))
        listen = [Multiaddr(address) for address in self._settings.listen]
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._host.run(listen_addrs=listen))
            if self._gossip is not None:
                await stack.enter_async_context(self._gossip.running())
            nursery = await stack.enter_async_context(trio.open_nursery())
            self._nursery = nursery
            found = [str(address) for address in self._host.get_transport_addrs()]
            self.addresses = tuple(sorted(found, key=lambda address: address.endswith("/ws")))
            if len(self.addresses) != len(listen):
                raise ListenError(f"can't listen on all of {', '.join(self._settings.listen)}")
            self.on_ready()
            try:
                await self._stop.wait()
            finally:
                self._let_go()
            with trio.move_on_after(GOODBYE_SECONDS):
                await self._host.close()
            nursery.cancel_scope.cancel()

    def _let_go(self) -> None:
        """End what is still being sent, else a peer that takes nothing would hold up the end."""
        for connections in self._swarm().connections.values():
            for connection in connections:
                muxer: Any = connection.muxed_conn
                muxer.let_go()

    def stop(self) -> None:
        """End `run`."""
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(self._stop.set)

    def submit(
        self, work: Callable[["Runner"], Awaitable[T]], result: "Future[T]"
    ) -> Callable[[], None]:
        """Run `work` in the trio thread, put its outcome into `result`; gives a way to cancel."""
        scope = trio.CancelScope()

        async def run() -> None:
            with scope:
                try:
                    value = await work(self)
                except Exception as error:  # noqa: BLE001 - the caller in asyncio gets it
                    self._settle(result, error=error)
                else:
                    self._settle(result, value=value)

        def begin() -> None:
            try:
                self._nursery.start_soon(run)
            except RuntimeError:
                # The nursery is closed, and the host soon will be.
                self._settle(result, error=HostUnavailableError("the libp2p host stopped"))

        try:
            self._token.run_sync_soon(begin)
        except trio.RunFinishedError:
            result.set_exception(HostUnavailableError("the libp2p host stopped"))
        return lambda: self._cancel(scope)

    async def connect(self, multiaddr: str, seconds: float) -> str:
        """Dial exactly this multiaddr; a connection that there is already is used."""
        # libp2p reads only the older of the two spellings.
        peer = info_from_p2p_addr(Multiaddr(multiaddr.replace("/tls/ws/", "/wss/")))
        swarm = self._swarm()
        swarm.peerstore.clear_addrs(peer.peer_id)
        # It would refuse to dial for a minute after a failure, also another address.
        swarm._negative_peer_cache.clear()  # noqa: SLF001 - no setting for it
        with trio.fail_after(seconds):
            await self._host.connect(peer)
        if self._gossip is not None:
            self._gossip.reach(peer.peer_id)
        return str(peer.peer_id)

    async def publish(self, topic: str, data: bytes) -> None:
        """Tell all who follow a topic. Raises ValueError for what is not acceptable there."""
        if self._gossip is None:
            raise ValueError("this host takes no part in gossip")
        await self._gossip.publish(topic, data)

    async def open_stream(self, peer_id: str, protocol: str, seconds: float) -> Stream:
        """Open a stream and start moving its bytes."""
        with trio.fail_after(seconds):
            net_stream = await self._host.new_stream(ID.from_base58(peer_id), [TProtocol(protocol)])
        pump = Pump(net_stream, protocol, self._loop)
        self._nursery.start_soon(pump.run)
        return pump.stream

    async def disconnect(self, peer_id: str) -> None:
        """Close all connections with a peer, also with one that takes no farewell."""
        peer = ID.from_base58(peer_id)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._cut_off_late, peer)
            await self._host.disconnect(peer)
            nursery.cancel_scope.cancel()

    async def _cut_off_late(self, peer: ID) -> None:
        await trio.sleep(GOODBYE_SECONDS)
        for connection in self._swarm().get_connections(peer):
            muxed: Any = connection.muxed_conn
            # Below the muxer: its farewell waits behind all that the peer does not take.
            await muxed.secured_conn.close()

    async def is_connected(self, peer_id: str) -> bool:
        """Tell whether there is a connection with a peer that is open."""
        connections = self._swarm().get_connections(ID.from_base58(peer_id))
        return any(not connection.is_closed for connection in connections)

    def _handler(self, protocol: str) -> Callable[[INetStream], Awaitable[None]]:
        async def handle(net_stream: INetStream) -> None:
            pump = Pump(net_stream, protocol, self._loop)
            self.on_stream(pump.stream)
            await pump.run()

        return handle

    def _swarm(self) -> Swarm:
        swarm: Any = self._host.get_network()
        checked: Swarm = swarm
        return checked

    def _cancel(self, scope: trio.CancelScope) -> None:
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(scope.cancel)

    def _settle(
        self, result: "Future[T]", *, value: T | None = None, error: Exception | None = None
    ) -> None:
        def settle() -> None:
            if result.done():
                return
            if error is not None:
                result.set_exception(error)
            else:
                result.set_result(value)  # type: ignore[arg-type]

        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(settle)
