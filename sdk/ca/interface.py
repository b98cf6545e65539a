"""What whoever answers SignCertificate needs, and why it may be refused."""

from typing import Protocol

from sdk.errors import InvalidInputError


class RequestRefusedError(InvalidInputError):
    """A certificate signing request is not signed; a subclass says why."""


class UnreadableRequestError(RequestRefusedError):
    """It is no PKCS #10 request in PEM (RFC 2986)."""


class ForgedRequestError(RequestRefusedError):
    """It is not signed by the key that it holds."""


class WrongNameError(RequestRefusedError):
    """Its common name is not the charge point that asks."""


class WeakKeyError(RequestRefusedError):
    """Its key is not good enough: RSA from 2048 bits, or P-256 or P-384."""


class CertificateAuthority(Protocol):
    """Signs certificates of charge points."""

    @property
    def root_pem(self) -> str:
        """The root certificate, which whoever trusts this authority installs."""
        ...

    def sign(self, csr_pem: str, charge_point_id: str) -> str:
        """Give the chain for CertificateSigned in PEM: the leaf first, the root left out.

        Raises a RequestRefusedError, CaFilesError where the issue can't be recorded.
        """
        ...
