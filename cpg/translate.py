"""OCPP payloads to events and back. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cpg.odd_times import read_iso_time
from cpg.validation import Violation
from sdk.events.charge_point import (
    ChargePointBooted,
    ConnectorStatusChanged,
)

Payload = Mapping[str, Any]

_LARGEST_CONNECTOR = 1000
_LARGEST_TRANSACTION = 2**31 - 1
_LARGEST_ENERGY_WH = 2**53 - 1


def read_time(text: str | None, otherwise: datetime) -> datetime:
    """Read a timestamp: with or without fraction and offset (none: UTC); absent: `otherwise`.

    Raises Violation for anything else.
    """
    if text is None:
        return otherwise
    moment = read_iso_time(text)
    if moment is None:
        raise Violation("PropertyConstraintViolation", "timestamp: not a date-time")
    return moment


def write_time(moment: datetime) -> str:
    """Write a moment as OCPP wants it: UTC, milliseconds, Z."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:-6] + "Z"


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
