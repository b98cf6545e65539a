"""OCPP payloads to events and back. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cpg.validation import Violation
from sdk.events.charge_point import ChargePointBooted, ConnectorStatusChanged
from sdk.events.charging import MeterValueReported
from sdk.units import watts_from_text, wh_from_text

Payload = Mapping[str, Any]
_ReadUnit = Callable[[str, str | None], int]

_ENERGY = "Energy.Active.Import.Register"
_PHASES = frozenset({"L1", "L2", "L3", "L1-N", "L2-N", "L3-N"})
_LARGEST_CONNECTOR = 1000
_LARGEST_TRANSACTION = 2**31 - 1
_LARGEST_ENERGY_WH = 2**53 - 1
_LARGEST_POWER_W = 2**31


def read_time(text: str | None, otherwise: datetime) -> datetime:
    """Read a timestamp: with or without fraction and offset (none: UTC); absent: `otherwise`.

    Raises Violation for anything else.
    """
    if text is None:
        return otherwise
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Violation("PropertyConstraintViolation", "timestamp: not a date-time") from error
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise Violation("PropertyConstraintViolation", "timestamp: out of range") from error


def write_time(moment: datetime) -> str:
    """Write a moment as OCPP wants it: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_connector(payload: Payload) -> int:
    """Read `connectorId`. Raises Violation when it can't be a connector."""
    number = payload["connectorId"]
    if not isinstance(number, int) or not 0 <= number <= _LARGEST_CONNECTOR:
        raise Violation("PropertyConstraintViolation", "connectorId: out of range")
    return number


def read_id_tag(payload: Payload) -> str:
    """Read `idTag`. Raises Violation unless it is printable."""
    tag = str(payload["idTag"])
    if not tag or not tag.isprintable() or not tag.isascii():
        raise Violation("PropertyConstraintViolation", "idTag: not printable")
    return tag


def read_meter(payload: Payload, name: str) -> int:
    """Read a register of a transaction in Wh. Raises Violation below zero."""
    value = payload[name]
    if not isinstance(value, int) or not 0 <= value <= _LARGEST_ENERGY_WH:
        raise Violation("PropertyConstraintViolation", f"{name}: out of range")
    return value


def read_transaction(payload: Payload) -> int | None:
    """Read `transactionId`; None where there is none, or one that nobody can have been given."""
    number = payload.get("transactionId")
    return number if isinstance(number, int) and 0 < number <= _LARGEST_TRANSACTION else None


def booted(payload: Payload) -> ChargePointBooted:
    """Translate BootNotification.req."""
    return ChargePointBooted(
        vendor=payload["chargePointVendor"],
        model=payload["chargePointModel"],
        serial_number=payload.get("chargePointSerialNumber"),
        firmware_version=payload.get("firmwareVersion"),
    )


def status_changed(payload: Payload, now: datetime) -> ConnectorStatusChanged:
    """Translate StatusNotification.req. Raises Violation."""
    return ConnectorStatusChanged(
        status=payload["status"],
        error_code=payload["errorCode"],
        info=payload.get("info"),
        changed_at=read_time(payload.get("timestamp"), now),
    )


def readings(
    meter_values: Iterable[Payload], transaction_id: int | None, now: datetime
) -> list[MeterValueReported]:
    """Translate a list of MeterValue, in order; a sample that is no number is left out.

    Raises Violation for a timestamp that can't be read.
    """
    return [_reading(item, transaction_id, now) for item in meter_values]


def _reading(item: Payload, transaction_id: int | None, now: datetime) -> MeterValueReported:
    samples: dict[str, dict[str, Payload]] = defaultdict(dict)
    context = "Sample.Periodic"
    for sample in item["sampledValue"]:
        if not _counts(sample):
            continue
        context = sample.get("context", context)
        measurand = sample.get("measurand", _ENERGY)
        samples[measurand][sample.get("phase", "")] = sample
    return MeterValueReported(
        transaction_id=transaction_id,
        sampled_at=read_time(item["timestamp"], now),
        energy_wh=_whole(samples[_ENERGY].get(""), wh_from_text, _LARGEST_ENERGY_WH),
        power_w=_power(samples["Power.Active.Import"]),
        current_a=_largest(samples["Current.Import"]),
        voltage_v=_largest(samples["Voltage"]),
        soc_percent=_soc(samples["SoC"].get("")),
        context=context,
    )


def _counts(sample: Payload) -> bool:
    at_outlet = sample.get("location", "Outlet") == "Outlet" or sample.get("measurand") == "SoC"
    return at_outlet and sample.get("format", "Raw") == "Raw"


def _whole(sample: Payload | None, read: _ReadUnit, largest: int) -> int | None:
    if sample is None:
        return None
    try:
        value = read(str(sample["value"]), sample.get("unit"))
    except ValueError:
        return None
    return value if 0 <= value <= largest else None


def _power(samples: Mapping[str, Payload]) -> int | None:
    whole = [samples[""]] if "" in samples else [samples[name] for name in _PHASES & set(samples)]
    watts = [_whole(sample, watts_from_text, _LARGEST_POWER_W) for sample in whole]
    known = [value for value in watts if value is not None]
    return min(sum(known), _LARGEST_POWER_W) if known else None


def _largest(samples: Mapping[str, Payload]) -> float | None:
    values = [value for value in map(_number, samples.values()) if value is not None]
    return max(values) if values else None


def _soc(sample: Payload | None) -> int | None:
    value = _number(sample) if sample is not None else None
    return round(value) if value is not None and 0 <= value <= 100 else None  # noqa: PLR2004


def _number(sample: Payload) -> float | None:
    try:
        value = float(sample["value"])
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None  # noqa: PLR2004 - also drops inf and nan
