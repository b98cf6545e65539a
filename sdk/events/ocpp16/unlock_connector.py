"""UnlockConnector of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class UnlockConnectorRequest(OcppPart):
    """UnlockConnector.req."""

    connector_id: Annotated[int, Field(alias="connectorId")]


class UnlockConnectorResponse(OcppPart):
    """UnlockConnector.conf."""

    status: Literal["Unlocked", "UnlockFailed", "NotSupported"]
