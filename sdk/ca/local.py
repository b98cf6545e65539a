"""An authority whose key is a file of this machine."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sdk.ca.certificates import (
    Issue,
    Issuer,
    charge_point_certificate,
    make_root,
    revocation_list,
    server_certificate,
)
from sdk.ca.files import (
    CRL_FILE,
    INDEX_FILE,
    KEY_FILE,
    ROOT_FILE,
    CaFilesError,
    PrivateKey,
    has_authority,
    key_pem,
    pem,
    read_root,
    write_file,
)
from sdk.ca.index import Index, Issued, Kind
from sdk.ca.requests import PublicKey, requested_key
from sdk.errors import InvalidInputError
from sdk.ids import Clock

DEFAULT_DAYS, ROOT_DAYS = 365, 20 * 365
_RSA_BITS = 2048


class UnknownSerialError(InvalidInputError):
    """No certificate of this serial was issued."""


class LocalAuthority:
    """A `CertificateAuthority`: a P-256 root key, one root, no authority between.

    Its folder holds key, root certificate, index, and the revocation list for CPG_TLS_CRL.
    """

    def __init__(self, folder: Path, clock: Clock, days: int = DEFAULT_DAYS) -> None:
        """Use what `create` made; certificates are valid for `days`. Raises CaFilesError."""
        self.folder = folder
        self._issuer: Issuer = read_root(folder)
        self._clock = clock
        self._days = days
        self._index = Index(folder / INDEX_FILE)

    @classmethod
    def create(
        cls, folder: Path, cpo_name: str, clock: Clock, days: int = DEFAULT_DAYS
    ) -> "LocalAuthority":
        """Make an authority of the operator `cpo_name`, with an empty revocation list.

        Raises CaFilesError, also where there is one.
        """
        if has_authority(folder):
            raise CaFilesError(f"{folder} holds a certificate authority already")
        key, now = ec.generate_private_key(ec.SECP256R1()), clock()
        issue = Issue(
            f"{cpo_name} root", x509.random_serial_number(), now, now + timedelta(days=ROOT_DAYS)
        )
        root = make_root(cpo_name, key, issue)
        write_file(folder / ROOT_FILE, pem(root))
        write_file(folder / KEY_FILE, key_pem(key))
        made = cls(folder, clock, days)
        made.write_crl()
        return made

    @property
    def root(self) -> x509.Certificate:
        """The root certificate."""
        return self._issuer[0]

    @property
    def root_pem(self) -> str:
        """See `CertificateAuthority`."""
        return pem(self.root)

    def sign(self, csr_pem: str, charge_point_id: str) -> str:
        """See `CertificateAuthority`."""
        return self._charge_point(requested_key(csr_pem, charge_point_id), charge_point_id)

    def charge_point(self, charge_point_id: str) -> tuple[str, str]:
        """Make a key and its certificate for a charge point; both in PEM. Raises CaFilesError."""
        key = _new_key()
        return key_pem(key), self._charge_point(key.public_key(), charge_point_id)

    def server(self, hosts: Sequence[str], *, is_rsa: bool = False) -> tuple[str, str]:
        """Make a key and its certificate for a gateway that is reached by `hosts`; both in PEM.

        RSA is for charge points that know no elliptic curves. Raises CaFilesError,
        InvalidInputError for what is no host's name.
        """
        key = _new_key(is_rsa=is_rsa)
        issue = self._issue(hosts[0])
        try:
            made = server_certificate(self._issuer, key.public_key(), issue, hosts)
        except ValueError as error:
            raise InvalidInputError(f"a host's name is not valid: {error}") from error
        return key_pem(key), self._recorded(made, "server", hosts[0])

    def issued(self) -> list[Issued]:
        """Give all that was issued. Raises CaFilesError."""
        return self._index.all()

    def revoke(self, serial: str) -> Issued:
        """Revoke a certificate, and write the list again. Raises UnknownSerialError, CaFilesError.

        A socket that is open is not closed by it.
        """
        wanted = serial.lower().replace(":", "").lstrip("0")
        found = next((each for each in self.issued() if each.serial == wanted), None)
        if found is None:
            raise UnknownSerialError(f"no certificate of the serial {serial} was issued")
        if found.revoked_at is None:
            found = found.model_copy(update={"revoked_at": self._clock()})
            self._index.add(found)
        self.write_crl()
        return found

    def write_crl(self) -> None:
        """Write the revocation list as the index has it. Raises CaFilesError."""
        revoked = [
            (int(each.serial, 16), each.revoked_at)
            for each in self.issued()
            if each.revoked_at is not None
        ]
        now = self._clock()
        made = revocation_list(self._issuer, revoked, int(now.timestamp() * 1000), now)
        write_file(self.folder / CRL_FILE, pem(made))

    def _charge_point(self, key: PublicKey, charge_point_id: str) -> str:
        made = charge_point_certificate(self._issuer, key, self._issue(charge_point_id))
        return self._recorded(made, "charge_point", charge_point_id)

    def _issue(self, name: str) -> Issue:
        now = self._clock()
        return Issue(name, x509.random_serial_number(), now, now + timedelta(days=self._days))

    def _recorded(self, made: x509.Certificate, kind: Kind, subject: str) -> str:
        serial = f"{made.serial_number:x}"
        self._index.add(
            Issued(serial=serial, kind=kind, subject=subject, not_after=made.not_valid_after_utc)
        )
        return pem(made)


def _new_key(*, is_rsa: bool = False) -> PrivateKey:
    if is_rsa:
        return rsa.generate_private_key(65537, _RSA_BITS)
    return ec.generate_private_key(ec.SECP256R1())
