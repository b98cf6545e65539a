"""What is kept of a charge point's configuration keys: what it reports, and what it takes."""

from collections.abc import Mapping

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
    fields: dict[str, str] = {}
    for item in answered.configuration:
        if asked and item.key.casefold() not in asked:
            continue  # else a charge point could have any number kept
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
    return Effect(writes=writes, removed={key: gone} if gone else {})


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
    return Effect(writes=[StateWrite(keys.configuration(cp), {name: entry.model_dump_json()})])


def _spellings(known: Mapping[str, str]) -> dict[str, str]:
    """Give how each key is written already: keys are compared without regard to case (5.3)."""
    return {name.casefold(): name for name in known}
