"""FirmwareStatusNotification of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Literal

from sdk.events.ocpp_part import OcppPart


class FirmwareStatusNotificationRequest(OcppPart):
    """FirmwareStatusNotification.req."""

    status: Literal[
        "Downloaded",
        "DownloadFailed",
        "Downloading",
        "Idle",
        "InstallationFailed",
        "Installing",
        "Installed",
    ]


class FirmwareStatusNotificationResponse(OcppPart):
    """FirmwareStatusNotification.conf."""
