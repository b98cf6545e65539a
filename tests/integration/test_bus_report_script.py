"""report.lua is apply.lua for readings: whatever comes, both leave the same behind."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from fixed_seed import examples
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from sdk.bus import keys
from sdk.bus.commit_call import CommitCall
from sdk.bus.interface import Commit, Guard, Once, Room, StateWrite, WrittenEnvelope
from sdk.bus.keys import Lane
from sdk.bus.limits import Limits
from sdk.bus.report_call import report_call
from sdk.bus.scripts import source

CP = "CP-1"
LANE, READERS = keys.lane(CP, Lane.IN), keys.readers(CP, Lane.IN)
TOKENS = ("1-a", "2-b")
NAMES = ("m1", "m2", "m3")

texts = st.sampled_from(["0", "5", "-1", "ä€", "\x00 \n", ""])
fields = st.dictionaries(st.sampled_from(["energy_wh", "power_w", "last_message"]), texts)


@st.composite
def commits(draw: st.DrawFn) -> Commit:
    """Give commits of readings; some come again, some are of an older socket."""
    n, name = draw(st.integers(1, 2)), draw(st.sampled_from(NAMES))
    connector = keys.connector(CP, n)
    writes = [StateWrite(connector, {**draw(fields), "last_message": name})]
    if draw(st.booleans()):
        counted = {"energy_wh": draw(texts)} | draw(fields)
        writes.append(StateWrite(keys.transaction(CP, n), counted))
    events = [
        WrittenEnvelope(str(number), CP, draw(texts).encode() + b"%d" % number)
        for number in range(draw(st.integers(1, 5)))
    ]
    return Commit(
        CP,
        guards=(Guard(keys.gateway(CP), draw(st.sampled_from(TOKENS * 3 + ("0-z",)))),),
        writes=writes,
        events=[(Lane.IN, event) for event in events],
        once=Once(connector, "last_message", name),
        room=draw(st.sampled_from([Room.READINGS, Room.TRANSACTIONS])),
    )


@dataclass(frozen=True)
class Before:
    """What is there before: a lane of so many entries, and how far its readers came."""

    entries: int
    readers: dict[str, int]
    token: str
    limits: Limits


befores = st.builds(
    Before,
    entries=st.integers(0, 30),
    readers=st.dictionaries(st.sampled_from(["manager", "other"]), st.integers(0, 30)),
    token=st.sampled_from(TOKENS),
    limits=st.builds(
        Limits,
        reserved_entries=st.integers(1, 40),
        open_entries=st.integers(1, 10),
        kept_entries=st.integers(1, 8),
    ),
)


class Server:
    """A real server that carries out commits by one script or the other."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._apply = client.register_script(source("append", "apply"))
        self._report = client.register_script(source("append", "report"))

    def run(self, before: Before, given: Sequence[Commit], *, report: bool) -> Any:
        """Give what came of each commit, and all that is there and was announced afterwards."""
        self._client.flushall()
        self._prepare(before)
        with self._client.pubsub() as listener:
            listener.subscribe(LANE)
            assert listener.get_message(timeout=2)
            answers = [self._commit(commit, before.limits, report=report) for commit in given]
            self._client.publish(LANE, "end")
            announced = []
            while (message := listener.get_message(timeout=2)) and message["data"] != b"end":
                announced.append(message["data"])
        return answers, *self._dump(announced)

    def _prepare(self, before: Before) -> None:
        client = self._client
        client.set(keys.gateway(CP), before.token)
        client.hset(keys.transaction(CP, 1), "meter_start_wh", "7")
        for number in range(1, before.entries + 1):
            client.xadd(LANE, {"e": "old", "d": str(number)}, id=f"{number}-0")
        for name, reached in before.readers.items():
            client.hset(READERS, name, f"{reached}-0")

    def _commit(self, commit: Commit, limits: Limits, *, report: bool) -> Any:
        if report:
            quick = report_call(commit, limits)
            assert quick is not None
            return self._report(keys=quick.keys, args=quick.args)
        call = CommitCall(commit, "", limits)
        return self._apply(keys=call.keys, args=call.args)

    def _dump(self, announced: list[bytes]) -> tuple[Any, Any, Any]:
        client = self._client
        hashes = {
            key: client.hgetall(key) if client.type(key) == b"hash" else client.type(key)
            for key in sorted(client.keys())
        }
        stream = client.xrange(LANE)
        numbers = _Numbers()
        told = [
            (*map(numbers.of, line.split(b" ", 2)[:2]), line.split(b" ", 2)[2])
            for line in announced
        ]
        return hashes, told, [(numbers.of(entry_id), entry) for entry_id, entry in stream]


class _Numbers:
    """Tells stream ids by the order in which they were given, as they hold the time of day."""

    def __init__(self) -> None:
        self._known: dict[bytes, str] = {}

    def of(self, entry_id: bytes) -> str:
        if len(entry_id) < 10:
            return entry_id.decode()
        return self._known.setdefault(entry_id, f"new {len(self._known)}")


@pytest.fixture(scope="module")
def server(redis_url: str) -> Any:
    with Redis.from_url(redis_url) as client:
        yield Server(client)


@examples(60)
@given(before=befores, given_commits=st.lists(commits(), min_size=1, max_size=8))
def test_both_scripts_leave_the_same(
    server: Server, before: Before, given_commits: list[Commit]
) -> None:
    quick = server.run(before, given_commits, report=True)
    assert quick == server.run(before, given_commits, report=False)


def test_the_examples_reach_every_outcome(server: Server) -> None:
    commit = Commit(
        CP,
        guards=(Guard(keys.gateway(CP), "1-a"),),
        writes=[StateWrite(keys.connector(CP, 1), {"last_message": "m1"})],
        events=[(Lane.IN, WrittenEnvelope("1", CP, json.dumps({"n": 1}).encode()))],
        once=Once(keys.connector(CP, 1), "last_message", "m1"),
        room=Room.READINGS,
    )
    limits = Limits(reserved_entries=2, kept_entries=1)
    for before, expected in (
        (Before(0, {"manager": 0}, "1-a", limits), [b"applied", b"duplicate"]),
        (Before(2, {"manager": 0}, "1-a", limits), [b"full", b"full"]),
        (Before(2, {"manager": 2}, "1-a", limits), [b"applied", b"duplicate"]),
        (Before(2, {}, "1-a", limits), [b"applied", b"duplicate"]),
        (Before(0, {}, "2-b", limits), [b"fenced", b"fenced"]),
    ):
        for report in (True, False):
            answers, hashes, told, stream = server.run(before, [commit] * 2, report=report)
            assert answers == expected
            assert len(told) == answers.count(b"applied")
            assert (keys.connector(CP, 1).encode() in hashes) == bool(told)
            assert stream[-1:] == [("new 0", {b"e": b"1", b"d": b'{"n": 1}'})] or not told
