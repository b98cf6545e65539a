"""Typed OCPP operations, both ways: a command named as OCPP names it, and its answer."""

from collections.abc import Mapping

from sdk.events.body import Body
from sdk.events.operations.base import Answered, CallErrorTold, Outcome
from sdk.events.operations.certificates import (
    CertificateSigned,
    CertificateSignedAnswered,
    DeleteCertificate,
    DeleteCertificateAnswered,
    GetInstalledCertificateIds,
    GetInstalledCertificateIdsAnswered,
    InstallCertificate,
    InstallCertificateAnswered,
)
from sdk.events.operations.core import (
    ChangeAvailability,
    ChangeAvailabilityAnswered,
    ChangeConfiguration,
    ChangeConfigurationAnswered,
    ClearCache,
    ClearCacheAnswered,
    ConfigurationKey,
    DataTransfer,
    DataTransferAnswered,
    GetConfiguration,
    GetConfigurationAnswered,
    RemoteStartTransaction,
    RemoteStartTransactionAnswered,
    RemoteStopTransaction,
    RemoteStopTransactionAnswered,
    ReplacePassword,
    ReplacePasswordAnswered,
    Reset,
    ResetAnswered,
    UnlockConnector,
    UnlockConnectorAnswered,
)
from sdk.events.operations.local_list import (
    GetLocalListVersion,
    GetLocalListVersionAnswered,
    LocalListEntry,
    SendLocalList,
    SendLocalListAnswered,
    SynchroniseLocalList,
    SynchroniseLocalListAnswered,
)
from sdk.events.operations.maintenance import (
    ExtendedTriggerMessage,
    ExtendedTriggerMessageAnswered,
    GetDiagnostics,
    GetDiagnosticsAnswered,
    GetLog,
    GetLogAnswered,
    SignedUpdateFirmware,
    SignedUpdateFirmwareAnswered,
    TriggerMessage,
    TriggerMessageAnswered,
    UpdateFirmware,
    UpdateFirmwareAnswered,
)
from sdk.events.operations.reservation import (
    CancelReservation,
    CancelReservationAnswered,
    ReserveNow,
    ReserveNowAnswered,
)
from sdk.events.operations.smart_charging import (
    ClearChargingProfile,
    ClearChargingProfileAnswered,
    GetCompositeSchedule,
    GetCompositeScheduleAnswered,
    SetChargingProfile,
    SetChargingProfileAnswered,
)

__all__ = [
    "ANSWERS",
    "Answered",
    "AnyAnswered",
    "CallErrorTold",
    "CancelReservation",
    "CancelReservationAnswered",
    "CertificateSigned",
    "CertificateSignedAnswered",
    "ChangeAvailability",
    "ChangeAvailabilityAnswered",
    "ChangeConfiguration",
    "ChangeConfigurationAnswered",
    "ClearCache",
    "ClearCacheAnswered",
    "ClearChargingProfile",
    "ClearChargingProfileAnswered",
    "ConfigurationKey",
    "DataTransfer",
    "DataTransferAnswered",
    "DeleteCertificate",
    "DeleteCertificateAnswered",
    "ExtendedTriggerMessage",
    "ExtendedTriggerMessageAnswered",
    "GetCompositeSchedule",
    "GetCompositeScheduleAnswered",
    "GetConfiguration",
    "GetConfigurationAnswered",
    "GetDiagnostics",
    "GetDiagnosticsAnswered",
    "GetInstalledCertificateIds",
    "GetInstalledCertificateIdsAnswered",
    "GetLocalListVersion",
    "GetLocalListVersionAnswered",
    "GetLog",
    "GetLogAnswered",
    "InstallCertificate",
    "InstallCertificateAnswered",
    "LocalListEntry",
    "Operation",
    "Outcome",
    "RemoteStartTransaction",
    "RemoteStartTransactionAnswered",
    "RemoteStopTransaction",
    "RemoteStopTransactionAnswered",
    "ReplacePassword",
    "ReplacePasswordAnswered",
    "ReserveNow",
    "ReserveNowAnswered",
    "Reset",
    "ResetAnswered",
    "SendLocalList",
    "SendLocalListAnswered",
    "SetChargingProfile",
    "SetChargingProfileAnswered",
    "SignedUpdateFirmware",
    "SignedUpdateFirmwareAnswered",
    "SynchroniseLocalList",
    "SynchroniseLocalListAnswered",
    "TriggerMessage",
    "TriggerMessageAnswered",
    "UnlockConnector",
    "UnlockConnectorAnswered",
    "UpdateFirmware",
    "UpdateFirmwareAnswered",
]

