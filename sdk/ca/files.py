"""The files of an authority: where they are, and how they are read and written."""

from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sdk.data_folder import write_private
from sdk.errors import InvalidInputError

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

KEY_FILE = "root.key"
ROOT_FILE = "root.pem"
INDEX_FILE = "issued.jsonl"
CRL_FILE = "crl.pem"


class CaFilesError(InvalidInputError):
    """The authority's files are missing or damaged, can't be used, or are there already."""


def has_authority(folder: Path) -> bool:
    """Tell whether there is an authority's key in `folder`."""
    return (folder / KEY_FILE).exists()


def read_root(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Read root certificate and key. Raises CaFilesError."""
    if not has_authority(folder):
        raise CaFilesError(f"{folder} holds no certificate authority: see `noroam ca init`")
    try:
        key = serialization.load_pem_private_key((folder / KEY_FILE).read_bytes(), None)
        root = x509.load_pem_x509_certificate((folder / ROOT_FILE).read_bytes())
    except OSError as error:
        raise CaFilesError(f"{error.filename} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CaFilesError(f"key or certificate in {folder} is damaged") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != root.public_key():
        raise CaFilesError(f"key and certificate in {folder} do not belong together")
    return root, key


def write_file(file: Path, text: str) -> None:
    """Write a private file, whole or not at all; its folder is made. Raises CaFilesError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(file, text)
    except OSError as error:
        raise CaFilesError(f"{file} cannot be written: {error.strerror}") from error


def key_pem(key: PrivateKey) -> str:
    """Write a key as PKCS #8 in PEM, not sealed: its file's mode guards it."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def pem(
    made: x509.Certificate | x509.CertificateRevocationList | x509.CertificateSigningRequest,
) -> str:
    """Write a certificate, a revocation list or a request in PEM."""
    return made.public_bytes(serialization.Encoding.PEM).decode()
