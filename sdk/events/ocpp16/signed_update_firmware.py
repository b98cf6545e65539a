"""SignedUpdateFirmware of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class FirmwareType(OcppPart):
    location: Annotated[str, Field(max_length=512)]
    retrieve_date_time: Annotated[Moment, Field(alias="retrieveDateTime")]
    install_date_time: Annotated[Moment | None, Field(alias="installDateTime")] = None
    signing_certificate: Annotated[str, Field(alias="signingCertificate", max_length=5500)]
    signature: Annotated[str, Field(max_length=800)]


class SignedUpdateFirmwareRequest(OcppPart):
    """SignedUpdateFirmware.req."""

    retries: int | None = None
    retry_interval: Annotated[int | None, Field(alias="retryInterval")] = None
    request_id: Annotated[int, Field(alias="requestId")]
    firmware: FirmwareType


class SignedUpdateFirmwareResponse(OcppPart):
    """SignedUpdateFirmware.conf."""

    status: Literal[
        "Accepted", "Rejected", "AcceptedCanceled", "InvalidCertificate", "RevokedCertificate"
    ]
