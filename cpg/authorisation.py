"""Who may charge: the charge point's register of sessions first, then the one of operators.

A tag that a session put into `{CP}:id_tags` is judged by that entry alone; only a tag that is not
there is looked for in the operators' register (`sdk.id_tags`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cpg.peer import Peer
from cpg.register import spelling, tag_info
from cpg.translate import write_time
from sdk.bus import keys
from sdk.bus.interface import Commit, Outcome, OverloadedError, StateWrite
from sdk.id_tags import ActiveTransaction, IdTagEntry, IdTags, read_active
from sdk.ids import new_event_id

_ATTEMPTS = 10
_LOOK_EVERY = 100
"""How many transactions of a tag without limit are counted before lost ones are looked for."""
_UNTOLD_FOR = timedelta(hours=1)
"""So long a transaction may wait to be told of; then its charge point has given up on it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of an idTag: its registered spelling, and its idTagInfo (7.28)."""

    tag: str
    info: dict[str, str]
    entry: IdTagEntry | None = None
    """The operators' entry, where that one judged."""


async def judge(
    peer: Peer, register: Mapping[str, str], given: str, connector_id: int | None = None
) -> Judgement:
    """Judge a tag; `register` is `{CP}:id_tags`. Raises BusUnavailableError.

    With a connector it says whether the tag may charge there.
    """
    now = peer.clock()
    tag = spelling(register, given)
    if tag in register:
        return Judgement(tag, tag_info(register, tag, now, connector_id))
    entry = await IdTags(peer.bus).find(given)
    if entry is None:
        return Judgement(given, {"status": "Invalid"})
    return Judgement(entry.tag, entry_info(entry, now), entry)


def entry_info(entry: IdTagEntry, now: datetime) -> dict[str, str]:
    """Give idTagInfo (7.28) of an operators' tag, its active transactions left out."""
    info: dict[str, str] = {"status": entry.status_at(now)}
    if entry.parent_id_tag is not None:
        info["parentIdTag"] = entry.parent_id_tag
    if entry.expires_at is not None:
        info["expiryDate"] = write_time(entry.expires_at)
    return info


async def claim(peer: Peer, entry: IdTagEntry, transaction_id: int, connector_id: int) -> bool:
    """Count a transaction of a tag; False where as many as it may have go on already.

    A connector has one transaction: by its start, an earlier one of this connector is over.

    Two charge points that start at once can't both have the last place. Asked again for the same
    transaction, it says the same. Raises OverloadedError, BusUnavailableError.
    """
    key, name = keys.id_tag_active(entry.tag), f"{peer.charge_point_id} {transaction_id}"
    for _ in range(_ATTEMPTS):
        stored = await peer.bus.read(key)
        if name in stored:
            return True
        active, stale = read_active(stored), list[ActiveTransaction]()
        if _is_worth_a_look(entry, len(active)):
            stale = await _stale(peer, active, connector_id)
        if entry.max_active is not None and len(active) - len(stale) >= entry.max_active:
            return False
        if await _write(peer, entry, stored, name, stale):
            return True
    raise OverloadedError(f"idTag {entry.tag} starts too much at once")


async def release(peer: Peer, tag: str, transaction_id: int) -> None:
    """Count a transaction no more: it is stopped. Raises BusUnavailableError."""
    gone = {keys.id_tag_active(tag): [f"{peer.charge_point_id} {transaction_id}"]}
    await peer.bus.apply(Commit(keys.tag_owner(tag), removed_fields=gone))


def _is_worth_a_look(entry: IdTagEntry, count: int) -> bool:
    if entry.max_active is not None:
        return count >= entry.max_active
    return bool(count) and count % _LOOK_EVERY == 0


async def _write(
    peer: Peer,
    entry: IdTagEntry,
    stored: Mapping[str, str],
    name: str,
    stale: Sequence[ActiveTransaction],
) -> bool:
    key, version = keys.id_tag_active(entry.tag), int(stored.get("version", "0"))
    # without a limit nothing is lost where two write at once
    expected = version if entry.max_active is not None else None
    fields = {name: peer.clock().isoformat(), "version": str(version + 1)}
    gone = [f"{each.charge_point_id} {each.transaction_id}" for each in stale]
    outcome = await peer.bus.apply(
        Commit(
            keys.tag_owner(entry.tag),
            cause=new_event_id(),
            writes=[StateWrite(key, fields, expected_version=expected)],
            removed_fields={key: gone} if gone else {},
        )
    )
    return outcome is Outcome.APPLIED


async def _stale(
    peer: Peer, active: Sequence[ActiveTransaction], connector_id: int
) -> list[ActiveTransaction]:
    """Give those that do not go on: stopped, or given up by their connector or charge point."""
    here = (peer.charge_point_id, connector_id)
    told = await peer.bus.read_many(
        [keys.transaction(each.charge_point_id, each.transaction_id) for each in active]
    )
    places = [
        (each.charge_point_id, int(fields.get("connector_id") or 0))
        for each, fields in zip(active, told, strict=True)
    ]
    configs = await peer.bus.read_many([keys.config(cp) for cp, _ in places])
    connectors = await peer.bus.read_many([keys.connector(cp, n) for cp, n in places])
    known = zip(active, told, places, configs, connectors, strict=True)
    now = peer.clock()
    return [
        each
        for each, fields, place, config, connector in known
        if not config or place == here or not _goes_on(each, fields, connector, now)
    ]


def _goes_on(
    active: ActiveTransaction,
    fields: Mapping[str, str],
    connector: Mapping[str, str],
    now: datetime,
) -> bool:
    if not fields or fields.get("stopped_at"):
        return False
    if not fields.get("told_at"):
        return now - active.since < _UNTOLD_FOR
    is_there = connector.get("transaction_id") == str(active.transaction_id)
    return is_there and not connector.get("suspect_since")
