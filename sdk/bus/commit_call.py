"""A commit as the keys and arguments of apply.lua, in the order in which the script reads them."""

from sdk.bus import keys
from sdk.bus.interface import Commit, WrittenEnvelope
from sdk.bus.keys import Lane
from sdk.bus.limits import KEEPS_UNREAD, Limits
from sdk.bus.stream_ids import normal
from sdk.events.envelope import Envelope

Argument = str | int | bytes
_LANES = tuple(Lane)


def event_arguments(
    lane: Lane, envelope: Envelope | WrittenEnvelope, limits: Limits
) -> list[Argument]:
    """Give id, body, time to live in ms (0: none), mode and size, as append.lua wants them."""
    if lane in KEEPS_UNREAD:
        mode, size = "keep", limits.kept_entries
    else:
        mode, size = "cap", limits.out_entries
    if isinstance(envelope, WrittenEnvelope):
        return [envelope.id, envelope.json, 0, mode, size]
    ttl = milliseconds(limits.memory(lane, envelope))
    return [str(envelope.id), envelope.to_json(), ttl, mode, size]


def event_keys(lane: Lane, envelope: Envelope | WrittenEnvelope) -> list[str]:
    """Give stream, dedup key and durable readers, as append.lua wants them."""
    charge_point_id = envelope.charge_point_id
    stream, readers = keys.lane(charge_point_id, lane), keys.readers(charge_point_id, lane)
    if isinstance(envelope, WrittenEnvelope):
        return [stream, stream, readers]  # not remembered as done
    return [stream, keys.done(charge_point_id, envelope.id), readers]


def milliseconds(seconds: float) -> int:
    """Round to what Redis takes as a time to live."""
    return max(1, round(seconds * 1000))


class CommitCall:
    """Collects keys and arguments; `nonce` tells this call's own repeat from a duplicate."""

    __slots__ = ("_limits", "args", "keys")

    def __init__(self, commit: Commit, nonce: str, limits: Limits) -> None:
        self.keys: list[str] = []
        self.args: list[Argument] = []
        self._limits = limits
        self._conditions(commit, nonce)
        self._room(commit)
        self._changes(commit)
        self._events(commit)

    def _conditions(self, commit: Commit, nonce: str) -> None:
        names, args = self.keys, self.args
        args.append(len(commit.guards))
        for guard in commit.guards:
            names.append(guard.key)
            args.append(guard.token)
        self._cursor(commit)
        if commit.cause is None:
            args.append(0)
        else:
            names.append(keys.applied(commit.charge_point_id, commit.cause))
            args += (1, nonce, milliseconds(self._limits.event_memory))
        if commit.once is None:
            args.append(0)
        else:
            names.append(commit.once.key)
            args += (1, commit.once.field, commit.once.value)
        expected = [w for w in commit.writes if w.expected_version is not None]
        args.append(len(expected))
        for write in expected:
            names.append(write.key)
            args.append(write.expected_version or 0)

    def _cursor(self, commit: Commit) -> None:
        if commit.reader is None or commit.stream_id is None:
            self.args += (0, "")
            return
        self.keys.append(keys.cursor(commit.charge_point_id, commit.reader))
        self.keys += (keys.readers(commit.charge_point_id, lane) for lane in _LANES)
        self.args += (1, normal(commit.stream_id), len(_LANES), commit.reader)

    def _room(self, commit: Commit) -> None:
        if commit.room is None or not commit.events:
            self.args.append(0)
            return
        lane = commit.events[0][0]
        limit, refuses = self._limits.room(commit.room)
        cp = commit.charge_point_id
        self.keys += (keys.lane(cp, lane), keys.readers(cp, lane))
        self.args += (1, limit, int(refuses))

    def _changes(self, commit: Commit) -> None:
        names, args = self.keys, self.args
        for strings in (commit.appends, commit.constants):
            args.append(len(strings))
            for key, value in strings.items():
                names.append(key)
                args.append(value)
        args.append(len(commit.writes))
        for write in commit.writes:
            names.append(write.key)
            fields = write.fields or {}
            args += (int(write.fields is None or write.replace), len(fields))
            for pair in fields.items():
                args += pair
        args.append(len(commit.removed_fields))
        for key, removed in commit.removed_fields.items():
            names.append(key)
            args += (len(removed), *removed)

    def _events(self, commit: Commit) -> None:
        self.args.append(len(commit.events))
        for lane, envelope in commit.events:
            self.keys += event_keys(lane, envelope)
            self.args += event_arguments(lane, envelope, self._limits)
