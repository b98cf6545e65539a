"""Makes a charge point's configuration what is wanted, after each boot and change.

It is asked for the keys that are wanted, told those that differ, and asked again. These calls take
their turn with all others: a session's command waits for one of them, never for all.
"""

import time
from collections.abc import Mapping
from math import inf

from cpg.calls import Calls, Refused
from cpg.configuration_calls import ConfigurationCalls
from cpg.desk import Spawn
from cpg.drift import OPEN, Finding, differing, effect_of, refusal
from cpg.peer import Peer
from cpg.turnstile import Turnstile
from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError, Room, StateWrite
from sdk.desired_configuration import DriftReason, is_same_value
from sdk.ids import new_event_id

_RETRIES_S = (5.0, 30.0, 120.0)
"""After no answer it is tried again so much later; then at the next boot or connection."""
_AGAIN_S = 5.0
_NOTHING: dict[str, str] = {}
"""Shared by the many who are told nothing."""


class DesiredKeys:
    """Keeps the configuration of one charge point as it is wanted."""

    __slots__ = (
        "_attempts",
        "_calls",
        "_chores",
        "_due",
        "_has_to_look",
        "_is_running",
        "_peer",
        "_seen",
        "_spawn",
    )

    def __init__(self, peer: Peer, calls: Calls, spawn: Spawn, chores: Turnstile) -> None:
        """Ask over `calls`; look in `chores` whether there is anything to ask."""
        self._peer = peer
        self._calls = calls
        self._spawn = spawn
        self._chores = chores
        self._is_running = self._has_to_look = False
        self._seen: dict[str, str] | None = None
        self._attempts = 0
        self._due = inf

    def resume(self, state: Mapping[str, str]) -> None:
        """Go on where an earlier socket ended; `state` is `{CP}:charge_point`."""
        if state.get("desired") == OPEN:
            self.booted()

    def booted(self) -> None:
        """Compare: the charge point has booted, and may be another one."""
        self._seen = None
        self._attempts = 0
        self._look()

    def changed(self) -> None:
        """Compare if something else is wanted than before."""
        self._look()

    def look(self, now: float) -> None:
        """Try again what is due; `now` as of `time.monotonic`."""
        if now >= self._due:
            self._due = inf
            self._seen = None
            self._look()

    def _look(self) -> None:
        self._has_to_look = True
        if not self._is_running:
            self._is_running = True
            self._chores.add(self._begin)

    async def _begin(self) -> None:
        """See if there is anything to do; what takes long is no chore."""
        cp, is_idle = self._peer.charge_point_id, True
        try:
            self._has_to_look = False
            wanted, stored = await self._peer.bus.read_many([keys.desired(cp), keys.drift(cp)])
            is_news = self._seen is None or wanted != self._seen
            self._seen = wanted or _NOTHING
            if is_news and (wanted or stored):
                is_idle = False
                self._spawn(self._run(wanted, stored))
        except BusUnavailableError:
            self._due = time.monotonic() + _AGAIN_S
            raise
        finally:
            if is_idle:
                self._rest()

    def _rest(self) -> None:
        self._is_running = False
        if self._has_to_look and not self._calls.closed:
            self._look()

    async def _run(self, wanted: dict[str, str], stored: dict[str, str]) -> None:
        try:
            await self._reconcile(wanted, stored)
        except BusUnavailableError:
            self._due = time.monotonic() + _AGAIN_S
            raise
        finally:
            self._rest()

    async def _reconcile(self, wanted: dict[str, str], stored: dict[str, str]) -> None:
        peer = self._peer
        opened = StateWrite(keys.state(peer.charge_point_id), {"desired": OPEN})
        await peer.commit(writes=[opened])
        found = await self._compare(wanted)
        if self._calls.closed:
            return
        effect = effect_of(peer.charge_point_id, wanted, found, stored, peer.clock())
        events = [peer.envelope(new_event_id(), fact) for fact, _ in effect.events]
        await peer.commit(
            writes=effect.writes,
            removed=dict(effect.removed),
            events=events,
            room=Room.STATE_ONLY,
        )
        if any(each.reason == "no_answer" for each in found.values()):
            self._try_later()

    def _try_later(self) -> None:
        if self._attempts < len(_RETRIES_S):
            self._due = time.monotonic() + _RETRIES_S[self._attempts]
            self._attempts += 1

    async def _compare(self, wanted: Mapping[str, str]) -> dict[str, Finding]:
        if not wanted:
            return {}
        calls = ConfigurationCalls(self._peer, self._calls)
        reported = await calls.report(tuple(wanted))
        if not isinstance(reported, dict):
            lacks = isinstance(reported, Refused) and reported.unsupported
            reason: DriftReason = "not_supported" if lacks else "no_answer"
            return dict.fromkeys(wanted, Finding(reason))
        found: dict[str, Finding] = {}
        accepted: list[str] = []
        for key, finding in differing(wanted, reported).items():
            item = reported.get(key.casefold())
            before = item.value if item is not None else None
            if finding is None:
                why = refusal(await calls.change(key, wanted[key]))
            else:
                why = finding.reason
            if why is None:
                accepted.append(key)
            else:
                found[key] = Finding(why, before)
        return found | await _verify(calls, accepted, wanted)


async def _verify(
    calls: ConfigurationCalls, names: list[str], wanted: Mapping[str, str]
) -> dict[str, Finding]:
    """Ask for what was accepted; a key that it does not report can only be believed."""
    if not names:
        return {}
    reported = await calls.report(names)
    if not isinstance(reported, dict):
        return dict.fromkeys(names, Finding("no_answer"))
    told = {name: reported.get(name.casefold()) for name in names}
    return {
        name: Finding("differs", item.value)
        for name, item in told.items()
        if item is not None and not is_same_value(wanted[name], item.value)
    }
