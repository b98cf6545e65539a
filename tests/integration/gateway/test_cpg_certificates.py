"""Certificates of a charge point: signed by our authority, installed, listed and deleted."""

from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_hex

import pytest
from certificates import CPO, Ca, request
from cpg_world import CREDENTIAL_KEY, Json, World
from cryptography import x509
from operators_desk import Desk, answering
from tls_world import TlsWorld, came, outcome, tls_gateway

from cpg.certificates import read_certificate
from sdk.certificates import HeldCertificate, read_certificates
from sdk.events.charge_point import CertificateDelivered, CertificateRequested
from sdk.ids import utc_now
from sdk.register import Register, password_hash

PASSWORD = "a password of its own"
ACCEPTED, REJECTED = {"status": "Accepted"}, {"status": "Rejected"}


@pytest.fixture
def ca(tmp_path: Path) -> Ca:
    return Ca(tmp_path)


@pytest.fixture
async def signing(redis_url: str, ca: Ca) -> AsyncIterator[TlsWorld]:
    """A gateway whose authority signs."""
    async with tls_gateway(redis_url, ca.files(), authority=ca.authority) as world:
        yield world


@pytest.fixture
async def asking(signing: TlsWorld) -> str:
    """A charge point of it."""
    name = f"CP-{token_hex(4)}"
    await signing.register(name, password_hash=password_hash(PASSWORD, CREDENTIAL_KEY))
    return name


async def held(world: World, cp: str) -> dict[str, HeldCertificate]:
    return {one.use: one for one in await read_certificates(world.bus, cp)}


async def test_a_request_is_signed_and_the_certificate_opens_the_door(
    signing: TlsWorld, asking: str, ca: Ca
) -> None:
    pair = ca.charge_point(asking)
    ear = await signing.ear(asking)
    async with came(signing.url, asking, password=PASSWORD) as point:
        point.answers["CertificateSigned"] = ACCEPTED
        csr = request(asking)
        assert await point.tell("SignCertificate", {"csr": csr}) == ACCEPTED
        asked, body = await ear.next(CertificateRequested)
        assert (body.csr, body.accepted, body.reason) == (csr, True, None)
        told, delivered = await answering(point, ear, CertificateDelivered)
        ((action, payload),) = point.asked
        assert action == "CertificateSigned"
        leaf = x509.load_pem_x509_certificate(payload["certificateChain"].encode())
        leaf.verify_directly_issued_by(ca.authority.root)
        assert (delivered.serial_number, delivered.status) == (
            f"{leaf.serial_number:x}",
            "Accepted",
        )
        assert delivered.expires_at == leaf.not_valid_after_utc
        assert told.caused_by == asked.id
    own = (await held(signing, asking))["ChargePointCertificate"]
    assert (own.serial_number, own.subject) == (delivered.serial_number, f"CN={asking},O={CPO}")
    assert await outcome(signing.wss, asking, ca.client(pair)) == 101


async def test_a_request_that_is_sent_again_is_signed_once(
    signing: TlsWorld, asking: str, ca: Ca
) -> None:
    ear = await signing.ear(asking)
    async with came(signing.url, asking, password=PASSWORD) as point:
        point.answers["CertificateSigned"] = REJECTED
        csr = request(asking)
        for _ in range(2):
            assert await point.tell("SignCertificate", {"csr": csr}, "same") == ACCEPTED
        _, delivered = await answering(point, ear, CertificateDelivered)
        assert delivered.status == "Rejected"
        assert await point.hears_nothing()
    assert len(ca.authority.issued()) == 2, "the gateway's own, and this one"
    assert await held(signing, asking) == {}


async def test_what_can_not_be_signed_is_rejected_and_told(signing: TlsWorld, asking: str) -> None:
    ear = await signing.ear(asking)
    async with came(signing.url, asking, password=PASSWORD) as point:
        for csr in (request("SOMEBODY-ELSE"), "no request at all"):
            assert await point.tell("SignCertificate", {"csr": csr}) == REJECTED
            _, body = await ear.next(CertificateRequested)
            assert not body.accepted
            assert body.reason
        assert await point.hears_nothing()


async def test_who_shows_nothing_gets_no_certificate(signing: TlsWorld, ca: Ca) -> None:
    """Else it would come in by it when the charge point has a password, or profile 3."""
    name = f"CP-{token_hex(4)}"
    await signing.register(name)
    ear = await signing.ear(name)
    async with came(signing.url, name) as point:
        await signing.register(name, password_hash=password_hash(PASSWORD, CREDENTIAL_KEY))
        await Register(signing.bus).tell_changed(name)
        assert await point.tell("SignCertificate", {"csr": request(name)}) == REJECTED
        _, body = await ear.next(CertificateRequested)
        assert (body.accepted, body.reason) == (False, "it came in without showing who it is")
        assert await point.hears_nothing()
    assert name not in [each.subject for each in ca.authority.issued()]


