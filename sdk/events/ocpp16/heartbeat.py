"""Heartbeat of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class HeartbeatRequest(OcppPart):
    """Heartbeat.req."""


class HeartbeatResponse(OcppPart):
    """Heartbeat.conf."""

    current_time: Annotated[Moment, Field(alias="currentTime")]
