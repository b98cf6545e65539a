"""Which operations leave something behind, and what."""

from collections.abc import Mapping

from cpg import (
    availability,
    certificates,
    charging_profiles,
    configuration,
    maintenance,
    reservations,
)
from cpg.effects import Effect, EffectOf
from cpg.peer import Peer
from sdk.events.body import Body
from sdk.events.operations import (
    Answered,
    CancelReservation,
    CertificateSigned,
    ChangeAvailability,
    ChangeConfiguration,
    ClearChargingProfile,
    DeleteCertificate,
    GetConfiguration,
    GetDiagnostics,
    GetInstalledCertificateIds,
    GetLog,
    InstallCertificate,
    RemoteStartTransaction,
    ReplacePassword,
    ReserveNow,
    SetChargingProfile,
    SignedUpdateFirmware,
    UpdateFirmware,
)

EFFECTS: Mapping[type[Body], EffectOf] = {
    CancelReservation: reservations.cancelled,
    CertificateSigned: certificates.signed,
    ChangeAvailability: availability.availability_changed,
    ChangeConfiguration: configuration.changed,
    ClearChargingProfile: charging_profiles.profiles_cleared,
    DeleteCertificate: certificates.deleted,
    GetConfiguration: configuration.reported,
    GetDiagnostics: maintenance.asked,
    GetInstalledCertificateIds: certificates.told,
    GetLog: maintenance.asked,
    InstallCertificate: certificates.installed,
    RemoteStartTransaction: charging_profiles.started_with_profile,
    ReplacePassword: configuration.password_replaced,
    ReserveNow: reservations.reserved,
    SetChargingProfile: charging_profiles.profile_set,
    SignedUpdateFirmware: maintenance.asked,
    UpdateFirmware: maintenance.asked,
}


async def effect_of(
    peer: Peer, body: Body, connector_id: int | None, answered: Body | None
) -> Effect:
    """Give what an answer leaves behind. Raises BusUnavailableError."""
    effect = EFFECTS.get(type(body))
    if effect is None or not isinstance(answered, Answered) or answered.outcome != "answered":
        return Effect()
    return await effect(peer, body, connector_id, answered)
