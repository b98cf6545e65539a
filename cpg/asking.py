"""Carries out what an operator asks of a charge point, unless a rule forbids it: OCPP's or ours."""

from functools import partial

from cpg.calls import Answer, Calls, Refused
from cpg.charging import has_lapsed
from cpg.insistence import insist
from cpg.local_list import LocalList
from cpg.operations import answer_of, request_of, unasked
from cpg.passwords import DoorChange, HashPassword, door_change, new_password
from cpg.peer import Peer
from cpg.secrets_of_commands import hides_value
from sdk.errors import InvalidInputError
from sdk.events.body import Command
from sdk.events.operations import (
    Answered,
    ChangeConfiguration,
    GetLocalListVersion,
    ReplacePassword,
    SendLocalList,
    SynchroniseLocalList,
)
from sdk.events.operations.rules import objection


class Asking:
    """Asks one charge point."""

    __slots__ = ("_calls", "_has_sent_password", "_hash_password", "_peer", "unsupported")

    def __init__(self, peer: Peer, calls: Calls, hash_password: HashPassword) -> None:
        """Ask over `calls`; `hash_password` gives what may be kept of a password."""
        self._peer = peer
        self._calls = calls
        self._hash_password = hash_password
        self._has_sent_password = False
        """Whether this socket sent a password that the charge point may have, or not."""
        self.unsupported: set[str] = set()
        """Operations that the charge point said it lacks, not written down yet."""

    async def carry_out(self, body: Command, connector_id: int | None, tags: LocalList) -> Answered:
        """Ask, and give what came of it; `tags` is asked for what is about the local list.

        Raises UnavailableError once the socket is gone.
        """
        broken = objection(body, connector_id)
        if broken is not None:
            return unasked(body, broken)
        match body:
            case SendLocalList():
                return await tags.send(body)
            case SynchroniseLocalList():
                return await tags.synchronise(body)
            case GetLocalListVersion():
                return await tags.version(body)
            case ChangeConfiguration() | ReplacePassword():
                return await self._change(body, connector_id)
            case _:
                return answer_of(body, await self._ask(body, connector_id))

    async def _change(
        self, body: ChangeConfiguration | ReplacePassword, connector_id: int | None
    ) -> Answered:
        asked = new_password(body) if isinstance(body, ReplacePassword) else body
        try:
            change = await self._announced(asked)
        except InvalidInputError as error:
            return unasked(body, str(error))
        if isinstance(change, str):
            return unasked(body, change)
        answered = answer_of(body, await self._ask(asked, connector_id))
        if change is not None:
            await self._settle(change, answered)
        return answered

    async def _announced(self, asked: ChangeConfiguration) -> DoorChange | str | None:
        """Announce what a request changes at the door, if anything, or say why it may not be sent.

        Raises InvalidInputError, UnavailableError.
        """
        change = await insist(
            self._calls, partial(door_change, self._peer, asked, self._hash_password)
        )
        if not isinstance(change, DoorChange):
            return change
        if change.is_password and self._has_sent_password:
            # the door knows two passwords, and the charge point might have a third
            return "the last password is not proven: the charge point has to connect again"
        await insist(self._calls, change.announce)
        return change

    async def _ask(self, body: Command, connector_id: int | None) -> Answer:
        action, payload = request_of(body, connector_id)
        lapsed = partial(has_lapsed, body, self._peer.clock)
        answer = await self._calls.call(action, payload, has_lapsed=lapsed)
        if isinstance(answer, Refused) and answer.unsupported:
            self.unsupported.add(action)
        if isinstance(answer, Refused) and hides_value(body):
            return Refused(answer.code)  # some charge points repeat what they were sent
        return answer

    async def _settle(self, change: DoorChange, answered: Answered) -> None:
        try:
            is_open = await insist(self._calls, partial(change.settle, answered))
        except InvalidInputError:  # it was taken out of the register meanwhile
            return
        self._has_sent_password |= is_open
