"""Who may connect: bans, counts and paces, at a clock of the test's own."""

from dataclasses import dataclass

import pytest

from sdk.p2p.admission import (
    REMEMBERED_ADDRESSES,
    Admission,
    AdmissionLimits,
    Visit,
)
from sdk.p2p.bans import FORGIVEN_AFTER_SECONDS, LONGEST_SECONDS, Bans
from sdk.p2p.forwarded import forwarded_for
from sdk.p2p.pace import Pace

IP, OTHER = "192.0.2.1", "192.0.2.2"


@dataclass
class Time:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


class Left(list[str]):
    """Who was told to leave."""

    def enter(self, admission: Admission, ip: str | None, name: str = "") -> Visit | None:
        return admission.arrives(ip, lambda: self.append(name))


def test_a_ban_doubles_for_whoever_comes_back_to_it_and_is_forgiven_in_time() -> None:
    bans = Bans(60)
    now, given = 0.0, []
    for _ in range(8):
        given.append(bans.ban("a", now))
        assert bans.holds("a", now + given[-1] - 1)
        now += given[-1]
        assert not bans.holds("a", now)
    assert given == [60, 120, 240, 480, 960, 1920, LONGEST_SECONDS, LONGEST_SECONDS]
    assert bans.ban("a", now + FORGIVEN_AFTER_SECONDS) == 60


def test_a_ban_that_holds_is_not_made_longer() -> None:
    bans = Bans(60)
    assert [bans.ban("a", now) for now in (0, 10, 59)] == [60, 50, 1]


def test_only_so_many_bans_are_remembered() -> None:
    bans = Bans(60, most=2)
    for key in "abc":
        bans.ban(key, 0)
    assert [bans.holds(key, 1) for key in "abc"] == [False, True, True]


def test_an_address_has_so_many_connections_and_so_many_handshakes() -> None:
    limits = AdmissionLimits(connections_per_address=3, handshakes_per_address=2)
    admission, left = Admission(limits, clock=Time()), Left()
    first, second = (left.enter(admission, IP) for _ in "ab")
    assert first is not None
    assert second is not None
    assert left.enter(admission, IP) is None
    assert first.proved("peer 1")
    assert left.enter(admission, IP) is not None
    assert second.proved("peer 2")
    assert left.enter(admission, IP) is None
    assert left.enter(admission, OTHER) is not None
    first.over()
    first.over()
    assert left.enter(admission, IP) is not None
    assert left.enter(admission, IP) is None


def test_an_ipv6_customer_is_one_address() -> None:
    admission = Admission(AdmissionLimits(connections_per_address=1), clock=Time())
    assert Left().enter(admission, "2001:db8::1") is not None
    assert Left().enter(admission, "2001:db8::2") is None
    assert Left().enter(admission, "2001:db8:0:1::1") is not None


def test_an_address_connects_so_often() -> None:
    time = Time()
    limits = AdmissionLimits(connections_per_address=8, handshakes_per_address=4)
    admission = Admission(limits, clock=time)

    def come_and_go() -> bool:
        visit = Left().enter(admission, IP)
        if visit is not None:
            visit.over()
        return visit is not None

    assert [come_and_go() for _ in range(10)] == [True] * 8 + [False] * 2
    time.now += 1
    assert [come_and_go() for _ in range(3)] == [True, True, False]


def test_a_peer_has_so_many_connections_from_anywhere() -> None:
    admission = Admission(AdmissionLimits(connections_per_peer=2), clock=Time())
    visits = [Left().enter(admission, ip) for ip in (IP, OTHER, None)]
    assert [visit is not None and visit.proved("peer") for visit in visits] == [True, True, False]
    assert admission.counts()["peers"] == 1


def test_the_oldest_handshake_makes_room_when_all_are_taken() -> None:
    admission, left = Admission(AdmissionLimits(handshakes=2), clock=Time()), Left()
    visits = [left.enter(admission, f"192.0.2.{n}", str(n)) for n in range(3)]
    assert all(visits)
    assert left == ["0"]


def test_a_ban_ends_what_the_peer_has_and_keeps_it_out() -> None:
    time = Time()
    admission, left = Admission(ban_seconds=60, clock=time), Left()
    for name, peer in (("one", "bad"), ("two", "bad"), ("three", "good")):
        visit = left.enter(admission, IP, name)
        assert visit is not None
        assert visit.proved(peer)
    assert admission.ban("bad") == 60
    assert sorted(left) == ["one", "two"]
    again = left.enter(admission, IP)
    assert again is not None
    assert not again.proved("bad")
    time.now += 61
    assert not admission.bans("bad")


def test_a_banned_address_is_turned_away_before_a_handshake() -> None:
    admission, left = Admission(clock=Time()), Left()
    assert left.enter(admission, "2001:db8::1", "bad") is not None
    admission.ban("2001:db8::ffff")
    assert left == ["bad"]
    assert left.enter(admission, "2001:db8::2") is None
    assert left.enter(admission, IP) is not None


def test_what_visitors_leave_behind_is_bounded() -> None:
    admission = Admission(clock=Time())
    for number in range(REMEMBERED_ADDRESSES + 500):
        visit = Left().enter(admission, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        assert visit is not None
        assert visit.proved(str(number))
        visit.over()
    counts = admission.counts()
    assert counts == {
        "addresses": REMEMBERED_ADDRESSES,
        "connections": 0,
        "handshakes": 0,
        "peers": 0,
        "bans": 0,
    }


def test_behind_a_proxy_that_tells_nothing_no_address_is_counted() -> None:
    admission = Admission(AdmissionLimits(connections_per_address=1), clock=Time())
    assert all(Left().enter(admission, None) is not None for _ in range(5))


def test_proxies_are_trusted_by_network() -> None:
    admission = Admission(trusted_proxies=("10.0.0.0/8", "::1"))
    trusted = [admission.trusts(ip) for ip in ("10.1.2.3", "::ffff:10.1.2.3", "::1", IP, "gone")]
    assert trusted == [True, True, True, False, False]
    with pytest.raises(ValueError, match="nonsense"):
        Admission(trusted_proxies=("nonsense",))


@pytest.mark.parametrize(
    ("value", "client"),
    [
        (b"203.0.113.9", "203.0.113.9"),
        (b"203.0.113.9:1234", "203.0.113.9"),
        (b"1.2.3.4, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (b"[2001:db8::1]:443", "2001:db8::1"),
        (b"garbage", None),
        (b"203.0.113.9, garbage", None),
        (b"10.0.0.1", None),
        (b"", None),
    ],
)
def test_only_what_a_proxy_wrote_is_believed(value: bytes, client: str | None) -> None:
    admission = Admission(trusted_proxies=("10.0.0.0/8",))
    assert forwarded_for([(b"X-Forwarded-For", value)], admission.trusts) == client
    assert forwarded_for([], admission.trusts) is None


def test_whoever_sends_too_fast_waits_for_its_debt() -> None:
    pace = Pace(rate=10, burst=20)
    assert pace.pay(20, 0) == 0
    assert pace.pay(10, 0) == pytest.approx(1)
    assert pace.pay(0, 1) == 0
    assert pace.pay(10, 0.5) == pytest.approx(1)
    assert pace.pay(0, 100) == 0
