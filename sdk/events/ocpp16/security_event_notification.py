"""SecurityEventNotification of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class SecurityEventNotificationRequest(OcppPart):
    """SecurityEventNotification.req."""

    type: Annotated[str, Field(max_length=50)]
    timestamp: Moment
    tech_info: Annotated[str | None, Field(alias="techInfo", max_length=255)] = None


class SecurityEventNotificationResponse(OcppPart):
    """SecurityEventNotification.conf."""
