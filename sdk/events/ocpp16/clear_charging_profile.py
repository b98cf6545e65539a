"""ClearChargingProfile of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class ClearChargingProfileRequest(OcppPart):
    """ClearChargingProfile.req."""

    id: int | None = None
    connector_id: Annotated[int | None, Field(alias="connectorId")] = None
    charging_profile_purpose: Annotated[
        Literal["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"] | None,
        Field(alias="chargingProfilePurpose"),
    ] = None
    stack_level: Annotated[int | None, Field(alias="stackLevel")] = None


class ClearChargingProfileResponse(OcppPart):
    """ClearChargingProfile.conf."""

    status: Literal["Accepted", "Unknown"]
