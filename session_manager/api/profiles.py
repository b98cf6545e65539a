"""The operations that can be asked for: which profile each belongs to, and who may ask."""

from collections.abc import Mapping

from sdk.api_keys import Role
from sdk.events.operations import ReplacePassword, SynchroniseLocalList
from sdk.events.operations.mapping import OPERATIONS

_PROFILES: Mapping[str, tuple[str, ...]] = {
    "Firmware Management": ("GetDiagnostics", "UpdateFirmware"),
    "Local Auth List Management": (
        "GetLocalListVersion",
        "SendLocalList",
        SynchroniseLocalList.__name__,
    ),
    "Remote Trigger": ("TriggerMessage",),
    "Reservation": ("CancelReservation", "ReserveNow"),
    "Security": (
        "CertificateSigned",
        "DeleteCertificate",
        "ExtendedTriggerMessage",
        "GetInstalledCertificateIds",
        "GetLog",
        "InstallCertificate",
        "SignedUpdateFirmware",
        ReplacePassword.__name__,
    ),
    "Smart Charging": ("ClearChargingProfile", "GetCompositeSchedule", "SetChargingProfile"),
}
_PROFILE_OF = {name: profile for profile, names in _PROFILES.items() for name in names}
_FOR_ADMINISTRATORS = frozenset(
    {
        "CertificateSigned",
        "DeleteCertificate",
        "GetInstalledCertificateIds",
        "InstallCertificate",
        "ReplacePassword",
        "SignedUpdateFirmware",
        "UpdateFirmware",
    }
)
SECRET_KEYS = frozenset({"authorizationkey", "securityprofile"})
"""Configuration keys that only an administrator may change; compared without regard to case."""

NAMES = (*OPERATIONS, ReplacePassword.__name__, SynchroniseLocalList.__name__)


def profile_of(operation: str) -> str:
    """Give the profile of an operation."""
    return _PROFILE_OF.get(operation, "Core")


def role_for(operation: str) -> Role:
    """Give the least role that may ask for an operation."""
    return "administrator" if operation in _FOR_ADMINISTRATORS else "operator"
