"""A commit of readings as the keys and arguments of report.lua, which does less than apply.lua."""

from itertools import chain
from typing import NamedTuple

from sdk.bus import keys
from sdk.bus.commit_call import Argument
from sdk.bus.interface import Commit, WrittenEnvelope
from sdk.bus.limits import KEEPS_UNREAD, Limits

_MOST_WRITES = 2


class ReportCall(NamedTuple):
    """Keys and arguments."""

    keys: list[str]
    args: list[Argument]


def report_call(commit: Commit, limits: Limits) -> ReportCall | None:
    """Give the call for a commit that report.lua can carry out; None for any other."""
    if commit.once is None or commit.room is None or not _is_plain(commit):
        return None
    lane = commit.events[0][0]
    limit, refuses = limits.room(commit.room)
    if not refuses or lane not in KEEPS_UNREAD or commit.writes[0].key != commit.once.key:
        return None
    cp, guard, once = commit.charge_point_id, commit.guards[0], commit.once
    names = [guard.key, once.key, keys.lane(cp, lane), keys.readers(cp, lane)]
    args: list[Argument] = [guard.token, once.field, once.value, limit, limits.kept_entries, 0, 0]
    for number, (key, fields, version, replace) in enumerate(commit.writes):
        if not fields or version is not None or replace:
            return None
        if number:
            names.append(key)
        args[5 + number] = 2 * len(fields)
        args += chain.from_iterable(fields.items())
    for where, event in commit.events:
        if where is not lane or not isinstance(event, WrittenEnvelope):
            return None
        args += (event.id, event.json)
    return ReportCall(names, args)


def _is_plain(commit: Commit) -> bool:
    if commit.cause is not None or commit.reader is not None or commit.removed_fields:
        return False
    if commit.appends or commit.constants:
        return False
    return (
        bool(commit.events) and len(commit.guards) == 1 and 0 < len(commit.writes) <= _MOST_WRITES
    )