async def test_who_asks_without_end_is_rejected(signing: TlsWorld, asking: str) -> None:
    ear = await signing.ear(asking)
    async with came(signing.url, asking, password=PASSWORD) as point:
        garbage = [await point.tell("SignCertificate", {"csr": "x"}) for _ in range(6)]
        assert garbage == [REJECTED] * 6
        reasons = [(await ear.next(CertificateRequested))[1].reason for _ in range(6)]
        assert "too often" not in str(reasons), "garbage locks out no request that is sound"
        csr = request(asking)
        sound = [await point.tell("SignCertificate", {"csr": csr}) for _ in range(6)]
        assert sound == [*[ACCEPTED] * 5, REJECTED]
        reasons = [(await ear.next(CertificateRequested))[1].reason for _ in range(6)]
        assert reasons == [*[None] * 5, "it asks too often"]


async def test_a_certificate_that_was_not_brought_is_not_brought_later(
    signing: TlsWorld, asking: str
) -> None:
    ear = await signing.ear(asking)
    async with came(signing.url, asking, password=PASSWORD) as point:
        await point.tell("SignCertificate", {"csr": request(asking)})
        await point.until_asked("CertificateSigned")
    _, delivered = await ear.next(CertificateDelivered)
    assert delivered.status is None
    async with came(signing.url, asking, password=PASSWORD) as point:
        assert await point.hears_nothing()


async def test_without_an_authority_nothing_is_signed(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        assert await point.tell("SignCertificate", {"csr": request(cp)}) == REJECTED
        _, body = await ear.next(CertificateRequested)
        assert (body.accepted, body.reason) == (False, "this gateway has no certificate authority")


async def test_installed_certificates_are_kept_listed_and_deleted(
    world: World, cp: str, ca: Ca
) -> None:
    root = ca.authority.root_pem
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        desk = Desk(world, cp, point, ear)
        central: Json = {"certificate_type": "CentralSystemRootCertificate"}
        maker: Json = {"certificate_type": "ManufacturerRootCertificate"}
        await desk.ask(
            "InstallCertificate", {"status": "Failed"}, None, certificate=root, **central
        )
        assert await held(world, cp) == {}
        await desk.ask("InstallCertificate", ACCEPTED, None, certificate=root, **central)
        known = (await held(world, cp))["CentralSystemRootCertificate"]
        assert known.subject == f"CN={CPO} root,O={CPO}"
        data = {
            "hashAlgorithm": "SHA256",
            "issuerNameHash": known.issuer_name_hash,
            "issuerKeyHash": known.issuer_key_hash,
            "serialNumber": known.serial_number.upper(),
        }
        listed = ACCEPTED | {"certificateHashData": [data]}
        await desk.ask("GetInstalledCertificateIds", listed, None, **central)
        same = (await held(world, cp))["CentralSystemRootCertificate"]
        assert (same.subject, same.expires_at) == (known.subject, known.expires_at)
        more = ACCEPTED | {"certificateHashData": [data | {"serialNumber": "7"}]}
        await desk.ask("GetInstalledCertificateIds", more, None, **maker)
        assert len(await held(world, cp)) == 2
        await desk.ask("GetInstalledCertificateIds", {"status": "NotFound"}, None, **maker)
        assert list(await held(world, cp)) == ["CentralSystemRootCertificate"]
        await desk.ask("DeleteCertificate", {"status": "Failed"}, None, certificate_hash_data=data)
        assert len(await held(world, cp)) == 1
        await desk.ask("DeleteCertificate", ACCEPTED, None, certificate_hash_data=data)
        assert await held(world, cp) == {}


def test_a_certificate_is_known_by_its_hashes_as_far_as_its_issuer_is(ca: Ca) -> None:
    now, root = utc_now(), ca.authority.root
    pem = ca.charge_point("CP").certificate.read_text()
    alone = read_certificate(pem, "ChargePointCertificate", now)
    whole = read_certificate(pem + ca.authority.root_pem, "ChargePointCertificate", now)
    own = read_certificate(ca.authority.root_pem, "ManufacturerRootCertificate", now)
    assert alone is not None
    assert whole is not None
    assert own is not None
    assert (alone.issuer_key_hash, whole.issuer_key_hash) == ("", own.issuer_key_hash)
    assert len(own.issuer_key_hash) == 64
    assert alone.issuer_name_hash == whole.issuer_name_hash == own.issuer_name_hash
    assert own.serial_number == f"{root.serial_number:x}"
    assert read_certificate("no certificate", "ManufacturerRootCertificate", now) is None
