"""CertificateSigned of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class CertificateSignedRequest(OcppPart):
    """CertificateSigned.req."""

    certificate_chain: Annotated[str, Field(alias="certificateChain", max_length=10000)]


class CertificateSignedResponse(OcppPart):
    """CertificateSigned.conf."""

    status: Literal["Accepted", "Rejected"]
