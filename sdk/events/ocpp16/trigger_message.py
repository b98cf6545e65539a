"""TriggerMessage of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class TriggerMessageRequest(OcppPart):
    """TriggerMessage.req."""

    requested_message: Annotated[
        Literal[
            "BootNotification",
            "DiagnosticsStatusNotification",
            "FirmwareStatusNotification",
            "Heartbeat",
            "MeterValues",
            "StatusNotification",
        ],
        Field(alias="requestedMessage"),
    ]
    connector_id: Annotated[int | None, Field(alias="connectorId")] = None


class TriggerMessageResponse(OcppPart):
    """TriggerMessage.conf."""

    status: Literal["Accepted", "Rejected", "NotImplemented"]
