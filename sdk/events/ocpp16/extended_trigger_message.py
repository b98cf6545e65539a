"""ExtendedTriggerMessage of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class ExtendedTriggerMessageRequest(OcppPart):
    """ExtendedTriggerMessage.req."""

    requested_message: Annotated[
        Literal[
            "BootNotification",
            "LogStatusNotification",
            "FirmwareStatusNotification",
            "Heartbeat",
            "MeterValues",
            "SignChargePointCertificate",
            "StatusNotification",
        ],
        Field(alias="requestedMessage"),
    ]
    connector_id: Annotated[int | None, Field(alias="connectorId")] = None


class ExtendedTriggerMessageResponse(OcppPart):
    """ExtendedTriggerMessage.conf."""

    status: Literal["Accepted", "Rejected", "NotImplemented"]
