"""ChangeAvailability of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class ChangeAvailabilityRequest(OcppPart):
    """ChangeAvailability.req."""

    connector_id: Annotated[int, Field(alias="connectorId")]
    type: Literal["Inoperative", "Operative"]


class ChangeAvailabilityResponse(OcppPart):
    """ChangeAvailability.conf."""

    status: Literal["Accepted", "Rejected", "Scheduled"]
