"""Typed operations: what they ask is what the schema allows, and every answer becomes an event."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cpg.calls import Answered, Refused, Unknown
from cpg.charging import refused, unknown
from cpg.operations import answer_of, request_of, unanswered
from cpg.validation import Violation, check_request, check_response
from sdk.events import operations as ops
from sdk.events.body import Command
from sdk.events.charging import AuthorizeIdTag, RevokeIdTag, StartCharging, StopCharging

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)

EXAMPLES: list[tuple[Command, dict[str, Any]]] = [
    (
        ops.RemoteStartTransaction(expires_at=AT, id_tag="A"),
        {"idTag": "A", "connectorId": 2},
    ),
    (ops.RemoteStopTransaction(expires_at=AT, transaction_id=5), {"transactionId": 5}),
    (
        ops.SendLocalList(
            expires_at=AT,
            list_version=3,
            update_type="Differential",
            entries=(
                ops.LocalListEntry(id_tag="A", expires_at=AT, parent_id_tag="P"),
                ops.LocalListEntry(id_tag="B", removed=True),
            ),
        ),
        {
            "listVersion": 3,
            "updateType": "Differential",
            "localAuthorizationList": [
                {
                    "idTag": "A",
                    "idTagInfo": {
                        "status": "Accepted",
                        "expiryDate": "2026-05-01T12:00:00.000Z",
                        "parentIdTag": "P",
                    },
                },
                {"idTag": "B"},
            ],
        },
    ),
    (ops.GetLocalListVersion(expires_at=AT), {}),
    (ops.ChangeConfiguration(expires_at=AT, key="k", value="v"), {"key": "k", "value": "v"}),
    (ops.GetConfiguration(expires_at=AT, keys=("k",)), {"key": ["k"]}),
    (ops.GetConfiguration(expires_at=AT), {}),
    (
        ops.TriggerMessage(expires_at=AT, requested_message="MeterValues"),
        {"requestedMessage": "MeterValues", "connectorId": 2},
    ),
    (ops.UnlockConnector(expires_at=AT), {"connectorId": 2}),
    (ops.Reset(expires_at=AT, kind="Hard"), {"type": "Hard"}),
    (
        ops.DataTransfer(expires_at=AT, vendor_id="v", message_id="m"),
        {"vendorId": "v", "messageId": "m"},
    ),
]


@pytest.mark.parametrize(("body", "payload"), EXAMPLES, ids=lambda item: type(item).__name__)
def test_an_operation_becomes_a_valid_request(body: Command, payload: dict[str, Any]) -> None:
    action, made = request_of(body, 2)
    assert action == type(body).__name__
    assert made == payload
    check_request(action, made)


@pytest.mark.parametrize(("body", "_payload"), EXAMPLES, ids=lambda item: type(item).__name__)
def test_every_way_of_not_answering_is_told(body: Command, _payload: dict[str, Any]) -> None:
    kind = f"{type(body).__name__}Answered"
    answers = {
        "not_supported": answer_of(body, Refused("NotImplemented")),
        "call_error": answer_of(body, Refused("SomethingOfTheirOwn")),
        "timeout": answer_of(body, Unknown(timed_out=True)),
        "unknown": answer_of(body, Unknown(timed_out=False)),
        "expired": unanswered(body, "expired"),
    }
    assert {name: answer.outcome for name, answer in answers.items()} == {n: n for n in answers}
    assert {type(answer).__name__ for answer in answers.values()} == {kind}


def test_answers_carry_what_the_charge_point_said() -> None:
    configuration = answer_of(
        ops.GetConfiguration(expires_at=AT),
        Answered(
            {
                "configurationKey": [{"key": "k", "readonly": True, "value": "1"}],
                "unknownKey": ["x"],
            }
        ),
    )
    assert isinstance(configuration, ops.GetConfigurationAnswered)
    assert configuration.configuration == (ops.ConfigurationKey(key="k", readonly=True, value="1"),)
    assert configuration.unknown_keys == ("x",)
    version = answer_of(ops.GetLocalListVersion(expires_at=AT), Answered({"listVersion": -1}))
    assert isinstance(version, ops.GetLocalListVersionAnswered)
    assert (version.outcome, version.list_version) == ("answered", -1)
    transfer = answer_of(
        ops.DataTransfer(expires_at=AT, vendor_id="v"),
        Answered({"status": "Accepted", "data": "d"}),
    )
    assert isinstance(transfer, ops.DataTransferAnswered)
    assert (transfer.status, transfer.data) == ("Accepted", "d")


def test_each_charging_command_has_its_refusal_and_its_unknown() -> None:
    commands = (
        AuthorizeIdTag(expires_at=AT, id_tag="A", valid_until=AT),
        RevokeIdTag(expires_at=AT, id_tag="A"),
        StartCharging(expires_at=AT, id_tag="A"),
        StopCharging(expires_at=AT, transaction_id=1),
    )
    told = [type(refused(command, "expired")).__name__ for command in commands]
    assert told == ["IdTagRefused", "IdTagRevoked", "StartRefused", "StopRefused"]
    lost = [type(unknown(command)).__name__ for command in commands]
    assert lost == ["IdTagAccepted", "IdTagRevoked", *["CommandOutcomeUnknown"] * 2]


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Heartbeat", {"more": 1}, "FormationViolation"),
        (
            "StatusNotification",
            {"connectorId": 1, "status": "Odd", "errorCode": "NoError"},
            "FormationViolation",
        ),
        ("Authorize", {}, "OccurenceConstraintViolation"),
        ("Authorize", {"idTag": "x" * 21}, "TypeConstraintViolation"),
        ("Authorize", {"idTag": 5}, "TypeConstraintViolation"),
    ],
)
def test_violations_have_the_codes_of_ocpp_1_6(
    action: str, payload: dict[str, Any], code: str
) -> None:
    with pytest.raises(Violation) as caught:
        check_request(action, payload)
    assert caught.value.code == code
    assert "x" * 21 not in caught.value.description
    assert len(caught.value.description) <= 255


def test_a_response_is_checked_too() -> None:
    check_response("Reset", {"status": "Accepted"})
    with pytest.raises(Violation):
        check_response("Reset", {"status": "Maybe"})
