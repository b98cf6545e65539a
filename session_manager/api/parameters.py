"""The parameters that paths are made of, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import StringConstraints, TypeAdapter, ValidationError

from sdk.fields import ChargePointId, ConnectorId, IdTag, SessionId, TransactionId
from sdk.webhooks.webhook import WebhookId
from session_manager.api.problems import not_found
from session_manager.api.values import plain_number


@dataclass(frozen=True, slots=True)
class Parameter:
    """One part of a path: what it may be, and what it is called where there is none of it."""

    kind: TypeAdapter[Any]
    what: str
    example: str | int


PATH: Mapping[str, Parameter] = {
    "charge_point_id": Parameter(TypeAdapter(ChargePointId), "charge point", "CP-1"),
    "connector_id": Parameter(TypeAdapter(Annotated[ConnectorId, plain_number]), "connector", 1),
    "transaction_id": Parameter(
        TypeAdapter(Annotated[TransactionId, plain_number]), "transaction", 1
    ),
    "session_id": Parameter(TypeAdapter(SessionId), "session", "0x" + "0" * 64),
    "id_tag": Parameter(TypeAdapter(IdTag), "idTag", "TAG-1"),
    "configuration_key": Parameter(
        TypeAdapter(Annotated[str, StringConstraints(min_length=1, max_length=50)]),
        "configuration key",
        "HeartbeatInterval",
    ),
    "key_id": Parameter(TypeAdapter(str), "API key", "0123456789ab"),
    "alert_id": Parameter(
        TypeAdapter(Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,160}$")]),
        "alert",
        "offline:CP-1",
    ),
    "webhook_id": Parameter(TypeAdapter(WebhookId), "webhook", "0123456789ab"),
    "account_id": Parameter(TypeAdapter(str), "account", "0123456789ab"),
}


def read_path(found: Mapping[str, str]) -> dict[str, Any]:
    """Read a path's parameters. Raises ProblemError (404): nothing has such a name."""
    return {name: _read(name, text) for name, text in found.items()}


def _read(name: str, text: str) -> object:
    parameter = PATH[name]
    try:
        return parameter.kind.validate_strings(text)
    except ValidationError:
        raise not_found(parameter.what) from None
