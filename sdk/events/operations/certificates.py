"""Operations for certificates ("Improved security for OCPP 1.6-J", edition 3, chapter 5)."""

from typing import Literal

from pydantic import Field

from sdk.events.body import Command
from sdk.events.ocpp16.delete_certificate import CertificateHashDataType
from sdk.events.operations.base import Answered

CertificateUse = Literal["CentralSystemRootCertificate", "ManufacturerRootCertificate"]


class CertificateSigned(Command):
    """CertificateSigned: the charge point's own certificate, in PEM, its issuers behind it."""

    type: Literal["CertificateSigned"] = "CertificateSigned"
    certificate_chain: str = Field(min_length=1, max_length=10_000)


class CertificateSignedAnswered(Answered):
    """`status` is Accepted or Rejected."""

    type: Literal["CertificateSignedAnswered"] = "CertificateSignedAnswered"


class InstallCertificate(Command):
    """InstallCertificate: a root certificate in PEM."""

    type: Literal["InstallCertificate"] = "InstallCertificate"
    certificate_type: CertificateUse
    certificate: str = Field(min_length=1, max_length=5500)


class InstallCertificateAnswered(Answered):
    """`status` is Accepted, Failed or Rejected."""

    type: Literal["InstallCertificateAnswered"] = "InstallCertificateAnswered"


class GetInstalledCertificateIds(Command):
    """GetInstalledCertificateIds."""

    type: Literal["GetInstalledCertificateIds"] = "GetInstalledCertificateIds"
    certificate_type: CertificateUse


class GetInstalledCertificateIdsAnswered(Answered):
    """`status` is Accepted or NotFound; the certificates' hashes are in `response`."""

    type: Literal["GetInstalledCertificateIdsAnswered"] = "GetInstalledCertificateIdsAnswered"


class DeleteCertificate(Command):
    """DeleteCertificate."""

    type: Literal["DeleteCertificate"] = "DeleteCertificate"
    certificate_hash_data: CertificateHashDataType


class DeleteCertificateAnswered(Answered):
    """`status` is Accepted, Failed or NotFound."""

    type: Literal["DeleteCertificateAnswered"] = "DeleteCertificateAnswered"
