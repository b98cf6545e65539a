"""Conformance cases of the FirmwareManagement profile, and of logs and signed firmware."""

import base64

import pytest
from case_table import CaseTable
from cases_world import Stage
from certificates import Ca
from cpg_world import Json
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sdk.events.charge_point import (
    ChargePointBooted,
    ConnectorStatusChanged,
    DiagnosticsStatusChanged,
    FirmwareStatusChanged,
    LogStatusChanged,
    SecurityEventReported,
)
from sdk.ids import utc_now
from sdk.maintenance import Maintenance, Matter, read_maintenance
from simulated_maintenance import image
from simulated_options import Script

CASES = CaseTable()
LOCATION = "ftp://files.example/firmware.bin"
REQUEST = 5


@CASES.plays("TC_044_1_CSMS")
async def firmware_update(stage: Stage) -> None:
    async with stage.charge_point() as played:
        before = played.parts.maintenance.version
        await _update(stage)
        await _firmware(stage, "Downloading", "Downloaded", "Installing")
        booted = await stage.news.next(ChargePointBooted)
        assert booted.firmware_version == played.parts.maintenance.version != before
        await _firmware(stage, "Installed")
        await stage.news.next(ConnectorStatusChanged, 1, status="Available")
        kept = await _kept(stage, "firmware")
        assert kept.asked is not None
        assert (kept.asked.operation, kept.asked.location) == ("UpdateFirmware", LOCATION)


@CASES.plays("TC_044_2_CSMS")
async def firmware_download_failed(stage: Stage) -> None:
    async with stage.charge_point(Script(failures={"firmware-download"})):
        await _update(stage)
        await _firmware(stage, "Downloading", "DownloadFailed")


@CASES.plays("TC_044_3_CSMS")
async def firmware_installation_failed(stage: Stage) -> None:
    async with stage.charge_point(Script(failures={"firmware-install"})):
        await _update(stage)
        await _firmware(stage, "Downloading", "Downloaded", "Installing", "InstallationFailed")


@CASES.plays("TC_045_1_CSMS")
async def diagnostics(stage: Stage) -> None:
    async with stage.charge_point():
        await _diagnostics(stage, "Uploading", "Uploaded")


@CASES.plays("TC_045_2_CSMS")
async def diagnostics_upload_failed(stage: Stage) -> None:
    async with stage.charge_point(Script(failures={"upload"})):
        await _diagnostics(stage, "Uploading", "UploadFailed")


@CASES.plays("TC_079_CSMS")
async def security_log(stage: Stage) -> None:
    request: Json = {"logType": "SecurityLog", "requestId": REQUEST}
    request["log"] = {"remoteLocation": "ftp://files.example/logs"}
    async with stage.charge_point():
        answer = await stage.ask("GetLog", request)
        assert answer.response == {
            "status": "Accepted",
            "filename": f"{stage.cp}-SecurityLog.log",
        }
        for status in ("Uploading", "Uploaded"):
            await stage.news.next(LogStatusChanged, status=status, request_id=REQUEST)
        kept = await _kept(stage, "log")
        assert kept.status == "Uploaded"
        assert kept.asked is not None
        assert kept.asked.log_type == "SecurityLog"


@CASES.plays("TC_080_CSMS")
async def secure_firmware_update(stage: Stage) -> None:
    async with stage.charge_point() as played:
        before = played.parts.maintenance.version
        assert (await _update_signed(stage, image(LOCATION))) == "Accepted"
        done = ("Downloading", "Downloaded", "SignatureVerified", "Installing")
        await _firmware(stage, *done, "InstallRebooting", signed=True)
        booted = await stage.news.next(ChargePointBooted)
        assert booted.firmware_version == played.parts.maintenance.version != before
        await _firmware(stage, "Installed", signed=True)


@CASES.plays("TC_081_CSMS")
async def secure_firmware_of_a_bad_signature(stage: Stage) -> None:
    async with stage.charge_point():
        assert (await _update_signed(stage, b"something else")) == "Accepted"
        await _firmware(stage, "Downloading", "Downloaded", "InvalidSignature", signed=True)
        await stage.news.next(SecurityEventReported, event_type="InvalidFirmwareSignature")
        await _update_of_a_stranger(stage)


async def _update_of_a_stranger(stage: Stage) -> None:
    """Sign by a maker that the charge point does not trust, once it trusts one."""
    root = {"certificateType": "ManufacturerRootCertificate"}
    installed = await stage.ask(
        "InstallCertificate", {**root, "certificate": stage.ca.authority.root_pem}
    )
    assert installed.status == "Accepted"
    stranger = Ca(stage.ca.folder / "stranger")
    status = await _update_signed(stage, image(LOCATION), stranger)
    assert status == "InvalidCertificate"
    await stage.news.next(SecurityEventReported, event_type="InvalidFirmwareSigningCertificate")


async def _update(stage: Stage) -> None:
    request = {"location": LOCATION, "retrieveDate": utc_now().isoformat()}
    answer = await stage.ask("UpdateFirmware", request)
    assert (answer.outcome, answer.response) == ("answered", {})


async def _update_signed(stage: Stage, signed: bytes, maker: Ca | None = None) -> str:
    key_pem, certificate = (maker or stage.ca).authority.charge_point("maker")
    key = load_pem_private_key(key_pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    signature = key.sign(signed, ec.ECDSA(hashes.SHA256()))
    firmware = {
        "location": LOCATION,
        "retrieveDateTime": utc_now().isoformat(),
        "signingCertificate": certificate,
        "signature": base64.b64encode(signature).decode(),
    }
    request = {"requestId": REQUEST, "firmware": firmware}
    return (await stage.ask("SignedUpdateFirmware", request)).status


async def _firmware(stage: Stage, *statuses: str, signed: bool = False) -> None:
    number = REQUEST if signed else None
    for status in statuses:
        told = await stage.news.next(FirmwareStatusChanged)
        assert (told.status, told.signed, told.request_id) == (status, signed, number)
    if statuses[-1] not in ("Installing", "InstallRebooting"):  # those go on by themselves
        assert (await _kept(stage, "firmware")).status == statuses[-1]


async def _diagnostics(stage: Stage, *statuses: str) -> None:
    answer = await stage.ask("GetDiagnostics", {"location": "ftp://files.example/"})
    name = f"{stage.cp}-diagnostics.log"
    assert (answer.outcome, answer.response) == ("answered", {"fileName": name})
    for status in statuses:
        assert (await stage.news.next(DiagnosticsStatusChanged)).status == status
    kept = await _kept(stage, "diagnostics")
    assert kept.asked is not None
    assert (kept.asked.file_name, kept.status) == (name, statuses[-1])


async def _kept(stage: Stage, matter: Matter) -> Maintenance:
    kept = await read_maintenance(stage.world.bus, stage.cp)
    return next(each for each in kept if each.matter == matter)


@pytest.mark.parametrize("case_id", CASES)
async def test_case(case_id: str, stage: Stage) -> None:
    await CASES[case_id](stage)
