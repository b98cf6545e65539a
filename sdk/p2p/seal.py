"""Seals an envelope for one reader, and opens it: JWE (RFC 7516, RFC 8037). Pure but for chance.

`ECDH-ES` with X25519 and `A256GCM`, compact. Whoever seals an answer must know the app's key, which
stands in a sealed request only: a hub does not know it, and so can't make an answer up.
"""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from sdk.errors import InvalidInputError
from sdk.events.envelope import Envelope, UnreadableEnvelopeError, read_envelope
from sdk.events.sealed import Sealed

_HEADER = {"alg": "ECDH-ES", "enc": "A256GCM"}
_ALGORITHMS = ["ECDH-ES", "A256GCM"]


class SealError(InvalidInputError):
    """What came is not sealed for us, was changed, or is about something else than it says."""


def seal(envelope: Envelope, reader: str, expires_at: datetime | None = None) -> Envelope:
    """Seal `envelope` for the holder of the X25519 key `reader` (64 hex digits).

    `expires_at` is that of a request's payload, told in clear. Raises SealError for a key that is
    none, or where it would not fit into a frame.
    """
    try:
        public = OKPKey.import_key(X25519PublicKey.from_public_bytes(bytes.fromhex(reader)))
        token = jwe.encrypt_compact(
            dict(_HEADER), envelope.to_json().encode(), public, algorithms=_ALGORITHMS
        )
        body = Sealed(holds=envelope.type, expires_at=expires_at, jwe=token)
    except (ValueError, JoseError) as error:
        raise SealError("the envelope can't be sealed for this key") from error
    return Envelope(
        id=envelope.id, charge_point_id=envelope.charge_point_id, at=envelope.at, body=body
    )


def open_sealed(envelope: Envelope, key: X25519PrivateKey) -> Envelope:
    """Open what was sealed for `key`; what is not sealed comes back as it is. Raises SealError."""
    outer = envelope.body
    if not isinstance(outer, Sealed):
        return envelope
    try:
        opened = jwe.decrypt_compact(outer.jwe, OKPKey.import_key(key), algorithms=_ALGORITHMS)
        inner = read_envelope(opened.plaintext or b"")
    # A header that names an unknown curve ends in a KeyError of the library.
    except (ValueError, TypeError, KeyError, JoseError, UnreadableEnvelopeError) as error:
        raise SealError("not sealed for this key, or changed") from error
    fault = _difference(envelope, outer, inner)
    if fault is not None:
        raise SealError(f"the sealed envelope has another {fault}")
    return inner


def _difference(outer: Envelope, body: Sealed, inner: Envelope) -> str | None:
    if inner.type != body.holds:
        return "type"
    if inner.id != outer.id:
        return "id"
    return None if inner.charge_point_id == outer.charge_point_id else "charge point"
