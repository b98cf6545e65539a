"""DeleteCertificate of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class CertificateHashDataType(OcppPart):
    hash_algorithm: Annotated[Literal["SHA256", "SHA384", "SHA512"], Field(alias="hashAlgorithm")]
    issuer_name_hash: Annotated[str, Field(alias="issuerNameHash", max_length=128)]
    issuer_key_hash: Annotated[str, Field(alias="issuerKeyHash", max_length=128)]
    serial_number: Annotated[str, Field(alias="serialNumber", max_length=40)]


class DeleteCertificateRequest(OcppPart):
    """DeleteCertificate.req."""

    certificate_hash_data: Annotated[CertificateHashDataType, Field(alias="certificateHashData")]


class DeleteCertificateResponse(OcppPart):
    """DeleteCertificate.conf."""

    status: Literal["Accepted", "Failed", "NotFound"]
