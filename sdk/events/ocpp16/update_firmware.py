"""UpdateFirmware of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class UpdateFirmwareRequest(OcppPart):
    """UpdateFirmware.req."""

    location: str
    retries: int | None = None
    retrieve_date: Annotated[Moment, Field(alias="retrieveDate")]
    retry_interval: Annotated[int | None, Field(alias="retryInterval")] = None


class UpdateFirmwareResponse(OcppPart):
    """UpdateFirmware.conf."""
