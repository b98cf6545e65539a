"""All messages of OCPP 1.6. Written by .tools/ocpp16_models.py; do not edit."""

from collections.abc import Mapping

from sdk.events.ocpp16.authorize import AuthorizeRequest, AuthorizeResponse
from sdk.events.ocpp16.boot_notification import BootNotificationRequest, BootNotificationResponse
from sdk.events.ocpp16.cancel_reservation import CancelReservationRequest, CancelReservationResponse
from sdk.events.ocpp16.certificate_signed import CertificateSignedRequest, CertificateSignedResponse
from sdk.events.ocpp16.change_availability import (
    ChangeAvailabilityRequest,
    ChangeAvailabilityResponse,
)
from sdk.events.ocpp16.change_configuration import (
    ChangeConfigurationRequest,
    ChangeConfigurationResponse,
)
from sdk.events.ocpp16.clear_cache import ClearCacheRequest, ClearCacheResponse
from sdk.events.ocpp16.clear_charging_profile import (
    ClearChargingProfileRequest,
    ClearChargingProfileResponse,
)
from sdk.events.ocpp16.data_transfer import DataTransferRequest, DataTransferResponse
from sdk.events.ocpp16.delete_certificate import DeleteCertificateRequest, DeleteCertificateResponse
from sdk.events.ocpp16.diagnostics_status_notification import (
    DiagnosticsStatusNotificationRequest,
    DiagnosticsStatusNotificationResponse,
)
from sdk.events.ocpp16.extended_trigger_message import (
    ExtendedTriggerMessageRequest,
    ExtendedTriggerMessageResponse,
)
from sdk.events.ocpp16.firmware_status_notification import (
    FirmwareStatusNotificationRequest,
    FirmwareStatusNotificationResponse,
)
from sdk.events.ocpp16.get_composite_schedule import (
    GetCompositeScheduleRequest,
    GetCompositeScheduleResponse,
)
from sdk.events.ocpp16.get_configuration import GetConfigurationRequest, GetConfigurationResponse
from sdk.events.ocpp16.get_diagnostics import GetDiagnosticsRequest, GetDiagnosticsResponse
from sdk.events.ocpp16.get_installed_certificate_ids import (
    GetInstalledCertificateIdsRequest,
    GetInstalledCertificateIdsResponse,
)
from sdk.events.ocpp16.get_local_list_version import (
    GetLocalListVersionRequest,
    GetLocalListVersionResponse,
)
from sdk.events.ocpp16.get_log import GetLogRequest, GetLogResponse
from sdk.events.ocpp16.heartbeat import HeartbeatRequest, HeartbeatResponse
from sdk.events.ocpp16.install_certificate import (
    InstallCertificateRequest,
    InstallCertificateResponse,
)
from sdk.events.ocpp16.log_status_notification import (
    LogStatusNotificationRequest,
    LogStatusNotificationResponse,
)
from sdk.events.ocpp16.meter_values import MeterValuesRequest, MeterValuesResponse
from sdk.events.ocpp16.remote_start_transaction import (
    RemoteStartTransactionRequest,
    RemoteStartTransactionResponse,
)
from sdk.events.ocpp16.remote_stop_transaction import (
    RemoteStopTransactionRequest,
    RemoteStopTransactionResponse,
)
from sdk.events.ocpp16.reserve_now import ReserveNowRequest, ReserveNowResponse
from sdk.events.ocpp16.reset import ResetRequest, ResetResponse
from sdk.events.ocpp16.security_event_notification import (
    SecurityEventNotificationRequest,
    SecurityEventNotificationResponse,
)
from sdk.events.ocpp16.send_local_list import SendLocalListRequest, SendLocalListResponse
from sdk.events.ocpp16.set_charging_profile import (
    SetChargingProfileRequest,
    SetChargingProfileResponse,
)
from sdk.events.ocpp16.sign_certificate import SignCertificateRequest, SignCertificateResponse
from sdk.events.ocpp16.signed_firmware_status_notification import (
    SignedFirmwareStatusNotificationRequest,
    SignedFirmwareStatusNotificationResponse,
)
from sdk.events.ocpp16.signed_update_firmware import (
    SignedUpdateFirmwareRequest,
    SignedUpdateFirmwareResponse,
)
from sdk.events.ocpp16.start_transaction import StartTransactionRequest, StartTransactionResponse
from sdk.events.ocpp16.status_notification import (
    StatusNotificationRequest,
    StatusNotificationResponse,
)
from sdk.events.ocpp16.stop_transaction import StopTransactionRequest, StopTransactionResponse
from sdk.events.ocpp16.trigger_message import TriggerMessageRequest, TriggerMessageResponse
from sdk.events.ocpp16.unlock_connector import UnlockConnectorRequest, UnlockConnectorResponse
from sdk.events.ocpp16.update_firmware import UpdateFirmwareRequest, UpdateFirmwareResponse
from sdk.events.ocpp_part import OcppPart

