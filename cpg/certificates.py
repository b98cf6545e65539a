"""What is kept of the certificates on a charge point (SW, chapter 5): by their OCSP hashes.

SW: "Improved security for OCPP 1.6-J", edition 3.
"""

from collections.abc import Mapping
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from pydantic import ValidationError

from cpg.effects import Effect
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.certificates import HeldCertificate, certificate_field
from sdk.events.ocpp16.get_installed_certificate_ids import GetInstalledCertificateIdsResponse
from sdk.events.operations import (
    Answered,
    CertificateSigned,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
)
from sdk.events.operations.certificates import CertificateUse

OWN = "ChargePointCertificate"


async def installed(
    peer: Peer, body: InstallCertificate, _connector_id: int | None, answered: Answered
) -> Effect:
    """Keep a root certificate that the charge point took."""
    held = read_certificate(body.certificate, body.certificate_type, peer.clock())
    if answered.status != "Accepted" or held is None:
        return Effect()
    return Effect(writes=[_write(peer, [held])])


async def signed(
    peer: Peer, body: CertificateSigned, _connector_id: int | None, answered: Answered
) -> Effect:
    """Keep the charge point's own certificate, in place of the one before."""
    held = read_certificate(body.certificate_chain, OWN, peer.clock())
    if answered.status != "Accepted" or held is None:
        return Effect()
    return await _in_place(peer, OWN, [held])


async def told(
    peer: Peer, body: GetInstalledCertificateIds, _connector_id: int | None, answered: Answered
) -> Effect:
    """Keep what the charge point says that it holds of one use; NotFound: nothing."""
    if answered.status not in ("Accepted", "NotFound"):
        return Effect()
    try:
        response = GetInstalledCertificateIdsResponse.model_validate(answered.response)
    except ValidationError:
        return Effect()
    at = peer.clock()
    held = [
        HeldCertificate(use=body.certificate_type, at=at, **item.model_dump(by_alias=False))
        for item in response.certificate_hash_data or ()
    ]
    return await _in_place(peer, body.certificate_type, held)


async def deleted(
    peer: Peer, body: DeleteCertificate, _connector_id: int | None, answered: Answered
) -> Effect:
    """Forget a certificate that is not there any more, or was not there."""
    if answered.status not in ("Accepted", "NotFound"):
        return Effect()
    data, key = body.certificate_hash_data, keys.certificates(peer.charge_point_id)
    names = {certificate_field(data.serial_number, issuer) for issuer in (data.issuer_key_hash, "")}
    stored = await peer.bus.read(key)
    return Effect(removed={key: gone} if (gone := sorted(names & stored.keys())) else {})


def read_certificate(pem: str, use: CertificateUse | str, at: datetime) -> HeldCertificate | None:
    """Give what is kept of the first certificate of a PEM text; None where it can't be read. Pure.

    The hash of the issuer's key is known where the issuer is in the text, too, or is itself.
    """
    try:
        chain = x509.load_pem_x509_certificates(pem.encode())
        leaf = chain[0]
        issuer = next((one for one in chain if one.subject == leaf.issuer), None)
        return HeldCertificate.model_validate(
            {
                "use": use,
                "issuer_name_hash": _name_hash(leaf),
                "issuer_key_hash": "" if issuer is None else _key_hash(leaf, issuer),
                "serial_number": f"{leaf.serial_number:x}",
                "subject": leaf.subject.rfc4514_string(),
                "expires_at": leaf.not_valid_after_utc,
                "at": at,
            }
        )
    except (ValueError, TypeError, IndexError):
        return None


def _name_hash(certificate: x509.Certificate) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(certificate.issuer.public_bytes())
    return digest.finalize().hex()


def _key_hash(certificate: x509.Certificate, issuer: x509.Certificate) -> str:
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256())
    return builder.build().issuer_key_hash.hex()


async def _in_place(peer: Peer, use: str, held: list[HeldCertificate]) -> Effect:
    """Keep `held` as all that there is of one use; what was known of them besides stays known."""
    key = keys.certificates(peer.charge_point_id)
    stored = await peer.bus.read(key)
    before = {name: one for name, one in _read(stored).items() if one.use == use}
    kept = [_with_more(one, before.get(one.field)) for one in held]
    gone = sorted(before.keys() - {one.field for one in kept})
    return Effect(writes=[_write(peer, kept)] if kept else (), removed={key: gone} if gone else {})


def _with_more(one: HeldCertificate, before: HeldCertificate | None) -> HeldCertificate:
    if before is None or one.subject is not None:
        return one
    return one.model_copy(update={"subject": before.subject, "expires_at": before.expires_at})


def _read(stored: Mapping[str, str]) -> dict[str, HeldCertificate]:
    return {name: HeldCertificate.model_validate_json(text) for name, text in stored.items()}


def _write(peer: Peer, held: list[HeldCertificate]) -> StateWrite:
    key = keys.certificates(peer.charge_point_id)
    return StateWrite(key, {one.field: one.model_dump_json() for one in held})
