"""The small authority: what it signs and what not, its files, and its commands."""

import json
import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from certificates import CPO, Ca, request
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from typer.testing import CliRunner, Result

from sdk.ca.files import CaFilesError
from sdk.ca.interface import (
    CertificateAuthority,
    ForgedRequestError,
    RequestRefusedError,
    UnreadableRequestError,
    WeakKeyError,
    WrongNameError,
)
from sdk.ca.local import LocalAuthority, UnknownSerialError
from sdk.cli import app
from sdk.errors import InvalidInputError

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def ca(tmp_path: Path) -> Ca:
    return Ca(tmp_path, clock=lambda: NOW)


def read(chain: str) -> x509.Certificate:
    (leaf,) = x509.load_pem_x509_certificates(chain.encode())
    return leaf


def crl(ca: Ca) -> x509.CertificateRevocationList:
    return x509.load_pem_x509_crl(ca.crl_file.read_bytes())


def test_a_charge_point_gets_what_it_asks_for(ca: Ca) -> None:
    authority: CertificateAuthority = ca.authority
    key = ec.generate_private_key(ec.SECP384R1())
    leaf = read(authority.sign(request("CP1", key), "CP1"))
    assert leaf.public_key() == key.public_key()
    assert leaf.subject.rfc4514_string() == f"CN=CP1,O={CPO}"
    assert leaf.not_valid_before_utc <= NOW - timedelta(hours=12)
    assert leaf.not_valid_after_utc == NOW + timedelta(days=30)
    uses = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    root = x509.load_pem_x509_certificate(authority.root_pem.encode())
    leaf.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)


def test_rsa_of_2048_bits_is_good_enough(ca: Ca) -> None:
    key = rsa.generate_private_key(65537, 2048)
    assert read(ca.authority.sign(request("CP1", key), "CP1")).public_key() == key.public_key()


def forged() -> str:
    """A request whose name was changed after it was signed."""
    good = x509.load_pem_x509_csr(request("CP1").encode())
    der = good.public_bytes(Encoding.DER).replace(b"CP1", b"CP2")
    text = b64encode(der).decode()
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{text}\n-----END CERTIFICATE REQUEST-----\n"


@pytest.mark.parametrize(
    ("csr", "error"),
    [
        ("", UnreadableRequestError),
        ("no PEM", UnreadableRequestError),
        ("x" * 100_000, UnreadableRequestError),
        (request("CP1")[:200], UnreadableRequestError),
        (forged(), ForgedRequestError),
        (request("CP1"), WrongNameError),
        (request("CP2", None, "CP1"), WrongNameError),
        (request("CP2", rsa.generate_private_key(65537, 1024)), WeakKeyError),  # noqa: S505 - that is the case
        (request("CP2", ec.generate_private_key(ec.SECP521R1())), WeakKeyError),
        (request("CP2", ec.generate_private_key(ec.SECP256K1())), WeakKeyError),
    ],
)
def test_other_requests_are_refused_by_name(
    ca: Ca, csr: str, error: type[RequestRefusedError]
) -> None:
    with pytest.raises(error):
        ca.authority.sign(csr, "CP2")
    assert ca.authority.issued() == []


def test_a_gateway_gets_its_hosts(ca: Ca) -> None:
    key, certificate = ca.authority.server(["ocpp.example.org", "192.0.2.1", "::1"])
    leaf = read(certificate)
    hosts = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert hosts.get_values_for_type(x509.DNSName) == ["ocpp.example.org"]
    addresses = [ip_address("192.0.2.1"), ip_address("::1")]
    assert hosts.get_values_for_type(x509.IPAddress) == addresses
    uses = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert "PRIVATE KEY" in key
    with pytest.raises(InvalidInputError):
        ca.authority.server(["ö.example"])


def test_its_key_is_private_and_there_is_one(ca: Ca) -> None:
    folder = ca.authority.folder
    assert {file.name for file in folder.iterdir()} == {"root.key", "root.pem", "crl.pem"}
    assert (folder / "root.key").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    with pytest.raises(CaFilesError, match="already"):
        LocalAuthority.create(folder, CPO, lambda: NOW)
    again = LocalAuthority(folder, lambda: NOW)
    assert again.root_pem == ca.authority.root_pem


