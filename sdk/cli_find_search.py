"""What `noroam find` does: a host of its own that asks peers, and looks stations up."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.errors import ChainError
from sdk.chain.tokens import TokenInfo, Tokens
from sdk.did.registry import DidRegistry
from sdk.did.resolver import StationResolver
from sdk.discovery import Discovery, FoundStation
from sdk.errors import InvalidInputError, UnavailableError
from sdk.ids import utc_now
from sdk.p2p.errors import FrameError
from sdk.p2p.gossip_bootstrap import Bootstrap
from sdk.p2p.gossip_limits import stations_topic
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.mdns import on_interfaces, servers_nearby
from sdk.p2p.node import NodeSettings
from sdk.p2p.routes import read_route

_LOOK_SECONDS = 0.05
_SHOWN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Priced:
    """A station, and what its token is; None where the token can't be read."""

    found: FoundStation
    token: TokenInfo | None

    def has_plug(self, plug: str | None) -> bool:
        """Tell whether it has a plug of this name, however it is written."""
        plugs = [it.casefold() for it in self.found.station.plug_types]
        return plug is None or any(plug.casefold() in it for it in plugs)


class Search:
    """One search; `missing` says what its result lacks."""

    def __init__(
        self, host: P2pHost, discovery: Discovery, tokens: Tokens, group: asyncio.TaskGroup
    ) -> None:
        self._discovery = discovery
        self._tokens = tokens
        self._group = group
        self._bootstrap = Bootstrap(host, self._greet)
        self._peers: tuple[str, ...] = ()
        self._nearby = False
        self._asked: set[str] = set()
        self.tasks = [group.create_task(it) for it in (discovery.run(), self._bootstrap.run())]

    def look_around(self, peers: Sequence[str], interfaces: Sequence[str]) -> None:
        """Ask these peers, and those that are found on the interfaces.

        Raises InvalidInputError for what is no peer's multiaddr.
        """
        for multiaddr in peers:
            try:
                read_route(multiaddr)
            except ValueError as error:
                raise InvalidInputError(str(error)) from error
            self._bootstrap.add(multiaddr)
        self._peers = tuple(peers)
        self._nearby = bool(interfaces)
        if interfaces:
            self.tasks.append(self._group.create_task(self._look_nearby(interfaces)))

    async def wait(self, seconds: float) -> None:
        """Wait until every peer told what it knows and all is looked up, or until then.

        Raises UnavailableError where no peer, or the chain, was reached.
        """
        try:
            async with asyncio.timeout(seconds):
                while self._nearby or not self._is_done:  # noqa: ASYNC110 - many things end it
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            if not self._asked and not self._bootstrap.connected:
                raise UnavailableError(self._unreached) from None
        if self._discovery.problem is not None and not self._discovery.stations():
            raise UnavailableError(f"CHAIN_URLS: {self._discovery.problem}")

    async def stations(self) -> list[Priced]:
        """Give what is found now."""
        return [
            Priced(found, await self._token(found.announcement.token))
            for found in self._discovery.stations()
        ]

    async def changes(self) -> AsyncIterator[list[Priced]]:
        """Give what is found, again and again as it changes."""
        async for _ in self._discovery.changes():
            yield await self.stations()
            await asyncio.sleep(_SHOWN_SECONDS)

    @property
    def missing(self) -> str | None:
        """What could not be looked up in time."""
        if not self._discovery.waiting:
            return None
        why = f": {self._discovery.problem}" if self._discovery.problem else ""
        return f"{self._discovery.waiting} announced stations are not looked up yet{why}"

    @property
    def _is_done(self) -> bool:
        asked, failed = self._asked, self._bootstrap.problems
        answered = all(it in failed or read_route(it).peer_id in asked for it in self._peers)
        return bool(asked) and answered and not self._discovery.waiting

    @property
    def _unreached(self) -> str:
        if not self._peers:
            return "no P2P server was found nearby"
        reasons = "; ".join(self._bootstrap.problems.values())
        return f"no peer of P2P_BOOTSTRAP was reached: {reasons or 'none answered in time'}"

    async def _greet(self, peer_id: str) -> None:
        try:
            await self._discovery.ask(peer_id)
        except FrameError as error:
            raise UnavailableError(str(error)) from error
        finally:
            self._asked.add(peer_id)

    async def _look_nearby(self, interfaces: Sequence[str]) -> None:
        async with (
            on_interfaces(interfaces) as zeroconf,
            aclosing(servers_nearby(zeroconf)) as found,
        ):
            async for multiaddr in found:
                self._bootstrap.add(multiaddr)

    async def _token(self, address: str) -> TokenInfo | None:
        try:
            return await self._tokens.read(address)
        except ChainError:
            return None


@asynccontextmanager
async def searching(
    chain_urls: Sequence[str], chain_id: int, authorities: Sequence[str], native_symbol: str
) -> AsyncIterator[Search]:
    """Start a host of a new key that only dials. Raises MalformedDidError, HostUnavailableError."""
    client = ChainClient(tuple(chain_urls), chain_id)
    try:
        resolver = StationResolver(DidRegistry(client, Deployment()), authorities, utc_now)
        node = NodeSettings(P2pKey.generate())
        async with P2pHost(node, topics=stations_topic(utc_now)) as host:
            discovery = Discovery(host, resolver, chain_id, utc_now)
            try:
                async with asyncio.TaskGroup() as group:
                    search = Search(host, discovery, Tokens(client, native_symbol), group)
                    try:
                        yield search
                    finally:
                        for task in search.tasks:
                            task.cancel()
            except BaseExceptionGroup as errors:
                raise errors.exceptions[0] from None
    finally:
        await client.close()
