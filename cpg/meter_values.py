"""Readings: MeterValues (OCPP 1.6, 4.7) and transactionData to what the events tell. Pure.

This is what a gateway does most: the event is written as JSON at once, in the form that
`sdk.events.envelope.Envelope` would give it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from cpg.frames import Call
from cpg.translate import read_time, write_time
from sdk.bus.interface import WrittenEnvelope
from sdk.events.charging import MeterValueReported
from sdk.ids import natural_text
from sdk.units import watts_from_text, wh_from_text

Payload = Mapping[str, Any]
_ReadUnit = Callable[[str, str | None], int]

_ENERGY = "Energy.Active.Import.Register"
_POWER = "Power.Active.Import"
_CURRENT, _VOLTAGE, _CHARGE = "Current.Import", "Voltage", "SoC"
_WANTED = frozenset({_ENERGY, _POWER, _CURRENT, _VOLTAGE, _CHARGE})
_PHASES = frozenset({"L1", "L2", "L3", "L1-N", "L2-N", "L3-N"})
_LARGEST_ENERGY_WH = 2**53 - 1
_LARGEST_POWER_W = 2**31
_NOTHING: Mapping[str, Payload] = {}


class Reading(NamedTuple):
    """One MeterValue. Wh, W, A, V and %; absent is not zero."""

    sampled_at: datetime
    sampled_text: str
    """`sampled_at` as `write_time` gives it."""
    energy_wh: int | None
    power_w: int | None
    current_a: float | None
    voltage_v: float | None
    soc_percent: int | None
    context: str


def read_readings(meter_values: Iterable[Payload], now: datetime) -> list[Reading]:
    """Read a list of MeterValue, in order; a sample that is no number is left out.

    Raises Violation for a timestamp that can't be read.
    """
    return [_reading(item, now) for item in meter_values]


def event_of(reading: Reading, transaction_id: int | None) -> MeterValueReported:
    """Give the event that tells of a reading."""
    fields = reading._asdict()
    del fields["sampled_text"]
    return MeterValueReported(transaction_id=transaction_id, **fields)


def message_key(charge_point_id: str, connector_id: int, call: Call) -> str:
    """Name a MeterValues.req by its content: what is sent again has another message id, if any."""
    raw = call.raw if isinstance(call.raw, bytes) else call.raw.encode()
    content = raw.partition(b'"MeterValues"')[2] or raw.partition(b"{")[2]
    return natural_text(charge_point_id, connector_id, content)


def written_event(
    reading: Reading,
    *,
    event_id: str,
    charge_point_id: str,
    connector_id: int,
    transaction_id: int | None,
    at: str,
) -> WrittenEnvelope:
    """Write the envelope of `event_of`; `at` as `write_time` gives it."""
    body: dict[str, Any] = {"type": "MeterValueReported"}
    if transaction_id is not None:
        body["transaction_id"] = transaction_id
    body["sampled_at"] = reading.sampled_text
    for name, value in zip(_NAMES, reading[2:], strict=True):
        if value is not None:
            body[name] = value  # noqa: PERF403 - a comprehension and a union take longer here
    envelope = {
        "id": event_id,
        "charge_point_id": charge_point_id,
        "connector_id": connector_id,
        "at": at,
        "body": body,
    }
    return WrittenEnvelope(event_id, charge_point_id, orjson.dumps(envelope))


_NAMES = Reading._fields[2:]


def _reading(item: Payload, now: datetime) -> Reading:
    found: dict[str, dict[str, Payload]] = {}
    context = "Sample.Periodic"
    for sample in item["sampledValue"]:
        get = sample.get
        measurand = get("measurand", _ENERGY)
        at_outlet = get("location", "Outlet") == "Outlet" or measurand == _CHARGE
        if not at_outlet or get("format", "Raw") != "Raw":
            continue
        context = get("context", context)
        if measurand in _WANTED:
            found.setdefault(measurand, {})[get("phase", "")] = sample
    text: str = item["timestamp"]
    moment = read_time(text, now)
    return Reading(
        moment,
        text if _CANONICAL.fullmatch(text) else write_time(moment),
        _whole(found.get(_ENERGY, _NOTHING).get(""), wh_from_text, _LARGEST_ENERGY_WH),
        _power(found.get(_POWER, _NOTHING)),
        _largest(found.get(_CURRENT, _NOTHING)),
        _largest(found.get(_VOLTAGE, _NOTHING)),
        _percent(found.get(_CHARGE, _NOTHING).get("")),
        context,
    )


def _whole(sample: Payload | None, read: _ReadUnit, largest: int) -> int | None:
    if sample is None:
        return None
    try:
        value = read(sample["value"], sample.get("unit"))
    except ValueError:
        return None
    return value if 0 <= value <= largest else None


def _power(samples: Mapping[str, Payload]) -> int | None:
    if "" in samples:
        return _whole(samples[""], watts_from_text, _LARGEST_POWER_W)
    watts = [
        _whole(sample, watts_from_text, _LARGEST_POWER_W)
        for phase, sample in samples.items()
        if phase in _PHASES
    ]
    known = [value for value in watts if value is not None]
    return min(sum(known), _LARGEST_POWER_W) if known else None


def _largest(samples: Mapping[str, Payload]) -> float | None:
    values = [value for value in map(_number, samples.values()) if value is not None]
    return max(values) if values else None


def _percent(sample: Payload | None) -> int | None:
    value = _number(sample) if sample is not None else None
    return round(value) if value is not None and 0 <= value <= 100 else None  # noqa: PLR2004


def _number(sample: Payload) -> float | None:
    try:
        value = float(sample["value"])
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None  # noqa: PLR2004 - also drops inf and nan


_CANONICAL = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z", re.ASCII)
"""A timestamp as `write_time` writes it."""
