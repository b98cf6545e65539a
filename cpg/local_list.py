"""The charge point's own list of idTags: one owner of its version, whoever changes it.

Sessions' tags are put on it and taken off as far as the charge point can; operators send it
entries, or have it made what the registers say.
"""

from datetime import datetime, timedelta
from functools import partial

from cpg.calls import Calls
from cpg.insistence import insist
from cpg.list_entries import (
    Entries,
    kept,
    of_operators,
    of_session,
    outdated,
    read_listed,
    whole,
    without_session,
)
from cpg.list_exchange import ListExchange, UpdateType
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.events.operations import (
    LocalListEntry,
    Outcome,
    SendLocalList,
    SendLocalListAnswered,
    SynchroniseLocalList,
    SynchroniseLocalListAnswered,
)
from sdk.id_tags import IdTags

_MINUTE = timedelta(minutes=1)
_AGAIN = ("VersionMismatch", "Failed")
"""Answers after which the whole list is sent, once."""


class LocalList:
    """The local list of one charge point."""

    __slots__ = ("_calls", "_exchange", "_peer")

    def __init__(self, peer: Peer, calls: Calls) -> None:
        """Keep the list over `calls`."""
        self._peer = peer
        self._calls = calls
        self._exchange = ListExchange(peer, calls)

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
        if not await self._exchange.is_usable():
            return False
        register, listed = await self._read()
        entry = of_session(tag, register.get(tag))
        return entry is not None and await self._change(entry, register, listed)

    async def take(self, tag: str) -> bool:
        """Take a session's tag off the list; `{CP}:id_tags` is already without it.

        An entry of it that operators put there comes back. Raises BusUnavailableError.
        """
        if not await self._exchange.is_usable():
            return False
        register, listed = await self._read()
        return await self._change(without_session(tag, listed), register, listed)

    async def send(self, body: SendLocalList) -> SendLocalListAnswered:
        """Send entries as an operator wants them, in as many messages as they need.

        What the charge point says is told as it is; after VersionMismatch it is asked which version
        it has. Raises UnavailableError once the socket is gone.
        """
        await insist(self._calls, self._exchange.load)
        answered = await self._send(body, body.expires_at)
        if answered.status == "VersionMismatch":
            await self._exchange.learn_again()
        return answered.model_copy(update={"list_version": self._told_version})

    async def synchronise(self, body: SynchroniseLocalList) -> SynchroniseLocalListAnswered:
        """Make the list what the registers say: the operators', and the one of sessions.

        Raises UnavailableError once the socket is gone.
        """
        if not await insist(self._calls, self._exchange.is_usable):
            absent = self._exchange.supported is False
            outcome: Outcome = "not_supported" if absent else "timeout"
            return SynchroniseLocalListAnswered(outcome=outcome)
        tags = await insist(self._calls, IdTags(self._peer.bus).all)
        operators = of_operators(tags, self._peer.clock())
        register, _ = await insist(self._calls, self._read)
        entries = whole(register, operators)
        answered = await self._send_whole(entries, body.expires_at)
        if answered.status in _AGAIN:
            await self._exchange.learn_again()
            answered = await self._send_whole(entries, None)
        is_done = answered.status == "Accepted"
        if is_done:
            await insist(self._calls, partial(self._replace, operators))
        return SynchroniseLocalListAnswered(
            **answered.model_dump(include={"outcome", "status", "response", "error"}),
            list_version=self._told_version,
            entries=len(entries) if is_done else None,
        )

    @property
    def _told_version(self) -> int | None:
        return self._exchange.version if self._exchange.supported else None

    @property
    def _next_version(self) -> int:
        return max(0, self._exchange.version or 0) + 1

    async def _read(self) -> tuple[dict[str, str], dict[str, str]]:
        cp = self._peer.charge_point_id
        register, listed = await self._peer.bus.read_many([keys.id_tags(cp), keys.local_list(cp)])
        return register, listed

    async def _change(
        self, entry: LocalListEntry, register: dict[str, str], listed: dict[str, str]
    ) -> bool:
        """Send a change; where it is not taken, or the list may be any, the whole one.

        After Failed only where that is one message, which is taken as a whole or not at all.
        """
        entries = whole(register, read_listed(listed))
        if not self._exchange.is_foreign or len(entries) <= 1:
            answered = await self._exchange.send(self._part("Differential", (entry,)), None)
            if answered.status not in _AGAIN:
                return answered.status == "Accepted"
            if answered.status == "Failed" and len(await self._exchange.parts(entries)) > 1:
                return False  # a list that is full would lose what is in its last part
            await self._exchange.learn_again()
        return (await self._send_whole(entries, None)).status == "Accepted"

    def _part(self, kind: UpdateType, entries: Entries) -> SendLocalList:
        return SendLocalList(
            list_version=self._next_version,
            update_type=kind,
            entries=entries,
            expires_at=self._peer.clock() + _MINUTE,
        )

    async def _send_whole(
        self, entries: Entries, lapses_at: datetime | None
    ) -> SendLocalListAnswered:
        """Send a list whose entries are kept by the caller, if at all."""
        kind: UpdateType = "Full"
        answered = SendLocalListAnswered(outcome="unknown")
        for part in await self._exchange.parts(entries):
            answered = await self._exchange.send(self._part(kind, part), lapses_at)
            if answered.status != "Accepted":
                break
            kind, lapses_at = "Differential", None
        return answered

    async def _send(self, body: SendLocalList, lapses_at: datetime | None) -> SendLocalListAnswered:
        """Send an operator's entries; each part that is accepted is kept."""
        kind, version = body.update_type, body.list_version
        answered = SendLocalListAnswered(outcome="unknown")
        for entries in await self._exchange.parts(body.entries):
            changes = {"update_type": kind, "list_version": version, "entries": entries}
            part = body.model_copy(update=changes)
            answered = await self._exchange.send(part, lapses_at)
            if answered.status != "Accepted":
                break
            await insist(self._calls, partial(self._keep, part))
            kind, version, lapses_at = "Differential", version + 1, None
        return answered

    async def _keep(self, part: SendLocalList) -> None:
        if part.update_type == "Full":
            await self._replace(part.entries)
            return
        key = keys.local_list(self._peer.charge_point_id)
        gone = outdated(part.entries, await self._peer.bus.read(key))
        fields = kept(part.entries)
        await self._peer.commit(
            writes=[*([StateWrite(key, fields)] if fields else []), *self.writes()],
            removed={key: gone} if gone else {},
        )

    async def _replace(self, entries: Entries) -> None:
        key = keys.local_list(self._peer.charge_point_id)
        whole_list = StateWrite(key, kept(entries) or None, replace=True)
        await self._peer.commit(writes=[whole_list, *self.writes()])
