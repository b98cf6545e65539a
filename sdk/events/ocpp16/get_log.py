"""GetLog of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class LogParametersType(OcppPart):
    remote_location: Annotated[str, Field(alias="remoteLocation", max_length=512)]
    oldest_timestamp: Annotated[Moment | None, Field(alias="oldestTimestamp")] = None
    latest_timestamp: Annotated[Moment | None, Field(alias="latestTimestamp")] = None


class GetLogRequest(OcppPart):
    """GetLog.req."""

    log: LogParametersType
    log_type: Annotated[Literal["DiagnosticsLog", "SecurityLog"], Field(alias="logType")]
    request_id: Annotated[int, Field(alias="requestId")]
    retries: int | None = None
    retry_interval: Annotated[int | None, Field(alias="retryInterval")] = None


class GetLogResponse(OcppPart):
    """GetLog.conf."""

    status: Literal["Accepted", "Rejected", "AcceptedCanceled"]
    filename: Annotated[str | None, Field(max_length=255)] = None
