"""The tolerance profile, fault by fault: what each kind mends, and what it leaves to be refused."""

import time
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from cpg.odd_times import read_iso_time, read_odd_time
from cpg.schemas import KNOWN_ACTIONS
from cpg.shapes import Shape, schema_shape
from cpg.tolerance import Mended, mend
from cpg.validation import Violation, check_request
from sdk.tolerances import Tolerance

ALL: frozenset[Tolerance] = frozenset(get_args(Tolerance))
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
WHEN = datetime(2026, 11, 26, 10, tzinfo=UTC)
START = {"connectorId": 1, "idTag": "A", "meterStart": 5, "timestamp": "2026-11-26T10:00:00Z"}
STOP = {"transactionId": 7, "meterStop": 9, "timestamp": "2026-11-26T10:00:00Z"}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
METER = {
    "connectorId": 1,
    "meterValue": [{"timestamp": "2026-11-26T10:00:00Z", "sampledValue": [{"value": "1"}]}],
}


def mended(action: str, payload: dict[str, Any], *kinds: Tolerance) -> dict[str, Any]:
    result = mend(action, payload, frozenset(kinds), NOW)
    assert result.used == set(kinds)
    check_request(result.action, result.payload)
    return result.payload


def still_refused(action: str, payload: dict[str, Any], profile: frozenset[Tolerance]) -> None:
    result = mend(action, payload, profile, NOW)
    with pytest.raises(Violation):
        check_request(result.action, result.payload)


@pytest.mark.parametrize(
    "payload",
    [
        {**METER, "serial": "x"},
        {**METER, "meterValue": [{**METER["meterValue"][0], "serial": {"deep": [1]}}]},  # type: ignore[index]
        {
            "connectorId": 1,
            "meterValue": [
                {"timestamp": "2026-11-26T10:00:00Z", "sampledValue": [{"value": "1", "": 0}]}
            ],
        },
    ],
)
def test_extra_properties_are_dropped_at_every_level(payload: dict[str, Any]) -> None:
    assert mended("MeterValues", payload, "extra_properties") == METER
    still_refused("MeterValues", payload, ALL - {"extra_properties"})


def test_casing_of_actions_names_and_values_is_the_specifications() -> None:
    odd = {"ConnectorID": 1, "ERRORCODE": "noerror", "status": "suspendedevse"}
    result = mend("statusnotification", odd, frozenset({"casing"}), NOW)
    assert result.action == "StatusNotification"
    assert result.payload == {"connectorId": 1, "errorCode": "NoError", "status": "SuspendedEVSE"}
    assert mend("heartbeat", {}, ALL, NOW) == Mended("Heartbeat", {}, frozenset({"casing"}))
    assert mend("heartbeat", {}, ALL - {"casing"}, NOW) == Mended("heartbeat", {}, frozenset())
    assert mend("Heart", {"a": 1}, ALL, NOW) == Mended("Heart", {"a": 1}, frozenset())


def test_of_two_spellings_the_exact_one_counts_and_else_the_last() -> None:
    assert mended("Authorize", {"idTag": "A", "IDTAG": "B"}, "casing") == {"idTag": "A"}
    assert mended("Authorize", {"idtag": "A", "IDTAG": "B"}, "casing") == {"idTag": "B"}


@pytest.mark.parametrize(
    ("action", "sound", "filled"),
    [
        ("StatusNotification", STATUS, {"errorCode": "NoError"}),
        (
            "BootNotification",
            {"iccid": "1"},
            {"chargePointVendor": "unknown", "chargePointModel": "unknown"},
        ),
        ("StartTransaction", START, {"timestamp": "2026-11-26T12:00:00.000Z"}),
        ("StopTransaction", STOP, {"timestamp": "2026-11-26T12:00:00.000Z"}),
    ],
)
def test_parts_that_cost_nothing_are_filled_in(
    action: str, sound: dict[str, Any], filled: dict[str, str]
) -> None:
    rest = {name: value for name, value in sound.items() if name not in filled}
    assert mended(action, rest, "missing_parts") == {**rest, **filled}
    nulls = dict.fromkeys(filled)
    assert mended(action, {**rest, **nulls}, "missing_parts") == {**rest, **filled}
    still_refused(action, rest, ALL - {"missing_parts"})


@pytest.mark.parametrize(
    ("action", "sound", "name"),
    [
        ("StartTransaction", START, "connectorId"),
        ("StartTransaction", START, "idTag"),
        ("StartTransaction", START, "meterStart"),
        ("StopTransaction", STOP, "transactionId"),
        ("StopTransaction", STOP, "meterStop"),
        ("StatusNotification", STATUS, "status"),
        ("StatusNotification", STATUS, "connectorId"),
        ("Authorize", {"idTag": "A"}, "idTag"),
        ("MeterValues", METER, "meterValue"),
    ],
)
def test_what_has_a_meaning_is_never_invented(
    action: str, sound: dict[str, Any], name: str
) -> None:
    check_request(action, sound)
    still_refused(action, {each: sound[each] for each in sound if each != name}, ALL)
    still_refused(action, {**sound, name: None}, ALL)
    still_refused(action, {**sound, name: {}}, ALL)


