"""What a transaction offers, and what its replacement offers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk.chain.fees import Fees, first_fees, raised_fees

_AMOUNTS = st.integers(0, 10**15)


def test_a_first_offer_covers_a_base_fee_that_doubles() -> None:
    assert first_fees(100, 7, None) == Fees(207, 7)
    assert first_fees(100, 7, None).covers(207)
    assert not first_fees(100, 7, None).covers(208)


def test_an_offer_stays_below_the_cap() -> None:
    assert first_fees(100, 7, 150) == Fees(150, 7)
    assert first_fees(100, 7, 5) == Fees(5, 5)
    assert not first_fees(100, 7, 99).covers(100)


@given(_AMOUNTS, _AMOUNTS, _AMOUNTS, _AMOUNTS)
def test_a_replacement_offers_an_eighth_more_of_both(
    base: int, tip: int, later_base: int, later_tip: int
) -> None:
    before = first_fees(base, tip, None)
    raised = raised_fees(before, later_base, later_tip, None)
    assert raised is not None
    assert 8 * raised.most >= 9 * before.most
    assert 8 * raised.tip >= 9 * before.tip
    assert raised.tip <= raised.most
    assert raised.covers(later_base)


@given(_AMOUNTS, _AMOUNTS, _AMOUNTS, _AMOUNTS)
def test_a_replacement_never_exceeds_the_cap(base: int, tip: int, later: int, cap: int) -> None:
    before = first_fees(base, tip, cap)
    raised = raised_fees(before, later, tip, cap)
    if raised is None:
        assert 8 * cap < 9 * before.most or 8 * cap < 9 * before.tip
    else:
        assert raised.most <= cap
        assert 8 * raised.most >= 9 * before.most
        assert 8 * raised.tip >= 9 * before.tip


@pytest.mark.parametrize("cap", [207, 232])
def test_less_than_an_eighth_below_the_cap_nothing_more_is_offered(cap: int) -> None:
    assert raised_fees(Fees(207, 7), 100, 7, cap) is None
    assert raised_fees(Fees(207, 7), 100, 7, 233) == Fees(233, 8)
