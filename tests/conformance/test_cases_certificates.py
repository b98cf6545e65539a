"""Conformance cases of the security extension: certificates."""

import pytest
from case_table import CaseTable
from cases_world import Stage
from certificates import CPO, Ca
from cpg_world import Json
from cryptography import x509
from ocpp.v16 import call

from sdk.certificates import read_certificates
from sdk.events.charge_point import (
    CertificateDelivered,
    CertificateRequested,
    ChargePointBooted,
    ConnectorStatusChanged,
    SecurityEventReported,
)
from sdk.security_events import read_security_events

CASES = CaseTable()
CENTRAL, MANUFACTURER = "CentralSystemRootCertificate", "ManufacturerRootCertificate"


@CASES.plays("TC_074_CSMS")
async def renew_the_charge_points_certificate(stage: Stage) -> None:
    async with stage.charge_point() as played:
        trigger = {"requestedMessage": "SignChargePointCertificate"}
        assert (await stage.ask("ExtendedTriggerMessage", trigger)).status == "Accepted"
        requested = await stage.news.next(CertificateRequested)
        assert requested.accepted
        asked = x509.load_pem_x509_csr(requested.csr.encode())
        assert asked.subject.rfc4514_string() == f"O={CPO},CN={stage.cp}"
        delivered = await stage.news.next(CertificateDelivered)
        assert delivered.status == "Accepted"
        (answer,) = played.answers(call.SignCertificate)
        assert answer.status == "Accepted"
        serials = {each.serial for each in stage.ca.authority.issued()}
        assert delivered.serial_number in serials
        held = await read_certificates(stage.world.bus, stage.cp)
        assert [each.use for each in held] == ["ChargePointCertificate"]
        await _comes_by_it(stage)


async def _comes_by_it(stage: Stage) -> None:
    """See it come by the certificate that it was given."""
    change = {"key": "SecurityProfile", "value": "3"}
    assert (await stage.ask("ChangeConfiguration", change)).status == "RebootRequired"
    assert (await stage.ask("Reset", {"type": "Soft"})).status == "Accepted"
    await stage.news.next(ChargePointBooted)
    await stage.news.next(ConnectorStatusChanged, 0)
    await stage.rises_to("3")


@CASES.plays("TC_075_1_CSMS")
async def install_manufacturer_root(stage: Stage) -> None:
    await _install_and_list(stage, MANUFACTURER)


@CASES.plays("TC_075_2_CSMS")
async def install_central_system_root(stage: Stage) -> None:
    await _install_and_list(stage, CENTRAL)


@CASES.plays("TC_076_CSMS")
async def delete_certificate(stage: Stage) -> None:
    async with stage.charge_point(ca_file=""):
        assert await _install(stage, CENTRAL, stage.ca.authority.root_pem) == "Accepted"
        (held,) = await _installed(stage, CENTRAL)
        request = {"certificateHashData": held}
        assert (await stage.ask("DeleteCertificate", request)).status == "Accepted"
        assert await _installed(stage, CENTRAL) == []
        assert await read_certificates(stage.world.bus, stage.cp) == ()
        assert (await stage.ask("DeleteCertificate", request)).status == "NotFound"


@CASES.plays("TC_077_CSMS")
async def bad_certificate_of_the_charge_point(stage: Stage) -> None:
    stranger = Ca(stage.ca.folder / "stranger")
    chain = stranger.charge_point(stage.cp).certificate.read_text("utf-8")
    async with stage.charge_point():
        answer = await stage.ask("CertificateSigned", {"certificateChain": chain})
        assert answer.status == "Rejected"
        await _is_reported(stage, "InvalidChargePointCertificate")
        assert await read_certificates(stage.world.bus, stage.cp) == ()


@CASES.plays("TC_078_CSMS")
async def bad_certificate_of_the_central_system(stage: Stage) -> None:
    leaf = stage.ca.server().certificate.read_text("utf-8")
    async with stage.charge_point():
        assert await _install(stage, CENTRAL, leaf) == "Rejected"
        await _is_reported(stage, "InvalidCentralSystemCertificate")
        assert await read_certificates(stage.world.bus, stage.cp) == ()


async def _install_and_list(stage: Stage, use: str) -> None:
    async with stage.charge_point(ca_file=""):
        assert await _installed(stage, use) == []
        assert await _install(stage, use, stage.ca.authority.root_pem) == "Accepted"
        (told,) = await _installed(stage, use)
    (kept,) = await read_certificates(stage.world.bus, stage.cp)
    root = stage.ca.authority.root
    assert int(told["serialNumber"], 16) == int(kept.serial_number, 16) == root.serial_number
    assert told["issuerNameHash"] == kept.issuer_name_hash
    assert told["issuerKeyHash"] == kept.issuer_key_hash
    assert (kept.use, kept.subject) == (use, root.subject.rfc4514_string())


async def _install(stage: Stage, use: str, pem: str) -> str:
    request = {"certificateType": use, "certificate": pem}
    return (await stage.ask("InstallCertificate", request)).status


async def _installed(stage: Stage, use: str) -> list[Json]:
    response = (await stage.ask("GetInstalledCertificateIds", {"certificateType": use})).response
    assert response is not None
    held: list[Json] = response.get("certificateHashData", [])
    assert response["status"] == ("Accepted" if held else "NotFound")
    return held


async def _is_reported(stage: Stage, kind: str) -> None:
    await stage.news.next(SecurityEventReported, event_type=kind)
    kept = await read_security_events(stage.world.bus, stage.cp)
    assert [(each.event_type, each.count) for each in kept] == [(kind, 1)]


@pytest.mark.parametrize("case_id", CASES)
async def test_case(case_id: str, stage: Stage) -> None:
    await CASES[case_id](stage)
