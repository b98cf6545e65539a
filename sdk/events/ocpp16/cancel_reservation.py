"""CancelReservation of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.events.ocpp_part import OcppPart


class CancelReservationRequest(OcppPart):
    """CancelReservation.req."""

    reservation_id: Annotated[int, Field(alias="reservationId")]


class CancelReservationResponse(OcppPart):
    """CancelReservation.conf."""

    status: Literal["Accepted", "Rejected"]
