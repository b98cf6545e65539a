"""Reads and checks certificates. Pure but for the clock."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp

from sdk.ids import utc_now

_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "SHA256": hashes.SHA256(),
    "SHA384": hashes.SHA384(),
    "SHA512": hashes.SHA512(),
}


def read_chain(pem: str) -> list[x509.Certificate]:
    """Read certificates in PEM; none where one can't be read."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        return []


def is_valid_now(certificate: x509.Certificate) -> bool:
    """Tell whether the clock is within a certificate's time."""
    return certificate.not_valid_before_utc <= utc_now() < certificate.not_valid_after_utc


def is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether one certificate is directly signed by another, of an authority."""
    try:
        certificate.verify_directly_issued_by(issuer)
        return issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False


def leads_to(chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]) -> bool:
    """Tell whether each of a chain is signed by the next, and the last by a root."""
    links = pairwise(chain)
    if not all(is_signed_by(lower, higher) and is_valid_now(higher) for lower, higher in links):
        return False
    return any(chain[-1] == root or is_signed_by(chain[-1], root) for root in roots)


def hash_data(root: x509.Certificate, algorithm: str) -> dict[str, str]:
    """Give certificateHashData of a root, by the package's names (as in RFC 6960, 4.1.1)."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(root, root, _HASHES[algorithm])
    request = builder.build()
    return {
        "hash_algorithm": algorithm,
        "issuer_name_hash": request.issuer_name_hash.hex(),
        "issuer_key_hash": request.issuer_key_hash.hex(),
        "serial_number": f"{request.serial_number:x}",
    }


def is_signature(signature: str, data: bytes, signer: x509.Certificate) -> bool:
    """Tell whether base64 holds the signer's signature of data: ECDSA or RSA-PSS with SHA-256."""
    key = signer.public_key()
    try:
        raw = base64.b64decode(signature, validate=True)
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(raw, data, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
            key.verify(raw, data, pss, hashes.SHA256())
        else:
            return False
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
