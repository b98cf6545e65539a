"""DiagnosticsStatusNotification of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Literal

from sdk.events.ocpp_part import OcppPart


class DiagnosticsStatusNotificationRequest(OcppPart):
    """DiagnosticsStatusNotification.req."""

    status: Literal["Idle", "Uploaded", "UploadFailed", "Uploading"]


class DiagnosticsStatusNotificationResponse(OcppPart):
    """DiagnosticsStatusNotification.conf."""
