"""ChangeConfiguration of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class ChangeConfigurationRequest(OcppPart):
    """ChangeConfiguration.req."""

    key: Annotated[str, Field(max_length=50)]
    value: Annotated[str, Field(max_length=500)]


class ChangeConfigurationResponse(OcppPart):
    """ChangeConfiguration.conf."""

    status: Literal["Accepted", "Rejected", "RebootRequired", "NotSupported"]