Operation = (
    CancelReservation
    | CertificateSigned
    | ChangeAvailability
    | ChangeConfiguration
    | ClearCache
    | ClearChargingProfile
    | DataTransfer
    | DeleteCertificate
    | ExtendedTriggerMessage
    | GetCompositeSchedule
    | GetConfiguration
    | GetDiagnostics
    | GetInstalledCertificateIds
    | GetLocalListVersion
    | GetLog
    | InstallCertificate
    | RemoteStartTransaction
    | RemoteStopTransaction
    | ReplacePassword
    | ReserveNow
    | Reset
    | SendLocalList
    | SetChargingProfile
    | SignedUpdateFirmware
    | SynchroniseLocalList
    | TriggerMessage
    | UnlockConnector
    | UpdateFirmware
)
"""What may be asked of a charge point."""

AnyAnswered = (
    CancelReservationAnswered
    | CertificateSignedAnswered
    | ChangeAvailabilityAnswered
    | ChangeConfigurationAnswered
    | ClearCacheAnswered
    | ClearChargingProfileAnswered
    | DataTransferAnswered
    | DeleteCertificateAnswered
    | ExtendedTriggerMessageAnswered
    | GetCompositeScheduleAnswered
    | GetConfigurationAnswered
    | GetDiagnosticsAnswered
    | GetInstalledCertificateIdsAnswered
    | GetLocalListVersionAnswered
    | GetLogAnswered
    | InstallCertificateAnswered
    | RemoteStartTransactionAnswered
    | RemoteStopTransactionAnswered
    | ReplacePasswordAnswered
    | ReserveNowAnswered
    | ResetAnswered
    | SendLocalListAnswered
    | SetChargingProfileAnswered
    | SignedUpdateFirmwareAnswered
    | SynchroniseLocalListAnswered
    | TriggerMessageAnswered
    | UnlockConnectorAnswered
    | UpdateFirmwareAnswered
)

ANSWERS: Mapping[type[Body], type[Answered]] = {
    CancelReservation: CancelReservationAnswered,
    CertificateSigned: CertificateSignedAnswered,
    ChangeAvailability: ChangeAvailabilityAnswered,
    ChangeConfiguration: ChangeConfigurationAnswered,
    ClearCache: ClearCacheAnswered,
    ClearChargingProfile: ClearChargingProfileAnswered,
    DataTransfer: DataTransferAnswered,
    DeleteCertificate: DeleteCertificateAnswered,
    ExtendedTriggerMessage: ExtendedTriggerMessageAnswered,
    GetCompositeSchedule: GetCompositeScheduleAnswered,
    GetConfiguration: GetConfigurationAnswered,
    GetDiagnostics: GetDiagnosticsAnswered,
    GetInstalledCertificateIds: GetInstalledCertificateIdsAnswered,
    GetLocalListVersion: GetLocalListVersionAnswered,
    GetLog: GetLogAnswered,
    InstallCertificate: InstallCertificateAnswered,
    RemoteStartTransaction: RemoteStartTransactionAnswered,
    RemoteStopTransaction: RemoteStopTransactionAnswered,
    ReplacePassword: ReplacePasswordAnswered,
    ReserveNow: ReserveNowAnswered,
    Reset: ResetAnswered,
    SendLocalList: SendLocalListAnswered,
    SetChargingProfile: SetChargingProfileAnswered,
    SignedUpdateFirmware: SignedUpdateFirmwareAnswered,
    SynchroniseLocalList: SynchroniseLocalListAnswered,
    TriggerMessage: TriggerMessageAnswered,
    UnlockConnector: UnlockConnectorAnswered,
    UpdateFirmware: UpdateFirmwareAnswered,
}
"""What each operation is answered by."""
