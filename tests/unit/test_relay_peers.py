"""The register of peers: what is sent reaches the streams of one peer and no other."""

from p2p_server.peers import Peers
from sdk.p2p.errors import StreamClosedError
from sdk.p2p.framing import encode_frame
from sdk.p2p.stream import UNSENT_LIMIT, Stream


class Wakeups:
    """A trio side that does nothing."""

    def __init__(self) -> None:
        self.cancelled = False

    def wake_writer(self) -> None:
        return

    def wake_reader(self) -> None:
        return

    def cancel(self) -> None:
        self.cancelled = True


def stream(peer_id: str, wakeups: Wakeups | None = None) -> Stream:
    return Stream(peer_id, "/test", None, wakeups or Wakeups())


def test_only_the_streams_of_the_peer_get_it() -> None:
    peers = Peers(2, 2)
    first, second, other = stream("a"), stream("a"), stream("b")
    assert all(peers.add(item.peer_id, item) for item in (first, second, other))
    assert peers.send("a", b"hello") == 2
    assert [list(item.outbox) for item in (first, second, other)] == [
        [encode_frame(b"hello")],
        [encode_frame(b"hello")],
        [],
    ]
    assert peers.send("nobody", b"hello") == 0


def test_a_peer_has_so_many_streams_and_is_forgotten_with_the_last() -> None:
    peers = Peers(1, 1)
    only, extra = stream("a"), stream("a")
    assert peers.add("a", only)
    assert not peers.add("a", extra)
    peers.remove("a", extra)
    assert peers.send("a", b"x") == 1
    peers.remove("a", only)
    assert len(peers) == 0
    assert peers.add("a", extra)


def test_a_peer_speaks_with_so_many_stations() -> None:
    peers = Peers(1, 2)
    peers.add("a", stream("a"))
    assert [peers.use_station("a", name) for name in ("x", "y", "x", "z")] == [
        True,
        True,
        True,
        False,
    ]
    assert peers.stations() == {"x", "y"}
    assert not peers.use_station("gone", "x")


def test_a_slow_peer_is_cut_off_and_a_closed_stream_skipped() -> None:
    wakeups = Wakeups()
    peers = Peers(2, 1)
    slow, closed = stream("a", wakeups), stream("a")
    peers.add("a", slow)
    peers.add("a", closed)
    closed.end(StreamClosedError("gone"))
    sent = 0
    while not wakeups.cancelled:
        sent += peers.send("a", b"x" * 60_000)
    assert UNSENT_LIMIT <= sent * 60_004 <= UNSENT_LIMIT + 60_004
    assert not slow.is_open
