"""Keys: signing and recovering (EIP-191, raw digests), and keystore files (Web3 Secret Storage v3).

Fast paths go straight to libsecp256k1; nothing here talks to a node.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from coincurve import PrivateKey, PublicKey
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from sdk.chain.errors import InvalidSignatureError, KeyFileError

__all__ = [
    "InvalidSignatureError",
    "SigningKey",
    "address_of",
    "create_keystore",
    "load_keystore",
    "new_key",
    "recover_digest",
    "recover_text",
    "text_digest",
]

_SECRET_BYTES = 32
_SIGNATURE_BYTES = 65
_V_BASE = 27


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secp256k1 key that signs; its secret is never shown."""

    _secret: PrivateKey = field(repr=False)
    address: str
    """The account, in EIP-55 checksum case."""

    @classmethod
    def from_bytes(cls, secret: bytes) -> "SigningKey":
        """Take a 32-byte secret. Raises KeyFileError for one that is no key."""
        if len(secret) != _SECRET_BYTES:  # coincurve would pad it
            raise KeyFileError("not a secp256k1 key")
        try:
            key = PrivateKey(secret)
        except ValueError as error:
            raise KeyFileError("not a secp256k1 key") from error
        return cls(key, address_of(key.public_key))

    @classmethod
    def from_hex(cls, secret: str) -> "SigningKey":
        """Take a secret as hex, with or without 0x. Raises KeyFileError."""
        try:
            return cls.from_bytes(bytes.fromhex(secret.removeprefix("0x")))
        except ValueError as error:
            raise KeyFileError("not a key in hex") from error

    @property
    def public_key(self) -> str:
        """The compressed point, 33 bytes as 0x hex."""
        return "0x" + self._secret.public_key.format(compressed=True).hex()

    @property
    def secret(self) -> bytes:
        """The secret itself, for libraries that sign; never log it."""
        return self._secret.secret

    def sign_digest(self, digest: bytes) -> str:
        """Sign 32 bytes: 0x + r, s, v (27 or 28), deterministic (RFC 6979), low s."""
        raw = self._secret.sign_recoverable(digest, hasher=None)
        return "0x" + raw[:64].hex() + f"{raw[64] + _V_BASE:02x}"

    def sign_text(self, text: str) -> str:
        """Sign a text by EIP-191 personal_sign over its exact UTF-8 bytes."""
        return self.sign_digest(text_digest(text))


def new_key() -> SigningKey:
    """Make a fresh random key."""
    return SigningKey.from_bytes(PrivateKey().secret)


def address_of(public_key: PublicKey) -> str:
    """Give the account of a public key, in checksum case."""
    return to_checksum_address(keccak(public_key.format(compressed=False)[1:])[12:])


def text_digest(text: str) -> bytes:
    """Hash a text as EIP-191 version 0x45 (personal_sign) does."""
    data = text.encode()
    return keccak(b"\x19Ethereum Signed Message:\n%d%s" % (len(data), data))


def recover_text(text: str, signature: str) -> str:
    """Give the account that signed a text. Raises InvalidSignatureError."""
    return recover_digest(text_digest(text), signature)


def recover_digest(digest: bytes, signature: str) -> str:
    """Give the account that signed 32 bytes. Raises InvalidSignatureError."""
    try:
        raw = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError as error:
        raise InvalidSignatureError("a signature is 65 bytes in hex") from error
    if len(raw) != _SIGNATURE_BYTES or raw[64] not in (_V_BASE, _V_BASE + 1):
        raise InvalidSignatureError("a signature is r, s and v of 27 or 28")
    try:
        key = PublicKey.from_signature_and_message(
            raw[:64] + bytes([raw[64] - _V_BASE]), digest, hasher=None
        )
    except Exception as error:  # coincurve raises nothing narrower for bad points
        raise InvalidSignatureError("the signature belongs to no key") from error
    return address_of(key)


def create_keystore(folder: Path, password: str, key: SigningKey | None = None) -> SigningKey:
    """Write a key (a new one unless given) to `folder`/<address>.json, mode 0600.

    Slow on purpose (scrypt). Raises FileExistsError rather than replace a key.
    """
    from eth_keyfile.keyfile import create_keyfile_json  # noqa: PLC0415 - see load_keystore

    key = key or new_key()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = create_keyfile_json(key.secret, password.encode(), version=3)
    path = folder / f"{key.address}.json"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
    return key


def load_keystore(path: Path, password: str) -> SigningKey:
    """Open a keystore file. Slow on purpose (scrypt): call it off the event loop.

    Raises KeyFileError, whose text names the file and never the secret.
    """
    # It brings the pairing arithmetic of BLS: 0.2 s that whoever only signs need not wait.
    from eth_keyfile.keyfile import decode_keyfile_json  # noqa: PLC0415

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise KeyFileError(f"{path}: not a keystore file") from error
    try:
        secret = decode_keyfile_json(content, password.encode())
    except ValueError as error:
        raise KeyFileError(f"{path}: the password does not open it") from error
    except (KeyError, TypeError, NotImplementedError, AttributeError) as error:
        raise KeyFileError(f"{path}: not a keystore file") from error
    return SigningKey.from_bytes(bytes(secret))
