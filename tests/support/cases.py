"""The conformance cases and the operations, by name; ids and titles are public.

They are those of the Open Charge Alliance's test cases for central systems.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from sdk.events.ocpp16.messages import FROM_CENTRAL_SYSTEM, FROM_CHARGE_POINT


class Case(NamedTuple):
    """One conformance case."""

    profile: str
    title: str


class Operation(NamedTuple):
    """One operation: who asks, and the profile that it belongs to."""

    direction: Literal["charge point", "central system", "both"]
    profile: str


CASES: Mapping[str, Case] = {
    "TC_001_CSMS": Case("Core", "Cold boot"),
    "TC_003_CSMS": Case("Core", "Session, plug-in first"),
    "TC_004_1_CSMS": Case("Core", "Session, identification first"),
    "TC_004_2_CSMS": Case("Core", "Identification first, ConnectionTimeOut"),
    "TC_005_1_CSMS": Case("Core", "EV-side disconnect, stop+unlock"),
    "TC_007_CSMS": Case("Core", "Start with cached id"),
    "TC_010_CSMS": Case("Core", "Remote start, cable first"),
    "TC_011_1_CSMS": Case("Core", "Remote start first"),
    "TC_011_2_CSMS": Case("Core", "Remote start, time-out"),
    "TC_012_CSMS": Case("Core", "Remote stop"),
    "TC_013_CSMS": Case("Core", "Hard reset"),
    "TC_014_CSMS": Case("Core", "Soft reset"),
    "TC_017_1_CSMS": Case("Core", "Unlock, no session, detachable cable"),
    "TC_017_2_CSMS": Case("Core", "Unlock, no session, fixed cable"),
    "TC_018_1_CSMS": Case("Core", "Unlock with running session"),
    "TC_019_1_CSMS": Case("Core", "Get all configuration keys"),
    "TC_019_2_CSMS": Case("Core", "Get one configuration key"),
    "TC_021_CSMS": Case("Core", "Change configuration"),
    "TC_023_1_CSMS": Case("Core", "Authorize Invalid"),
    "TC_023_2_CSMS": Case("Core", "Authorize Expired"),
    "TC_023_3_CSMS": Case("Core", "Authorize Blocked"),
    "TC_024_CSMS": Case("Core", "Connector lock failure"),
    "TC_026_CSMS": Case("Core", "Remote start rejected"),
    "TC_028_CSMS": Case("Core", "Remote stop rejected"),
    "TC_030_CSMS": Case("Core", "Unlock failure"),
    "TC_031_CSMS": Case("Core", "Unlock unknown connector"),
    "TC_032_1_CSMS": Case("Core", "Power-failure boot, stop transactions"),
    "TC_037_1_CSMS": Case("Core", "Offline start, valid idTag"),
    "TC_037_3_CSMS": Case("Core", "Offline start, invalid idTag"),
    "TC_039_CSMS": Case("Core", "Offline transaction"),
    "TC_040_1_CSMS": Case("Core", "Config key NotSupported"),
    "TC_040_2_CSMS": Case("Core", "Config key invalid value"),
    "TC_042_1_CSMS": Case("LocalList", "GetLocalListVersion not supported"),
    "TC_042_2_CSMS": Case("LocalList", "GetLocalListVersion empty"),
    "TC_043_1_CSMS": Case("LocalList", "SendLocalList NotSupported"),
    "TC_043_3_CSMS": Case("LocalList", "SendLocalList Failed"),
    "TC_043_4_CSMS": Case("LocalList", "SendLocalList Full"),
    "TC_043_5_CSMS": Case("LocalList", "SendLocalList Differential"),
    "TC_044_1_CSMS": Case("Firmware", "Firmware update OK"),
    "TC_044_2_CSMS": Case("Firmware", "Download failed"),
    "TC_044_3_CSMS": Case("Firmware", "Installation failed"),
    "TC_045_1_CSMS": Case("Firmware", "Get diagnostics"),
    "TC_045_2_CSMS": Case("Firmware", "Diagnostics upload failed"),
    "TC_046_CSMS": Case("Reservation", "Reserve connector, transaction"),
    "TC_047_CSMS": Case("Reservation", "Reserve connector, expire"),
    "TC_048_1_CSMS": Case("Reservation", "ReserveNow Faulted"),
    "TC_048_2_CSMS": Case("Reservation", "ReserveNow Occupied"),
    "TC_048_3_CSMS": Case("Reservation", "ReserveNow Unavailable"),
    "TC_048_4_CSMS": Case("Reservation", "ReserveNow Rejected"),
    "TC_049_CSMS": Case("Reservation", "Reserve charge point (connector 0)"),
    "TC_051_CSMS": Case("Reservation", "Cancel reservation"),
    "TC_052_CSMS": Case("Reservation", "Cancel reservation rejected"),
    "TC_053_CSMS": Case("Reservation", "Reserved connector with parentIdTag"),
    "TC_054_CSMS": Case("RemoteTrigger", "Trigger message"),
    "TC_055_CSMS": Case("RemoteTrigger", "Trigger rejected"),
    "TC_056_CSMS": Case("SmartCharging", "TxDefaultProfile"),
    "TC_057_CSMS": Case("SmartCharging", "TxProfile"),
    "TC_059_CSMS": Case("SmartCharging", "Remote start with profile"),
    "TC_061_CSMS": Case("Core", "Clear authorization cache"),
    "TC_064_CSMS": Case("Core", "DataTransfer to CSMS"),
    "TC_066_CSMS": Case("SmartCharging", "Get composite schedule"),
    "TC_067_CSMS": Case("SmartCharging", "Clear charging profile"),
    "TC_073_CSMS": Case("Security", "New basic-auth password"),
    "TC_074_CSMS": Case("Security", "Renew charge point certificate"),
    "TC_075_1_CSMS": Case("Security", "Install Manufacturer root"),
    "TC_075_2_CSMS": Case("Security", "Install CentralSystem root"),
    "TC_076_CSMS": Case("Security", "Delete certificate"),
    "TC_077_CSMS": Case("Security", "Security event: bad CP certificate"),
    "TC_078_CSMS": Case("Security", "Security event: bad CSMS certificate"),
    "TC_079_CSMS": Case("Security", "Get security log"),
    "TC_080_CSMS": Case("Security", "Secure firmware update"),
    "TC_081_CSMS": Case("Security", "Secure firmware, bad signature"),
    "TC_083_CSMS": Case("Security", "Upgrade security profile"),
    "TC_085_CSMS": Case("Security", "Basic auth valid"),
    "TC_086_CSMS": Case("Security", "TLS server certificate"),
    "TC_087_CSMS": Case("Security", "TLS client certificate"),
    "TC_088_CSMS": Case("Security", "Subprotocol negotiation"),
}

_PROFILES: Mapping[str, tuple[str, ...]] = {
    "FirmwareManagement": (
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "GetDiagnostics",
        "UpdateFirmware",
    ),
    "LocalAuthListManagement": ("GetLocalListVersion", "SendLocalList"),
    "Reservation": ("CancelReservation", "ReserveNow"),
    "SmartCharging": ("ClearChargingProfile", "GetCompositeSchedule", "SetChargingProfile"),
    "RemoteTrigger": ("TriggerMessage",),
    "Security": (
        "CertificateSigned",
        "DeleteCertificate",
        "ExtendedTriggerMessage",
        "GetInstalledCertificateIds",
        "GetLog",
        "InstallCertificate",
        "LogStatusNotification",
        "SecurityEventNotification",
        "SignCertificate",
        "SignedFirmwareStatusNotification",
        "SignedUpdateFirmware",
    ),
}


def _operation(name: str) -> Operation:
    profile = next((each for each, names in _PROFILES.items() if name in names), "Core")
    if name in FROM_CHARGE_POINT and name in FROM_CENTRAL_SYSTEM:
        return Operation("both", profile)
    theirs = name in FROM_CHARGE_POINT
    return Operation("charge point" if theirs else "central system", profile)


OPERATIONS: Mapping[str, Operation] = {
    name: _operation(name) for name in sorted({*FROM_CHARGE_POINT, *FROM_CENTRAL_SYSTEM})
}
