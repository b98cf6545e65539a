"""What operators have on a charge point's local list: sent in parts, each by a turn of its own.

Between two parts a session's tag may come or go. A part is therefore made when it has its turn: by
the version that the list has then, and by the idTags that sessions have then. What the charge point
took is kept part by part.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from cpg.calls import Calls
from cpg.insistence import insist
from cpg.list_entries import Entries, kept, of_operators, outdated, spoken_of, whole
from cpg.list_exchange import AGAIN, MOST_VERSION, ListExchange, UpdateType, too_high
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.events.operations import (
    Outcome,
    SendLocalList,
    SendLocalListAnswered,
    SynchroniseLocalList,
    SynchroniseLocalListAnswered,
)
from sdk.id_tags import IdTags


async def read_registers(peer: Peer) -> tuple[dict[str, str], dict[str, str]]:
    """Read `{CP}:id_tags` and `{CP}:local_list`. Raises BusUnavailableError."""
    cp = peer.charge_point_id
    register, listed = await peer.bus.read_many([keys.id_tags(cp), keys.local_list(cp)])
    return register, listed


class OperatorsList:
    """Sends one charge point what operators want on its list."""

    __slots__ = ("_calls", "_exchange", "_peer")

    def __init__(self, peer: Peer, calls: Calls, exchange: ListExchange) -> None:
        """Send over `exchange`, which asks over `calls`."""
        self._peer = peer
        self._calls = calls
        self._exchange = exchange

    async def send(self, body: SendLocalList) -> SendLocalListAnswered:
        """Send entries as an operator wants them, in as many messages as they need.

        What the charge point says last is told as it is; after VersionMismatch it is asked which
        version it has. Of several messages the reason says how many it took. Raises
        UnavailableError once the socket is gone.
        """
        await insist(self._calls, self._exchange.load)
        parts = await self._parts(body.entries)
        if body.list_version + len(parts) - 1 > MOST_VERSION:
            return too_high()
        answered, taken = await self._send(body, parts)
        if answered.status == "VersionMismatch":
            await self._learn_again()
        version = self._exchange.told_version
        told = (_progress(taken, len(parts), version), answered.reason)
        reason = "; ".join(text for text in told if text is not None) or None
        return answered.model_copy(update={"list_version": version, "reason": reason})

    async def synchronise(self, body: SynchroniseLocalList) -> SynchroniseLocalListAnswered:
        """Make the list what the registers say: the operators', and the one of sessions.

        Raises UnavailableError once the socket is gone.
        """
        async with self._calls.turn():
            is_usable = await insist(self._calls, self._exchange.is_usable)
        if not is_usable:
            absent = self._exchange.supported is False
            outcome: Outcome = "not_supported" if absent else "timeout"
            return SynchroniseLocalListAnswered(outcome=outcome)
        tags = await insist(self._calls, IdTags(self._peer.bus).all)
        operators = of_operators(tags, self._peer.clock())
        answered, size = await self._send_whole(operators, body.expires_at)
        if answered.status in AGAIN:
            await self._learn_again()
            answered, size = await self._send_whole(operators, None)
        return SynchroniseLocalListAnswered(
            **answered.model_dump(include={"outcome", "status", "response", "error", "reason"}),
            list_version=self._exchange.told_version,
            entries=size if answered.status == "Accepted" else None,
        )

    async def _learn_again(self) -> None:
        async with self._calls.turn():
            await self._exchange.learn_again()

    async def _parts(self, entries: Entries) -> list[Entries]:
        async with self._calls.turn():
            return await self._exchange.parts(entries)

    async def _send(
        self, body: SendLocalList, parts: Sequence[Entries]
    ) -> tuple[SendLocalListAnswered, int]:
        """Send an operator's entries; the first part has the version that the operator gave.

        Give the last answer, and how many parts were accepted.
        """
        part, lapses_at, taken = body, body.expires_at, 0
        answered = SendLocalListAnswered(outcome="unknown")
        for number, entries in enumerate(parts):
            async with self._calls.turn():
                if number == 0:
                    part = body.model_copy(update={"entries": entries})
                else:
                    part = self._exchange.part("Differential", entries)
                answered = await self._exchange.send(part, None if number else lapses_at)
                if answered.status != "Accepted":
                    break
                taken += 1
                await insist(self._calls, partial(self._keep, part.update_type, entries))
        return answered, taken

    async def _send_whole(
        self, operators: Entries, lapses_at: datetime | None
    ) -> tuple[SendLocalListAnswered, int]:
        """Send all that is to be on the list; give what came of it, and how many entries it is."""
        await self._parts(await self._whole(operators))  # it tells here how long they may be
        async with self._calls.turn():
            parts = await self._exchange.parts(await self._whole(operators))
            answered = await self._send_part("Full", parts[0], operators, lapses_at)
        for part in parts[1:]:
            if answered.status != "Accepted":
                break
            async with self._calls.turn():
                entries = spoken_of(await self._whole(operators), part)
                if entries:
                    answered = await self._send_part("Differential", entries, operators, None)
        return answered, sum(map(len, parts))

    async def _whole(self, operators: Entries) -> Entries:
        register, _ = await insist(self._calls, partial(read_registers, self._peer))
        return whole(register, operators)

    async def _send_part(
        self, kind: UpdateType, entries: Entries, operators: Entries, lapses_at: datetime | None
    ) -> SendLocalListAnswered:
        answered = await self._exchange.send(self._exchange.part(kind, entries), lapses_at)
        if answered.status == "Accepted":
            own = spoken_of(operators, entries)
            await insist(self._calls, partial(self._keep, kind, own))
        return answered

    async def _keep(self, kind: UpdateType, entries: Entries) -> None:
        key, fields = keys.local_list(self._peer.charge_point_id), kept(entries)
        if kind == "Full":
            written = [StateWrite(key, fields or None, replace=True)]
            gone = []
        else:
            written = [StateWrite(key, fields)] if fields else []
            gone = outdated(entries, await self._peer.bus.read(key))
        await self._peer.commit(
            writes=[*written, *self._exchange.writes()], removed={key: gone} if gone else {}
        )


def _progress(taken: int, parts: int, version: int | None) -> str | None:
    """Say how far a list came that went in several messages."""
    if parts == 1 or taken == 0:
        return None
    if taken == parts:
        return f"it went in {parts} messages; the list's version is {version}"
    return f"{taken} of {parts} parts were accepted; the list's version is {version}"
