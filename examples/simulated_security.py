"""Password, key and certificates of the simulated charge point.

SW: "Improved security for OCPP 1.6-J", edition 3.
"""

import base64
import re
import ssl
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from ocpp.v16 import call
from ocpp.v16.enums import CertificateStatus, DeleteCertificateStatus

from simulated_certificates import (
    hash_data,
    is_signature,
    is_signed_by,
    is_valid_now,
    leads_to,
    read_chain,
)
from simulated_maintenance import image
from simulated_outbox import now, say
from simulated_state import State

CENTRAL, MANUFACTURER = "CentralSystemRootCertificate", "ManufacturerRootCertificate"
_TLS_FROM, _CERTIFICATE_FROM = 2, 3
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){16,20}")
_SHORTEST, _LONGEST = 16, 40
"""Characters of an AuthorizationKey; 32 to 40 where it is hexadecimal (SW 2.5)."""


class Security:
    """What it shows of itself, and whom it trusts."""

    def __init__(self, state: State) -> None:
        self._state = state
        options = state.options
        self.roots: dict[str, list[x509.Certificate]] = {CENTRAL: [], MANUFACTURER: []}
        if options.ca_file:
            self.roots[CENTRAL] += read_chain(Path(options.ca_file).read_text("utf-8"))
        self._own: tuple[str, str] | None = None
        """Its certificates and their key, in PEM."""
        if options.certificate:
            chain, key = Path(options.certificate), Path(options.key or options.certificate)
            self._own = chain.read_text("utf-8"), key.read_text("utf-8")
        self._asked: ec.EllipticCurvePrivateKey | None = None
        """The key of the certificate that it asked for."""
        self.profile = int(state.configuration["SecurityProfile"])
        """The one in force; the configuration's may wait for a reboot."""

    def report(self, kind: str, info: str) -> None:
        """Tell the central system of a security event (SW 4.2)."""
        say(f"security event {kind}: {info}")
        self._state.put(call.SecurityEventNotification(kind, now(), info[:255]))

    def booted(self) -> None:
        """Take into force what was waiting for a reboot."""
        self.profile = int(self._state.configuration["SecurityProfile"])

    @property
    def url(self) -> str:
        """Where the central system is, by the profile in force."""
        options = self._state.options
        tls = self.profile >= _TLS_FROM and options.tls_url
        return f"{(options.tls_url if tls else options.url).rstrip('/')}/{options.id}"

    def credentials(self) -> dict[str, str]:
        """Give the headers that name it (RFC 7617)."""
        password = self._state.configuration["AuthorizationKey"]
        if not password or self.profile >= _CERTIFICATE_FROM:
            return {}
        pair = f"{self._state.options.id}:".encode() + _bytes(password)
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def tls(self) -> ssl.SSLContext | None:
        """Make the context of the next connection; None: it is plain."""
        if not self.url.startswith("wss:"):
            return None
        roots = "".join(map(_pem, self.roots[CENTRAL]))
        context = ssl.create_default_context(cadata=roots or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.profile >= _CERTIFICATE_FROM and self._own is not None:
            with tempfile.TemporaryDirectory() as folder:  # the ssl module reads files alone
                file = Path(folder) / "own.pem"
                file.touch(0o600)
                file.write_text("".join(self._own), "utf-8")
                context.load_cert_chain(file)
        return context

    def may_change(self, key: str, value: str) -> bool:
        """Tell whether a key of security may get this value."""
        if key == "AuthorizationKey":
            return _SHORTEST <= len(value) <= _LONGEST
        if key == "SecurityProfile":
            return self._may_rise_to(int(value) if value.isdecimal() else 0)
        return True

    def _may_rise_to(self, profile: int) -> bool:
        options = self._state.options
        has_tls = bool(options.tls_url) or options.url.startswith("wss:")
        needed = {1: True, 2: has_tls, 3: has_tls and self._own is not None}
        return profile >= self.profile and needed.get(profile, False)

    def request_certificate(self) -> None:
        """Make a key, and ask for its certificate (SignCertificate, SW 4.3)."""
        self._asked = ec.generate_private_key(ec.SECP256R1())
        names = [x509.NameAttribute(NameOID.COMMON_NAME, self._state.options.id)]
        if operator := self._state.configuration["CpoName"]:
            names.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, operator))
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
        self._state.put(call.SignCertificate(_pem(builder.sign(self._asked, hashes.SHA256()))))

    def take_certificate(self, chain: str) -> bool:
        """Take its own certificate, if it is right (CertificateSigned, SW 5.4)."""
        why = self._why_not(read_chain(chain))
        if why is not None or self._asked is None:
            self.report("InvalidChargePointCertificate", why or "none was asked for")
            return False
        key = self._asked.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self._own = chain.rstrip() + "\n", key.decode()
        self._asked = None
        say("took its new certificate")
        return True

    def _why_not(self, chain: Sequence[x509.Certificate]) -> str | None:
        if not chain:
            return "unreadable"
        leaf, roots = chain[0], self.roots[CENTRAL]
        names = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        if [name.value for name in names] != [self._state.options.id]:
            return "of another common name"
        if self._asked is None or leaf.public_key() != self._asked.public_key():
            return "of another key"
        if not is_valid_now(leaf):
            return "not valid now"
        return None if not roots or leads_to(chain, roots) else "of an unknown root"

    def install(self, use: str, pem: str) -> CertificateStatus:
        """Trust a root (InstallCertificate, SW 5.5)."""
        found = read_chain(pem)
        if len(found) != 1 or not is_valid_now(found[0]) or not is_signed_by(found[0], found[0]):
            if use == CENTRAL:
                self.report("InvalidCentralSystemCertificate", "this is no valid root")
            return CertificateStatus.rejected
        most = self._state.configuration.number("CertificateStoreMaxLength")
        if sum(map(len, self.roots.values())) >= most:
            return CertificateStatus.failed
        if found[0] not in self.roots[use]:
            self.roots[use].append(found[0])
        return CertificateStatus.accepted

    def signature_check(self, firmware: dict[str, Any]) -> Callable[[], bool] | None:
        """Give what checks a firmware once it is there; None: its signer is not trusted."""
        chain, roots = read_chain(firmware["signing_certificate"]), self.roots[MANUFACTURER]
        if not chain or not is_valid_now(chain[0]) or (roots and not leads_to(chain, roots)):
            self.report("InvalidFirmwareSigningCertificate", firmware["location"])
            return None

        def check() -> bool:
            if is_signature(firmware["signature"], image(firmware["location"]), chain[0]):
                return True
            self.report("InvalidFirmwareSignature", firmware["location"])
            return False

        return check

    def installed(self, use: str) -> list[dict[str, str]]:
        """Give the hashes of the roots of one use."""
        return [hash_data(root, "SHA256") for root in self.roots[use]]

    def delete(self, wanted: dict[str, Any]) -> DeleteCertificateStatus:
        """Trust a root no longer, unless it is the one that it needs for its connection."""
        for use, roots in self.roots.items():
            for root in roots:
                if hash_data(root, wanted["hash_algorithm"]) == wanted:
                    if self.profile >= _TLS_FROM and use == CENTRAL and len(roots) == 1:
                        return DeleteCertificateStatus.failed
                    roots.remove(root)
                    return DeleteCertificateStatus.accepted
        return DeleteCertificateStatus.not_found


def _bytes(password: str) -> bytes:
    """Give a password as it is sent: a hexadecimal AuthorizationKey by its bytes."""
    return bytes.fromhex(password) if _HEX.fullmatch(password) else password.encode()


def _pem(made: x509.Certificate | x509.CertificateSigningRequest) -> str:
    return made.public_bytes(serialization.Encoding.PEM).decode()
