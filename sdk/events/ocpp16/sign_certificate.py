"""SignCertificate of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class SignCertificateRequest(OcppPart):
    """SignCertificate.req."""

    csr: Annotated[str, Field(max_length=5500)]


class SignCertificateResponse(OcppPart):
    """SignCertificate.conf."""

    status: Literal["Accepted", "Rejected"]
