"""The schemas of OCPP's requests, as narrow as what is taken: OCPP's own leave much open."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from sdk.events.ocpp16.messages import REQUESTS
from sdk.events.operations import ANSWERS
from sdk.events.operations.mapping import OPERATIONS, RENAMED

Json = dict[str, Any]

_INT32 = 2**31
_LIMITS = ("minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_CONNECTOR = {"minimum": 0, "maximum": 1000}
_ENTRIES = ("LocalAuthorizationListItem", "idTag", {"minLength": 1})
_COMMANDS = {kind.__name__: kind for kind in ANSWERS}


def is_integer(number: int) -> bool:
    """Tell whether a number is an integer of OCPP, which has 32 bits."""
    return -_INT32 <= number < _INT32


def names_of(operation: str) -> Mapping[str, str]:
    """Say how OCPP calls the fields of an operation's event."""
    model = REQUESTS[operation].model_fields if operation in REQUESTS else {}
    names = {name: field.alias or name for name, field in model.items()}
    renamed = {ours: names[theirs] for theirs, ours in RENAMED.get(operation, {}).items()}
    return {**names, **renamed, "entries": "localAuthorizationList"}


def narrow(definitions: Json) -> None:
    """Write the limits of the events, and of integers, into the schemas of the requests."""
    todo = [f"{name}Request" for name in OPERATIONS if f"{name}Request" in definitions]
    for request in todo:
        _limit_fields(request.removesuffix("Request"), definitions[request])
    name, field, limits = _ENTRIES
    if name in definitions:
        definitions[name]["properties"][field].update(limits)
    seen = set(todo)
    while todo:
        for node in _nodes(definitions[todo.pop()]):
            if node.get("type") == "integer":
                node.setdefault("maximum", _INT32 - 1)
                if "exclusiveMinimum" not in node:
                    node.setdefault("minimum", -_INT32)
            part = str(node.get("$ref", "")).rpartition("/")[2]
            if part in definitions and part not in seen:
                seen.add(part)
                todo.append(part)


def _limit_fields(operation: str, schema: Json) -> None:
    command: type[BaseModel] = _COMMANDS[operation]
    ours = command.model_json_schema()["properties"]
    names = names_of(operation)
    for name, field in ours.items():
        theirs = schema["properties"].get(names.get(name, ""))
        if theirs is not None:
            _limit(theirs, {key: value for key, value in _kind(field).items() if key in _LIMITS})
    if "connectorId" in schema["properties"]:
        _limit(schema["properties"]["connectorId"], _CONNECTOR)


def _limit(schema: Json, limits: Mapping[str, Any]) -> None:
    _kind(schema).update(limits)


def _kind(schema: Json) -> Json:
    """Give the part of a field's schema that is not null."""
    kinds: list[Json] = schema.get("anyOf", [])
    return next((kind for kind in kinds if kind != {"type": "null"}), schema)


def _nodes(value: object) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _nodes(item)
