"""ReserveNow of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart
from sdk.fields import Moment


class ReserveNowRequest(OcppPart):
    """ReserveNow.req."""

    connector_id: Annotated[int, Field(alias="connectorId")]
    expiry_date: Annotated[Moment, Field(alias="expiryDate")]
    id_tag: Annotated[str, Field(alias="idTag", max_length=20)]
    parent_id_tag: Annotated[str | None, Field(alias="parentIdTag", max_length=20)] = None
    reservation_id: Annotated[int, Field(alias="reservationId")]


class ReserveNowResponse(OcppPart):
    """ReserveNow.conf."""

    status: Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]
