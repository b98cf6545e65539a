"""Makes root, leaf certificates and revocation lists (RFC 5280). Pure: serials are passed in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sdk.ca.requests import PublicKey

Issuer = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]
_EARLIER = timedelta(days=1)
"""A certificate is valid from before its making: clocks of charge points are off."""
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Issue:
    """One certificate to be made; `until` is cut to the root's own end."""

    name: str
    serial: int
    now: datetime
    until: datetime


def organization_of(certificate: x509.Certificate) -> str:
    """Give the O of its subject, "" where there is none."""
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else ""


def make_root(cpo_name: str, key: ec.EllipticCurvePrivateKey, issue: Issue) -> x509.Certificate:
    """Make the authority's own certificate; its O is the operator's name."""
    name = _subject(issue.name, cpo_name)
    builder = _started(issue, name, name, key.public_key())
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def charge_point_certificate(issuer: Issuer, key: PublicKey, issue: Issue) -> x509.Certificate:
    """Make one for a charge point: CN is its id, O the operator's name."""
    return _leaf(issuer, key, issue, ExtendedKeyUsageOID.CLIENT_AUTH).sign(
        issuer[1], hashes.SHA256()
    )


def server_certificate(
    issuer: Issuer, key: PublicKey, issue: Issue, hosts: Sequence[str]
) -> x509.Certificate:
    """Make one for a gateway that is reached by `hosts`: names or IP addresses."""
    names = x509.SubjectAlternativeName([_host(host) for host in hosts])
    return (
        _leaf(issuer, key, issue, ExtendedKeyUsageOID.SERVER_AUTH)
        .add_extension(names, critical=False)
        .sign(issuer[1], hashes.SHA256())
    )


def revocation_list(
    issuer: Issuer, revoked: Iterable[tuple[int, datetime]], number: int, now: datetime
) -> x509.CertificateRevocationList:
    """Make the list of revoked serials; it is in force until the next one, so as long as the root.

    Whoever enforces it refuses everybody once it has run out.
    """
    root, key = issuer
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.subject)
        .last_update(now - _EARLIER)
        .next_update(root.not_valid_after_utc)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(_authority_key(root), critical=False)
    )
    for serial, at in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(key, hashes.SHA256())


def _leaf(
    issuer: Issuer, key: PublicKey, issue: Issue, purpose: x509.ObjectIdentifier
) -> x509.CertificateBuilder:
    root, _ = issuer
    end = min(issue.until, root.not_valid_after_utc)
    issue = Issue(issue.name, issue.serial, issue.now, end)
    subject = _subject(issue.name, organization_of(root))
    return (
        _started(issue, subject, root.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(_authority_key(root), critical=False)
    )


def _started(
    issue: Issue, subject: x509.Name, issuer: x509.Name, key: PublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(issue.serial)
        .not_valid_before(issue.now - _EARLIER)
        .not_valid_after(issue.until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _subject(name: str, organization: str) -> x509.Name:
    common = x509.NameAttribute(NameOID.COMMON_NAME, name[:_LONGEST_NAME])
    owner = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)] if organization else []
    return x509.Name([*owner, common])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key(root: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)
