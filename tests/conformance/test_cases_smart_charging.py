"""Conformance cases of the SmartCharging profile."""

from typing import Any

import pytest
from case_table import CaseTable
from cases_world import Stage
from cpg_world import Json

from sdk.charging_profiles import read_charging_profiles
from sdk.events.charging import ChargingStarted, ChargingStopped, MeterValueReported

CASES = CaseTable()
LIMIT_W = 4000


@CASES.plays("TC_056_CSMS")
async def default_profile(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        assert await _set(stage, 1, profile(1)) == "Accepted"
        assert await _held(stage) == {(1, 1)}
        await stage.charging(played, tag)
        await _is_limited(stage)


@CASES.plays("TC_057_CSMS")
async def profile_of_a_transaction(stage: Stage) -> None:
    tag = await stage.tag()
    mine: Json = {"chargingProfilePurpose": "TxProfile"}
    async with stage.charge_point() as played:
        assert await _set(stage, 1, profile(1, **mine)) == "Rejected", "there is no transaction"
        assert await _held(stage) == set()
        started = await stage.charging(played, tag)
        running: Json = {**mine, "transactionId": started.transaction_id}
        assert await _set(stage, 1, profile(2, **running)) == "Accepted"
        assert await _held(stage) == {(1, 2)}
        await _is_limited(stage)
        await played.present(tag)
        await stage.news.next(ChargingStopped, 1)
        assert await _held(stage) == set(), "it ends with its transaction"


@CASES.plays("TC_059_CSMS")
async def remote_start_with_profile(stage: Stage) -> None:
    tag = await stage.tag()
    request: Json = {"connectorId": 1, "idTag": tag}
    request["chargingProfile"] = profile(3, chargingProfilePurpose="TxProfile")
    async with stage.charge_point() as played:
        played.plug_in()
        assert (await stage.ask("RemoteStartTransaction", request)).status == "Accepted"
        await stage.news.next(ChargingStarted, 1, id_tag=tag)
        await _is_limited(stage)
        assert await _held(stage) == {(1, 3)}


@CASES.plays("TC_066_CSMS")
async def composite_schedule(stage: Stage) -> None:
    whole = profile(1, 16_000, chargingProfilePurpose="ChargePointMaxProfile")
    low = profile(2, 12_000)
    high = profile(3, 8_000, stackLevel=2)
    high["chargingSchedule"]["duration"] = 300
    ask: Json = {"connectorId": 1, "duration": 600, "chargingRateUnit": "W"}
    async with stage.charge_point():
        for connector, each in ((0, whole), (1, low), (1, high)):
            assert await _set(stage, connector, each) == "Accepted"
        assert await _held(stage) == {(0, 1), (1, 2), (1, 3)}
        response = (await stage.ask("GetCompositeSchedule", ask)).response
        assert response is not None
        assert (response["status"], response["connectorId"]) == ("Accepted", 1)
        schedule = response["chargingSchedule"]
        assert (schedule["chargingRateUnit"], schedule["duration"]) == ("W", 600)
        assert schedule["chargingSchedulePeriod"] == [
            {"startPeriod": 0, "limit": 8000},
            {"startPeriod": 300, "limit": 12_000},
        ]
        assert (await stage.ask("GetCompositeSchedule", {**ask, "connectorId": 2})).response
        unknown = await stage.ask("GetCompositeSchedule", {**ask, "connectorId": 9})
        assert unknown.status == "Rejected"


@CASES.plays("TC_067_CSMS")
async def clear_profile(stage: Stage) -> None:
    async with stage.charge_point():
        for number in (1, 2, 3):
            assert await _set(stage, 1, profile(number, stackLevel=number)) == "Accepted"
        assert await _clear(stage, id=2) == "Accepted"
        assert await _held(stage) == {(1, 1), (1, 3)}
        assert await _clear(stage, id=2) == "Unknown"
        assert await _clear(stage) == "Accepted"
        assert await _held(stage) == set()
        assert await _clear(stage) == "Unknown"


def profile(number: int, limit: float = LIMIT_W, **changes: Any) -> Json:
    """Give a TxDefaultProfile of one period, or what `changes` make of it."""
    return {
        "chargingProfileId": number,
        "stackLevel": 1,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
        },
        **changes,
    }


async def _set(stage: Stage, connector_id: int, wanted: Json) -> str:
    request = {"connectorId": connector_id, "csChargingProfiles": wanted}
    return (await stage.ask("SetChargingProfile", request)).status


async def _clear(stage: Stage, **criteria: int) -> str:
    return (await stage.ask("ClearChargingProfile", dict(criteria))).status


async def _held(stage: Stage) -> set[tuple[int | None, int]]:
    held = await read_charging_profiles(stage.world.bus, stage.cp)
    return {(each.connector_id, each.profile_id) for each in held}


async def _is_limited(stage: Stage) -> None:
    """See the charge point deliver what is allowed once it has ramped up, and no more."""
    for _ in range(50):
        power = (await stage.news.next(MeterValueReported, 1)).power_w
        assert power is not None
        if power == LIMIT_W:
            return
    raise AssertionError(f"it delivers {power} W, not {LIMIT_W}")


@pytest.mark.parametrize("case_id", CASES)
async def test_case(case_id: str, stage: Stage) -> None:
    await CASES[case_id](stage)
