"""Finds a way to one station again and again: pauses, known addresses, then the document anew."""

import asyncio

import structlog

from sdk.errors import InvalidInputError, UnavailableError
from sdk.p2p.backoff import Backoff
from sdk.p2p.link import Link, Resolver, StationDescription
from sdk.p2p.way import Way

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
FIRST_DIRECT_PAUSE = 5.0
LONGEST_DIRECT_PAUSE = 60.0


class Redial:
    """See the module. `open` or `expect` first."""

    def __init__(self, link: Link, resolver: Resolver) -> None:
        self.station: StationDescription | None = None
        self._link = link
        self._resolver = resolver
        self._did = ""
        self._provider: str | None = None
        self._pauses = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
        self._in_vain = False

    @property
    def reply_key(self) -> str | None:
        """See `Conversation.reply_key`."""
        addresses = self.station.multiaddrs if self.station is not None else ()
        hubs = any("/p2p-circuit/" in address for address in addresses)
        return self._link.reply_key if hubs else None

    async def open(self, did: str) -> Way:
        """Resolve, check, dial and challenge, once; see `Conversation.open`."""
        self._did = did
        self.station = await self._resolver.resolve(did)
        self._provider = self.station.provider
        return await self._link.open(self.station)

    def expect(self, did: str, provider: str) -> None:
        """Leave all that `open` does to `again`; the station's account must be `provider`."""
        self._did, self._provider = did, provider

    async def again(self) -> Way:
        """Give a way, trying until there is one; at once, but after a failure with a pause."""
        while True:
            if self._in_vain:
                await asyncio.sleep(self._pauses.next())
            self._in_vain = True
            for known in (True, False):
                try:
                    return await self._link.open(await self._description(known=known))
                except (UnavailableError, InvalidInputError) as error:
                    log.debug("station not reached", reason=str(error))

    def was_right(self) -> None:
        """Learn that the way led to more than a challenge: the next loss is a new one."""
        self._in_vain = False
        self._pauses.reset()

    async def direct(self) -> Way:
        """Give a way without a hub, trying until there is one."""
        pauses = Backoff(FIRST_DIRECT_PAUSE, LONGEST_DIRECT_PAUSE)
        while True:
            await asyncio.sleep(pauses.next())
            try:
                return await self._link.open(await self._description(known=True), only_direct=True)
            except (UnavailableError, InvalidInputError) as error:
                log.debug("not reached without a hub", reason=str(error))

    async def _description(self, *, known: bool) -> StationDescription:
        if self.station is not None and known:
            return self.station
        found = await self._resolver.resolve(self._did)
        if self._provider is not None and found.provider.lower() != self._provider.lower():
            raise InvalidInputError("the DID document now names another account")
        self.station = found
        return found
