"""How often somebody may try to connect, and who pays for whose failures."""

import pytest

from cpg.attempts import CONNECTIONS, FAILURES, UNKNOWN, Attempts
from sdk.leaky_count import LeakyCount, network_of

HERE, THERE = "192.0.2.1", "192.0.2.2"


def fail(attempts: Attempts, times: int, charge_point_id: str = "CP1", now: float = 0) -> None:
    for _ in range(times):
        attempts.fail(HERE, charge_point_id, now)


def test_ten_failures_at_once_are_too_many_and_one_in_six_seconds_is_forgiven() -> None:
    attempts = Attempts()
    fail(attempts, FAILURES - 1)
    assert attempts.look(HERE, "CP1", 0) is None
    fail(attempts, 1)
    assert attempts.look(HERE, "CP1", 0) == 6
    assert attempts.look(HERE, "CP1", 4.5) == 2
    assert attempts.look(HERE, "CP1", 5.99) == 1
    assert attempts.look(HERE, "CP1", 6) is None
    fail(attempts, 1, now=6)
    assert attempts.look(HERE, "CP1", 6) == 6


def test_knocking_while_it_is_too_often_makes_it_no_longer() -> None:
    attempts = Attempts()
    fail(attempts, FAILURES)
    for at in range(6):
        attempts.look(HERE, "CP1", at)
        attempts.fail(HERE, "CP1", at)
    assert attempts.look(HERE, "CP1", 6) is None


def test_failures_hurt_neither_others_behind_the_address_nor_the_same_elsewhere() -> None:
    attempts = Attempts()
    fail(attempts, FAILURES)
    assert attempts.look(HERE, "CP2", 0) is None
    assert attempts.look(THERE, "CP1", 0) is None


def test_unknown_ids_are_counted_by_network() -> None:
    attempts = Attempts()
    assert [attempts.miss(HERE, 0) for _ in range(UNKNOWN)] == [None] * UNKNOWN
    assert attempts.miss(HERE, 0) == 1
    assert attempts.miss(THERE, 0) is None
    assert attempts.look(HERE, "CP1", 0) is None
    assert [attempts.miss(HERE, 1) for _ in range(11)] == [None] * 10 + [1]


def test_a_flapping_charge_point_is_told_to_slow_down() -> None:
    attempts = Attempts()
    for _ in range(CONNECTIONS):
        assert attempts.look(HERE, "CP1", 0) is None
        attempts.connect("CP1", 0)
    assert attempts.look(HERE, "CP1", 0) == 1
    assert attempts.look(THERE, "CP1", 0) == 1
    assert attempts.look(HERE, "CP2", 0) is None
    assert attempts.look(HERE, "CP1", 0.5) is None


def test_memory_is_bounded_and_the_longest_untouched_goes_first() -> None:
    attempts = Attempts(most_keys=3)
    for charge_point_id in ("CP1", "CP2", "CP3"):
        fail(attempts, FAILURES, charge_point_id)
    assert attempts.look(HERE, "CP1", 0) == 6
    fail(attempts, 1, "CP4")
    assert attempts.look(HERE, "CP1", 0) == 6
    assert attempts.look(HERE, "CP2", 0) is None
    assert attempts.look(HERE, "CP3", 0) == 6


def test_a_flood_of_random_ids_wins_no_fresh_guesses() -> None:
    attempts = Attempts(most_keys=100)
    fail(attempts, FAILURES)
    for _ in range(10_000):
        attempts.miss(HERE, 0)
    assert attempts.look(HERE, "CP1", 0) == 6


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "no address", False),
    ],
)
def test_a_network_is_what_one_customer_has(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (network_of(one) == network_of(other)) is same


def test_a_clock_that_runs_backwards_locks_nobody_out() -> None:
    count = LeakyCount(2, per_second=0.1)
    assert count.take(1_000)
    assert count.wait(0) == 0
    assert count.take(0)
    assert not count.take(0)
    assert count.wait(0) == pytest.approx(10)
    assert count.take(10)
