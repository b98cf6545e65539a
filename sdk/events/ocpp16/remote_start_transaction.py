"""RemoteStartTransaction of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class ChargingSchedulePeriodItem(OcppPart):
    start_period: Annotated[int, Field(alias="startPeriod")]
    limit: Annotated[float, Field(multiple_of=0.1)]
    number_phases: Annotated[int | None, Field(alias="numberPhases")] = None


class ChargingSchedule(OcppPart):
    duration: int | None = None
    start_schedule: Annotated[Moment | None, Field(alias="startSchedule")] = None
    charging_rate_unit: Annotated[Literal["A", "W"], Field(alias="chargingRateUnit")]
    charging_schedule_period: Annotated[
        tuple[ChargingSchedulePeriodItem, ...], Field(alias="chargingSchedulePeriod")
    ]
    min_charging_rate: Annotated[float | None, Field(alias="minChargingRate", multiple_of=0.1)] = (
        None
    )


class ChargingProfile(OcppPart):
    charging_profile_id: Annotated[int, Field(alias="chargingProfileId")]
    transaction_id: Annotated[int | None, Field(alias="transactionId")] = None
    stack_level: Annotated[int, Field(alias="stackLevel")]
    charging_profile_purpose: Annotated[
        Literal["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"],
        Field(alias="chargingProfilePurpose"),
    ]
    charging_profile_kind: Annotated[
        Literal["Absolute", "Recurring", "Relative"], Field(alias="chargingProfileKind")
    ]
    recurrency_kind: Annotated[Literal["Daily", "Weekly"] | None, Field(alias="recurrencyKind")] = (
        None
    )
    valid_from: Annotated[Moment | None, Field(alias="validFrom")] = None
    valid_to: Annotated[Moment | None, Field(alias="validTo")] = None
    charging_schedule: Annotated[ChargingSchedule, Field(alias="chargingSchedule")]


class RemoteStartTransactionRequest(OcppPart):
    """RemoteStartTransaction.req."""

    connector_id: Annotated[int | None, Field(alias="connectorId")] = None
    id_tag: Annotated[str, Field(alias="idTag", max_length=20)]
    charging_profile: Annotated[ChargingProfile | None, Field(alias="chargingProfile")] = None


class RemoteStartTransactionResponse(OcppPart):
    """RemoteStartTransaction.conf."""

    status: Literal["Accepted", "Rejected"]
