"""What the schema of a request says of names, spellings and timestamps, ready to be walked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cpg.schemas import load_schema


@dataclass(frozen=True, slots=True)
class Shape:
    """One place in a payload; `name` is the property's own, "" of the payload and of list items.

    `spellings` and `values` lead from lower case to the specification's own spelling of the
    properties and of the values that the place may hold.
    """

    name: str
    kind: str
    properties: "Mapping[str, Shape]"
    spellings: Mapping[str, str]
    required: frozenset[str]
    values: Mapping[str, str]
    items: "Shape | None"
    is_time: bool


Rule = Callable[[Shape, Any], Any]
"""Gives what is to stand at a place: the value itself, or another one; it changes nothing."""


@cache
def schema_shape(name: str) -> Shape:
    """Give the shape of a payload; `name` is one of KNOWN_ACTIONS, or of its `…Response`."""
    schema = load_schema(name)
    return _shape("", schema, schema)


def _shape(name: str, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Shape:
    if "$ref" in schema:
        schema = root["definitions"][schema["$ref"].removeprefix("#/definitions/")]
    properties = {
        each: _shape(each, inner, root) for each, inner in schema.get("properties", {}).items()
    }
    return Shape(
        name=name,
        kind=schema["type"],
        properties=properties,
        spellings={each.lower(): each for each in properties},
        required=frozenset(schema.get("required", ())),
        values={value.lower(): value for value in schema.get("enum", ())},
        items=_shape("", schema["items"], root) if "items" in schema else None,
        is_time=schema.get("format") == "date-time",
    )


def rebuilt(shape: Shape, value: Any, rule: Rule) -> Any:  # noqa: ANN401 - any JSON
    """Apply `rule` to each place that the shape knows, from the outside to the inside.

    Where nothing was changed the very same value comes back.
    """
    value = rule(shape, value)
    if shape.kind == "object" and isinstance(value, dict):
        inner = {
            name: rebuilt(shape.properties[name], item, rule) if name in shape.properties else item
            for name, item in value.items()
        }
        return inner if any(inner[name] is not value[name] for name in inner) else value
    if shape.items is not None and isinstance(value, list):
        items = [rebuilt(shape.items, item, rule) for item in value]
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    return value
