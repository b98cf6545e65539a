"""The charging profiles that charge points took from us; written by the gateway."""

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.events.ocpp16.set_charging_profile import CsChargingProfiles
from sdk.fields import Frozen, IdTag, Moment


class HeldProfile(Frozen):
    """A charging profile that is on a charge point.

    Connector 0: the whole charge point; none: that of the transaction which `id_tag` starts.
    """

    connector_id: int | None
    profile: CsChargingProfiles
    id_tag: IdTag | None = None
    """Of the RemoteStartTransaction that it came with."""
    accepted_at: Moment

    @property
    def profile_id(self) -> int:
        """Its id, which is unique on a charge point."""
        return self.profile.charging_profile_id


async def read_charging_profiles(bus: Bus, charge_point_id: str) -> tuple[HeldProfile, ...]:
    """Read them by connector, purpose and stack level. Raises BusUnavailableError."""
    stored = await bus.read(keys.charging_profiles(charge_point_id))
    held = [HeldProfile.model_validate_json(text) for text in stored.values()]
    return tuple(sorted(held, key=_place))


def _place(held: HeldProfile) -> tuple[int, str, int, int]:
    n = -1 if held.connector_id is None else held.connector_id
    profile = held.profile
    return n, profile.charging_profile_purpose, profile.stack_level, held.profile_id
