"""Certificates made for one test: an authority, its files, and contexts of clients."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from cpg.tls import TlsFiles
from sdk.ca.files import CRL_FILE, ROOT_FILE, pem, write_file
from sdk.ca.local import LocalAuthority
from sdk.ids import utc_now

CPO = "Acme"


@dataclass(frozen=True, slots=True)
class Pair:
    """Files of a key and its certificate."""

    certificate: Path
    key: Path


class Ca:
    """An authority in a folder of the test."""

    def __init__(
        self,
        folder: Path,
        cpo_name: str = CPO,
        clock: Callable[[], datetime] = utc_now,
        days: int = 30,
    ) -> None:
        self.folder = folder
        self.authority = LocalAuthority.create(folder / "ca", cpo_name, clock, days)
        self.root_file = folder / "ca" / ROOT_FILE
        self.crl_file = folder / "ca" / CRL_FILE

    def server(self, *, is_rsa: bool = False) -> Pair:
        """Make those of a gateway on loopback."""
        key, certificate = self.authority.server(["localhost", "127.0.0.1"], is_rsa=is_rsa)
        return self.write("server", key, certificate)

    def charge_point(self, charge_point_id: str) -> Pair:
        """Make those of a charge point."""
        key, certificate = self.authority.charge_point(charge_point_id)
        return self.write(charge_point_id, key, certificate)

    def write(self, name: str, key: str, certificate: str) -> Pair:
        """Put both into files."""
        pair = Pair(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        write_file(pair.key, key)
        write_file(pair.certificate, certificate)
        return pair

    def files(self, *, revoked: bool = False, is_rsa: bool = False) -> TlsFiles:
        """Give what a gateway reads that trusts this authority."""
        server = self.server(is_rsa=is_rsa)
        crl = self.crl_file if revoked else None
        return TlsFiles(server.certificate, server.key, self.root_file, crl)

    def client(self, pair: Pair | None = None) -> ssl.SSLContext:
        """Make the context of a charge point that trusts this authority."""
        context = ssl.create_default_context(cafile=str(self.root_file))
        if pair is not None:
            context.load_cert_chain(pair.certificate, pair.key)
        return context


def request(
    name: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None, *more: str
) -> str:
    """Make a signing request in PEM; `more` are further common names."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    names = [x509.NameAttribute(NameOID.COMMON_NAME, each) for each in (name, *more)]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    return pem(builder.sign(key, hashes.SHA256()))
