"""GetLocalListVersion of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class GetLocalListVersionRequest(OcppPart):
    """GetLocalListVersion.req."""


class GetLocalListVersionResponse(OcppPart):
    """GetLocalListVersion.conf."""

    list_version: Annotated[int, Field(alias="listVersion")]
