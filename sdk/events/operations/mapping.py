"""Between an operation as an event and as the request that OCPP names the same. Pure.

The event has OCPP's fields by Python's names, but for the connector, which is the envelope's, and
for what is `RENAMED`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sdk.events.body import Body, Command
from sdk.events.ocpp16.messages import REQUESTS
from sdk.events.ocpp_part import OcppPart
from sdk.events.operations import ANSWERS, LocalListEntry, SendLocalList
from sdk.fields import Moment

RENAMED: Mapping[str, Mapping[str, str]] = {
    "ChangeAvailability": {"type": "kind"},
    "GetConfiguration": {"key": "keys"},
    "Reset": {"type": "kind"},
}
_COMMANDS = {kind.__name__: kind for kind in ANSWERS if kind.__name__ in REQUESTS}
_NEEDED = {"UnlockConnector": 1}
_ABOVE_ZERO = frozenset({"RemoteStartTransaction", "TriggerMessage", "ExtendedTriggerMessage"})
"""Where OCPP allows no connector 0, which is left out."""

OPERATIONS = tuple(sorted(_COMMANDS))
"""The operations of OCPP that can be asked, by their action."""


def command_of(request: OcppPart, expires_at: datetime) -> tuple[Command, int | None]:
    """Give the event that asks for a request, and its envelope's connector.

    Raises pydantic.ValidationError for what OCPP's schema allows and no operation can be: an empty
    idTag, say.
    """
    action = type(request).__name__.removesuffix("Request")
    fields = {name: getattr(request, name) for name in type(request).model_fields}
    connector_id = fields.pop("connector_id", None)
    for theirs, ours in RENAMED.get(action, {}).items():
        fields[ours] = fields.pop(theirs)
    if action == "SendLocalList":
        items = fields.pop("local_authorization_list") or ()
        fields["entries"] = tuple(_entry(item) for item in items)
    present = {name: value for name, value in fields.items() if value is not None}
    body = _COMMANDS[action].model_validate({**present, "expires_at": expires_at})
    if not isinstance(body, Command):
        raise TypeError(f"{action} is no command")
    return body, connector_id


def request_of(body: Body, connector_id: int | None) -> OcppPart:
    """Give the request of an operation; `connector_id` is its envelope's.

    Raises KeyError for what OCPP has no request of.
    """
    action = type(body).__name__
    model = REQUESTS[action]
    renamed = RENAMED.get(action, {})
    fields: dict[str, Any] = {}
    for name in model.model_fields:
        value = getattr(body, renamed.get(name, name), None)
        if value is not None and value != ():
            fields[name] = value
    if "connector_id" in model.model_fields:
        fields |= _connector(action, model, connector_id)
    if isinstance(body, SendLocalList) and body.entries:
        fields["local_authorization_list"] = tuple(_item(entry) for entry in body.entries)
    return model.model_validate(fields)


def _connector(action: str, model: type[OcppPart], number: int | None) -> dict[str, int]:
    if model.model_fields["connector_id"].is_required():
        return {"connector_id": _NEEDED.get(action, 0) if number is None else number}
    if number is None or (number == 0 and action in _ABOVE_ZERO):
        return {}
    return {"connector_id": number}


def _entry(item: Any) -> LocalListEntry:  # noqa: ANN401 - a part of a generated model
    info = item.id_tag_info
    if info is None:
        return LocalListEntry(id_tag=item.id_tag, removed=True)
    return LocalListEntry(
        id_tag=item.id_tag,
        status=info.status,
        expires_at=info.expiry_date,
        parent_id_tag=info.parent_id_tag,
    )


def _item(entry: LocalListEntry) -> dict[str, Any]:
    if entry.removed:
        return {"id_tag": entry.id_tag}
    info: dict[str, str | Moment | None] = {
        "status": entry.status,
        "expiry_date": entry.expires_at,
        "parent_id_tag": entry.parent_id_tag,
    }
    return {"id_tag": entry.id_tag, "id_tag_info": info}
