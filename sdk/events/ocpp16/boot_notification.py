"""BootNotification of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class BootNotificationRequest(OcppPart):
    """BootNotification.req."""

    charge_point_vendor: Annotated[str, Field(alias="chargePointVendor", max_length=20)]
    charge_point_model: Annotated[str, Field(alias="chargePointModel", max_length=20)]
    charge_point_serial_number: Annotated[
        str | None, Field(alias="chargePointSerialNumber", max_length=25)
    ] = None
    charge_box_serial_number: Annotated[
        str | None, Field(alias="chargeBoxSerialNumber", max_length=25)
    ] = None
    firmware_version: Annotated[str | None, Field(alias="firmwareVersion", max_length=50)] = None
    iccid: Annotated[str | None, Field(max_length=20)] = None
    imsi: Annotated[str | None, Field(max_length=20)] = None
    meter_type: Annotated[str | None, Field(alias="meterType", max_length=25)] = None
    meter_serial_number: Annotated[str | None, Field(alias="meterSerialNumber", max_length=25)] = (
        None
    )


class BootNotificationResponse(OcppPart):
    """BootNotification.conf."""

    status: Literal["Accepted", "Pending", "Rejected"]
    current_time: Annotated[Moment, Field(alias="currentTime")]
    interval: int
