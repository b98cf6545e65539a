"""GetCompositeSchedule of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class GetCompositeScheduleRequest(OcppPart):
    """GetCompositeSchedule.req."""

    connector_id: Annotated[int, Field(alias="connectorId")]
    duration: int
    charging_rate_unit: Annotated[Literal["A", "W"] | None, Field(alias="chargingRateUnit")] = None


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


class GetCompositeScheduleResponse(OcppPart):
    """GetCompositeSchedule.conf."""

    status: Literal["Accepted", "Rejected"]
    connector_id: Annotated[int | None, Field(alias="connectorId")] = None
    schedule_start: Annotated[Moment | None, Field(alias="scheduleStart")] = None
    charging_schedule: Annotated[ChargingSchedule | None, Field(alias="chargingSchedule")] = None
