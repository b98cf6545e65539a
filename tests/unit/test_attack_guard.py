"""What a visitor may do, and what follows: refusals, the end of a stream, bans."""

from dataclasses import dataclass

import pytest

from p2p_server.guard import POINTS, Fault, Guard, GuardLimits, Visitor
from sdk.p2p.admission import Admission

IP = "192.0.2.1"
BAD, GOOD = Visitor("bad", IP), Visitor("good", IP)


@dataclass
class Time:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def guard(time: Time, rate: float = 10, burst: int = 5, **limits: float) -> tuple[Guard, Admission]:
    admission = Admission(clock=time)
    return Guard(rate, burst, time, admission, GuardLimits(**limits)), admission  # type: ignore[arg-type]


@pytest.mark.parametrize("fault", POINTS)
def test_whoever_breaks_the_rules_again_and_again_is_banned(fault: Fault) -> None:
    kept, admission = guard(Time())
    times = 0
    while not admission.bans(BAD.place):
        kept.blames(BAD, fault)
        times += 1
    assert (
        times == {"slow": 6, "framing": 3, "unanswerable": 3, "not_allowed": 3, "flood": 1}[fault]
    )
    assert not kept.opens(BAD)
    assert kept.opens(GOOD)


def test_a_fault_now_and_then_is_forgiven() -> None:
    time = Time()
    kept, admission = guard(time)
    for _ in range(20):
        kept.blames(BAD, "framing")
        time.now += 31
    assert not admission.bans(BAD.place)


def test_several_banned_peers_of_one_address_cost_the_address() -> None:
    kept, admission = guard(Time())
    for number in range(3):
        assert kept.opens(GOOD)
        kept.closes(GOOD)
        kept.blames(Visitor(f"bad {number}", IP), "flood")
    assert admission.bans(IP)
    assert not kept.opens(GOOD)
    assert kept.opens(Visitor("good", "192.0.2.2"))


def test_whom_a_hub_brings_is_banned_alone() -> None:
    kept, admission = guard(Time())
    for number in range(10):
        kept.blames(Visitor(f"bad {number}@hub"), "flood")
    assert admission.bans("bad 9@hub")
    assert not admission.bans("hub")
    assert kept.opens(Visitor("good@hub"))
    assert not kept.opens(Visitor("bad 0@hub"))


def test_streams_are_counted_by_peer_and_by_address() -> None:
    kept, _ = guard(Time(), streams_per_place=2, streams_per_address=3)
    assert [kept.opens(BAD) for _ in range(3)] == [True, True, False]
    assert [kept.opens(GOOD) for _ in range(2)] == [True, False]
    assert kept.opens(Visitor("elsewhere", "2001:db8::1"))
    kept.closes(BAD)
    assert kept.opens(GOOD)


def test_an_address_asks_so_much_whoever_asks() -> None:
    kept, _ = guard(Time(), rate=1, burst=2, peers_per_address=3)
    peers = [Visitor(f"peer {number}", IP) for number in range(7)]
    assert [kept.weighs(peer, 10) for peer in peers] == ["pass"] * 6 + ["refuse"]
    assert kept.weighs(Visitor("elsewhere", "192.0.2.2"), 10) == "pass"


def test_bytes_are_counted_and_too_many_end_the_stream() -> None:
    time = Time()
    kept, _ = guard(time, rate=1000, burst=1000, bytes_per_second=1000, bytes_burst=2000)
    assert [kept.weighs(BAD, 900) for _ in range(5)] == ["pass", "pass", *["refuse"] * 2, "cut"]
    assert kept.weighs(GOOD, 900) == "pass"
    time.now += 10
    assert kept.weighs(BAD, 900) == "pass"


def test_a_rate_of_zero_counts_nothing() -> None:
    kept, _ = guard(Time(), rate=0, burst=1, bytes_burst=10)
    assert {kept.weighs(BAD, 60_000) for _ in range(100)} == {"pass"}
