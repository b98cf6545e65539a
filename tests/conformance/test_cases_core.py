"""Conformance cases of the Core profile: boot, sessions, remote start and stop, reset."""

import pytest
from case_table import CaseTable
from cases_world import METER_START, Played, Stage
from ocpp.v16 import call

from sdk.events.charge_point import (
    ChargePointBooted,
    ChargePointDisconnected,
    ConnectorStatusChanged,
)
from sdk.events.charging import ChargingStarted, ChargingStopped, MeterValueReported
from sdk.ids import utc_now

CASES = CaseTable()


@CASES.plays("TC_001_CSMS")
async def cold_boot(stage: Stage) -> None:
    async with stage.charge_point() as played:
        for n in range(3):
            assert (await stage.world.connector(stage.cp, n))["status"] == "Available"
        answer = await played.told(played.parts.boot())
        assert (answer.status, answer.interval) == ("Accepted", 60)
        beat = await played.told(call.Heartbeat())
        state = await stage.world.state(stage.cp)
        assert (state["connected"], state["heartbeat_interval"]) == ("1", "60")
    for told in (answer.current_time, beat.current_time):
        assert abs((stage.read_time(told) - utc_now()).total_seconds()) < 10


@CASES.plays("TC_003_CSMS")
async def session_plug_in_first(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        played.plug_in()
        await stage.statuses(1, "Preparing")
        await played.present(tag)
        started = await stage.news.next(ChargingStarted, 1)
        await stage.statuses(1, "Charging")
        assert (started.id_tag, started.id_tag_status) == (tag, "Accepted")
        assert started.meter_start_wh == METER_START
        assert played.answers(call.Authorize)[0].id_tag_info["status"] == "Accepted"
        assert played.answers(call.StartTransaction)[0].id_tag_info["status"] == "Accepted"
        assert await stage.open_transaction() == str(started.transaction_id)


@CASES.plays("TC_004_1_CSMS")
async def session_identification_first(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        await played.present(tag)
        await stage.statuses(1, "Preparing")
        assert played.answers(call.Authorize)[0].id_tag_info["status"] == "Accepted"
        assert not stage.news.of(ChargingStarted)
        played.plug_in()
        assert (await stage.news.next(ChargingStarted, 1)).id_tag_status == "Accepted"
        await stage.statuses(1, "Charging")


@CASES.plays("TC_004_2_CSMS")
async def identification_first_and_no_cable(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        await _short_connection_timeout(stage)
        await played.present(tag)
        await stage.statuses(1, "Preparing", "Available")
        await _nothing_was_started(stage, played)


@CASES.plays("TC_005_1_CSMS")
async def disconnect_at_the_car(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        started = await stage.charging(played, tag)
        await stage.news.next(MeterValueReported, 1)
        played.pull()
        await stage.statuses(1, "SuspendedEV", "Finishing")
        stopped = await stage.news.next(ChargingStopped, 1)
        assert (stopped.transaction_id, stopped.reason) == (
            started.transaction_id,
            "EVDisconnected",
        )
        await stage.statuses(1, "Available")
        assert not await stage.open_transaction()


@CASES.plays("TC_007_CSMS")
async def start_with_cached_id(stage: Stage) -> None:
    tag = await stage.tag(parent_id_tag="PARENT")
    async with stage.charge_point() as played:
        for _ in range(2):
            await stage.charging(played, tag)
            await played.present(tag)
            await stage.news.next(ChargingStopped, 1, reason="Local")
            played.pull()
            await stage.statuses(1, "Available")
        assert len(played.answers(call.Authorize)) == 1
        first, second = played.answers(call.StartTransaction)
        assert first.transaction_id != second.transaction_id
        assert second.id_tag_info == {"status": "Accepted", "parent_id_tag": "PARENT"}


@CASES.plays("TC_010_CSMS")
async def remote_start_cable_first(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        played.plug_in()
        await stage.statuses(1, "Preparing")
        assert (await _remote_start(stage, tag)) == "Accepted"
        assert (await stage.news.next(ChargingStarted, 1)).id_tag == tag
        await stage.statuses(1, "Charging")
        assert played.answers(call.Authorize)[0].id_tag_info["status"] == "Accepted"


@CASES.plays("TC_011_1_CSMS")
async def remote_start_first(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        assert (await _remote_start(stage, tag)) == "Accepted"
        await stage.statuses(1, "Preparing")
        assert not stage.news.of(ChargingStarted)
        played.plug_in()
        assert (await stage.news.next(ChargingStarted, 1)).id_tag == tag
        await stage.statuses(1, "Charging")


@CASES.plays("TC_011_2_CSMS")
async def remote_start_and_no_cable(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        await _short_connection_timeout(stage)
        assert (await _remote_start(stage, tag)) == "Accepted"
        await stage.statuses(1, "Preparing", "Available")
        await _nothing_was_started(stage, played)


@CASES.plays("TC_012_CSMS")
async def remote_stop(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        started = await stage.charging(played, tag)
        answer = await stage.ask("RemoteStopTransaction", {"transactionId": started.transaction_id})
        assert answer.status == "Accepted"
        stopped = await stage.news.next(ChargingStopped, 1)
        assert (stopped.transaction_id, stopped.reason) == (started.transaction_id, "Remote")
        await stage.statuses(1, "Finishing")
        assert not await stage.open_transaction()


@CASES.plays("TC_013_CSMS")
async def hard_reset(stage: Stage) -> None:
    await _reset(stage, "Hard")


@CASES.plays("TC_014_CSMS")
async def soft_reset(stage: Stage) -> None:
    await _reset(stage, "Soft")


@CASES.plays("TC_026_CSMS")
async def remote_start_rejected(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point(reject_start=True) as played:
        assert (await _remote_start(stage, tag)) == "Rejected"
        await _nothing_was_started(stage, played)


@CASES.plays("TC_028_CSMS")
async def remote_stop_rejected(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        started = await stage.charging(played, tag)
        unknown = {"transactionId": started.transaction_id + 100_000}
        assert (await stage.ask("RemoteStopTransaction", unknown)).status == "Rejected"
        await stage.news.next(MeterValueReported, 1)
        assert not stage.news.of(ChargingStopped)
        assert await stage.open_transaction() == str(started.transaction_id)


@CASES.plays("TC_032_1_CSMS")
async def power_failure(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        started = await stage.charging(played, tag)
        played.fail_power()
        await stage.news.next(ChargePointDisconnected)
        await stage.news.next(ChargePointBooted)
        stopped = await stage.news.next(ChargingStopped, 1)
        assert (stopped.transaction_id, stopped.reason) == (started.transaction_id, "PowerLoss")
        assert not await stage.open_transaction()


@CASES.plays("TC_037_1_CSMS")
async def offline_start(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        await _charge_offline(stage, played, tag)
        back_at = utc_now()
        played.go_online()
        started = await stage.news.next(ChargingStarted, 1)
        assert started.started_at < back_at
        assert started.id_tag_status == "Accepted"
        await stage.until(lambda: played.answers(call.MeterValues))
        assert await stage.open_transaction() == str(started.transaction_id)
        assert not stage.news.of(ChargingStopped)


@CASES.plays("TC_037_3_CSMS")
async def offline_start_of_an_invalid_tag(stage: Stage) -> None:
    async with stage.charge_point() as played:
        await _charge_offline(stage, played, "UNKNOWN-TAG")
        played.go_online()
        started = await stage.news.next(ChargingStarted, 1)
        assert started.id_tag_status == "Invalid"
        assert started.transaction_id > 0
        stopped = await stage.news.next(ChargingStopped, 1)
        assert (stopped.transaction_id, stopped.reason) == (
            started.transaction_id,
            "DeAuthorized",
        )
        assert not await stage.open_transaction()


@CASES.plays("TC_039_CSMS")
async def offline_transaction(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        await _charge_offline(stage, played, tag)
        await stage.until(lambda: played.state.plugs[1].meter_wh > METER_START + 1)
        await played.present(tag)
        await played.settled()
        back_at = utc_now()
        played.go_online()
        started = await stage.news.next(ChargingStarted, 1)
        stopped = await stage.news.next(ChargingStopped, 1)
        reading = await stage.news.next(MeterValueReported, 1)
        assert started.transaction_id == stopped.transaction_id == reading.transaction_id
        assert started.started_at <= reading.sampled_at <= stopped.stopped_at < back_at
        assert stopped.meter_stop_wh > started.meter_start_wh == METER_START


async def _remote_start(stage: Stage, tag: str) -> str:
    request = {"connectorId": 1, "idTag": tag}
    return (await stage.ask("RemoteStartTransaction", request)).status


async def _short_connection_timeout(stage: Stage) -> None:
    change = {"key": "ConnectionTimeOut", "value": "12"}
    assert (await stage.ask("ChangeConfiguration", change)).status == "Accepted"


async def _nothing_was_started(stage: Stage, played: Played) -> None:
    await played.settled()
    assert "StartTransaction" not in played.order()
    assert not stage.news.of(ChargingStarted)
    assert not await stage.open_transaction()


async def _reset(stage: Stage, kind: str) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        started = await stage.charging(played, tag)
        assert (await stage.ask("Reset", {"type": kind})).status == "Accepted"
        stopped = await stage.news.next(ChargingStopped, 1)
        assert (stopped.transaction_id, stopped.reason) == (
            started.transaction_id,
            f"{kind}Reset",
        )
        await stage.news.next(ChargePointDisconnected)
        await stage.news.next(ChargePointBooted)
        await stage.news.next(ConnectorStatusChanged, 0, status="Available")
        assert not await stage.open_transaction()


async def _charge_offline(stage: Stage, played: Played, tag: str) -> None:
    played.go_offline()
    await stage.news.next(ChargePointDisconnected)
    played.plug_in()
    await played.present(tag)
    await stage.until(lambda: played.state.plugs[1].status == "Charging")


@pytest.mark.parametrize("case_id", CASES)
async def test_case(case_id: str, stage: Stage) -> None:
    await CASES[case_id](stage)