def test_missing_and_damaged_files_are_named(ca: Ca, tmp_path: Path) -> None:
    with pytest.raises(CaFilesError, match="noroam ca init"):
        LocalAuthority(tmp_path / "nowhere", lambda: NOW)
    other = Ca(tmp_path / "other")
    ca.root_file.write_bytes(other.root_file.read_bytes())
    with pytest.raises(CaFilesError, match="belong together"):
        LocalAuthority(ca.authority.folder, lambda: NOW)
    ca.root_file.write_text("no PEM")
    with pytest.raises(CaFilesError, match="damaged"):
        LocalAuthority(ca.authority.folder, lambda: NOW)


def test_what_is_issued_is_written_down_by_all_who_issue(ca: Ca) -> None:
    second = LocalAuthority(ca.authority.folder, lambda: NOW)
    one = read(ca.authority.charge_point("CP1")[1])
    two = read(second.server(["localhost"])[1])
    first, last = ca.authority.issued()
    assert (first.serial, first.kind, first.subject) == (
        f"{one.serial_number:x}",
        "charge_point",
        "CP1",
    )
    assert (last.serial, last.kind) == (f"{two.serial_number:x}", "server")
    assert [each.state(NOW) for each in second.issued()] == ["valid", "valid"]
    assert first.state(NOW + timedelta(days=366)) == "expired"


def test_a_revoked_serial_is_in_the_list_for_good(ca: Ca) -> None:
    assert list(crl(ca)) == []
    one, two = [read(ca.authority.charge_point(name)[1]) for name in ("CP1", "CP2")]
    ca.authority.revoke(f"{one.serial_number:X}")
    ca.authority.revoke(f"{one.serial_number:x}")
    found = crl(ca)
    assert [each.serial_number for each in found] == [one.serial_number]
    assert found.get_revoked_certificate_by_serial_number(two.serial_number) is None
    root = ca.authority.root
    assert found.next_update_utc == root.not_valid_after_utc
    assert found.issuer == root.subject
    assert [each.state(NOW) for each in ca.authority.issued()] == ["revoked", "valid"]
    with pytest.raises(UnknownSerialError):
        ca.authority.revoke("12ab")


def test_a_leaf_ends_with_its_root(tmp_path: Path) -> None:
    moment = [NOW]
    ca = Ca(tmp_path, clock=lambda: moment[0], days=400)
    moment[0] = ca.authority.root.not_valid_after_utc - timedelta(days=10)
    leaf = read(ca.authority.charge_point("CP1")[1])
    assert leaf.not_valid_after_utc == ca.authority.root.not_valid_after_utc


def noroam(folder: Path, *arguments: str) -> Result:
    environment = {"CA_DIR": str(folder / "ca"), "CA_DAYS": "7"}
    return CliRunner().invoke(app, ["ca", *arguments], env=environment)


def shown(folder: Path, *arguments: str) -> dict[str, str]:
    result = noroam(folder, *arguments, "--json")
    assert result.exit_code == 0, result
    found: dict[str, str] = json.loads(result.stdout)
    return found


def test_the_commands_lead_from_nothing_to_a_revoked_certificate(tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = shown(tmp_path, "init", "--cpo-name", "Acme")
    assert made["subject"] == "CN=Acme root,O=Acme"
    assert int(made["days_left"]) > 7000
    assert shown(tmp_path, "show") == made
    assert re.fullmatch("[0-9a-f]{64}", made["sha256"])
    assert "BEGIN CERTIFICATE" in noroam(tmp_path, "show").stdout

    (tmp_path / "cp1.csr").write_text(request("CP1"))
    chain = noroam(tmp_path, "sign", str(tmp_path / "cp1.csr"), "--charge-point", "CP1").stdout
    assert read(chain).subject.rfc4514_string() == "CN=CP1,O=Acme"
    for pair in (
        shown(tmp_path, "server", "localhost", "--out", str(out), "--rsa"),
        shown(tmp_path, "charge-point", "CP2", "--out", str(out)),
    ):
        assert Path(pair["key"]).stat().st_mode & 0o777 == 0o600
        read(Path(pair["certificate"]).read_text())

    listed = json.loads(noroam(tmp_path, "list", "--json").stdout)
    assert [each["subject"] for each in listed] == ["CP1", "localhost", "CP2"]
    revoked = shown(tmp_path, "revoke", listed[0]["serial"])
    assert Path(revoked["crl_file"]).exists()
    assert "revoked" in noroam(tmp_path, "list").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("show",),
        ("list",),
        ("init", "--cpo-name", "x" * 65),
        ("charge-point", "no/id", "--out", "out"),
        ("revoke", "12"),
        ("sign", "missing.csr", "--charge-point", "CP1"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = noroam(tmp_path, *arguments)
    assert result.exit_code == 1
    assert isinstance(result.exception, InvalidInputError)
    assert "\n" not in str(result.exception)
