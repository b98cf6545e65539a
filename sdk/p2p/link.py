"""From a DID to a way to whoever may speak for it.

Order: resolve (the resolver checks the issuing authority) -> the peer id in the multiaddr is that
of the document's Ed25519 key -> dial (Noise proves the peer id, or the hub's) -> challenge with a
fresh nonce. Direct addresses come first; a hub is tried when they failed, or let us wait.
"""

import asyncio
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sdk.ids import Clock
from sdk.p2p.challenge import challenge
from sdk.p2p.consumer_errors import StationUnreachableError, StationUntrustedError
from sdk.p2p.dialing import Dialer, Frames
from sdk.p2p.errors import HostUnavailableError, PeerUnreachableError
from sdk.p2p.keys import peer_id_of
from sdk.p2p.routes import Route, direct_first
from sdk.p2p.station_description import Resolver, StationDescription
from sdk.p2p.way import Way

__all__ = ["Link", "Resolver", "StationDescription"]

HEAD_START_SECONDS = 0.5
"""So long the direct addresses have before a hub is dialled beside them."""

Fault = StationUntrustedError | StationUnreachableError


class Link:
    """Opens verified ways to a station's P2P server, for one session.

    Makes the X25519 key to which answers are sealed; `reply_key` is its public part.
    """

    def __init__(self, dialer: Dialer, own_peer_id: str, clock: Clock) -> None:
        self._dialer = dialer
        self._own_peer_id = own_peer_id
        self._clock = clock
        self._key = X25519PrivateKey.generate()
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.reply_key = "0x" + public.hex()

    async def open(self, station: StationDescription, *, only_direct: bool = False) -> Way:
        """Dial the station's addresses and challenge who answers; the first that is right is taken.

        Raises StationUntrustedError, StationUnreachableError.
        """
        expected = peer_id_of(station.ed25519)
        routes = direct_first(tuple(station.multiaddrs))
        mine = [route for route in routes if route.peer_id == expected]
        if not mine:
            raise StationUntrustedError("no address carries the peer id of the document's key")
        direct = [route for route in mine if not route.via_hub]
        hubs = [] if only_direct else [route for route in mine if route.via_hub]
        outcome = (
            await self._race(station, direct, hubs)
            if direct and hubs
            else await self._first(station, direct or hubs)
        )
        if isinstance(outcome, Way):
            return outcome
        raise _worst(outcome)

    async def _race(
        self, station: StationDescription, direct: Sequence[Route], hubs: Sequence[Route]
    ) -> Way | list[Fault]:
        won: Way | None = None
        async with asyncio.TaskGroup() as group:
            ahead = group.create_task(self._first(station, direct))
            await asyncio.wait({ahead}, timeout=HEAD_START_SECONDS)
            tasks = [ahead]
            if not ahead.done() or not isinstance(ahead.result(), Way):
                tasks.append(group.create_task(self._first(station, hubs)))
            pending = set(tasks)
            while pending and won is None:
                await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                pending = {task for task in tasks if not task.done()}
                ways = [task.result() for task in tasks if task.done()]
                won = next((way for way in ways if isinstance(way, Way)), None)
            for task in pending:
                task.cancel()
        outcomes = [task.result() for task in tasks if not task.cancelled()]
        return _keep_one(won, outcomes)

    async def _first(
        self, station: StationDescription, routes: Sequence[Route]
    ) -> Way | list[Fault]:
        """Give the first way that is right, or what was wrong with each."""
        faults: list[Fault] = []
        for route in routes:
            try:
                return await self._try(station, route)
            except (StationUntrustedError, StationUnreachableError) as error:
                faults.append(error)
        return faults

    async def _try(self, station: StationDescription, route: Route) -> Way:
        try:
            frames = await self._dialer.open(route, station.charge_point_id)
        except (PeerUnreachableError, HostUnavailableError) as error:
            raise StationUnreachableError(str(error)) from error
        way = Way(frames, self._key, station.x25519, _hub_of(route))
        try:
            await self._challenge(way, frames, station)
        except BaseException:
            way.reset()
            raise
        return way

    async def _challenge(self, way: Way, frames: Frames, station: StationDescription) -> None:
        try:
            await challenge(way, station, self._own_peer_id, self._clock)
        except StationUnreachableError:
            self._dialer.discard(frames)
            raise


def _hub_of(route: Route) -> str | None:
    return route.dial.rpartition("/")[2] if route.via_hub else None


def _keep_one(won: Way | None, outcomes: Sequence[Way | list[Fault]]) -> Way | list[Fault]:
    faults: list[Fault] = []
    for outcome in outcomes:
        if not isinstance(outcome, Way):
            faults += outcome
        elif outcome is not won:
            outcome.reset()
    return won or faults


def _worst(faults: Sequence[Fault]) -> Fault:
    """Give one error for all; that somebody is not to be trusted counts most."""
    if len(faults) == 1:
        return faults[0]
    text = "; ".join(str(fault) for fault in faults)
    untrusted = any(isinstance(fault, StationUntrustedError) for fault in faults)
    return StationUntrustedError(text) if untrusted else StationUnreachableError(text)
