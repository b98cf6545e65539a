"""Readings that are written as JSON at once, and messages that are named by their content."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_FLOOR, Context, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import orjson
import pytest
from fixed_seed import examples
from hypothesis import assume, given
from hypothesis import strategies as st

from cpg.frames import Call, read_frame
from cpg.meter_values import Reading, event_of, message_key, read_readings, written_event
from cpg.schemas import load_schema
from cpg.translate import write_time
from sdk.events.envelope import Envelope, read_envelope
from sdk.ids import natural_id, natural_text
from sdk.units import watts_from_text, wh_from_text

CP = "CP-1"
NOW = datetime(2026, 5, 1, 12, 0, 0, 123000, tzinfo=UTC)
EVENT_ID = "00000000-0000-5000-8000-000000000000"

_SAMPLE = load_schema("MeterValues")["properties"]["meterValue"]["items"]["properties"][
    "sampledValue"
]["items"]["properties"]

digits = st.text("0123456789", max_size=17)
decimals = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", " ", "\t", "\n"]),
        st.sampled_from(["", "", "-", "+"]),
        digits,
        st.sampled_from(["", "."]),
        digits,
        st.sampled_from(["", "", "e3", "E-2", "e+12"]),
        st.sampled_from(["", " "]),
    ),
)
plain = st.builds(
    lambda n, places: f"{n / 10**places:.{places}f}", st.integers(0, 10**9), st.integers(0, 4)
)
odd = st.sampled_from(
    [
        "nan",
        "-inf",
        "Infinity",
        "",
        ".",
        "1_000",
        "1,5",
        "\u0663\u0664.\u0665",
        "\u00b2",
        "0x1",
        "1.2.3",
        "-0",
        "1e400",
    ]
)
values = plain | decimals | odd | st.floats().map(str)

samples = st.fixed_dictionaries(
    {"value": values},
    optional={
        "context": st.sampled_from(_SAMPLE["context"]["enum"]),
        "format": st.sampled_from(["Raw", "Raw", "Raw", "SignedData"]),
        "measurand": st.sampled_from(
            [
                "Energy.Active.Import.Register",
                "Power.Active.Import",
                "Current.Import",
                "Voltage",
                "SoC",
                "Temperature",
            ]
        ),
        "phase": st.sampled_from(["L1", "L2", "L3", "L1-N", "N"]),
        "location": st.sampled_from(["Outlet", "Outlet", "EV", "Inlet"]),
        "unit": st.sampled_from(["Wh", "kWh", "W", "kW", "A", "V", "Percent"]),
    },
)
moments = st.integers(0, 2**35).map(
    lambda milliseconds: (
        datetime(1990, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds * 37)
    )
)
zones = st.sampled_from(["Z", "+00:00", "+05:30", "-11:00", ""])
timestamps = st.builds(
    lambda moment, digits, zone: moment.replace(tzinfo=None).isoformat(timespec=digits) + zone,
    moments,
    st.sampled_from(["milliseconds", "milliseconds", "seconds", "microseconds"]),
    zones,
)
meter_values = st.fixed_dictionaries(
    {"timestamp": timestamps, "sampledValue": st.lists(samples, min_size=1, max_size=6)}
)


def envelope(reading: Reading, transaction_id: int | None, connector_id: int) -> Envelope:
    return Envelope(
        id=UUID(EVENT_ID),
        charge_point_id=CP,
        connector_id=connector_id,
        at=NOW,
        body=event_of(reading, transaction_id),
    )


def written(reading: Reading, transaction_id: int | None, connector_id: int) -> bytes:
    return written_event(
        reading,
        event_id=EVENT_ID,
        charge_point_id=CP,
        connector_id=connector_id,
        transaction_id=transaction_id,
        at=write_time(NOW),
    ).json


@examples(150)
@given(meter_values, st.none() | st.integers(1, 2**31 - 1), st.integers(0, 1000))
def test_the_text_is_the_envelope_s(
    item: dict[str, Any], transaction_id: int | None, connector_id: int
) -> None:
    (reading,) = read_readings([item], NOW)
    expected = envelope(reading, transaction_id, connector_id)
    text = written(reading, transaction_id, connector_id)
    assert read_envelope(text) == read_envelope(expected.to_json())
    assert text == expected.to_json().encode()


TIMES = [
    "2026-05-01T10:00:00.000Z",
    "2026-05-01T10:00:00Z",
    "2026-05-01T10:00:00.5Z",
    "2026-05-01T12:00:00.000+02:00",
    " 2026-05-01T10:00:00.000Z ",
    "2026-05-01t10:00:00.000z",
    "2026-05-01 10:00:00.000Z",
    "20260501T10:00:00.000Z",
    "0001-01-01T00:00:00.000Z",
    "2026-04-30T23:59:60.000Z",
    "2026-04-30T24:00:00.000Z",
    "2026-W18-5T10:00:00.000Z",
    "  20260501T10:00:00.000Z",
]


@pytest.mark.parametrize("text", TIMES)
def test_each_timestamp_that_is_taken_is_told_as_it_was_read(text: str) -> None:
    item = {"timestamp": text, "sampledValue": [{"value": "5"}]}
    (reading,) = read_readings([item], NOW)
    told = read_envelope(written(reading, 7, 1)).body
    assert told.sampled_at == reading.sampled_at  # type: ignore[union-attr]
    assert reading.sampled_text == write_time(reading.sampled_at)


def call(message_id: str, payload: dict[str, Any]) -> Call:
    frame = read_frame(json.dumps([2, message_id, "MeterValues", payload]))
    assert isinstance(frame, Call)
    return frame


ids = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=36)
payloads = st.fixed_dictionaries(
    {
        "connectorId": st.integers(0, 3),
        "meterValue": st.lists(meter_values, min_size=1, max_size=2),
    },
    optional={"transactionId": st.integers(0, 5)},
)


@examples(60)
@given(payloads, ids, ids)
def test_a_message_is_named_by_what_it_says(
    payload: dict[str, Any], first: str, second: str
) -> None:
    n = payload["connectorId"]
    key = message_key(CP, n, call(first, payload))
    assert key == message_key(CP, n, call(second, payload))
    assert str(UUID(key)) == key
    assert key != message_key("CP-2", n, call(first, payload))
    assert key != message_key(CP, n + 1, call(first, payload))
    for changed in (
        {**payload, "connectorId": n + 1},
        {**payload, "transactionId": payload.get("transactionId", 0) + 1},
        {**payload, "meterValue": payload["meterValue"] * 2},
    ):
        assert key != message_key(CP, n, call(first, changed))


def test_text_and_bytes_of_one_frame_have_one_name() -> None:
    data = orjson.dumps([2, "m1", "MeterValues", {"connectorId": 1, "unit": "\N{DEGREE SIGN}C"}])
    frames = [read_frame(data), read_frame(data.decode())]
    keys = {message_key(CP, 1, frame) for frame in frames if isinstance(frame, Call)}
    assert len(keys) == 1


parts = st.text(st.characters(codec="utf-8"), max_size=20) | st.integers()


@examples(100)
@given(st.lists(parts, max_size=5))
def test_a_natural_id_as_text_is_the_natural_id(found: list[str | int]) -> None:
    assert natural_text(*found) == str(natural_id(*found))
    assert natural_text(*(str(part).encode() for part in found)) == str(natural_id(*found))


EXACT = Context(prec=200)


def floored(text: str, places: int) -> int | None:
    """Read a decimal text by `Decimal` alone; None: it is no number of a sane size."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    return int(number.scaleb(places, EXACT).to_integral_value(ROUND_FLOOR, EXACT))


@examples(300)
@given(values, st.sampled_from([("Wh", "W", 0), (None, None, 0), ("kWh", "kW", 3)]))
def test_numbers_are_read_as_decimals_rounded_down(
    text: str, units: tuple[str | None, str | None, int]
) -> None:
    energy, power, places = units
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("nan")
    assume(not number.is_finite() or abs(number.adjusted()) <= 15)
    expected = floored(text, places)
    for read, unit in ((wh_from_text, energy), (watts_from_text, power)):
        if expected is None:
            with pytest.raises(ValueError, match="number"):
                read(text, unit)
        else:
            assert read(text, unit) == expected


@pytest.mark.parametrize("text", ["1e16", "-1e99", " 10000000000000000", "9" * 17, "1e-16 "])
def test_numbers_out_of_any_bounds_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        wh_from_text(text, "Wh")


@examples(60)
@given(moments, st.integers(-14 * 60, 14 * 60))
def test_moments_of_all_zones_are_written_in_utc(moment: datetime, minutes: int) -> None:
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    item = {"timestamp": local.isoformat(), "sampledValue": [{"value": "1"}]}
    (reading,) = read_readings([item], NOW)
    assert reading.sampled_at == moment
    assert reading.sampled_text == write_time(local) == write_time(moment)
