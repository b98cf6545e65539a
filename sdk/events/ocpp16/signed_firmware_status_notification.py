"""SignedFirmwareStatusNotification of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class SignedFirmwareStatusNotificationRequest(OcppPart):
    """SignedFirmwareStatusNotification.req."""

    status: Literal[
        "Downloaded",
        "DownloadFailed",
        "Downloading",
        "DownloadScheduled",
        "DownloadPaused",
        "Idle",
        "InstallationFailed",
        "Installing",
        "Installed",
        "InstallRebooting",
        "InstallScheduled",
        "InstallVerificationFailed",
        "InvalidSignature",
        "SignatureVerified",
    ]
    request_id: Annotated[int | None, Field(alias="requestId")] = None


class SignedFirmwareStatusNotificationResponse(OcppPart):
    """SignedFirmwareStatusNotification.conf."""
