"""Who may go on when: allowances, and the newest moment told."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from fixed_seed import examples
from hypothesis import given
from hypothesis import strategies as st

from cpg.newest import Newest
from cpg.turns import Allowance, Turns

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

gaps = st.lists(
    st.sampled_from([0.0, 0.0, 0.0, 0.001, 0.1, 1.0, 30.0, 1000.0]), min_size=1, max_size=120
)
rates = st.sampled_from([0.5, 1.0, 3.0, 100.0])
bursts = st.sampled_from([1, 2, 5, 20])


def let_through(gaps: list[float], allowance: Allowance) -> list[float]:
    """Bring messages in their gaps, each after its pause, and give when each went on."""
    now, went = 0.0, []
    for gap in gaps:
        now += gap
        while pause := allowance.pause(now):
            now += max(pause, 1e-6)  # a clock never stands still
        allowance.spend()
        went.append(now)
    return went


def most_above(went: list[float], rate: float) -> float:
    """Give by how much the messages of the worst window are more than its length allows."""
    return max(
        last - first + 1 - rate * (went[last] - went[first])
        for first in range(len(went))
        for last in range(first, len(went))
    )


@examples(80)
@given(gaps, rates, bursts)
def test_no_window_holds_more_than_a_burst_and_its_length_allows(
    gaps: list[float], rate: float, burst: int
) -> None:
    went = let_through(gaps, Allowance(rate, burst, 0.0))
    assert most_above(went, rate) <= burst + 1e-6


def test_after_a_silence_there_is_one_burst() -> None:
    went = let_through([1000.0, *[0.0] * 19], Allowance(1.0, 10, 0.0))
    assert went[9] == 1000.0
    assert went[10] > 1000.0


@examples(40)
@given(gaps, rates, bursts)
def test_nobody_waits_who_keeps_to_the_rate(gaps: list[float], rate: float, burst: int) -> None:
    now, allowance = 0.0, Allowance(rate, burst, 0.0)
    for gap in gaps:
        now += gap + 1 / rate
        assert not allowance.is_overdrawn or allowance.pause(now) < 1e-9
        allowance.spend()


def test_pings_that_nobody_holds_up_have_to_be_made_good() -> None:
    allowance = Allowance(2.0, 3, 100.0)
    for _ in range(9):
        allowance.spend()
    assert allowance.is_overdrawn
    assert allowance.pause(100.0) == pytest.approx((1 + 3) / 2), "no debt is deeper than a burst"
    assert allowance.pause(102.0) == 0


def test_without_a_rate_there_is_no_limit() -> None:
    allowance = Allowance(0, 5, 0.0)
    for _ in range(1000):
        assert not allowance.is_overdrawn or allowance.pause(0.0) == 0
        allowance.spend()


async def test_turns_come_after_the_others_and_in_time() -> None:
    turns, seen = Turns(10, 3), []
    turns.later(0.02, lambda: seen.append("later"))
    turns.next(lambda: seen.append("next"))
    seen.append("first")
    await asyncio.sleep(0.05)
    assert seen == ["first", "next", "later"]
    own, other = turns.allowance(), turns.allowance()
    for _ in range(3):
        own.spend()
    assert own.is_overdrawn
    assert not other.is_overdrawn


told = st.lists(st.tuples(st.integers(1, 3), st.integers(-5, 5)), max_size=40)


@examples(60)
@given(told)
def test_what_is_taken_never_goes_back(moments: list[tuple[int, int]]) -> None:
    newest = Newest()
    taken: dict[int, datetime] = {}
    for number, minutes in moments:
        at = NOW + minutes * MINUTE
        kept = taken.get(number)
        expected = kept is None or at >= kept or kept > NOW + MINUTE
        assert newest.takes(number, at, NOW) is expected
        if expected:
            taken[number] = at
        assert newest.knows(number)
    for number in range(1, 4):
        past = [NOW + m * MINUTE for each, m in moments if each == number and m <= 1]
        if past and all(m <= 1 for each, m in moments if each == number):
            assert taken[number] == max(past)


@examples(20)
@given(st.integers(1, 3), st.lists(st.integers(-100, 0), min_size=2, max_size=20))
def test_in_order_all_are_taken(number: int, minutes: list[int]) -> None:
    newest = Newest()
    moments = [NOW + each * MINUTE for each in sorted(minutes)]
    assert all(newest.takes(number, at, NOW) for at in moments)
    assert all(earlier <= later for earlier, later in pairwise(moments))


def test_it_keeps_so_many_and_then_starts_anew() -> None:
    newest = Newest()
    for number in range(2000):
        assert newest.takes(number, NOW, NOW)
    assert len(newest._at) <= 512
    assert newest.takes(5, NOW - MINUTE, NOW), "it is forgotten, and taken as the first"
