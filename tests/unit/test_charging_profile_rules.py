"""Which charging profiles replace each other, are cleared, and end with a transaction."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cpg.charging_profiles import cleared_by, ended_with, replaced_by
from sdk.charging_profiles import HeldProfile
from sdk.events.ocpp16.set_charging_profile import CsChargingProfiles
from sdk.events.operations import ClearChargingProfile

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def held(
    profile_id: int,
    connector_id: int | None = 1,
    purpose: str = "TxDefaultProfile",
    level: int = 0,
    **more: Any,
) -> HeldProfile:
    tag = more.pop("id_tag", None)
    profile = {
        "chargingProfileId": profile_id,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}],
        },
        **more,
    }
    return HeldProfile(
        connector_id=connector_id,
        profile=CsChargingProfiles.model_validate(profile),
        id_tag=tag,
        accepted_at=AT,
    )


@pytest.mark.parametrize(
    ("new", "gone"),
    [
        (held(9), [1]),
        (held(9, connector_id=2), []),
        (held(9, level=1), []),
        (held(9, purpose="TxProfile"), []),
        (held(9, connector_id=0, purpose="ChargePointMaxProfile"), [2]),
        (held(1), []),
        (held(2), [1]),
    ],
)
def test_a_profile_replaces_those_of_its_place(new: HeldProfile, gone: list[int]) -> None:
    before = [held(1), held(2, connector_id=0, purpose="ChargePointMaxProfile")]
    assert replaced_by(new, before) == gone


def test_remote_starts_of_two_tags_on_any_connector_do_not_replace_each_other() -> None:
    before = [held(1, None, "TxProfile", id_tag="A")]
    assert replaced_by(held(2, None, "TxProfile", id_tag="B"), before) == []
    assert replaced_by(held(2, None, "TxProfile", id_tag="A"), before) == [1]


@pytest.mark.parametrize(
    ("criteria", "connector_id", "gone"),
    [
        ({}, None, [1, 2, 3]),
        ({}, 1, [1, 3]),
        ({}, 0, [2]),
        ({"id": 2}, None, [2]),
        ({"id": 2}, 1, [2]),
        ({"id": 7}, None, []),
        ({"charging_profile_purpose": "TxProfile"}, None, [3]),
        ({"charging_profile_purpose": "TxProfile"}, 2, []),
        ({"stack_level": 0}, None, [1, 2]),
        ({"stack_level": 4}, 1, [3]),
    ],
)
def test_what_fits_every_criterion_is_cleared(
    criteria: dict[str, Any], connector_id: int | None, gone: list[int]
) -> None:
    on_it = [
        held(1),
        held(2, connector_id=0, purpose="ChargePointMaxProfile"),
        held(3, purpose="TxProfile", level=4),
    ]
    body = ClearChargingProfile(expires_at=AT, **criteria)
    assert cleared_by(body, connector_id, on_it) == gone


def test_a_transaction_takes_its_own_profiles_with_it() -> None:
    on_it = [
        held(1),
        held(2, purpose="TxProfile", transactionId=7),
        held(3, purpose="TxProfile", transactionId=8),
        held(4, purpose="TxProfile"),
        held(5, connector_id=2, purpose="TxProfile"),
        held(6, None, "TxProfile", id_tag="tag"),
        held(7, None, "TxProfile", id_tag="other"),
    ]
    assert ended_with(7, 1, "TAG", on_it) == [2, 4, 6]
    assert ended_with(7, None, "x", on_it) == [2], "another transaction has its connector already"
