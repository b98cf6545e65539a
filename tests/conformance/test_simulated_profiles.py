"""The simulated charge point's charging profiles: what they come to."""

from datetime import timedelta
from typing import Any

import pytest

from sdk.ids import utc_now
from simulated_profiles import Profiles, read_profile

NOW = utc_now()
MAXIMUM, DEFAULT, OWN = "ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"


def profile(number: int, purpose: str, *periods: tuple[int, float], **changes: Any) -> Any:
    schedule = {
        "charging_rate_unit": changes.pop("unit", "W"),
        "charging_schedule_period": [
            {"start_period": start, "limit": limit} for start, limit in periods
        ],
        **changes.pop("schedule", {}),
    }
    return {
        "charging_profile_id": number,
        "stack_level": 1,
        "charging_profile_purpose": purpose,
        "charging_profile_kind": "Relative",
        "charging_schedule": schedule,
        **changes,
    }


def held(*profiles: tuple[int, Any]) -> Profiles:
    made = Profiles()
    for connector, data in profiles:
        made.add(read_profile(connector, data))
    return made


@pytest.mark.parametrize(
    ("profiles", "limit"),
    [
        ([], None),
        ([(1, profile(1, DEFAULT, (0, 5000)))], 5000),
        ([(0, profile(1, DEFAULT, (0, 5000)))], 5000),
        ([(2, profile(1, DEFAULT, (0, 5000)))], None),
        ([(1, profile(1, DEFAULT, (0, 16), unit="A"))], 16 * 230 * 3),
        ([(1, profile(1, DEFAULT, (0, 5000))), (1, profile(2, OWN, (0, 9000)))], 9000),
        ([(0, profile(1, MAXIMUM, (0, 7000))), (1, profile(2, OWN, (0, 9000)))], 7000),
        (
            [
                (1, profile(1, DEFAULT, (0, 5000))),
                (1, profile(2, DEFAULT, (0, 8000), stack_level=2)),
            ],
            8000,
        ),
        ([(1, profile(1, DEFAULT, (0, 5000), (100, 3000)))], 5000),
        ([(1, profile(1, DEFAULT, (0, 5000), (60, 3000)))], 3000),
        ([(1, profile(1, DEFAULT, (0, 5000), schedule={"duration": 60}))], None),
        ([(1, profile(1, DEFAULT, (0, 5000), valid_to=NOW.isoformat()))], None),
    ],
)
def test_a_minute_after_the_start(profiles: list[tuple[int, Any]], limit: float | None) -> None:
    found = held(*profiles).limit(1, NOW + timedelta(seconds=60), NOW)
    assert found == limit


def test_a_daily_profile_comes_again() -> None:
    now = utc_now()
    begin = {"start_schedule": (now - timedelta(days=3, seconds=30)).isoformat()}
    daily = {"charging_profile_kind": "Recurring", "recurrency_kind": "Daily"}
    profiles = held((1, profile(1, DEFAULT, (0, 5000), (60, 3000), schedule=begin, **daily)))
    assert profiles.limit(1, now, now) == 5000
    assert profiles.limit(1, now + timedelta(seconds=31), now) == 3000
    assert profiles.limit(1, now + timedelta(days=1), now) == 5000
    first, second = profiles.composite(1, 60, "W", 22_000, now)
    assert (first["limit"], second["limit"]) == (5000, 3000)
    assert 20 <= second["start_period"] <= 30


def test_the_same_place_is_taken_over() -> None:
    profiles = held((1, profile(1, DEFAULT, (0, 5000))), (1, profile(2, DEFAULT, (0, 6000))))
    assert profiles.limit(1, NOW, NOW) == 6000
    assert not profiles.clear(1)
    assert profiles.clear(purpose=DEFAULT, level=1, connector=1)
    assert profiles.limit(1, NOW, NOW) is None


def test_what_cannot_be_installed() -> None:
    profiles = Profiles()
    assert profiles.install(1, profile(1, MAXIMUM, (0, 1)), None) == "Rejected"
    assert profiles.install(1, profile(1, OWN, (0, 1)), None) == "Rejected"
    assert profiles.install(1, profile(1, OWN, (0, 1), transaction_id=8), 7) == "Rejected"
    assert profiles.install(1, profile(1, OWN, (0, 1), transaction_id=7), 7) == "Accepted"
