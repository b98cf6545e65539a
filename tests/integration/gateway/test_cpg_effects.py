"""What answered operations leave behind, committed together with their answers."""

from typing import Any

import pytest
from cpg_world import Json, World, soon
from operators_desk import Desk

from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError, Commit, Outcome
from sdk.charging_profiles import read_charging_profiles
from sdk.configuration import ReportedKey, read_configuration
from sdk.events import operations as ops
from sdk.events.charge_point import DiagnosticsStatusChanged, LogStatusChanged
from sdk.maintenance import read_maintenance

ACCEPTED = {"status": "Accepted"}
BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}


def profile(number: int, purpose: str = "TxDefaultProfile", **more: Any) -> Json:
    """Give a charging profile as OCPP writes it."""
    return {
        "chargingProfileId": number,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}],
        },
        **more,
    }


async def profiles(desk: Desk) -> list[int]:
    """Give the ids of the profiles on the charge point."""
    held = await read_charging_profiles(desk.world.bus, desk.charge_point_id)
    return [one.profile_id for one in held]


async def test_profiles_are_kept_as_the_charge_point_took_them(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        desk = Desk(world, cp, point, ear)
        await desk.ask("SetChargingProfile", ACCEPTED, cs_charging_profiles=profile(1))
        (held,) = await read_charging_profiles(world.bus, cp)
        assert (held.connector_id, held.profile.to_ocpp()) == (1, profile(1))
        rejected = {"status": "Rejected"}
        await desk.ask("SetChargingProfile", rejected, cs_charging_profiles=profile(2))
        await desk.ask("SetChargingProfile", ["InternalError"], cs_charging_profiles=profile(3))
        assert await profiles(desk) == [1]
        await desk.ask("SetChargingProfile", ACCEPTED, cs_charging_profiles=profile(4))
        assert await profiles(desk) == [4], "it has the place of the first one"
        most = profile(5, "ChargePointMaxProfile")
        await desk.ask("SetChargingProfile", ACCEPTED, None, cs_charging_profiles=most)
        assert await profiles(desk) == [5, 4]
        await desk.ask("ClearChargingProfile", rejected | {"status": "Unknown"}, None, id=5)
        assert await profiles(desk) == [4], "the charge point says that it is not there"
        await desk.ask("ClearChargingProfile", ACCEPTED, None)
        assert await profiles(desk) == []


async def test_a_tx_profile_ends_with_its_transaction(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    await world.permit(cp, "A")
    async with world.point(cp) as point:
        desk = Desk(world, cp, point, ear)
        await desk.ask("SetChargingProfile", ACCEPTED, cs_charging_profiles=profile(1))
        wanted = profile(2, "TxProfile")
        await desk.ask(
            "RemoteStartTransaction", {"status": "Rejected"}, id_tag="A", charging_profile=wanted
        )
        assert await profiles(desk) == [1]
        await desk.ask("RemoteStartTransaction", ACCEPTED, id_tag="A", charging_profile=wanted)
        assert await profiles(desk) == [1, 2]
        started = (await point.start("A"))["transactionId"]
        running = profile(3, "TxProfile", transactionId=started, stackLevel=1)
        await desk.ask("SetChargingProfile", ACCEPTED, cs_charging_profiles=running)
        await point.start("A", connector_id=2)
        elsewhere = profile(4, "TxProfile")
        await desk.ask("SetChargingProfile", ACCEPTED, 2, cs_charging_profiles=elsewhere)
        assert await profiles(desk) == [1, 2, 3, 4]
        await point.stop(started)
        assert await profiles(desk) == [1, 4]


REPORT = [
    {"key": "HeartbeatInterval", "readonly": False, "value": "60"},
    {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
    {"key": "AuthorizationKey", "readonly": False, "value": "sesame"},
]


async def configuration(desk: Desk) -> dict[str, ReportedKey]:
    known = await read_configuration(desk.world.bus, desk.charge_point_id)
    return {one.key: one for one in known}


async def test_configuration_is_kept_and_told_without_its_secrets(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        desk = Desk(world, cp, point, ear)
        told = await desk.ask("GetConfiguration", {"configurationKey": REPORT})
        assert isinstance(told, ops.GetConfigurationAnswered)
        assert [item.value for item in told.configuration] == ["60", "2", None]
        known = await configuration(desk)
        assert [(one.value, one.readonly, one.is_hidden) for one in known.values()] == [
            (None, False, True),
            ("60", False, False),
            ("2", True, False),
        ]
        assert "sesame" not in str(await world.bus.read(keys.configuration(cp)))
        assert "sesame" not in "".join(envelope.to_json() for envelope in ear.heard)


async def test_what_the_charge_point_takes_is_what_it_has(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        desk = Desk(world, cp, point, ear)
        await desk.ask("GetConfiguration", {"configurationKey": REPORT})
        await desk.ask("ChangeConfiguration", ACCEPTED, key="heartbeatinterval", value="90")
        rejected, reboot = {"status": "Rejected"}, {"status": "RebootRequired"}
        await desk.ask("ChangeConfiguration", rejected, key="NumberOfConnectors", value="3")
        await desk.ask("ChangeConfiguration", reboot, key="Vendor", value="new")
        known = await configuration(desk)
        assert len(known) == 4
        assert known["HeartbeatInterval"].value == "90"
        assert known["NumberOfConnectors"].value == "2"
        assert known["Vendor"].needs_reboot
        await point.tell("BootNotification", BOOT)
        assert not (await configuration(desk))["Vendor"].needs_reboot


async def test_keys_that_the_charge_point_does_not_know_are_forgotten(
    world: World, cp: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        desk = Desk(world, cp, point, ear)
        await desk.ask("GetConfiguration", {"configurationKey": REPORT})
        some = {"configurationKey": REPORT[:1], "unknownKey": ["numberofconnectors"]}
        await desk.ask("GetConfiguration", some, keys=["HeartbeatInterval", "numberofconnectors"])
        assert sorted(await configuration(desk)) == ["AuthorizationKey", "HeartbeatInterval"]
        await desk.ask("GetConfiguration", {"configurationKey": REPORT[:1]})
        assert sorted(await configuration(desk)) == ["HeartbeatInterval"], "it was asked for all"
        await desk.ask("GetConfiguration", {})
        assert not await configuration(desk)
        unasked = [*REPORT, *({"key": f"K{n}", "readonly": False} for n in range(300))]
        await desk.ask(
            "GetConfiguration", {"configurationKey": unasked}, keys=["heartbeatinterval"]
        )
        assert sorted(await configuration(desk)) == ["HeartbeatInterval"], "what it was asked for"


async def test_availability_is_kept_now_or_after_the_transaction(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    await world.permit(cp, "A")
    async with world.point(cp) as point:
        desk = Desk(world, cp, point, ear)
        await desk.ask("ChangeAvailability", ACCEPTED, 0, kind="Operative")
        assert [(await world.connector(cp, n))["availability"] for n in (0, 1, 2)] == [
            "Operative"
        ] * 3
        await desk.ask("ChangeAvailability", {"status": "Rejected"}, kind="Inoperative")
        assert (await world.connector(cp))["availability"] == "Operative"
        started = (await point.start("A"))["transactionId"]
        await desk.ask("ChangeAvailability", {"status": "Scheduled"}, 0, kind="Inoperative")
        charging, idle = await world.connector(cp, 1), await world.connector(cp, 2)
        assert (charging["availability"], charging["availability_scheduled"]) == (
            "Operative",
            "Inoperative",
        )
        assert (idle["availability"], idle["availability_scheduled"]) == ("Inoperative", "")
        await point.stop(started)
        ended = await world.connector(cp, 1)
        assert (ended["availability"], ended["availability_scheduled"]) == ("Inoperative", "")


@pytest.mark.parametrize(
    ("kind", "fields", "answer", "matter"),
    [
        (
            "GetDiagnostics",
            {"location": "ftp://u:hidden@h/d"},
            {"fileName": "a.log"},
            "diagnostics",
        ),
        (
            "UpdateFirmware",
            {"location": "ftp://u:hidden@h/d", "retrieve_date": soon(60)},
            {},
            "firmware",
        ),
        (
            "GetLog",
            {
                "log_type": "SecurityLog",
                "request_id": 7,
                "log": {"remoteLocation": "ftp://u:hidden@h/d"},
            },
            {"status": "Accepted", "filename": "a.log"},
            "log",
        ),
        (
            "SignedUpdateFirmware",
            {
                "request_id": 7,
                "firmware": {
                    "location": "ftp://u:hidden@h/d",
                    "retrieveDateTime": soon(60),
                    "signingCertificate": "c",
                    "signature": "s",
                },
            },
            {"status": "AcceptedCanceled"},
            "firmware",
        ),
    ],
)
async def test_what_was_asked_for_is_kept_without_passwords(
    world: World, cp: str, kind: str, fields: Json, answer: Json, matter: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        desk = Desk(world, cp, point, ear)
        await desk.ask(kind, ["InternalError"], None, **fields)
        assert await read_maintenance(world.bus, cp) == ()
        await desk.ask(kind, answer, None, **fields)
        (entry,) = await read_maintenance(world.bus, cp)
        assert entry.asked is not None
        assert (entry.matter, entry.status, entry.asked.location) == (
            matter,
            "requested",
            "ftp://h/d",
        )
        assert entry.asked.file_name == answer.get("fileName", answer.get("filename"))
        assert entry.asked.request_id == fields.get("request_id")
        assert "hidden" not in str(await world.bus.read(keys.maintenance(cp)))


async def test_a_new_request_begins_anew_and_its_status_follows(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        desk = Desk(world, cp, point, ear)
        for _ in range(2):
            await desk.ask("GetDiagnostics", {}, None, location="ftp://h/")
            (entry,) = await read_maintenance(world.bus, cp)
            assert (entry.status, entry.told) == ("requested", None)
            await point.tell("DiagnosticsStatusNotification", {"status": "Uploading"})
            await ear.next(DiagnosticsStatusChanged)
            (entry,) = await read_maintenance(world.bus, cp)
            assert entry.status == "Uploading"


async def test_a_status_of_an_older_request_is_told_and_not_kept(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        desk = Desk(world, cp, point, ear)
        log = {"log_type": "SecurityLog", "log": {"remoteLocation": "ftp://h/"}}
        await desk.ask("GetLog", {"status": "Accepted"}, None, request_id=7, **log)
        await desk.ask("GetLog", {"status": "AcceptedCanceled"}, None, request_id=8, **log)
        for request_id, kept in ((7, None), (8, "Uploading"), (7, "Uploading")):
            status = {"status": "Uploading" if request_id == 8 else "UploadFailure"}
            await point.tell("LogStatusNotification", {**status, "requestId": request_id})
            assert (await ear.next(LogStatusChanged))[1].request_id == request_id
            (entry,) = await read_maintenance(world.bus, cp)
            assert (entry.told and entry.told.status) == kept
        await point.tell("LogStatusNotification", {"status": "Idle"})
        (entry,) = await read_maintenance(world.bus, cp)
        assert entry.status == "Idle", "one without an id was triggered"


async def test_an_effect_outlives_short_failures_of_redis_and_comes_once(
    world: World, cp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read for it fails, then the answer to the commit is lost."""
    ear, failures = await world.ear(cp), ["read", "commit"]
    read, apply = world.bus.read, world.bus.apply

    async def fail_once(key: str) -> dict[str, str]:
        if key == keys.reservations(cp) and "read" in failures:
            failures.remove("read")
            raise BusUnavailableError("away")
        return await read(key)

    async def lose_once(commit: Commit) -> Outcome:
        outcome = await apply(commit)
        if commit.removed_fields and "commit" in failures:
            failures.remove("commit")
            raise BusUnavailableError("the answer is lost")
        return outcome

    monkeypatch.setattr(world.bus, "read", fail_once)
    monkeypatch.setattr(world.bus, "apply", lose_once)
    async with world.point(cp) as point:
        desk = Desk(world, cp, point, ear)
        wanted = {"reservation_id": 5, "id_tag": "A", "expiry_date": soon(600)}
        answer = await desk.ask("ReserveNow", ACCEPTED, **wanted)
        assert (answer.outcome, answer.status) == ("answered", "Accepted")
        assert len(point.asked) == 1
    assert failures == []
    await ear.all_within(0.8)
    told = [envelope for envelope in ear.heard if envelope.type.startswith("Reservation")]
    assert [envelope.type for envelope in told] == ["ReservationMade"]
    assert told[0].connector_id == 1
    assert list(await read(keys.reservations(cp))) == ["5"]
