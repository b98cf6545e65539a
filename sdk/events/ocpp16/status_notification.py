"""StatusNotification of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class StatusNotificationRequest(OcppPart):
    """StatusNotification.req."""

    connector_id: Annotated[int, Field(alias="connectorId")]
    error_code: Annotated[
        Literal[
            "ConnectorLockFailure",
            "EVCommunicationError",
            "GroundFailure",
            "HighTemperature",
            "InternalError",
            "LocalListConflict",
            "NoError",
            "OtherError",
            "OverCurrentFailure",
            "PowerMeterFailure",
            "PowerSwitchFailure",
            "ReaderFailure",
            "ResetFailure",
            "UnderVoltage",
            "OverVoltage",
            "WeakSignal",
        ],
        Field(alias="errorCode"),
    ]
    info: Annotated[str | None, Field(max_length=50)] = None
    status: Literal[
        "Available",
        "Preparing",
        "Charging",
        "SuspendedEVSE",
        "SuspendedEV",
        "Finishing",
        "Reserved",
        "Unavailable",
        "Faulted",
    ]
    timestamp: Moment | None = None
    vendor_id: Annotated[str | None, Field(alias="vendorId", max_length=255)] = None
    vendor_error_code: Annotated[str | None, Field(alias="vendorErrorCode", max_length=50)] = None


class StatusNotificationResponse(OcppPart):
    """StatusNotification.conf."""
