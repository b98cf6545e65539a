"""InstallCertificate of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class InstallCertificateRequest(OcppPart):
    """InstallCertificate.req."""

    certificate_type: Annotated[
        Literal["CentralSystemRootCertificate", "ManufacturerRootCertificate"],
        Field(alias="certificateType"),
    ]
    certificate: Annotated[str, Field(max_length=5500)]


class InstallCertificateResponse(OcppPart):
    """InstallCertificate.conf."""

    status: Literal["Accepted", "Failed", "Rejected"]
