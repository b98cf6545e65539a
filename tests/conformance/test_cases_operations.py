"""Conformance cases of the Core profile: unlocking, configuration, tags, and what goes wrong."""

import pytest
from case_table import CaseTable
from cases_world import Stage
from cpg_world import Json
from ocpp.v16 import call

from sdk.configuration import read_configuration
from sdk.events.charge_point import DataTransferReceived
from sdk.events.charging import ChargingStarted, ChargingStopped
from sdk.ids import utc_now
from simulated_options import Script

CASES = CaseTable()


@CASES.plays("TC_017_1_CSMS")
async def unlock_without_session(stage: Stage) -> None:
    async with stage.charge_point():
        assert (await stage.ask("UnlockConnector", {"connectorId": 1})).status == "Unlocked"
        assert not await stage.open_transaction()


@CASES.plays("TC_017_2_CSMS")
async def unlock_of_a_fixed_cable(stage: Stage) -> None:
    async with stage.charge_point(fixed_cable=True):
        assert (await stage.ask("UnlockConnector", {"connectorId": 1})).status == "NotSupported"


@CASES.plays("TC_018_1_CSMS")
async def unlock_with_running_session(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        started = await stage.charging(played, tag)
        assert (await stage.ask("UnlockConnector", {"connectorId": 1})).status == "Unlocked"
        stopped = await stage.news.next(ChargingStopped, 1)
        assert stopped.transaction_id == started.transaction_id
        assert stopped.reason == "UnlockCommand"
        assert not await stage.open_transaction()


@CASES.plays("TC_019_1_CSMS")
async def get_all_configuration(stage: Stage) -> None:
    async with stage.charge_point() as played:
        requests: tuple[Json, ...] = ({}, {"key": []})
        for request in requests:
            response = (await stage.ask("GetConfiguration", request)).response
            assert response is not None
            told = {item["key"]: item.get("value") for item in response["configurationKey"]}
            assert len(told) == len(played.state.configuration.tell(None)[0])
            assert told["NumberOfConnectors"] == "2"
            assert told["AuthorizationKey"] is None
    kept = await read_configuration(stage.world.bus, stage.cp)
    assert {entry.key for entry in kept} == told.keys()
    assert {entry.key: entry.value for entry in kept}["NumberOfConnectors"] == "2"


@CASES.plays("TC_019_2_CSMS")
async def get_one_configuration_key(stage: Stage) -> None:
    keys = ["SupportedFeatureProfiles", "NoSuchKey"]
    async with stage.charge_point():
        response = (await stage.ask("GetConfiguration", {"key": keys})).response
    assert response is not None
    (told,) = response["configurationKey"]
    assert (told["key"], told["readonly"]) == (keys[0], True)
    assert "Reservation" in told["value"]
    assert response["unknownKey"] == [keys[1]]


@CASES.plays("TC_021_CSMS")
async def change_configuration(stage: Stage) -> None:
    async with stage.charge_point() as played:
        assert await _change(stage, "MeterValueSampleInterval", "7") == "Accepted"
        assert played.state.configuration["MeterValueSampleInterval"] == "7"
        assert await _change(stage, "WebSocketPingInterval", "20") == "RebootRequired"
        assert await _kept(stage, "MeterValueSampleInterval") == "7"
        assert await _kept(stage, "WebSocketPingInterval") == "20"


@CASES.plays("TC_023_1_CSMS")
async def authorize_invalid(stage: Stage) -> None:
    await _is_turned_away(stage, "NOBODYS-TAG", "Invalid")


@CASES.plays("TC_023_2_CSMS")
async def authorize_expired(stage: Stage) -> None:
    await _is_turned_away(stage, await stage.tag(expires_at=utc_now()), "Expired")


@CASES.plays("TC_023_3_CSMS")
async def authorize_blocked(stage: Stage) -> None:
    await _is_turned_away(stage, await stage.tag(status="Blocked"), "Blocked")


@CASES.plays("TC_024_CSMS")
async def connector_lock_failure(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point(Script(failures={"lock"})) as played:
        played.plug_in()
        await stage.statuses(1, "Preparing")
        await played.present(tag)
        faulted = await stage.statuses(1, "Faulted")
        assert faulted.error_code == "ConnectorLockFailure"
        await played.settled()
        assert "StartTransaction" not in played.order()
        connector = await stage.world.connector(stage.cp)
        assert connector["error_code"] == "ConnectorLockFailure"
        assert not connector.get("transaction_id")


@CASES.plays("TC_030_CSMS")
async def unlock_failure(stage: Stage) -> None:
    async with stage.charge_point(Script(failures={"unlock"})):
        assert (await stage.ask("UnlockConnector", {"connectorId": 1})).status == "UnlockFailed"
        faulted = await stage.statuses(1, "Faulted")
        assert faulted.error_code == "ConnectorLockFailure"


@CASES.plays("TC_031_CSMS")
async def unlock_of_an_unknown_connector(stage: Stage) -> None:
    async with stage.charge_point():
        assert (await stage.ask("UnlockConnector", {"connectorId": 9})).status == "NotSupported"


@CASES.plays("TC_040_1_CSMS")
async def configuration_key_not_supported(stage: Stage) -> None:
    async with stage.charge_point():
        assert await _change(stage, "NoSuchKey", "1") == "NotSupported"
        assert await _kept(stage, "NoSuchKey") is None


@CASES.plays("TC_040_2_CSMS")
async def configuration_key_with_an_invalid_value(stage: Stage) -> None:
    async with stage.charge_point() as played:
        await stage.ask("GetConfiguration", {"key": ["MeterValueSampleInterval"]})
        assert await _change(stage, "MeterValueSampleInterval", "-1") == "Rejected"
        assert await _change(stage, "NumberOfConnectors", "3") == "Rejected"
        before = played.state.configuration["MeterValueSampleInterval"]
        assert await _kept(stage, "MeterValueSampleInterval") == before != "-1"
        assert await _kept(stage, "NumberOfConnectors") is None


@CASES.plays("TC_061_CSMS")
async def clear_authorization_cache(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        for _ in range(2):
            await stage.charging(played, tag)
            await played.present(tag)
            await stage.news.next(ChargingStopped, 1)
            played.pull()
            await stage.statuses(1, "Available")
            assert (await stage.ask("ClearCache")).status == "Accepted"
        assert len(played.answers(call.Authorize)) == 2


@CASES.plays("TC_064_CSMS")
async def data_transfer(stage: Stage) -> None:
    async with stage.charge_point() as played:
        answer = await played.told(call.DataTransfer("nobody.example", "hello", "data"))
        assert answer.status == "UnknownVendorId"
        told = await stage.news.next(DataTransferReceived)
        assert (told.vendor_id, told.message_id, told.data) == ("nobody.example", "hello", "data")
        there = {"vendorId": "Noroam", "messageId": "echo", "data": "back"}
        response = (await stage.ask("DataTransfer", there)).response
        assert response == {"status": "Accepted", "data": "back"}
        unknown = await stage.ask("DataTransfer", {"vendorId": "nobody.example"})
        assert unknown.status == "UnknownVendorId"


async def _change(stage: Stage, key: str, value: str) -> str:
    return (await stage.ask("ChangeConfiguration", {"key": key, "value": value})).status


async def _kept(stage: Stage, key: str) -> str | None:
    kept = await read_configuration(stage.world.bus, stage.cp)
    return next((entry.value for entry in kept if entry.key == key), None)


async def _is_turned_away(stage: Stage, tag: str, status: str) -> None:
    async with stage.charge_point() as played:
        played.plug_in()
        await played.present(tag)
        await played.settled()
        (answer,) = played.answers(call.Authorize)
        assert answer.id_tag_info["status"] == status
        assert "StartTransaction" not in played.order()
        assert not stage.news.of(ChargingStarted)


@pytest.mark.parametrize("case_id", CASES)
async def test_case(case_id: str, stage: Stage) -> None:
    await CASES[case_id](stage)
