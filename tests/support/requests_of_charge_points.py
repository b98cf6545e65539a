"""Strategies: sound requests of a charge point, and what firmware makes of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from random import Random
from typing import Any

from hypothesis import strategies as st

from cpg.schemas import load_schema
from cpg.shapes import Shape, schema_shape
from sdk.tolerances import Tolerance

ACTIONS = (
    "Authorize",
    "BootNotification",
    "DataTransfer",
    "Heartbeat",
    "MeterValues",
    "StartTransaction",
    "StatusNotification",
    "StopTransaction",
)
FILLED_IN = ("errorCode", "chargePointVendor", "chargePointModel", "timestamp")

_STRAY_SAMPLES: list[list[Any]] = [[], [{}], [{"unit": "V"}, None]]

Change = Callable[[Shape, Any], Any]
_STRAY_NAMES = ("vendorStuff", "", "__proto__", "\N{GREEK CAPITAL LETTER OMEGA}", "idTagInfo")
_STRAY_VALUES: tuple[Any, ...] = (None, 1, [], {"idTag": "X"}, "x")


@cache
def payloads(action: str) -> st.SearchStrategy[dict[str, Any]]:
    """Everything that the schema of an action's request allows, in small; times are readable."""
    return _of(load_schema(action))


def _of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("format") == "date-time":
        moments = st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them so
        return moments.map(lambda moment: moment.isoformat(timespec="seconds"))
    if schema["type"] == "string":
        return st.text("aZ09 -", max_size=min(schema.get("maxLength", 9), 9))
    if schema["type"] == "integer":
        return st.integers(0, 2**31 - 1)
    if schema["type"] == "array":
        return st.lists(_of(schema["items"]), min_size=schema.get("minItems", 0), max_size=2)
    inner = {name: _of(each) for name, each in schema.get("properties", {}).items()}
    required = {name: inner.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=inner)


def walk(shape: Shape, value: Any, change: Change) -> Any:
    """Change a payload at each place that the shape knows, from the inside to the outside."""
    if isinstance(value, dict):
        value = {
            name: walk(shape.properties[name], item, change) if name in shape.properties else item
            for name, item in value.items()
        }
    elif isinstance(value, list) and shape.items is not None:
        value = [walk(shape.items, item, change) for item in value]
    return change(shape, value)


def spoil(
    kind: Tolerance, action: str, payload: dict[str, Any], random: Random
) -> tuple[str, dict[str, Any]]:
    """Put faults of one kind into a sound request, or by chance none; ids are left alone."""

    def change(shape: Shape, value: Any) -> Any:
        return _SPOILERS[kind](shape, value, random)

    name = _recased(action, random) if kind == "casing" else action
    return name, walk(schema_shape(action), payload, change)


def _stray(shape: Shape, value: Any, random: Random) -> Any:
    if shape.kind != "object" or not isinstance(value, dict) or random.random() < 0.5:
        return value
    return {**value, random.choice(_STRAY_NAMES): random.choice(_STRAY_VALUES)}


def _odd_casing(shape: Shape, value: Any, random: Random) -> Any:
    if isinstance(value, str) and value.lower() in shape.values:
        return _recased(value, random)
    if not isinstance(value, dict):
        return value
    known = shape.properties
    return {_recased(n, random) if n in known else n: item for n, item in value.items()}


def _recased(text: str, random: Random) -> str:
    return random.choice([text, text.lower(), text.upper(), text.swapcase(), text.title()])


def _incomplete(shape: Shape, value: Any, random: Random) -> Any:
    if isinstance(value, list) and shape.name == "sampledValue":
        return random.choice(_STRAY_SAMPLES) + value
    if not isinstance(value, dict) or shape.kind != "object":
        return value
    absent = {n: None for n in shape.properties if n not in value and random.random() < 0.3}
    lost = {n for n in FILLED_IN if n in shape.required and random.random() < 0.5}
    return {n: item for n, item in {**value, **absent}.items() if n not in lost}


def _odd_time(shape: Shape, value: Any, random: Random) -> Any:
    if not shape.is_time or not isinstance(value, str):
        return value
    moment = datetime.fromisoformat(value)
    seconds = round(moment.timestamp())
    return random.choice(
        [
            value,
            moment.strftime("%Y/%m/%d %H:%M:%S"),
            moment.strftime("%d.%m.%Y %H:%M:%S"),
            moment.strftime("%b %d, %Y %I:%M:%S %p"),
            moment.strftime("%Y%m%d%H%M%S"),
            moment.isoformat().replace("+00:00", " UTC"),
            format_datetime(moment, usegmt=True),
            moment.ctime(),
            seconds,
            str(seconds),
            seconds * 1000,
            f"{seconds}.000",
        ]
    )


_SPOILERS: dict[Tolerance, Callable[[Shape, Any, Random], Any]] = {
    "extra_properties": _stray,
    "casing": _odd_casing,
    "missing_parts": _incomplete,
    "odd_timestamps": _odd_time,
}
