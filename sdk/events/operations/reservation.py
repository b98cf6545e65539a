"""Operations of the Reservation profile (OCPP 1.6 edition 2)."""

from typing import Literal

from sdk.events.body import Command
from sdk.events.operations.base import Answered
from sdk.fields import IdTag, Moment


class ReserveNow(Command):
    """ReserveNow (5.13) of the envelope's connector; 0 or none: any of them."""

    type: Literal["ReserveNow"] = "ReserveNow"
    reservation_id: int
    id_tag: IdTag
    expiry_date: Moment
    parent_id_tag: IdTag | None = None


class ReserveNowAnswered(Answered):
    """`status` is Accepted, Faulted, Occupied, Rejected or Unavailable."""

    type: Literal["ReserveNowAnswered"] = "ReserveNowAnswered"


class CancelReservation(Command):
    """CancelReservation (5.1)."""

    type: Literal["CancelReservation"] = "CancelReservation"
    reservation_id: int


class CancelReservationAnswered(Answered):
    """`status` is Accepted or Rejected: there is no such reservation."""

    type: Literal["CancelReservationAnswered"] = "CancelReservationAnswered"
