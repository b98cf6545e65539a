"""GetDiagnostics of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class GetDiagnosticsRequest(OcppPart):
    """GetDiagnostics.req."""

    location: str
    retries: int | None = None
    retry_interval: Annotated[int | None, Field(alias="retryInterval")] = None
    start_time: Annotated[Moment | None, Field(alias="startTime")] = None
    stop_time: Annotated[Moment | None, Field(alias="stopTime")] = None


class GetDiagnosticsResponse(OcppPart):
    """GetDiagnostics.conf."""

    file_name: Annotated[str | None, Field(alias="fileName", max_length=255)] = None
