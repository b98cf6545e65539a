"""ClearCache of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Literal

from sdk.events.ocpp_part import OcppPart


class ClearCacheRequest(OcppPart):
    """ClearCache.req."""


class ClearCacheResponse(OcppPart):
    """ClearCache.conf."""

    status: Literal["Accepted", "Rejected"]
