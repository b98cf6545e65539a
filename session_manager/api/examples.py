"""A body for each operation that is valid and does no harm: of things that there are not."""

from collections.abc import Mapping
from typing import Any

_FAR = "2099-01-01T00:00:00Z"
_NOWHERE = "https://files.example.com/"
_PEM = "-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n"

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "CancelReservation": {"reservationId": 1},
    "CertificateSigned": {"certificateChain": _PEM},
    "ChangeAvailability": {"connectorId": 1, "type": "Operative"},
    "ChangeConfiguration": {"key": "HeartbeatInterval", "value": "300"},
    "ClearCache": {},
    "ClearChargingProfile": {"id": 1},
    "DataTransfer": {"vendorId": "com.example", "messageId": "ping", "data": "hello"},
    "DeleteCertificate": {
        "certificateHashData": {
            "hashAlgorithm": "SHA256",
            "issuerNameHash": "00" * 32,
            "issuerKeyHash": "00" * 32,
            "serialNumber": "01",
        }
    },
    "ExtendedTriggerMessage": {"requestedMessage": "Heartbeat"},
    "GetCompositeSchedule": {"connectorId": 1, "duration": 3600, "chargingRateUnit": "W"},
    "GetConfiguration": {"key": ["HeartbeatInterval", "NumberOfConnectors"]},
    "GetDiagnostics": {"location": _NOWHERE, "retries": 0},
    "GetInstalledCertificateIds": {"certificateType": "CentralSystemRootCertificate"},
    "GetLocalListVersion": {},
    "GetLog": {
        "logType": "SecurityLog",
        "requestId": 1,
        "retries": 0,
        "log": {"remoteLocation": _NOWHERE},
    },
    "InstallCertificate": {
        "certificateType": "ManufacturerRootCertificate",
        "certificate": _PEM,
    },
    "RemoteStartTransaction": {"connectorId": 1, "idTag": "TAG-1"},
    "RemoteStopTransaction": {"transactionId": 1},
    "ReplacePassword": {},
    "ReserveNow": {"connectorId": 1, "expiryDate": _FAR, "idTag": "TAG-1", "reservationId": 1},
    "Reset": {"type": "Soft"},
    "SendLocalList": {
        "listVersion": 1,
        "updateType": "Full",
        "localAuthorizationList": [{"idTag": "TAG-1", "idTagInfo": {"status": "Accepted"}}],
    },
    "SetChargingProfile": {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}],
            },
        },
    },
    "SignedUpdateFirmware": {
        "requestId": 1,
        "retries": 0,
        "firmware": {
            "location": _NOWHERE,
            "retrieveDateTime": _FAR,
            "signingCertificate": _PEM,
            "signature": "AAAA",
        },
    },
    "SynchroniseLocalList": {},
    "TriggerMessage": {"requestedMessage": "Heartbeat"},
    "UnlockConnector": {"connectorId": 1},
    "UpdateFirmware": {"location": _NOWHERE, "retrieveDate": _FAR, "retries": 0},
}
