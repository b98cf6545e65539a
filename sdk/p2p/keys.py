"""The key of a peer: its file, its peer id, and the keys that a DID document shows."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sdk.base58 import base58
from sdk.errors import InvalidInputError

SEED_BYTES = 32
_X25519_SALT = b"noroam"
_X25519_INFO = b"noroam-x25519-v1"
# Multihash "identity", 36 bytes, of libp2p's PublicKey message {Type: Ed25519, Data: 32 bytes}.
_PEER_ID_PREFIX = bytes.fromhex("0024080112 20")


class KeyFileError(InvalidInputError):
    """The key file can't be read or written, or holds no key; its text names the file."""


@dataclass(frozen=True, slots=True)
class P2pKey:
    """An Ed25519 key pair from its 32-byte seed; the seed is never shown."""

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            raise InvalidInputError(f"an Ed25519 seed has {SEED_BYTES} bytes")

    @classmethod
    def generate(cls) -> "P2pKey":
        """Make a new key."""
        return cls(os.urandom(SEED_BYTES))

    @property
    def ed25519(self) -> str:
        """The public key that signs, 64 hex digits."""
        return self._signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    @property
    def peer_id(self) -> str:
        """The libp2p peer id, base58 (12D3Koo...)."""
        return peer_id_of(self.ed25519)

    @property
    def x25519(self) -> str:
        """The public key to seal messages to, 64 hex digits; see `x25519_private_key`."""
        public = self.x25519_private_key().public_key()
        return public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def x25519_private_key(self) -> X25519PrivateKey:
        """Derive the X25519 key: HKDF-SHA256 of the seed (RFC 5869).

        Salt `noroam`, info `noroam-x25519-v1`, 32 bytes: one file to keep, and neither key tells
        anything about the other.
        """
        kdf = HKDF(algorithm=SHA256(), length=32, salt=_X25519_SALT, info=_X25519_INFO)
        return X25519PrivateKey.from_private_bytes(kdf.derive(self.seed))

    def sign(self, message: bytes) -> bytes:
        """Sign with Ed25519: 64 bytes. Give it only messages that begin with a fixed prefix."""
        return self._signer.sign(message)

    @property
    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def verify_ed25519(public_key: str, message: bytes, signature: bytes) -> bool:
    """Tell whether `signature` is that of the key (64 hex digits) under `message`."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def peer_id_of(ed25519: str) -> str:
    """Give the peer id of an Ed25519 public key (64 hex digits, with or without 0x).

    Raises InvalidInputError for anything else.
    """
    try:
        raw = bytes.fromhex(ed25519.removeprefix("0x"))
    except ValueError as error:
        raise InvalidInputError("an Ed25519 public key is 64 hex digits") from error
    if len(raw) != SEED_BYTES:
        raise InvalidInputError("an Ed25519 public key is 64 hex digits")
    return base58(_PEER_ID_PREFIX + raw)


def load_key(path: Path) -> P2pKey:
    """Read the key file: the seed as 64 hex digits; a missing one is made, for its owner only.

    Raises KeyFileError.
    """
    try:
        if not path.exists():
            return _create(path)
        return P2pKey(bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except OSError as error:
        raise KeyFileError(f"key file {path}: {error.strerror}") from error
    except (ValueError, InvalidInputError) as error:
        raise KeyFileError(f"key file {path}: not an Ed25519 seed of 64 hex digits") from error


def _create(path: Path) -> P2pKey:
    key = P2pKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.seed.hex() + "\n")
    return key
