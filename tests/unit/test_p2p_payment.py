"""What the app signs while charging: by its own sum, its own clock, and never more than agreed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk.events.service import QuoteOffered
from sdk.p2p.payment import Limits, Signed, voucher_due
from sdk.p2p.usage_check import SLACK
from sdk.tariff import Tariff, energy_cost, usage_of

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ACCOUNT = "0x" + "1" * 40
HASH = "0x" + "2" * 64
SIGNATURE = "0x" + "3" * 130


def quote(**fields: object) -> QuoteOffered:
    content = {
        "provider_did": f"did:ethr:0x1:{ACCOUNT}",
        "charge_point_id": "CP-1",
        "connector_id": 1,
        "session_id": HASH,
        "consumer_nonce": HASH,
        "provider_nonce": HASH,
        "session_key": ACCOUNT,
        "refund_account": ACCOUNT,
        "provider": ACCOUNT,
        "chain_id": 1,
        "token": ACCOUNT,
        "wallet": ACCOUNT,
        "tariff": Tariff(per_kwh=1000),
        "tariff_hash": HASH,
        "deposit": 10_000,
        "minimum_deposit": 0,
        "maximum_power_w": 3600,
        "exposure_step": 100,
        "voucher_interval_s": 30,
        "ends_by": 1,
        "refund_opens_at": 2,
        "refund_signature": SIGNATURE,
        "sweep_signature": SIGNATURE,
        "expires_at": NOW,
    }
    return QuoteOffered.model_validate({**content, **fields})


@pytest.mark.parametrize(
    ("amount", "last", "waited", "due"),
    [
        (99, 0, 0, False),
        (100, 0, 0, True),
        (199, 100, 29, False),
        (199, 100, 30, True),
        (100, 100, 3600, False),
        (50, 100, 3600, False),
        (10_000, 9_999, 0, True),
    ],
)
def test_a_voucher_is_due_by_step_by_time_or_at_the_end(
    amount: int,
    last: int,
    waited: float,
    due: bool,  # noqa: FBT001 - the expectation
) -> None:
    signed = Signed(last, NOW - timedelta(seconds=waited))
    assert voucher_due(quote(), amount, signed, NOW) is due


@given(st.integers(min_value=0, max_value=10**9))
def test_the_apps_sum_is_the_tariffs_and_at_most_the_deposit(energy_wh: int) -> None:
    limits = Limits(quote(tariff=Tariff(per_kwh=1000, per_session=5)))
    usage = usage_of(limits.quote.tariff, [(NOW, 500), (NOW, 500 + energy_wh)])
    assert limits.cost(usage) == min(10_000, energy_cost(limits.quote.tariff, energy_wh))


@pytest.mark.parametrize("speed", [1.0, 60.0])
def test_no_more_than_full_power_since_the_beginning(speed: float) -> None:
    limits = Limits(quote(), speed)
    for seconds in (0, 1, 60, 600):
        wh = int(3600 * (seconds * speed + SLACK.total_seconds()) / 3600) + 1
        assert limits.bound(NOW, NOW + timedelta(seconds=seconds)) == min(10_000, wh)


def test_a_clock_that_went_back_allows_no_more_than_the_slack() -> None:
    limits = Limits(quote())
    assert limits.bound(NOW, NOW - timedelta(hours=1)) == limits.bound(NOW, NOW)