def test_a_default_never_hides_what_stands_there_in_another_casing() -> None:
    fault = {**STATUS, "errorcode": "GroundFailure"}
    del fault["errorCode"]
    still_refused("StatusNotification", fault, ALL - {"casing"})
    assert mended("StatusNotification", fault, "casing")["errorCode"] == "GroundFailure"
    sample = {"timestamp": "2026-11-26T10:00:00Z", "sampledValue": [{"Value": "1"}]}
    still_refused("MeterValues", {"connectorId": 1, "meterValue": [sample]}, ALL - {"casing"})


def test_samples_without_value_are_dropped_and_readings_without_samples_too() -> None:
    reading = METER["meterValue"][0]  # type: ignore[index]
    empty = {"timestamp": "2026-11-26T10:00:00Z", "sampledValue": [{"unit": "V"}, {"value": None}]}
    odd = {**METER, "meterValue": [empty, reading, None, {"timestamp": None}]}
    assert mended("MeterValues", odd, "missing_parts") == METER
    still_refused("MeterValues", {**METER, "meterValue": [empty]}, ALL)
    stop = {**STOP, "transactionData": [empty, {}], "reason": None}
    expected = {**STOP, "transactionData": [{**empty, "sampledValue": []}]}
    assert mended("StopTransaction", stop, "missing_parts") == expected
    sound = {**STOP, "transactionData": [{**empty, "sampledValue": []}]}
    assert mended("StopTransaction", sound) == sound


@pytest.mark.parametrize(
    "value",
    [
        "2026/11/26 10:00:00",
        "26.11.2026 10:00:00",
        "26/11/2026 10:00",
        "11/26/2026 10:00:00 AM",
        "2026/11/26 11:00:00 +0100",
        "2026-11-26T10:00:00 UTC",
        "2026-11-26T04:30:00-5:30",
        "20261126100000",
        20261126100000,
        1795687200,
        "1795687200",
        1795687200.0,
        1795687200000,
        "1795687200000",
        "1795687200000000",
        "Thu, 26 Nov 2026 10:00:00 GMT",
        "Thu, 26 Nov 2026 11:00:00 +0100",
        "Thu Nov 26 10:00:00 2026",
        "26-Nov-2026 10:00:00",
        "November 26, 2026 10:00 a.m.",
    ],
)
def test_odd_timestamps_keep_their_moment(value: object) -> None:
    payload = {**START, "timestamp": value}
    expected = {**START, "timestamp": "2026-11-26T10:00:00.000Z"}
    assert mended("StartTransaction", payload, "odd_timestamps") == expected
    assert read_odd_time(value) == WHEN


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-26 11:00:00 +0100",
        "2026-11-26T10:00:00.0000001234567Z",
        " 2026-11-26T10:00:00",
        "2026-11-26T10:00+00:00",
    ],
)
def test_what_datetime_reads_by_itself_is_left_alone(value: str) -> None:
    assert read_iso_time(value) == read_odd_time(value) == WHEN
    assert mended("StartTransaction", {**START, "timestamp": value})["timestamp"] == value


@pytest.mark.parametrize(
    "value",
    [
        *("", "yesterday", "\x00", "9" * 64, "\N{SUPERSCRIPT TWO}" * 10, "99:99"),
        *("11/12/2026", "2026/13/01", "13/13/2026", "0001/01/01 00:00:00 +14:00"),
        *("26.11.2026 13:00 PM", "26.11.2026 10:00 +99:00"),
        *(0, -5, 1e300, 2**64 - 1, True, [], {}),
    ],
)
def test_a_time_that_can_not_be_read_becomes_the_time_of_arrival(value: object) -> None:
    payload = {**START, "timestamp": value}
    assert read_odd_time(value) is None
    times = mended("StartTransaction", payload, "odd_timestamps")
    assert times == {**START, "timestamp": "2026-11-26T12:00:00.000Z"}


def test_digits_alone_are_an_epoch_also_where_they_look_like_an_old_date() -> None:
    assert read_iso_time("1712012341234") is None
    assert read_odd_time("1712012341234") == datetime(2024, 4, 1, 22, 59, 1, 234000, UTC)
    assert read_iso_time("20261126") == datetime(2026, 11, 26, tzinfo=UTC)


def spellings(shape: Shape) -> list[tuple[int, int]]:
    inner = [*shape.properties.values(), *([shape.items] if shape.items else [])]
    counts = [(len(shape.spellings), len(shape.properties))]
    return counts + [count for each in inner for count in spellings(each)]


@pytest.mark.parametrize("action", sorted(KNOWN_ACTIONS))
def test_no_schema_has_names_that_differ_only_in_casing(action: str) -> None:
    assert all(by_casing == exact for by_casing, exact in spellings(schema_shape(action)))


@pytest.mark.parametrize(
    "payload",
    [
        {"connectorId": 1, "meterValue": [{"sampledValue": [{"VALUE": "1"}] * 4000}]},
        {"connectorId": 1, "meterValue": [{"sampledValue": [{}]}] * 3000},
        {"connectorId": 1, "meterValue": [{"TIMESTAMP": " " * 60_000, "sampledValue": [None]}]},
        {"connectorId": 1, "meterValue": [{"timestamp": "1." * 32, "sampledValue": []}] * 1500},
        {f"{n:b}".replace("0", "x").replace("1", "X").zfill(9): n for n in range(4000)},
    ],
)
def test_a_hostile_request_costs_little(payload: dict[str, Any]) -> None:
    started = time.process_time()
    mend("MeterValues", payload, ALL, NOW)
    assert time.process_time() - started < 0.5
