"""Conformance cases of the LocalAuthListManagement and RemoteTrigger profiles."""

import pytest
from case_table import CaseTable
from cases_world import Stage
from cpg_world import Json
from ocpp.v16 import call

from sdk.bus import keys
from sdk.events.charge_point import (
    ChargePointBooted,
    DiagnosticsStatusChanged,
    FirmwareStatusChanged,
)
from sdk.events.charging import MeterValueReported
from simulated_options import Script

CASES = CaseTable()


@CASES.plays("TC_042_1_CSMS")
async def list_version_not_supported(stage: Stage) -> None:
    async with stage.charge_point(no_local_list=True) as played:
        assert await _version(stage) == -1
        played.script.answers["GetLocalListVersion"] = "!NotSupported"
        answer = await stage.ask("GetLocalListVersion")
        assert (answer.outcome, answer.response) == ("not_supported", None)
        assert answer.error is not None
        assert answer.error["code"] == "NotSupported"


@CASES.plays("TC_042_2_CSMS")
async def list_version_of_an_empty_list(stage: Stage) -> None:
    async with stage.charge_point():
        assert await _version(stage) == 0


@CASES.plays("TC_043_1_CSMS")
async def send_list_not_supported(stage: Stage) -> None:
    async with stage.charge_point(no_local_list=True):
        assert await _send(stage, 1, "Full", "TAG-A") == "NotSupported"
        assert await _kept(stage) == set()


@CASES.plays("TC_043_3_CSMS")
async def send_list_failed(stage: Stage) -> None:
    async with stage.charge_point(Script({"SendLocalList": "Failed"})) as played:
        assert await _send(stage, 1, "Full", "TAG-A") == "Failed"
        assert await _kept(stage) == set()
        del played.script.answers["SendLocalList"]
        assert await _send(stage, 1, "Full", "TAG-A") == "Accepted"
        assert await _kept(stage) == {"TAG-A"}


@CASES.plays("TC_043_4_CSMS")
async def send_list_full(stage: Stage) -> None:
    async with stage.charge_point() as played:
        assert await _send(stage, 1, "Full", "TAG-A", "TAG-B") == "Accepted"
        assert len(played.state.tags) == 2
        assert await _kept(stage) == {"TAG-A", "TAG-B"}
        assert await _version(stage) == 1
        assert await _send(stage, 2, "Full", "TAG-C") == "Accepted"
        assert await _kept(stage) == {"TAG-C"}
        assert await _version(stage) == 2


@CASES.plays("TC_043_5_CSMS")
async def send_list_differential(stage: Stage) -> None:
    async with stage.charge_point() as played:
        assert await _send(stage, 1, "Full", "TAG-A") == "Accepted"
        assert await _send(stage, 2, "Differential", "TAG-B") == "Accepted"
        assert len(played.state.tags) == 2
        assert await _kept(stage) == {"TAG-A", "TAG-B"}
        assert await _send(stage, 2, "Differential", "TAG-C") == "VersionMismatch"
        assert len(played.state.tags) == 2
        assert await _kept(stage) == {"TAG-A", "TAG-B"}
        assert await _version(stage) == 2


@CASES.plays("TC_054_CSMS")
async def trigger_message(stage: Stage) -> None:
    async with stage.charge_point() as played:
        asked = await _trigger(stage, "MeterValues", connectorId=1)
        assert asked == "Accepted"
        assert (await stage.news.next(MeterValueReported, 1)).transaction_id is None
        before = len(played.answers(call.StatusNotification))
        assert await _trigger(stage, "Heartbeat") == "Accepted"
        await stage.until(lambda: played.answers(call.Heartbeat))
        assert await _trigger(stage, "StatusNotification") == "Accepted"
        told = len(played.state.plugs)
        await stage.until(lambda: len(played.answers(call.StatusNotification)) == before + told)
        assert None not in played.answers(call.StatusNotification)
        assert await _trigger(stage, "DiagnosticsStatusNotification") == "Accepted"
        await stage.news.next(DiagnosticsStatusChanged, status="Idle")
        assert await _trigger(stage, "FirmwareStatusNotification") == "Accepted"
        await stage.news.next(FirmwareStatusChanged, status="Idle", signed=False)
        assert await _trigger(stage, "BootNotification") == "Accepted"
        await stage.news.next(ChargePointBooted)


@CASES.plays("TC_055_CSMS")
async def trigger_message_rejected(stage: Stage) -> None:
    async with stage.charge_point() as played:
        assert await _trigger(stage, "MeterValues", connectorId=9) == "Rejected"
        played.script.answers["TriggerMessage"] = "Rejected"
        assert await _trigger(stage, "MeterValues") == "Rejected"
        assert not played.answers(call.MeterValues)


async def _version(stage: Stage) -> int:
    response = (await stage.ask("GetLocalListVersion")).response
    assert response is not None
    return int(response["listVersion"])


async def _send(stage: Stage, version: int, kind: str, *tags: str) -> str:
    entries = [{"idTag": tag, "idTagInfo": {"status": "Accepted"}} for tag in tags]
    request: Json = {"listVersion": version, "updateType": kind}
    request["localAuthorizationList"] = entries
    return (await stage.ask("SendLocalList", request)).status


async def _kept(stage: Stage) -> set[str]:
    return set(await stage.world.bus.read(keys.local_list(stage.cp)))


async def _trigger(stage: Stage, message: str, **more: int) -> str:
    return (await stage.ask("TriggerMessage", {"requestedMessage": message, **more})).status


@pytest.mark.parametrize("case_id", CASES)
async def test_case(case_id: str, stage: Stage) -> None:
    await CASES[case_id](stage)
