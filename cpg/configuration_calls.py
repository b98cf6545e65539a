"""Asks for configuration keys and sets them, one call after the other; what is told is kept."""

from collections.abc import Sequence
from datetime import timedelta

from cpg import configuration
from cpg.calls import Answer, Calls, Refused
from cpg.effects import Effect
from cpg.operations import answer_of, request_of
from cpg.peer import Peer
from sdk.bus import keys
from sdk.configuration import ReportedKey
from sdk.events.body import Command
from sdk.events.operations import (
    ChangeConfiguration,
    ConfigurationKey,
    GetConfiguration,
    GetConfigurationAnswered,
)

_TIMEOUT_S = 5.0
"""A session's command waits for one call of these at the most, and so no longer."""
_AT_ONCE = 20
_LIMIT = "GetConfigurationMaxKeys"
_MINUTE = timedelta(minutes=1)


class ConfigurationCalls:
    """Speaks with one charge point of its configuration."""

    __slots__ = ("_calls", "_peer")

    def __init__(self, peer: Peer, calls: Calls) -> None:
        """Ask over `calls`."""
        self._peer = peer
        self._calls = calls

    async def report(self, names: Sequence[str]) -> dict[str, ConfigurationKey] | Answer:
        """Ask for keys, and give those that it told, by key in lower case.

        Else the answer that was no report; a key that is refused by itself is told no more than one
        that it lacks, where it reports others. Raises SupersededError, BusUnavailableError.
        """
        known: dict[str, ConfigurationKey] = {}
        refused, has_told = None, False
        most = await self._most()
        waiting = [tuple(names[start : start + most]) for start in range(0, len(names), most)]
        while waiting:
            asked = waiting.pop(0)
            body = GetConfiguration(keys=asked, expires_at=self._peer.clock() + _MINUTE)
            answer = await self._ask(body)
            if isinstance(answer, Refused) and not answer.unsupported:
                refused = answer
                waiting[:0] = [(name,) for name in asked] if len(asked) > 1 else []
                continue
            told = answer_of(body, answer)
            if not isinstance(told, GetConfigurationAnswered) or told.outcome != "answered":
                return answer
            has_told = True
            await self._keep(await configuration.reported(self._peer, body, None, told))
            known |= {item.key.casefold(): item for item in told.configuration}
        return known if has_told or refused is None else refused

    async def change(self, name: str, value: str) -> Answer:
        """Set a key. Raises SupersededError, BusUnavailableError."""
        expires_at = self._peer.clock() + _MINUTE
        body = ChangeConfiguration(key=name, value=value, expires_at=expires_at)
        answer = await self._ask(body)
        told = answer_of(body, answer)
        await self._keep(await configuration.changed(self._peer, body, None, told))
        return answer

    async def _ask(self, body: Command) -> Answer:
        action, payload = request_of(body, None)
        return await self._calls.call(action, payload, _TIMEOUT_S)

    async def _keep(self, effect: Effect) -> None:
        if effect.writes or effect.removed:
            await self._peer.commit(writes=effect.writes, removed=dict(effect.removed))
        if effect.after is not None:
            effect.after()

    async def _most(self) -> int:
        """Give how many keys it takes in one call, where it has told (9.1)."""
        stored = await self._peer.bus.read(keys.configuration(self._peer.charge_point_id))
        text = ReportedKey.model_validate_json(stored[_LIMIT]).value if _LIMIT in stored else None
        told = int(text) if text is not None and text.strip().isdecimal() else _AT_ONCE
        return min(max(told, 1), _AT_ONCE)
