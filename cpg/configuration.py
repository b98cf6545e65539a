"""What is kept of a charge point's configuration keys: what it reports, and what it takes."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from cpg.effects import Effect
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.configuration import ReportedKey
from sdk.events.operations import (
    Answered,
    ChangeConfiguration,
    GetConfiguration,
    GetConfigurationAnswered,
    ReplacePassword,
)
from sdk.secret_names import is_secret_name

_TAKEN = ("Accepted", "RebootRequired")
_HEARTBEAT = "heartbeatinterval"
_LONGEST_INTERVAL = 2**31 - 1


def read_interval(text: str | None) -> int | None:
    """Read a HeartbeatInterval (9.1) in seconds, 0 for none; None is what can't be one."""
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdecimal()):
        return None
    return min(int(digits), _LONGEST_INTERVAL)


async def reported(
    peer: Peer, body: GetConfiguration, _connector_id: int | None, answered: Answered
) -> Effect:
    """Keep what GetConfiguration told; all that is known is replaced where all was asked for."""
    if not isinstance(answered, GetConfigurationAnswered) or answered.outcome != "answered":
        return Effect()
    cp, at = peer.charge_point_id, peer.clock()
    known = await peer.bus.read(keys.configuration(cp)) if body.keys else {}
    names = _spellings(known)
    asked = {key.casefold() for key in body.keys}
    # those that were not asked for would let a charge point have any number kept
    told = [each for each in answered.configuration if not asked or each.key.casefold() in asked]
    fields: dict[str, str] = {}
    for item in told:
        entry = ReportedKey(
            key=item.key,
            value=None if is_secret_name(item.key) else item.value,
            readonly=item.readonly,
            at=at,
            is_hidden=is_secret_name(item.key),
        )
        fields[names.get(item.key.casefold(), item.key)] = entry.model_dump_json()
    gone = [names[key.casefold()] for key in answered.unknown_keys if key.casefold() in names]
    gone = [name for name in gone if name not in fields]
    key, writes = keys.configuration(cp), []
    if not body.keys:
        writes = [StateWrite(key, fields or None, replace=True)]
    elif fields:
        writes = [StateWrite(key, fields)]
    effect = Effect(writes=writes, removed={key: gone} if gone else {})
    intervals = [item.value for item in told if item.key.casefold() == _HEARTBEAT]
    return _beating(peer, effect, intervals[0]) if intervals else effect


async def changed(
    peer: Peer, body: ChangeConfiguration, _connector_id: int | None, answered: Answered
) -> Effect:
    """Keep what ChangeConfiguration made of a key."""
    return await _taken(peer, body.key, body.value, answered)


async def password_replaced(
    peer: Peer, _body: ReplacePassword, _connector_id: int | None, answered: Answered
) -> Effect:
    """Keep that there is a password."""
    return await _taken(peer, "AuthorizationKey", "", answered)


async def _taken(peer: Peer, key: str, value: str, answered: Answered) -> Effect:
    if answered.status not in _TAKEN:
        return Effect()
    cp = peer.charge_point_id
    known = await peer.bus.read(keys.configuration(cp))
    name = _spellings(known).get(key.casefold(), key)
    is_hidden = is_secret_name(key)
    entry = ReportedKey(
        key=name,
        value=None if is_hidden else value,
        at=peer.clock(),
        needs_reboot=answered.status == "RebootRequired",
        is_hidden=is_hidden,
    )
    effect = Effect(writes=[StateWrite(keys.configuration(cp), {name: entry.model_dump_json()})])
    is_interval = key.casefold() == _HEARTBEAT and answered.status == "Accepted"
    return _beating(peer, effect, value) if is_interval else effect


def _beating(peer: Peer, effect: Effect, value: str | None) -> Effect:
    """Expect its heartbeats as often as it says, also on its next sockets, until it boots."""
    interval = read_interval(value)
    if interval is None:
        return effect
    write = StateWrite(keys.state(peer.charge_point_id), {"heartbeat_interval": str(interval)})
    return replace(
        effect, writes=[*effect.writes, write], after=partial(peer.beats_every, interval)
    )


def _spellings(known: Mapping[str, str]) -> dict[str, str]:
    """Give how each key is written already: keys are compared without regard to case (5.3)."""
    return {name.casefold(): name for name in known}
