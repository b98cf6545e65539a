"""LogStatusNotification of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class LogStatusNotificationRequest(OcppPart):
    """LogStatusNotification.req."""

    status: Literal[
        "BadMessage",
        "Idle",
        "NotSupportedOperation",
        "PermissionDenied",
        "Uploaded",
        "UploadFailure",
        "Uploading",
    ]
    request_id: Annotated[int | None, Field(alias="requestId")] = None


class LogStatusNotificationResponse(OcppPart):
    """LogStatusNotification.conf."""
