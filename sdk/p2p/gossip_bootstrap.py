"""Keeps a host connected with the peers over which it takes part in gossip."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog

from sdk.errors import UnavailableError
from sdk.p2p.backoff import Backoff
from sdk.p2p.host import P2pHost
from sdk.p2p.routes import read_route

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 45.0
STEADY_SECONDS = 60.0
"""A peer that was there for so long is dialled again soon when it is lost."""
LOOK_SECONDS = 2.0
MOST_PEERS = 64
DIAL_SECONDS = 5.0

OnConnected = Callable[[str], Awaitable[None]]


class Bootstrap:
    """Dials peers, and dials them again when they are lost, ever later while they can't be reached.

    `connected` are the peer ids of those reached now; `problems` says of the multiaddrs of others
    why they are not.
    `on_connected` is called with the peer id of each that was reached; an UnavailableError of it is
    noted, no more.
    """

    def __init__(self, host: P2pHost, on_connected: OnConnected) -> None:
        self.connected: set[str] = set()
        self.problems: dict[str, str] = {}
        self._host = host
        self._on_connected = on_connected
        self._wanted: set[str] = set()
        self._added: asyncio.Queue[str] = asyncio.Queue(MOST_PEERS)

    def add(self, multiaddr: str) -> None:
        """Keep connected with this peer from now on; not with more than so many."""
        if self._added.full():
            return
        self._added.put_nowait(multiaddr)

    async def run(self) -> None:
        """Keep connected for ever."""
        async with asyncio.TaskGroup() as group:
            while True:
                multiaddr = await self._added.get()
                if self._may_keep(multiaddr):
                    self._wanted.add(multiaddr)
                    group.create_task(self._keep(multiaddr))

    def _may_keep(self, multiaddr: str) -> bool:
        if multiaddr in self._wanted or len(self._wanted) >= MOST_PEERS:
            return False
        try:
            route = read_route(multiaddr)
        except ValueError:
            return False
        return not route.via_hub and route.peer_id != self._host.peer_id

    async def _keep(self, multiaddr: str) -> None:
        pauses = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
        while True:
            began = monotonic()
            try:
                peer_id = await self._host.connect(multiaddr, DIAL_SECONDS)
                self.problems.pop(multiaddr, None)
                await self._stay(peer_id)
            except UnavailableError as error:
                self.problems[multiaddr] = str(error)
                log.debug("not connected for gossip", peer=multiaddr, reason=str(error))
            if monotonic() - began > STEADY_SECONDS:
                pauses.reset()
            await asyncio.sleep(pauses.next())

    async def _stay(self, peer_id: str) -> None:
        log.info("connected for gossip", peer_id=peer_id)
        self.connected.add(peer_id)
        try:
            await self._greet(peer_id)
            while await self._host.is_connected(peer_id):  # noqa: ASYNC110 - libp2p tells nobody
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self.connected.discard(peer_id)

    async def _greet(self, peer_id: str) -> None:
        try:
            await self._on_connected(peer_id)
        except UnavailableError as error:
            log.info("peer tells no announcements", peer_id=peer_id, reason=str(error))
