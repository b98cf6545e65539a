"""A charge point's tolerance profile: what a refused request may be taken for. Pure.

Called for what the specification refuses, and only then: what is sound never comes here.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from cpg.odd_times import read_iso_time, read_odd_time
from cpg.schemas import KNOWN_ACTIONS
from cpg.shapes import Rule, Shape, rebuilt, schema_shape
from cpg.translate import write_time
from sdk.tolerances import Tolerance

_ACTIONS = {action.lower(): action for action in KNOWN_ACTIONS}
_DEFAULTS = {
    "errorCode": "NoError",
    "chargePointVendor": "unknown",
    "chargePointModel": "unknown",
}
"""What costs nothing when it is absent; no register, tag, connector, transaction or status."""


class Mended(NamedTuple):
    """A request as it is to be taken, and the tolerances that this took."""

    action: str
    payload: dict[str, Any]
    used: frozenset[Tolerance]


def mend(
    action: str, payload: dict[str, Any], tolerances: frozenset[Tolerance], now: datetime
) -> Mended:
    """Give a request without the faults that are tolerated; others stay, to be refused as before.

    `payload` is not changed; parts of it stand in the new one. `used` is only what was needed.
    An unknown action stays what it is.
    """
    used: set[Tolerance] = set()
    known = _ACTIONS.get(action.lower(), action) if "casing" in tolerances else action
    if known != action:
        used.add("casing")
    if known not in KNOWN_ACTIONS:
        return Mended(action, dict(payload), frozenset())
    mended, how = _walked(schema_shape(known), payload, tolerances, now)
    return Mended(known, mended, how | used)


def mend_answer(
    action: str, payload: dict[str, Any], tolerances: frozenset[Tolerance], now: datetime
) -> Mended:
    """Do the same for the answer to `action`, a request of ours; no status is made up."""
    shape = schema_shape(f"{action}Response")
    return Mended(action, *_walked(shape, payload, tolerances, now))


def _walked(
    shape: Shape, payload: dict[str, Any], tolerances: frozenset[Tolerance], now: datetime
) -> tuple[dict[str, Any], frozenset[Tolerance]]:
    used: set[Tolerance] = set()
    mended = payload
    for kind, rule in _rules(now).items():
        before = mended
        mended = rebuilt(shape, before, rule) if kind in tolerances else before
        if mended is not before:
            used.add(kind)
    return dict(mended), frozenset(used)


def _rules(now: datetime) -> Mapping[Tolerance, Rule]:
    # in this order: what is spelled oddly is neither absent nor extra
    return {
        "casing": _respelled,
        "missing_parts": partial(_completed, now=write_time(now)),
        "extra_properties": _without_extras,
        "odd_timestamps": partial(_retimed, now=now),
    }


def _respelled(shape: Shape, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Spell names and values as the specification; of doubles the exact one counts, or the last."""
    if isinstance(value, str):
        spelling = shape.values.get(value.lower(), value)
        return value if spelling == value else spelling
    if not isinstance(value, dict):
        return value
    spelled = {name: shape.spellings.get(name.lower(), name) for name in value}
    if all(name == spelling for name, spelling in spelled.items()):
        return value
    return {
        spelling: value[name]
        for name, spelling in spelled.items()
        if name == spelling or spelling not in value
    }


def _without_extras(shape: Shape, value: Any) -> Any:  # noqa: ANN401 - any JSON
    if shape.kind != "object" or not isinstance(value, dict):
        return value
    if value.keys() <= shape.properties.keys():
        return value
    return {name: item for name, item in value.items() if name in shape.properties}


def _completed(shape: Shape, value: Any, now: str) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list) and shape.name in _SAYS_SOMETHING:
        kept = [entry for entry in value if _SAYS_SOMETHING[shape.name](entry)]
        return value if len(kept) == len(value) else kept
    if shape.kind != "object" or not isinstance(value, dict):
        return value
    kept_parts = {
        name: item
        for name, item in value.items()
        if item is not None or name in shape.required or name not in shape.properties
    }
    added = _absent_parts(shape, value, now)
    return {**kept_parts, **added} if added or len(kept_parts) < len(value) else value


def _absent_parts(shape: Shape, value: Mapping[str, Any], now: str) -> dict[str, str]:
    # a part that stands there in another casing is not absent: a default would hide it
    present = {name.lower() for name, item in value.items() if item is not None}
    defaults = {
        name: now if inner.is_time else _DEFAULTS.get(name)
        for name, inner in shape.properties.items()
        if name in shape.required and name.lower() not in present
    }
    return {name: default for name, default in defaults.items() if default is not None}


def _has_value(sample: object) -> bool:
    return _part(sample, "value") is not None


def _has_samples(reading: object) -> bool:
    samples = _part(reading, "sampledvalue")
    return any(map(_has_value, samples)) if isinstance(samples, list) else samples is not None


def _has_list_of_samples(reading: object) -> bool:
    # unlike in MeterValues it may be empty
    return _part(reading, "sampledvalue") is not None


def _part(entry: object, name: str) -> object:
    # what is no object has another fault, and is not absent
    if not isinstance(entry, dict):
        return entry
    found = (item for key, item in entry.items() if key.lower() == name and item is not None)
    return next(found, None)


_SAYS_SOMETHING = {
    "meterValue": _has_samples,
    "transactionData": _has_list_of_samples,
    "sampledValue": _has_value,
}


def _retimed(shape: Shape, value: Any, now: datetime) -> Any:  # noqa: ANN401 - any JSON
    if not shape.is_time or value is None:
        return value
    if isinstance(value, str) and read_iso_time(value) is not None:
        return value
    return write_time(read_odd_time(value) or now)
