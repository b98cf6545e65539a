"""The charge point's own list of idTags: sessions' tags are put on it and taken off.

A session has the turn of `Calls` until its tag is on the list or off it; what operators send goes
on between two sessions.
"""

from cpg.calls import Calls
from cpg.insistence import insist
from cpg.list_entries import Entries, of_session, read_listed, whole, without_session
from cpg.list_exchange import AGAIN, ListExchange, UpdateType
from cpg.operations import answer_of
from cpg.operators_list import OperatorsList, read_registers
from cpg.peer import Peer
from sdk.bus.interface import StateWrite
from sdk.events.operations import (
    GetLocalListVersion,
    GetLocalListVersionAnswered,
    LocalListEntry,
    SendLocalList,
    SendLocalListAnswered,
    SynchroniseLocalList,
    SynchroniseLocalListAnswered,
)


class LocalList:
    """The local list of one charge point."""

    __slots__ = ("_calls", "_exchange", "_operators", "_peer")

    def __init__(self, peer: Peer, calls: Calls) -> None:
        """Keep the list over `calls`."""
        self._peer = peer
        self._calls = calls
        self._exchange = ListExchange(peer, calls)
        self._operators = OperatorsList(peer, calls, self._exchange)

    def forget(self) -> None:
        """Ask again at the next use: the charge point has booted, and may be another one."""
        self._exchange.forget()

    def writes(self) -> list[StateWrite]:
        """Give what `{CP}:charge_point` should keep of it."""
        return self._exchange.writes()

    async def put(self, tag: str) -> bool:
        """Put a session's tag on the list; False where the charge point must ask for it instead.

        The tag is in `{CP}:id_tags`. Raises BusUnavailableError.
        """
        if await self._exchange.has_none():
            return False
        async with self._calls.turn(first=True):
            if not await self._exchange.is_usable():
                return False
            register, listed = await read_registers(self._peer)
            entry = of_session(tag, register.get(tag))
            return entry is not None and await self._change(entry, register, listed)

    async def take(self, tag: str) -> bool:
        """Take a session's tag off the list; `{CP}:id_tags` is already without it.

        An entry of it that operators put there comes back. Raises BusUnavailableError.
        """
        if await self._exchange.has_none():
            return False
        async with self._calls.turn(first=True):
            if not await self._exchange.is_usable():
                return False
            register, listed = await read_registers(self._peer)
            return await self._change(without_session(tag, listed), register, listed)

    async def send(self, body: SendLocalList) -> SendLocalListAnswered:
        """See `OperatorsList`."""
        return await self._operators.send(body)

    async def version(self, body: GetLocalListVersion) -> GetLocalListVersionAnswered:
        """Ask for the version, and put right what we know of the list.

        Raises UnavailableError once the socket is gone.
        """
        await insist(self._calls, self._exchange.load)
        async with self._calls.turn():
            answer = await self._exchange.ask_version(body)
        return GetLocalListVersionAnswered.model_validate(answer_of(body, answer).model_dump())

    async def synchronise(self, body: SynchroniseLocalList) -> SynchroniseLocalListAnswered:
        """See `OperatorsList`."""
        return await self._operators.synchronise(body)

    async def _change(
        self, entry: LocalListEntry, register: dict[str, str], listed: dict[str, str]
    ) -> bool:
        """Send a change; where it is not taken, or the list may be any, the whole one.

        After Failed only where that is one message, which is taken as a whole or not at all.
        """
        exchange, entries = self._exchange, whole(register, read_listed(listed))
        if not exchange.is_foreign or len(entries) <= 1:
            answered = await exchange.send(exchange.part("Differential", (entry,)), None)
            if answered.status not in AGAIN:
                return answered.status == "Accepted"
            if answered.status == "Failed" and len(await exchange.parts(entries)) > 1:
                return False  # a list that is full would lose what is in its last part
            await exchange.learn_again()
        return await self._replace(entries)

    async def _replace(self, entries: Entries) -> bool:
        kind: UpdateType = "Full"
        for part in await self._exchange.parts(entries):
            answered = await self._exchange.send(self._exchange.part(kind, part), None)
            if answered.status != "Accepted":
                return False
            kind = "Differential"
        return True
