"""OCPP payloads to events: units, phases, bounds and times as charge points really write them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cpg.meter_values import event_of, read_readings
from cpg.translate import (
    booted,
    read_connector,
    read_id_tag,
    read_meter,
    read_time,
    read_transaction,
    status_changed,
    write_time,
)
from cpg.validation import Violation
from sdk.events.charging import MeterValueReported

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def one(*samples: dict[str, Any]) -> MeterValueReported:
    item = {"timestamp": "2026-05-01T11:00:00Z", "sampledValue": list(samples)}
    return event_of(read_readings([item], NOW)[0], 7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01T10:00:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01T12:00:00+02:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        (" 2026-05-01T10:00:00.123456789Z ", datetime(2026, 5, 1, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-05-01t10:00:00z", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-04-30T23:59:60Z", datetime(2026, 5, 1, tzinfo=UTC)),
        ("2026-04-30T24:00:00Z", datetime(2026, 5, 1, tzinfo=UTC)),
        (None, NOW),
    ],
)
def test_timestamps_are_read_as_they_come(text: str | None, expected: datetime) -> None:
    assert read_time(text, NOW) == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-04-30T24:01:00Z", "0001-01-01T00:00:00+14:00", "1e9"]
)
def test_what_is_no_timestamp_is_a_violation(text: str) -> None:
    with pytest.raises(Violation) as caught:
        read_time(text, NOW)
    assert caught.value.code == "PropertyConstraintViolation"
    assert len(text) < 2 or text not in caught.value.description


def test_moments_are_written_in_utc_with_milliseconds() -> None:
    assert write_time(NOW + timedelta(microseconds=1500)) == "2026-05-01T12:00:00.001Z"


@pytest.mark.parametrize("number", [-1, 1001, 10**18, 1.0])
def test_a_connector_is_in_range(number: float) -> None:
    with pytest.raises(Violation):
        read_connector({"connectorId": number})


@pytest.mark.parametrize("tag", ["", "a\x00", "tag\n", "⚡"])
def test_an_id_tag_is_printable(tag: str) -> None:
    with pytest.raises(Violation):
        read_id_tag({"idTag": tag})


@pytest.mark.parametrize("value", [-1, 2**53, 1.5])
def test_a_register_is_in_range(value: float) -> None:
    with pytest.raises(Violation):
        read_meter({"meterStart": value}, "meterStart")


@pytest.mark.parametrize("given", [None, 0, -1, 3_000_000_000, 2**31, 1.0])
def test_a_transaction_that_nobody_was_given_is_none(given: float | None) -> None:
    assert read_transaction({"transactionId": given}) is None
    assert read_transaction({"transactionId": 2**31 - 1}) == 2**31 - 1


def test_energy_is_floored_to_whole_watt_hours() -> None:
    assert one({"value": "12.3456", "unit": "kWh"}).energy_wh == 12_345
    assert one({"value": "999.9"}).energy_wh == 999
    reading = one({"value": "5"})
    assert (reading.transaction_id, reading.sampled_at) == (7, NOW - timedelta(hours=1))


@pytest.mark.parametrize(
    "sample",
    [
        {"value": "999999999999999", "unit": "kWh"},
        {"value": "-1"},
        {"value": "NaN"},
        {"value": "1e400"},
        {"value": "full"},
        {"value": "1", "unit": "varh"},
        {"value": "1", "phase": "L1"},
        {"value": "1", "location": "Inlet"},
        {"value": "1", "format": "SignedData"},
        {"value": "1", "measurand": "Energy.Active.Export.Register"},
    ],
)
def test_what_is_not_the_energy_at_the_outlet_is_left_out(sample: dict[str, Any]) -> None:
    assert one(sample).energy_wh is None


def test_power_is_the_total_or_else_the_sum_of_the_phases() -> None:
    power = {"measurand": "Power.Active.Import"}
    phases = [{**power, "value": str(n), "phase": f"L{n}"} for n in (1, 2, 3)]
    assert one(*phases).power_w == 6
    assert one({**power, "value": "7.5", "unit": "kW"}, *phases).power_w == 7500
    assert one({**power, "value": "99999999999"}).power_w is None


def test_current_voltage_and_charge_are_taken_over() -> None:
    reading = one(
        {"value": "15.5", "measurand": "Current.Import", "phase": "L1"},
        {"value": "16", "measurand": "Current.Import", "phase": "L2"},
        {"value": "230.1", "measurand": "Voltage", "phase": "L1-N"},
        {"value": "81.6", "measurand": "SoC", "location": "EV", "unit": "Percent"},
        {"value": "inf", "measurand": "Temperature"},
    )
    assert (reading.current_a, reading.voltage_v, reading.soc_percent) == (16, 230.1, 82)
    assert one({"value": "101", "measurand": "SoC"}).soc_percent is None


def test_each_meter_value_is_one_reading_in_order() -> None:
    items = [
        {"timestamp": f"2026-05-01T11:0{n}:00Z", "sampledValue": [{"value": str(n)}]}
        for n in range(3)
    ]
    assert [item.energy_wh for item in read_readings(items, NOW)] == [0, 1, 2]


def test_boot_and_status_are_taken_over() -> None:
    boot = booted({"chargePointVendor": "V", "chargePointModel": "M", "firmwareVersion": "1"})
    assert (boot.vendor, boot.model, boot.firmware_version) == ("V", "M", "1")
    status = status_changed({"status": "Faulted", "errorCode": "GroundFailure"}, NOW)
    assert (status.status, status.error_code, status.changed_at) == (
        "Faulted",
        "GroundFailure",
        NOW,
    )
