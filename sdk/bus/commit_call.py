"""A commit as the keys and arguments of apply.lua, in the order in which the script reads them."""

from collections.abc import Iterable, Mapping

from sdk.bus import keys
from sdk.bus.interface import Commit, StateWrite
from sdk.bus.keys import Lane
from sdk.bus.limits import KEEPS_UNREAD, Limits
from sdk.bus.stream_ids import normal
from sdk.events.envelope import Envelope

Argument = str | int


def event_arguments(lane: Lane, envelope: Envelope, limits: Limits) -> list[Argument]:
    """Give id, body, time to live in ms, mode and size, as append.lua wants them."""
    keeps = lane in KEEPS_UNREAD
    return [
        str(envelope.id),
        envelope.to_json(),
        milliseconds(limits.memory(lane, envelope)),
        "keep" if keeps else "cap",
        limits.kept_entries if keeps else limits.out_entries,
    ]


def event_keys(lane: Lane, envelope: Envelope) -> list[str]:
    """Give stream, dedup key and durable readers, as append.lua wants them."""
    charge_point_id = envelope.charge_point_id
    return [
        keys.lane(charge_point_id, lane),
        keys.done(charge_point_id, envelope.id),
        keys.readers(charge_point_id, lane),
    ]


def milliseconds(seconds: float) -> int:
    """Round to what Redis takes as a time to live."""
    return max(1, round(seconds * 1000))


class CommitCall:
    """Collects keys and arguments; `nonce` tells this call's own repeat from a duplicate."""

    def __init__(self, commit: Commit, nonce: str, limits: Limits) -> None:
        self.keys: list[str] = []
        self.args: list[Argument] = []
        self._limits = limits
        self._guards(commit)
        self._cursor(commit)
        self._cause(commit, nonce)
        self._versions(commit.writes)
        self._writes(commit.writes)
        self._removals(commit.removed_fields)
        self._events(commit)

    def _guards(self, commit: Commit) -> None:
        self.args.append(len(commit.guards))
        for guard in commit.guards:
            self.keys.append(guard.key)
            self.args.append(guard.token)

    def _cursor(self, commit: Commit) -> None:
        if commit.reader is None or commit.stream_id is None:
            self.args.extend((0, ""))
            return
        self.keys.append(keys.cursor(commit.charge_point_id, commit.reader))
        self.keys.extend(keys.readers(commit.charge_point_id, lane) for lane in Lane)
        self.args.extend((1, normal(commit.stream_id), len(Lane), commit.reader))

    def _cause(self, commit: Commit, nonce: str) -> None:
        if commit.cause is None:
            self.args.append(0)
            return
        self.keys.append(keys.applied(commit.charge_point_id, commit.cause))
        self.args.extend((1, nonce, milliseconds(self._limits.event_memory)))

    def _versions(self, writes: Iterable[StateWrite]) -> None:
        expected = [(w.key, w.expected_version) for w in writes if w.expected_version is not None]
        self.args.append(len(expected))
        for key, version in expected:
            self.keys.append(key)
            self.args.append(version)

    def _writes(self, writes: Iterable[StateWrite]) -> None:
        writes = list(writes)
        self.args.append(len(writes))
        for write in writes:
            self.keys.append(write.key)
            clears = write.fields is None or write.replace
            self.args.extend((int(clears), len(write.fields or {})))
            for name, value in (write.fields or {}).items():
                self.args.extend((name, value))

    def _removals(self, removed: Mapping[str, Iterable[str]]) -> None:
        self.args.append(len(removed))
        for key, fields in removed.items():
            names = tuple(fields)
            self.keys.append(key)
            self.args.extend((len(names), *names))

    def _events(self, commit: Commit) -> None:
        self.args.append(len(commit.events))
        for lane, envelope in commit.events:
            self.keys.extend(event_keys(lane, envelope))
            self.args.extend(event_arguments(lane, envelope, self._limits))
