"""What a charge point tells: answered after it is durable, told once, kept in its hashes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cpg_world import World, soon

from cpg.register import Entry
from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.events.charge_point import (
    ChargePointBooted,
    ChargePointConnected,
    ConnectorStatusChanged,
    DataTransferReceived,
)
from sdk.events.charging import ChargingStarted, ChargingStopped, MeterValueReported
from sdk.ids import utc_now


async def test_connect_boot_and_heartbeat(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        _, connected = await ear.next(ChargePointConnected)
        boot = {"chargePointVendor": "V", "chargePointModel": "M"}
        answer = await point.tell("BootNotification", boot)
        assert (answer["status"], answer["interval"]) == ("Accepted", 60)
        assert answer["currentTime"].endswith("Z")
        _, booted = await ear.next(ChargePointBooted)
        assert (booted.vendor, booted.model) == ("V", "M")
        assert set(await point.tell("Heartbeat", {})) == {"currentTime"}
        state = await world.state(cp)
        assert state["connected"] == "1"
        assert state["generation"] == str(connected.generation)
        assert json.loads(state["boot"]) == {"vendor": "V", "model": "M"}
        assert await point.hears_nothing(), "nothing is asked without need after a boot"


async def test_status_is_kept_and_told(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        status = {"connectorId": 2, "status": "Faulted", "errorCode": "GroundFailure", "info": "x"}
        assert await point.tell("StatusNotification", status) == {}
        envelope, told = await ear.next(ConnectorStatusChanged)
    assert (envelope.connector_id, told.status, told.info) == (2, "Faulted", "x")
    connector = await world.connector(cp, 2)
    assert (connector["status"], connector["error_code"]) == ("Faulted", "GroundFailure")


async def test_a_late_status_or_reading_does_not_undo_a_newer_one(world: World, cp: str) -> None:
    async with world.point(cp) as point:
        for status, age in (("Charging", -1), ("Preparing", -30)):
            payload = {"connectorId": 1, "status": status, "errorCode": "NoError"}
            await point.tell("StatusNotification", {**payload, "timestamp": soon(age)})
        number = (await point.start("NOBODY", timestamp=soon(-50)))["transactionId"]
        await point.meter((soon(-10), 500), (soon(-40), 200), transaction_id=number)
        await point.meter((soon(-30), 300), transaction_id=number)
    async with world.point(cp) as point:
        await point.meter((soon(-20), 400), transaction_id=number)
    connector = await world.connector(cp)
    assert (connector["status"], connector["energy_wh"]) == ("Charging", "500")
    transaction = await world.bus.read(keys.transaction(cp, number))
    assert transaction["energy_wh"] == "500"


async def test_the_first_status_on_a_socket_counts_whatever_its_time(world: World, cp: str) -> None:
    payload = {"connectorId": 1, "errorCode": "NoError"}
    async with world.point(cp) as point:
        await point.tell("StatusNotification", {**payload, "status": "Charging"})
    async with world.point(cp) as point:
        late = {"status": "Available", "timestamp": soon(-3600)}
        await point.tell("StatusNotification", {**payload, **late})
    assert (await world.connector(cp))["status"] == "Available"


async def test_a_transaction_from_start_to_stop(world: World, cp: str) -> None:
    await world.permit(cp, "TAG", Entry(utc_now() + timedelta(hours=1), connector_id=1))
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        allowed = (await point.tell("Authorize", {"idTag": "tag"}))["idTagInfo"]
        assert (allowed["status"], allowed["expiryDate"][-1]) == ("Accepted", "Z")
        answer = await point.start("tag", timestamp=soon(-20))
        assert answer["idTagInfo"]["status"] == "Accepted"
        number = answer["transactionId"]
        envelope, started = await ear.next(ChargingStarted)
        assert envelope.connector_id == 1
        assert (started.id_tag, started.meter_start_wh) == ("TAG", 100)
        assert started.transaction_id == number
        await point.meter((soon(-9), 300), (soon(-8), 400), transaction_id=number)
        readings = [(await ear.next(MeterValueReported))[1] for _ in range(2)]
        assert [reading.energy_wh for reading in readings] == [300, 400]
        data = [{"timestamp": soon(-3), "sampledValue": [{"value": "0.55", "unit": "kWh"}]}]
        assert await point.stop(number, transactionData=data, reason="Remote") == {}
        _, last = await ear.next(MeterValueReported)
        envelope, stopped = await ear.next(ChargingStopped)
    assert last.energy_wh == 550
    assert (envelope.connector_id, stopped.meter_stop_wh, stopped.reason) == (1, 600, "Remote")
    connector = await world.connector(cp)
    assert (connector["transaction_id"], connector["energy_wh"]) == ("", "600")
    transaction = await world.bus.read(keys.transaction(cp, number))
    assert (transaction["meter_stop_wh"], transaction["energy_wh"]) == ("600", "400")


async def test_a_repeated_start_or_stop_changes_nothing(world: World, cp: str) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    at = soon(-60)
    async with world.point(cp) as point:
        first = await point.start("TAG", timestamp=at)
        await point.meter((soon(-9), 300), transaction_id=first["transactionId"])
    async with world.point(cp) as point:
        assert await point.start("TAG", timestamp=at) == first
        assert (await world.connector(cp))["energy_wh"] == "300"
        await point.stop(first["transactionId"], 600)
        assert await point.stop(first["transactionId"], 900, idTag="TAG") == {
            "idTagInfo": {"status": "Accepted"}
        }
        assert await point.start("TAG", timestamp=at) == first
        assert (await world.connector(cp))["transaction_id"] == ""
    told = await ear.all_within()
    assert told.count("ChargingStarted") == 1
    assert told.count("ChargingStopped") == 1
    transaction = await world.bus.read(keys.transaction(cp, first["transactionId"]))
    assert transaction["meter_stop_wh"] == "600"


async def test_an_intruder_gets_an_id_and_is_stopped(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    at = soon(-60)
    async with world.point(cp) as point:
        assert await point.tell("Authorize", {"idTag": "NOBODY"}) == {
            "idTagInfo": {"status": "Invalid"}
        }
        answer = await point.start("NOBODY", timestamp=at)
        assert answer["idTagInfo"]["status"] == "Invalid"
        assert not point.asked, "first it gets its answer"
        point.answers["RemoteStopTransaction"] = {"status": "Accepted"}
        stop = await point.until_asked("RemoteStopTransaction")
        assert stop == {"transactionId": answer["transactionId"]}
        _, started = await ear.next(ChargingStarted)
        assert started.id_tag_status == "Invalid"
        await point.stop(answer["transactionId"], reason="DeAuthorized")
        assert await point.start("NOBODY", timestamp=at) == answer, "a repeat, after its stop"
        assert await point.hears_nothing()


async def test_a_tag_charges_on_its_connector_and_once(world: World, cp: str) -> None:
    await world.permit(cp, "BOUND", Entry(connector_id=2))
    await world.permit(cp, "FREE", Entry(of_session=False))
    async with world.point(cp) as point:
        status = [
            (await point.start(tag, n, meterStart=meter))["idTagInfo"]["status"]
            for tag, n, meter in (
                ("BOUND", 1, 1),
                ("BOUND", 2, 2),
                ("FREE", 1, 3),
                ("free", 2, 4),
            )
        ]
    assert status == ["Invalid", "Accepted", "Accepted", "ConcurrentTx"]


async def test_stops_that_nobody_knows_are_answered_and_kept(world: World, cp: str) -> None:
    async with world.point(cp) as point:
        for number in (0, -1, 2_000_000_000, 3_000_000_000):
            assert await point.stop(number, -5) == {}
    orphans = await world.bus.read(keys.orphan_stops(cp))
    assert set(orphans) == {"0", "-1", "2000000000", "3000000000"}


async def test_a_stop_that_can_hardly_be_read_still_stops(world: World, cp: str) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        number = (await point.start("TAG", timestamp=soon(-60)))["transactionId"]
        await point.meter((soon(-9), 345), transaction_id=number)
        await point.stop(number, -1, timestamp="long ago", idTag="\x01")
        _, stopped = await ear.next(ChargingStopped)
    assert (stopped.meter_stop_wh, stopped.id_tag) == (345, None)


async def test_a_late_stop_is_taken_whatever_its_age(world: World, cp: str) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        number = (await point.start("TAG", timestamp=soon(-9 * 86_400)))["transactionId"]
    async with world.point(cp) as point:
        await point.stop(number, timestamp=soon(-8 * 86_400), reason="PowerLoss")
    _, stopped = await ear.next(ChargingStopped)
    assert stopped.reason == "PowerLoss"
    assert utc_now() - stopped.stopped_at > timedelta(days=7)


async def test_data_transfer_is_told_and_unknown(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        answer = await point.tell("DataTransfer", {"vendorId": "v", "data": "\u0000x"})
        assert answer == {"status": "UnknownVendorId"}
        _, told = await ear.next(DataTransferReceived)
    assert (told.vendor_id, told.data) == ("v", "\u0000x")


async def test_firmware_with_one_message_id_for_all_loses_nothing(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    wanted = ["Preparing", "Charging", "SuspendedEV", "Charging", "Finishing"]
    async with world.point(cp) as point:
        for status in wanted:
            payload = {"connectorId": 1, "status": status, "errorCode": "NoError"}
            await point.tell("StatusNotification", payload, "1")
        told = [(await ear.next(ConnectorStatusChanged))[1].status for _ in wanted]
        assert told == wanted
        payload = {"connectorId": 1, "status": "Finishing", "errorCode": "NoError"}
        await point.tell("StatusNotification", payload, "1")
    assert "ConnectorStatusChanged" not in await ear.all_within(), "a true repeat is told once"


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Foo", {}, "NotImplemented"),
        ("RemoteStartTransaction", {}, "NotSupported"),
        ("Heartbeat", {"extra": 1}, "FormationViolation"),
        ("Authorize", {}, "OccurenceConstraintViolation"),
        ("Authorize", {"idTag": "x" * 21}, "TypeConstraintViolation"),
        ("Authorize", {"idTag": "a\x00"}, "PropertyConstraintViolation"),
        (
            "StatusNotification",
            {"connectorId": -1, "status": "Available", "errorCode": "NoError"},
            "PropertyConstraintViolation",
        ),
        (
            "StatusNotification",
            {
                "connectorId": 1,
                "status": "Available",
                "errorCode": "NoError",
                "timestamp": "yesterday",
            },
            "PropertyConstraintViolation",
        ),
        (
            "StartTransaction",
            {"connectorId": 0, "idTag": "A", "meterStart": 0, "timestamp": "2026-05-01T00:00:00Z"},
            "PropertyConstraintViolation",
        ),
    ],
)
async def test_a_refused_call_leaves_the_socket_open(
    world: World, cp: str, action: str, payload: dict[str, Any], code: str
) -> None:
    async with world.point(cp) as point:
        frame = await point.call(action, payload)
        assert frame[0] == 4
        assert frame[2] == code
        assert frame[4] == {}
        assert "x" * 21 not in frame[3]
        assert await point.tell("Heartbeat", {})


@pytest.mark.parametrize(
    "changes",
    [
        {"transactionId": 3_000_000_000},
        {"transactionId": -1},
        {"sample": {"value": "999999999999999", "unit": "kWh"}},
        {"sample": {"value": "99999999999", "measurand": "Power.Active.Import"}},
        {"sample": {"value": "1e999999999", "measurand": "Voltage"}},
    ],
)
async def test_values_that_no_event_can_hold_are_left_out(
    world: World, cp: str, changes: dict[str, Any]
) -> None:
    ear = await world.ear(cp)
    sample = changes.pop("sample", {"value": "5"})
    item = {"timestamp": soon(0), "sampledValue": [sample]}
    async with world.point(cp) as point:
        payload = {"connectorId": 1, "meterValue": [item], **changes}
        assert await point.tell("MeterValues", payload) == {}
        _, told = await ear.next(MeterValueReported)
        assert told.transaction_id is None
        assert await point.tell("Heartbeat", {})


async def test_a_damaged_register_lets_nobody_charge(world: World, cp: str) -> None:
    await world.bus.write(keys.id_tags(cp), {"BAD": "not json"})
    async with world.point(cp) as point:
        answer = await point.tell("Authorize", {"idTag": "BAD"})
        assert answer == {"idTagInfo": {"status": "Invalid"}}


async def test_what_can_not_be_kept_is_refused_so_that_it_comes_again(
    world: World, cp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        at = soon(0)
        dead = RedisBus.from_url("redis://127.0.0.1:1")
        with monkeypatch.context() as patched:
            patched.setattr(world.bus, "apply", dead.apply)
            payload = {"connectorId": 1, "idTag": "TAG", "meterStart": 100, "timestamp": at}
            await point.socket.send('[2,"first","Heartbeat",{}]')
            assert (await point.answer_to("first"))[0] == 3, "a heartbeat needs no Redis"
            frame = await point.call("StartTransaction", payload)
            assert (frame[0], frame[2]) == (4, "InternalError")
        await dead.close()
        answer = await point.start("TAG", timestamp=at)
        assert answer["idTagInfo"]["status"] == "Accepted"
        _, started = await ear.next(ChargingStarted)
    assert started.transaction_id == answer["transactionId"]
