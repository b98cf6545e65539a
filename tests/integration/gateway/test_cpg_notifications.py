"""Firmware, uploads and security events as the charge point tells of them: kept, told, answered."""

import pytest
from cpg_world import Json, World

from sdk.events.body import Body
from sdk.events.charge_point import (
    DiagnosticsStatusChanged,
    FirmwareStatusChanged,
    LogStatusChanged,
    SecurityEventReported,
)
from sdk.ids import utc_now
from sdk.maintenance import read_maintenance
from sdk.security_events import read_security_events

AT = "2026-05-01T12:00:00Z"
MATTERS: dict[type[Body], str] = {
    DiagnosticsStatusChanged: "diagnostics",
    FirmwareStatusChanged: "firmware",
    LogStatusChanged: "log",
}
EVENT: Json = {"type": "FirmwareUpdated", "timestamp": AT}


@pytest.mark.parametrize(
    ("action", "more", "statuses", "last"),
    [
        (
            "DiagnosticsStatusNotification",
            {},
            ["Uploading", "UploadFailed"],
            DiagnosticsStatusChanged(status="UploadFailed"),
        ),
        (
            "FirmwareStatusNotification",
            {},
            ["Downloading", "Downloaded", "Installing", "Installed"],
            FirmwareStatusChanged(status="Installed"),
        ),
        (
            "SignedFirmwareStatusNotification",
            {"requestId": 4},
            ["Downloaded", "SignatureVerified", "Installing", "InstallRebooting"],
            FirmwareStatusChanged(status="InstallRebooting", signed=True, request_id=4),
        ),
        (
            "LogStatusNotification",
            {"requestId": 4},
            ["Uploading", "PermissionDenied"],
            LogStatusChanged(status="PermissionDenied", request_id=4),
        ),
    ],
)
async def test_each_status_is_told_and_the_last_is_kept(
    world: World, cp: str, action: str, more: Json, statuses: list[str], last: Body
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        for status in statuses:
            assert await point.tell(action, {"status": status, **more}) == {}
            (entry,) = await read_maintenance(world.bus, cp)
            assert (entry.matter, entry.status, entry.asked) == (MATTERS[type(last)], status, None)
            assert entry.told is not None
            assert entry.told.request_id == more.get("requestId")
        told = [(await ear.next(type(last)))[1] for _ in statuses]
        assert [body.model_dump()["status"] for body in told] == statuses
        assert told[-1] == last


async def test_what_is_sent_again_is_told_once(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        for _ in range(2):
            await point.tell("FirmwareStatusNotification", {"status": "Idle"}, "f")
            await point.tell("SecurityEventNotification", EVENT, "s")
        assert sorted(await ear.all_within())[-2:] == [
            "FirmwareStatusChanged",
            "SecurityEventReported",
        ]
        await point.tell("FirmwareStatusNotification", {"status": "Idle"}, "g")
        await ear.next(FirmwareStatusChanged)


async def test_security_events_are_counted_by_type(world: World, cp: str) -> None:
    ear, began = await world.ear(cp), utc_now()
    async with world.point(cp) as point:
        await point.tell("SecurityEventNotification", EVENT, "1")
        await point.tell("SecurityEventNotification", EVENT | {"techInfo": "v2"}, "2")
        other = {"type": "InvalidCentralSystemCertificate", "timestamp": AT}
        await point.tell("SecurityEventNotification", other, "3")
        told = [(await ear.next(SecurityEventReported))[1] for _ in range(3)]
    assert [(body.event_type, body.tech_info) for body in told] == [
        ("FirmwareUpdated", None),
        ("FirmwareUpdated", "v2"),
        ("InvalidCentralSystemCertificate", None),
    ]
    async with world.point(cp) as point:
        await point.tell("SecurityEventNotification", other, "3")
    # both may be of one millisecond
    oldest, newest = sorted(await read_security_events(world.bus, cp), key=lambda e: e.event_type)
    assert (newest.event_type, newest.count) == (other["type"], 1), "it was sent again"
    assert (oldest.event_type, oldest.count, oldest.tech_info) == ("FirmwareUpdated", 2, "v2")
    assert oldest.reported_at.isoformat() == "2026-05-01T12:00:00+00:00"
    assert began <= oldest.received_at <= utc_now()


async def test_types_without_end_are_counted_together(world: World, cp: str) -> None:
    async with world.point(cp) as point:
        for number in range(203):
            event = {"type": f"Vendor{number}", "timestamp": AT}
            await point.tell("SecurityEventNotification", event, f"e{number}")
        await point.tell("SecurityEventNotification", {"type": "Vendor0", "timestamp": AT}, "x")
    known = {one.event_type: one.count for one in await read_security_events(world.bus, cp)}
    assert (len(known), known["(others)"], known["Vendor0"]) == (201, 3, 2)


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("DiagnosticsStatusNotification", {"status": "Downloaded"}, "FormationViolation"),
        ("FirmwareStatusNotification", {}, "OccurenceConstraintViolation"),
        ("SecurityEventNotification", {"type": "x"}, "OccurenceConstraintViolation"),
        (
            "SecurityEventNotification",
            {"type": "x", "timestamp": "yesterday"},
            "PropertyConstraintViolation",
        ),
        (
            "LogStatusNotification",
            {"status": "Uploaded", "requestId": "1"},
            "TypeConstraintViolation",
        ),
    ],
)
async def test_what_can_not_be_is_refused(
    world: World, cp: str, action: str, payload: Json, code: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await ear.all_within(0.1)
        frame = await point.call(action, payload)
        assert (frame[0], frame[2]) == (4, code)
        assert await ear.all_within(0.1) == []
    assert await read_maintenance(world.bus, cp) == ()
    assert await read_security_events(world.bus, cp) == ()
