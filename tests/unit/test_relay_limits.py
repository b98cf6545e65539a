"""Limits per peer."""

from dataclasses import dataclass

from p2p_server.limits import REMEMBERED_PEERS, PeerLimits


@dataclass
class Time:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_then_so_many_per_second() -> None:
    time = Time()
    limits = PeerLimits(rate=2, burst=3, clock=time)
    assert [limits.allow("a") for _ in range(5)] == [True, True, True, False, False]
    assert limits.allow("b")
    time.now += 60
    assert [limits.allow("a") for _ in range(4)] == [True, True, True, False]


def test_whoever_goes_on_asking_floods() -> None:
    limits = PeerLimits(rate=1, burst=2, clock=Time())
    for _ in range(3):
        limits.allow("a")
    assert not limits.of("a").is_flood
    for _ in range(3):
        limits.allow("a")
    assert limits.of("a").is_flood
    assert not limits.of("b").is_flood


def test_a_rate_of_zero_is_no_limit() -> None:
    limits = PeerLimits(rate=0, burst=1, clock=Time())
    assert all(limits.allow("a") for _ in range(100))
    assert not limits.of("a").is_flood


def test_the_memory_of_peers_is_bounded() -> None:
    limits = PeerLimits(rate=1, burst=1, clock=Time())
    limits.allow("first")
    for number in range(REMEMBERED_PEERS):
        limits.allow(str(number))
    assert limits.allow("first")
