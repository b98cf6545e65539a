from datetime import UTC, datetime
from typing import Any

import pytest

from sdk.events.envelope import body_classes
from sdk.events.ocpp16.messages import FROM_CENTRAL_SYSTEM, FROM_CHARGE_POINT, REQUESTS, RESPONSES
from sdk.events.operations import ANSWERS
from sdk.events.operations.mapping import OPERATIONS, command_of, request_of

LATER = datetime(2030, 1, 1, tzinfo=UTC)
SCHEDULE = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.1}]}
PROFILE = {
    "chargingProfileId": 3,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": SCHEDULE,
}
HASHES = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "ab",
    "issuerKeyHash": "cd",
    "serialNumber": "1",
}
AT = "2030-01-01T10:00:00.000Z"
ASKED: dict[str, list[dict[str, Any]]] = {
    "CancelReservation": [{"reservationId": 7}],
    "CertificateSigned": [{"certificateChain": "PEM"}],
    "ChangeAvailability": [
        {"connectorId": 0, "type": "Inoperative"},
        {"connectorId": 2, "type": "Operative"},
    ],
    "ChangeConfiguration": [{"key": "HeartbeatInterval", "value": ""}],
    "ClearCache": [{}],
    "ClearChargingProfile": [
        {},
        {"id": 3, "connectorId": 0, "chargingProfilePurpose": "TxProfile", "stackLevel": 0},
    ],
    "DataTransfer": [{"vendorId": "v"}, {"vendorId": "v", "messageId": "m", "data": "d"}],
    "DeleteCertificate": [{"certificateHashData": HASHES}],
    "ExtendedTriggerMessage": [
        {"requestedMessage": "SignChargePointCertificate"},
        {"requestedMessage": "MeterValues", "connectorId": 1},
    ],
    "GetCompositeSchedule": [{"connectorId": 0, "duration": 60, "chargingRateUnit": "W"}],
    "GetConfiguration": [{}, {"key": ["a", "b"]}],
    "GetDiagnostics": [{"location": "ftp://x/", "retries": 0, "startTime": AT}],
    "GetInstalledCertificateIds": [{"certificateType": "ManufacturerRootCertificate"}],
    "GetLocalListVersion": [{}],
    "GetLog": [{"logType": "SecurityLog", "requestId": 1, "log": {"remoteLocation": "ftp://x/"}}],
    "InstallCertificate": [
        {"certificateType": "CentralSystemRootCertificate", "certificate": "PEM"}
    ],
    "RemoteStartTransaction": [
        {"idTag": "T"},
        {"idTag": "T", "connectorId": 1, "chargingProfile": PROFILE},
    ],
    "RemoteStopTransaction": [{"transactionId": 5}],
    "ReserveNow": [
        {"connectorId": 0, "expiryDate": AT, "idTag": "T", "reservationId": 1},
        {
            "connectorId": 1,
            "expiryDate": AT,
            "idTag": "T",
            "parentIdTag": "P",
            "reservationId": 0,
        },
    ],
    "Reset": [{"type": "Hard"}],
    "SendLocalList": [
        {"listVersion": 1, "updateType": "Full"},
        {
            "listVersion": 2,
            "updateType": "Differential",
            "localAuthorizationList": [
                {"idTag": "gone"},
                {"idTag": "T", "idTagInfo": {"status": "Blocked", "expiryDate": AT}},
            ],
        },
    ],
    "SetChargingProfile": [{"connectorId": 0, "csChargingProfiles": PROFILE}],
    "SignedUpdateFirmware": [
        {
            "requestId": 1,
            "firmware": {
                "location": "ftp://x/",
                "retrieveDateTime": AT,
                "signingCertificate": "PEM",
                "signature": "s",
            },
        }
    ],
    "TriggerMessage": [{"requestedMessage": "Heartbeat"}],
    "UnlockConnector": [{"connectorId": 2}],
    "UpdateFirmware": [{"location": "ftp://x/", "retrieveDate": AT, "retryInterval": 5}],
}


@pytest.mark.parametrize(
    ("action", "payload"), [(action, each) for action, many in ASKED.items() for each in many]
)
def test_a_request_comes_through_as_it_was_asked(action: str, payload: dict[str, Any]) -> None:
    request = REQUESTS[action].model_validate_json(
        REQUESTS[action].model_validate(payload).model_dump_json(exclude_none=True), strict=True
    )
    body, connector_id = command_of(request, LATER)
    again = type(body).model_validate_json(body.model_dump_json(exclude_none=True))
    assert request_of(again, connector_id).to_ocpp() == payload


def test_every_operation_of_the_central_system_can_be_asked_and_is_answered() -> None:
    assert set(ASKED) == set(OPERATIONS) == set(FROM_CENTRAL_SYSTEM)
    for kind, answer in ANSWERS.items():
        assert answer.__name__ == f"{kind.__name__}Answered"
        assert {kind.__name__, answer.__name__} <= set(body_classes())


def test_there_are_39_pairs_of_messages() -> None:
    assert len(REQUESTS) == 39
    assert set(REQUESTS) == set(RESPONSES) == {*FROM_CENTRAL_SYSTEM, *FROM_CHARGE_POINT}
