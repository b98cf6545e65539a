"""Typed OCPP operations: from command to request, from answer to event. Pure."""

from collections.abc import Callable
from typing import Any

from cpg.calls import Answer, Answered, NotSent, Refused, Unknown
from cpg.translate import write_time
from sdk.events.body import Body, Command
from sdk.events.charge_point import (
    Answered as AnsweredBody,
)
from sdk.events.charge_point import (
    ChangeConfiguration,
    ChangeConfigurationAnswered,
    ConfigurationKey,
    DataTransfer,
    DataTransferAnswered,
    GetConfiguration,
    GetConfigurationAnswered,
    GetLocalListVersion,
    GetLocalListVersionAnswered,
    LocalListEntry,
    Outcome,
    RemoteStartTransaction,
    RemoteStartTransactionAnswered,
    RemoteStopTransaction,
    RemoteStopTransactionAnswered,
    Reset,
    ResetAnswered,
    SendLocalList,
    SendLocalListAnswered,
    TriggerMessage,
    TriggerMessageAnswered,
    UnlockConnector,
    UnlockConnectorAnswered,
)

Payload = dict[str, Any]

_ANSWERS: dict[type[Body], type[AnsweredBody]] = {
    RemoteStartTransaction: RemoteStartTransactionAnswered,
    RemoteStopTransaction: RemoteStopTransactionAnswered,
    SendLocalList: SendLocalListAnswered,
    GetLocalListVersion: GetLocalListVersionAnswered,
    ChangeConfiguration: ChangeConfigurationAnswered,
    GetConfiguration: GetConfigurationAnswered,
    TriggerMessage: TriggerMessageAnswered,
    UnlockConnector: UnlockConnectorAnswered,
    Reset: ResetAnswered,
    DataTransfer: DataTransferAnswered,
}
OPERATIONS = tuple(_ANSWERS)


def request_of(body: Command, connector_id: int | None) -> tuple[str, Payload]:
    """Give action and payload of an operation; `connector_id` is the envelope's."""
    return type(body).__name__, _REQUESTS[type(body)](body, connector_id)


def answer_of(body: Body, answer: Answer) -> AnsweredBody:
    """Give the event that tells how an operation went."""
    kind = _ANSWERS[type(body)]
    match answer:
        case Answered(payload):
            fields: Payload = {"outcome": "answered", "status": payload.get("status")}
            return kind.model_validate({**fields, **_extra(payload)})
        case Refused():
            return unanswered(body, "not_supported" if answer.unsupported else "call_error")
        case Unknown(timed_out):
            return unanswered(body, "timeout" if timed_out else "unknown")
        case NotSent():
            return unanswered(body, "expired")


def unanswered(body: Body, outcome: Outcome) -> AnsweredBody:
    """Give the event for an operation that the charge point did not answer."""
    return _ANSWERS[type(body)].model_validate({"outcome": outcome})


def _extra(payload: Payload) -> Payload:
    fields: Payload = {}
    if "listVersion" in payload:
        fields["list_version"] = payload["listVersion"]
    if "data" in payload:
        fields["data"] = str(payload["data"])
    if "configurationKey" in payload:
        fields["configuration"] = tuple(
            ConfigurationKey(key=item["key"], readonly=item["readonly"], value=item.get("value"))
            for item in payload["configurationKey"]
        )
    if "unknownKey" in payload:
        fields["unknown_keys"] = tuple(payload["unknownKey"])
    return fields


def _remote_start(body: RemoteStartTransaction, n: int | None) -> Payload:
    return {"idTag": body.id_tag} | ({"connectorId": n} if n else {})


def _remote_stop(body: RemoteStopTransaction, _: int | None) -> Payload:
    return {"transactionId": body.transaction_id}


def _send_local_list(body: SendLocalList, _: int | None) -> Payload:
    payload: Payload = {"listVersion": body.list_version, "updateType": body.update_type}
    if body.entries:
        payload["localAuthorizationList"] = [_list_entry(entry) for entry in body.entries]
    return payload


def _list_entry(entry: LocalListEntry) -> Payload:
    if entry.status is None:
        return {"idTag": entry.id_tag}
    info: Payload = {"status": entry.status}
    if entry.expires_at is not None:
        info["expiryDate"] = write_time(entry.expires_at)
    if entry.parent_id_tag is not None:
        info["parentIdTag"] = entry.parent_id_tag
    return {"idTag": entry.id_tag, "idTagInfo": info}


def _get_local_list_version(_: GetLocalListVersion, __: int | None) -> Payload:
    return {}


def _change_configuration(body: ChangeConfiguration, _: int | None) -> Payload:
    return {"key": body.key, "value": body.value}


def _get_configuration(body: GetConfiguration, _: int | None) -> Payload:
    return {"key": list(body.keys)} if body.keys else {}


def _trigger_message(body: TriggerMessage, n: int | None) -> Payload:
    return {"requestedMessage": body.requested_message} | ({"connectorId": n} if n else {})


def _unlock_connector(_: UnlockConnector, n: int | None) -> Payload:
    return {"connectorId": n or 1}


def _reset(body: Reset, _: int | None) -> Payload:
    return {"type": body.kind}


def _data_transfer(body: DataTransfer, _: int | None) -> Payload:
    payload = {"vendorId": body.vendor_id, "messageId": body.message_id, "data": body.data}
    return {name: value for name, value in payload.items() if value is not None}


_REQUESTS: dict[type[Body], Callable[[Any, int | None], Payload]] = {
    RemoteStartTransaction: _remote_start,
    RemoteStopTransaction: _remote_stop,
    SendLocalList: _send_local_list,
    GetLocalListVersion: _get_local_list_version,
    ChangeConfiguration: _change_configuration,
    GetConfiguration: _get_configuration,
    TriggerMessage: _trigger_message,
    UnlockConnector: _unlock_connector,
    Reset: _reset,
    DataTransfer: _data_transfer,
}
