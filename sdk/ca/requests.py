"""Reads certificate signing requests, and takes none that should not be signed. Pure."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from sdk.ca.interface import (
    ForgedRequestError,
    UnreadableRequestError,
    WeakKeyError,
    WrongNameError,
)

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
LONGEST = 16_384
"""Characters; OCPP allows 5,500."""
_LEAST_RSA_BITS, _MOST_RSA_BITS = 2048, 8192
_CURVES = (ec.SECP256R1, ec.SECP384R1)


def requested_key(csr_pem: str, charge_point_id: str) -> PublicKey:
    """Give the key that a request asks to certify for this charge point.

    Raises UnreadableRequestError, WeakKeyError, ForgedRequestError, WrongNameError.
    """
    request = _read(csr_pem)
    try:
        key = _checked_key(request)
        is_signed = request.is_signature_valid
        names = [
            _text(attribute.value)
            for attribute in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        ]
    except InvalidSignature:
        is_signed = False
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnreadableRequestError(f"the request cannot be read: {error}") from error
    if not is_signed:
        raise ForgedRequestError("the request is not signed by its own key")
    if names != [charge_point_id]:
        raise WrongNameError(f"the common name is not {charge_point_id}")
    return key


def _read(csr_pem: str) -> x509.CertificateSigningRequest:
    if len(csr_pem) > LONGEST:
        raise UnreadableRequestError("the request is too long")
    try:
        return x509.load_pem_x509_csr(csr_pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnreadableRequestError("this is no certificate signing request in PEM") from error


def _checked_key(request: x509.CertificateSigningRequest) -> PublicKey:
    key = request.public_key()
    if isinstance(key, rsa.RSAPublicKey) and _LEAST_RSA_BITS <= key.key_size <= _MOST_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return key
    raise WeakKeyError("the key should be RSA of 2048 to 8192 bits, or of the curve P-256 or P-384")


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()
