"""DataTransfer of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class DataTransferRequest(OcppPart):
    """DataTransfer.req."""

    vendor_id: Annotated[str, Field(alias="vendorId", max_length=255)]
    message_id: Annotated[str | None, Field(alias="messageId", max_length=50)] = None
    data: str | None = None


class DataTransferResponse(OcppPart):
    """DataTransfer.conf."""

    status: Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"]
    data: str | None = None
