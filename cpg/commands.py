"""What we ask of the charge point: each command is sent once at the most, and always answered.

A command is written down as sent before the socket is written. What was sent and not answered when
its gateway or socket went away is answered `unknown`, and never sent again. An operation is written
down as waiting first, and as sent when its turn comes; one whose turn did not come is `offline`.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from uuid import UUID

from cpg.asking import Asking
from cpg.calls import Calls
from cpg.charging import CHARGING_COMMANDS, carry_out, has_lapsed, refused, unknown
from cpg.effect_table import effect_of
from cpg.effects import Effect
from cpg.insistence import insist
from cpg.local_list import LocalList
from cpg.operations import OPERATIONS, unanswered
from cpg.passwords import HashPassword
from cpg.peer import Peer
from cpg.register import Entry
from cpg.secrets_of_commands import without_secrets
from sdk.bus import keys
from sdk.bus.interface import Delivery, Outcome, StateWrite
from sdk.events.body import Body, Command
from sdk.events.charging import AuthorizeIdTag, RevokeIdTag
from sdk.events.envelope import Envelope, UnreadableEnvelopeError, read_envelope
from sdk.ids import consequence_id

READER = keys.GATEWAY_READER
_WAITING = "waiting:"
"""Before an id in `{CP}:commands`: it was not sent."""
_NOTHING = Effect()


class Commands:
    """Carries out the commands of one charge point."""

    __slots__ = (
        "_asking",
        "_begun",
        "_calls",
        "_has_noted",
        "_hash_password",
        "_list",
        "_on_fact",
        "_peer",
    )

    def __init__(
        self,
        peer: Peer,
        calls: Calls,
        on_fact: Callable[[Body], Awaitable[None]],
        hash_password: HashPassword,
    ) -> None:
        """Ask over `calls`, answer over the bus; `on_fact` hears what is no command."""
        self._peer = peer
        self._calls = calls
        self._on_fact = on_fact
        self._list: LocalList | None = None
        self._has_noted = False
        self._hash_password = hash_password
        self._asking: Asking | None = None
        self._begun: UUID | None = None
        """The operation that was sent last."""

    @property
    def _tags(self) -> LocalList:
        if self._list is None:
            self._list = LocalList(self._peer, self._calls)
        return self._list

    def forget_local_list(self) -> None:
        """Ask again for what it holds: the charge point has booted, and may be another one."""
        if self._list is not None:
            self._list.forget()

    async def settle_unanswered(self) -> None:
        """Answer what this socket sent and heard nothing of; errors as `settle`."""
        if self._has_noted:
            await self.settle(await self._noted())

    async def settle(self, noted: Mapping[str, str]) -> None:
        """Answer what an earlier socket left: `noted` is `{CP}:commands`.

        Raises SupersededError, BusUnavailableError.
        """
        for field, text in noted.items():
            try:
                envelope = read_envelope(text)
            except UnreadableEnvelopeError:
                await self._forget([field], [], _NOTHING)
                continue
            body = envelope.body
            is_sent = not field.startswith(_WAITING)
            answer = self._unknown(body) if is_sent else unanswered(body, "offline")
            await self._answer(envelope, answer)

    async def take(self, delivery: Delivery) -> bool:
        """Carry out one command; True: it is an operation, and waits for `operate`.

        Raises SupersededError; BusUnavailableError: take it again.
        """
        envelope, body = delivery.envelope, delivery.envelope.body
        cursor = (READER, delivery.stream_id)
        if not isinstance(body, Command):
            # what is read because of it has to be read behind the cursor (`Register`)
            await self._peer.commit(cursor=cursor)
            await self._on_fact(body)
            return False
        if has_lapsed(body, self._peer.clock) and not isinstance(body, RevokeIdTag):
            answer = self._wrap(envelope, self._expired(body))
            await self._peer.commit(cause=envelope.id, events=[answer], cursor=cursor)
            await self._erase_secrets(delivery)
            return False
        may_wait = isinstance(body, OPERATIONS)
        field = _waiting(envelope) if may_wait else str(envelope.id)
        outcome = await self._note(envelope, field, cursor)
        await self._erase_secrets(delivery)
        if outcome is Outcome.APPLIED:
            if not may_wait:
                await self._answer(envelope, await self._do(envelope))
            return may_wait
        noted = await self._noted()
        if str(envelope.id) in noted:
            await self._answer(envelope, self._unknown(body))
        return may_wait and field in noted

    async def operate(self, delivery: Delivery) -> None:
        """Carry out an operation that was taken; errors as `take`."""
        envelope, body = delivery.envelope, delivery.envelope.body
        if envelope.id == self._begun:  # it may have been sent
            answer: Body | None = self._unknown(body)
        elif isinstance(body, Command) and has_lapsed(body, self._peer.clock):
            answer = self._expired(body)
        else:
            await self._note_sent(envelope)
            self._begun = envelope.id
            answer = await self._do(envelope)
        await self._answer(envelope, answer)

    async def give_up(self, delivery: Delivery) -> None:
        """Answer a command whose carrying out failed on our side, and go on behind it."""
        envelope = delivery.envelope
        if isinstance(envelope.body, Command):
            await self._answer(envelope, self._unknown(envelope.body))
        await self._peer.commit(cursor=(READER, delivery.stream_id))

    async def _do(self, envelope: Envelope) -> Body | None:
        body = envelope.body
        if isinstance(body, CHARGING_COMMANDS):
            n = envelope.connector_id or 1
            return await carry_out(self._peer, self._calls, self._tags, body, n)
        if isinstance(body, Command) and isinstance(body, OPERATIONS):
            if self._asking is None:
                self._asking = Asking(self._peer, self._calls, self._hash_password)
            return await self._asking.carry_out(body, envelope.connector_id, self._tags)
        return None

    async def _erase_secrets(self, delivery: Delivery) -> None:
        """See to it that Redis keeps no password that an operator chose."""
        if without_secrets(delivery.envelope) is not delivery.envelope:
            cp = self._peer.charge_point_id
            await self._peer.bus.erase(cp, delivery.lane, delivery.stream_id)

    async def _noted(self) -> dict[str, str]:
        return await self._peer.bus.read(keys.commands(self._peer.charge_point_id))

    async def _note_sent(self, envelope: Envelope) -> None:
        key = keys.commands(self._peer.charge_point_id)
        text = without_secrets(envelope).to_json()
        await self._peer.commit(
            writes=[StateWrite(key, {str(envelope.id): text})],
            removed={key: [_waiting(envelope)]},
        )

    async def _note(self, envelope: Envelope, field: str, cursor: tuple[str, str]) -> Outcome:
        self._has_noted = True
        cp, body = self._peer.charge_point_id, envelope.body
        text = without_secrets(envelope).to_json()
        writes = [StateWrite(keys.commands(cp), {field: text})]
        removed: dict[str, list[str]] = {}
        if isinstance(body, AuthorizeIdTag):
            entry = Entry(body.valid_until, connector_id=envelope.connector_id).to_json()
            writes.append(StateWrite(keys.id_tags(cp), {body.id_tag: entry}))
        if isinstance(body, RevokeIdTag):
            removed[keys.id_tags(cp)] = [body.id_tag]
        return await self._peer.commit(
            cause=envelope.id, writes=writes, removed=dict(removed), cursor=cursor
        )

    async def _answer(self, envelope: Envelope, body: Body | None) -> None:
        """Tell the answer, and what it leaves behind, once both are durable together."""
        asked = (envelope.body, envelope.connector_id, body)
        effect = await insist(self._calls, partial(effect_of, self._peer, *asked))
        events = [self._wrap(envelope, body)] if body is not None else []
        for ordinal, (fact, n) in enumerate(effect.events):
            events.append(
                self._peer.envelope(
                    consequence_id(envelope.id, type(fact).__name__, ordinal),
                    fact,
                    n,
                    caused_by=envelope.id,
                )
            )
        fields = [str(envelope.id), _waiting(envelope)]
        await insist(self._calls, partial(self._forget, fields, events, effect))
        if effect.after is not None:
            effect.after()

    async def _forget(self, fields: list[str], events: list[Envelope], effect: Effect) -> None:
        cp = self._peer.charge_point_id
        writes = [*effect.writes, *(self._list.writes() if self._list is not None else ())]
        unsupported = tuple(self._asking.unsupported) if self._asking is not None else ()
        if unsupported:
            at = self._peer.clock().isoformat()
            writes.append(StateWrite(keys.unsupported(cp), dict.fromkeys(unsupported, at)))
        removed = {**effect.removed, keys.commands(cp): fields}
        await self._peer.commit(writes=writes, events=events, removed=removed)
        if self._asking is not None:
            self._asking.unsupported.difference_update(unsupported)

    def _wrap(self, envelope: Envelope, body: Body) -> Envelope:
        return self._peer.envelope(
            consequence_id(envelope.id, type(body).__name__),
            body,
            envelope.connector_id,
            caused_by=envelope.id,
            session_id=envelope.session_id,
        )

    @staticmethod
    def _expired(body: Command) -> Body:
        if isinstance(body, CHARGING_COMMANDS):
            return refused(body, "expired")
        return unanswered(body, "expired")

    @staticmethod
    def _unknown(body: Body) -> Body:
        if isinstance(body, CHARGING_COMMANDS):
            return unknown(body)
        return unanswered(body, "unknown")


def _waiting(envelope: Envelope) -> str:
    return f"{_WAITING}{envelope.id}"
