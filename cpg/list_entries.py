"""The entries of a charge point's local list: who is on it, and why. Pure.

Operators put entries on it (SendLocalList, SynchroniseLocalList); these are kept in
`{CP}:local_list`. The idTags of sessions are beside them, as long as `{CP}:id_tags` has them.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from pydantic import ValidationError

from cpg.register import read_entry, spelling
from sdk.events.operations import LocalListEntry
from sdk.id_tags import IdTagEntry

Entries = tuple[LocalListEntry, ...]


def of_session(tag: str, text: str | None) -> LocalListEntry | None:
    """Give the entry of a session's tag; None for one that is damaged, or gone."""
    entry = read_entry(text) if text is not None else None
    if entry is None:
        return None
    until = entry.valid_until
    aware = until if until is None or until.tzinfo else until.replace(tzinfo=UTC)
    try:
        return LocalListEntry(id_tag=tag, expires_at=aware, parent_id_tag=entry.parent)
    except ValidationError:
        return None


def of_operators(entries: Iterable[IdTagEntry], now: datetime) -> Entries:
    """Give the entries of the operators' register; those that have expired need none."""
    stated = ((entry, entry.status_at(now)) for entry in entries)
    return tuple(
        LocalListEntry(
            id_tag=entry.tag,
            status=status,
            expires_at=entry.expires_at,
            parent_id_tag=entry.parent_id_tag,
        )
        for entry, status in stated
        if status != "Expired"
    )


def whole(register: Mapping[str, str], of_operator: Iterable[LocalListEntry]) -> Entries:
    """Give the whole list, sorted: a session's tag is as `{CP}:id_tags` says, whoever else has it.

    `register` is `{CP}:id_tags`.
    """
    found = {entry.id_tag.casefold(): entry for entry in of_operator}
    for tag, text in register.items():
        entry = of_session(tag, text)
        if entry is not None:
            found[tag.casefold()] = entry
    return tuple(sorted(found.values(), key=lambda entry: entry.id_tag))


def spoken_of(entries: Iterable[LocalListEntry], part: Iterable[LocalListEntry]) -> Entries:
    """Give the entries whose tags `part` has, too."""
    tags = {entry.id_tag.casefold() for entry in part}
    return tuple(entry for entry in entries if entry.id_tag.casefold() in tags)


def read_listed(stored: Mapping[str, str]) -> Entries:
    """Read the operators' entries; damaged ones are left out."""
    return tuple(entry for entry in map(_read, stored.values()) if entry is not None)


def without_session(tag: str, stored: Mapping[str, str]) -> LocalListEntry:
    """Give what takes a session's tag off the list: the operators' own entry of it stays."""
    text = stored.get(spelling(stored, tag))
    entry = _read(text) if text is not None else None
    return entry or LocalListEntry(id_tag=tag, removed=True)


def kept(entries: Iterable[LocalListEntry]) -> dict[str, str]:
    """Write entries as they are kept."""
    return {
        entry.id_tag: entry.model_dump_json(exclude_none=True, exclude={"removed"})
        for entry in entries
        if not entry.removed
    }


def outdated(entries: Iterable[LocalListEntry], stored: Mapping[str, str]) -> list[str]:
    """Give what is kept no more: what was removed, and the same tag in another spelling."""
    names = {name.casefold(): name for name in stored}
    found = ((entry, names.get(entry.id_tag.casefold())) for entry in entries)
    return [
        name
        for entry, name in found
        if name is not None and (entry.removed or name != entry.id_tag)
    ]


def _read(text: str) -> LocalListEntry | None:
    try:
        return LocalListEntry.model_validate_json(text)
    except ValidationError:
        return None
