"""Rows and records as JSON that a person or a program reads."""

from datetime import datetime
from typing import Any

from sdk.events.service import QuoteOffered, Receipt
from sdk.events.signed import read_payload
from sdk.records.export import COLUMNS, MONEY, values_of
from sdk.records.moments import from_ms
from sdk.records.record import SessionRecord
from sdk.records.row import Row


def row_shown(row: Row) -> dict[str, Any]:
    """Give a row; money as text, as in all JSON of ours."""
    shown = {name: _json(name, value) for name, value in zip(COLUMNS, values_of(row), strict=True)}
    return {**shown, "flags": list(row.flags)}


def record_shown(record: SessionRecord) -> dict[str, Any]:
    """Give a record: what was signed as it was signed, and `price` and `quoted` read out of it."""
    shown = record.model_dump(mode="json", exclude={"curve", "timeline"})
    receipt, quote = receipt_of(record), quote_of(record)
    return {
        **shown,
        "timeline": [{"phase": phase, "at": _text(at)} for phase, at in record.timeline],
        "curve": curve_summary(record),
        "readings": [reading._asdict() for reading in record.curve],
        "quoted": quote.model_dump(mode="json") if quote else None,
        "price": [line.model_dump(mode="json") for line in receipt.price_lines] if receipt else [],
    }


def curve_summary(record: SessionRecord) -> dict[str, Any]:
    """Give how many readings there are, from when to when, their energy and extreme power."""
    curve = record.curve
    if not curve:
        return {"readings": 0}
    power = [reading.power_w for reading in curve if reading.power_w is not None]
    return {
        "readings": len(curve),
        "begin": _text(from_ms(curve[0].at_ms)),
        "end": _text(from_ms(curve[-1].at_ms)),
        "energy_wh": curve[-1].energy_wh - curve[0].energy_wh,
        "lowest_w": min(power, default=None),
        "highest_w": max(power, default=None),
    }


def receipt_of(record: SessionRecord) -> Receipt | None:
    """Read the receipt's payload. Raises PayloadError."""
    return read_payload(record.receipt, Receipt) if record.receipt else None


def quote_of(record: SessionRecord) -> QuoteOffered | None:
    """Read the quote's payload. Raises PayloadError."""
    return read_payload(record.quote, QuoteOffered) if record.quote else None


def _json(name: str, value: Any) -> Any:  # noqa: ANN401 - any column's value
    if isinstance(value, datetime):
        return _text(value)
    return str(value) if name in MONEY else value


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