REQUESTS: Mapping[str, type[OcppPart]] = {
    "Authorize": AuthorizeRequest,
    "BootNotification": BootNotificationRequest,
    "CancelReservation": CancelReservationRequest,
    "CertificateSigned": CertificateSignedRequest,
    "ChangeAvailability": ChangeAvailabilityRequest,
    "ChangeConfiguration": ChangeConfigurationRequest,
    "ClearCache": ClearCacheRequest,
    "ClearChargingProfile": ClearChargingProfileRequest,
    "DataTransfer": DataTransferRequest,
    "DeleteCertificate": DeleteCertificateRequest,
    "DiagnosticsStatusNotification": DiagnosticsStatusNotificationRequest,
    "ExtendedTriggerMessage": ExtendedTriggerMessageRequest,
    "FirmwareStatusNotification": FirmwareStatusNotificationRequest,
    "GetCompositeSchedule": GetCompositeScheduleRequest,
    "GetConfiguration": GetConfigurationRequest,
    "GetDiagnostics": GetDiagnosticsRequest,
    "GetInstalledCertificateIds": GetInstalledCertificateIdsRequest,
    "GetLocalListVersion": GetLocalListVersionRequest,
    "GetLog": GetLogRequest,
    "Heartbeat": HeartbeatRequest,
    "InstallCertificate": InstallCertificateRequest,
    "LogStatusNotification": LogStatusNotificationRequest,
    "MeterValues": MeterValuesRequest,
    "RemoteStartTransaction": RemoteStartTransactionRequest,
    "RemoteStopTransaction": RemoteStopTransactionRequest,
    "ReserveNow": ReserveNowRequest,
    "Reset": ResetRequest,
    "SecurityEventNotification": SecurityEventNotificationRequest,
    "SendLocalList": SendLocalListRequest,
    "SetChargingProfile": SetChargingProfileRequest,
    "SignCertificate": SignCertificateRequest,
    "SignedFirmwareStatusNotification": SignedFirmwareStatusNotificationRequest,
    "SignedUpdateFirmware": SignedUpdateFirmwareRequest,
    "StartTransaction": StartTransactionRequest,
    "StatusNotification": StatusNotificationRequest,
    "StopTransaction": StopTransactionRequest,
    "TriggerMessage": TriggerMessageRequest,
    "UnlockConnector": UnlockConnectorRequest,
    "UpdateFirmware": UpdateFirmwareRequest,
}
RESPONSES: Mapping[str, type[OcppPart]] = {
    "Authorize": AuthorizeResponse,
    "BootNotification": BootNotificationResponse,
    "CancelReservation": CancelReservationResponse,
    "CertificateSigned": CertificateSignedResponse,
    "ChangeAvailability": ChangeAvailabilityResponse,
    "ChangeConfiguration": ChangeConfigurationResponse,
    "ClearCache": ClearCacheResponse,
    "ClearChargingProfile": ClearChargingProfileResponse,
    "DataTransfer": DataTransferResponse,
    "DeleteCertificate": DeleteCertificateResponse,
    "DiagnosticsStatusNotification": DiagnosticsStatusNotificationResponse,
    "ExtendedTriggerMessage": ExtendedTriggerMessageResponse,
    "FirmwareStatusNotification": FirmwareStatusNotificationResponse,
    "GetCompositeSchedule": GetCompositeScheduleResponse,
    "GetConfiguration": GetConfigurationResponse,
    "GetDiagnostics": GetDiagnosticsResponse,
    "GetInstalledCertificateIds": GetInstalledCertificateIdsResponse,
    "GetLocalListVersion": GetLocalListVersionResponse,
    "GetLog": GetLogResponse,
    "Heartbeat": HeartbeatResponse,
    "InstallCertificate": InstallCertificateResponse,
    "LogStatusNotification": LogStatusNotificationResponse,
    "MeterValues": MeterValuesResponse,
    "RemoteStartTransaction": RemoteStartTransactionResponse,
    "RemoteStopTransaction": RemoteStopTransactionResponse,
    "ReserveNow": ReserveNowResponse,
    "Reset": ResetResponse,
    "SecurityEventNotification": SecurityEventNotificationResponse,
    "SendLocalList": SendLocalListResponse,
    "SetChargingProfile": SetChargingProfileResponse,
    "SignCertificate": SignCertificateResponse,
    "SignedFirmwareStatusNotification": SignedFirmwareStatusNotificationResponse,
    "SignedUpdateFirmware": SignedUpdateFirmwareResponse,
    "StartTransaction": StartTransactionResponse,
    "StatusNotification": StatusNotificationResponse,
    "StopTransaction": StopTransactionResponse,
    "TriggerMessage": TriggerMessageResponse,
    "UnlockConnector": UnlockConnectorResponse,
    "UpdateFirmware": UpdateFirmwareResponse,
}
FROM_CHARGE_POINT = (
    "Authorize",
    "BootNotification",
    "DataTransfer",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "LogStatusNotification",
    "MeterValues",
    "SecurityEventNotification",
    "SignCertificate",
    "SignedFirmwareStatusNotification",
    "StartTransaction",
    "StatusNotification",
    "StopTransaction",
)
"""What the charge point may ask."""
FROM_CENTRAL_SYSTEM = (
    "CancelReservation",
    "CertificateSigned",
    "ChangeAvailability",
    "ChangeConfiguration",
    "ClearCache",
    "ClearChargingProfile",
    "DataTransfer",
    "DeleteCertificate",
    "ExtendedTriggerMessage",
    "GetCompositeSchedule",
    "GetConfiguration",
    "GetDiagnostics",
    "GetInstalledCertificateIds",
    "GetLocalListVersion",
    "GetLog",
    "InstallCertificate",
    "RemoteStartTransaction",
    "RemoteStopTransaction",
    "ReserveNow",
    "Reset",
    "SendLocalList",
    "SetChargingProfile",
    "SignedUpdateFirmware",
    "TriggerMessage",
    "UnlockConnector",
    "UpdateFirmware",
)
"""What the central system may ask."""
