"""Operations of the SmartCharging profile (OCPP 1.6 edition 2)."""

from typing import Literal

from pydantic import Field

from sdk.events.body import Command
from sdk.events.ocpp16.set_charging_profile import CsChargingProfiles
from sdk.events.operations.base import Answered

Purpose = Literal["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]


class SetChargingProfile(Command):
    """SetChargingProfile (5.16) on the envelope's connector; 0 or none: the whole charge point."""

    type: Literal["SetChargingProfile"] = "SetChargingProfile"
    cs_charging_profiles: CsChargingProfiles


class SetChargingProfileAnswered(Answered):
    """`status` is Accepted, Rejected or NotSupported."""

    type: Literal["SetChargingProfileAnswered"] = "SetChargingProfileAnswered"


class ClearChargingProfile(Command):
    """ClearChargingProfile (5.5): what fits all that is given; nothing given clears all.

    The envelope's connector, if it has one, is a criterion, too.
    """

    type: Literal["ClearChargingProfile"] = "ClearChargingProfile"
    id: int | None = None
    charging_profile_purpose: Purpose | None = None
    stack_level: int | None = Field(default=None, ge=0)


class ClearChargingProfileAnswered(Answered):
    """`status` is Accepted or Unknown: there was none."""

    type: Literal["ClearChargingProfileAnswered"] = "ClearChargingProfileAnswered"


class GetCompositeSchedule(Command):
    """GetCompositeSchedule (5.7) of the envelope's connector; 0 or none: the grid connection's.

    `duration` in seconds.
    """

    type: Literal["GetCompositeSchedule"] = "GetCompositeSchedule"
    duration: int
    charging_rate_unit: Literal["A", "W"] | None = None


class GetCompositeScheduleAnswered(Answered):
    """`status` is Accepted or Rejected; the schedule is in `response`."""

    type: Literal["GetCompositeScheduleAnswered"] = "GetCompositeScheduleAnswered"
