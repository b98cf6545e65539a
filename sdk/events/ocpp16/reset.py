"""Reset of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Literal

from sdk.events.ocpp_part import OcppPart


class ResetRequest(OcppPart):
    """Reset.req."""

    type: Literal["Hard", "Soft"]


class ResetResponse(OcppPart):
    """Reset.conf."""

    status: Literal["Accepted", "Rejected"]
