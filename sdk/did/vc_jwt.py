"""Compact JWS with ES256K (RFC 7515, RFC 8812), type `vc+jwt`, checked by account. Pure.

An account is all that a did:ethr tells of its key, so a signature is checked by recovering the keys
that may have made it: right when one of them is the account's.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sdk.chain.accounts import SigningKey, recover_digest
from sdk.chain.errors import InvalidSignatureError
from sdk.did.errors import CredentialUnreadableError

LONGEST = 4096
_ALGORITHM = "ES256K"
_TYPE = "vc+jwt"
_SIGNATURE_BYTES = 64
_PARTS = 3


@dataclass(frozen=True, slots=True)
class VcJwt:
    """A token that was taken apart; nothing of it is proven before `is_signed_by`.

    `digest` is the SHA-256 that the signature signs: that of `header.claims`.
    """

    claims: Mapping[str, Any]
    digest: bytes
    signature: bytes

    def is_signed_by(self, account: str) -> bool:
        """Tell whether the key of `account` made the signature."""
        return any(self._signer(v) == account for v in ("1b", "1c"))

    def _signer(self, v: str) -> str | None:
        try:
            return recover_digest(self.digest, f"0x{self.signature.hex()}{v}")
        except InvalidSignatureError:
            return None


def write_vc_jwt(claims: Mapping[str, Any], key: SigningKey, key_id: str) -> str:
    """Sign claims; `key_id` names the verification method in the issuer's DID document."""
    header = {"alg": _ALGORITHM, "kid": key_id, "typ": _TYPE}
    signed = f"{_part(header)}.{_part(claims)}"
    signature = bytes.fromhex(key.sign_digest(sha256(signed.encode()).digest())[2:])
    return f"{signed}.{_base64url(signature[:_SIGNATURE_BYTES])}"


def read_vc_jwt(token: str) -> VcJwt:
    """Take a token apart. Raises CredentialUnreadableError."""
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != _PARTS or not token.isascii():
        raise CredentialUnreadableError("the credential is no compact JWT")
    header, claims = _object(parts[0]), _object(parts[1])
    if header.get("alg") != _ALGORITHM or header.get("typ") != _TYPE or "crit" in header:
        raise CredentialUnreadableError(f"the credential is no {_TYPE} signed by {_ALGORITHM}")
    signature = _bytes(parts[2])
    if len(signature) != _SIGNATURE_BYTES:
        raise CredentialUnreadableError("the credential's signature is cut off")
    digest = sha256(f"{parts[0]}.{parts[1]}".encode()).digest()
    return VcJwt(claims, digest, signature)


def _part(value: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(part: str) -> bytes:
    try:
        data = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise CredentialUnreadableError("the credential is not base64url") from error
    if _base64url(data) != part:
        raise CredentialUnreadableError("the credential is not base64url")
    return data


def _object(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_bytes(part))
    except (ValueError, RecursionError) as error:
        raise CredentialUnreadableError("the credential is not JSON") from error
    if not isinstance(value, dict):
        raise CredentialUnreadableError("the credential is no JSON object")
    return value
