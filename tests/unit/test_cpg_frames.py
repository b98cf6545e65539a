"""OCPP-J frames: what comes is read or named malformed, row by row of what hostile peers send."""

import orjson
import pytest

from cpg.frames import (
    Call,
    CallError,
    CallResult,
    Malformed,
    read_frame,
    write_call,
    write_error,
    write_result,
)


def test_a_call_is_read_with_a_checksum_of_its_text() -> None:
    text = '[2,"7","Heartbeat",{}]'
    frame = read_frame(text)
    assert isinstance(frame, Call)
    assert (frame.message_id, frame.action, frame.payload) == ("7", "Heartbeat", {})
    assert read_frame(text.encode()) == frame
    other = read_frame('[2,"7","Heartbeat", {}]')
    assert isinstance(other, Call)
    assert other.checksum != frame.checksum


def test_a_payload_of_null_counts_as_empty() -> None:
    frame = read_frame('[2,"7","Heartbeat",null]')
    assert isinstance(frame, Call)
    assert frame.payload == {}


def test_answers_are_read_also_an_error_without_details() -> None:
    assert read_frame('[3,"a",{"status":"Accepted"}]') == CallResult("a", {"status": "Accepted"})
    expected = CallError("a", "NotImplemented", "no")
    assert read_frame('[4,"a","NotImplemented","no",{}]') == expected
    assert read_frame('[4,"a","NotImplemented","no"]') == expected


@pytest.mark.parametrize(
    "data",
    [
        "hello",
        "",
        "{}",
        "[]",
        "null",
        "3",
        b"\xff\xfe",
        "[" * 5000 + "]" * 5000,
        '[2,"x","Heartbeat",1' + "0" * 4400 + "]",
        '[2,5,"Heartbeat",{}]',
        '[2,null,"Heartbeat",{}]',
        '[2,{"a":1},"Heartbeat",{}]',
        '[2,"","Heartbeat",{}]',
        '[2,"' + "x" * 10_000 + '","Heartbeat",{}]',
        '[2,"\\ud800","Heartbeat",{}]',
        "[2]",
    ],
)
def test_what_can_not_be_answered_is_malformed_without_an_id(data: str | bytes) -> None:
    frame = read_frame(data)
    assert isinstance(frame, Malformed)
    assert frame.message_id is None


@pytest.mark.parametrize(
    "data",
    [
        '[2,"id"]',
        '[2,"id","Heartbeat"]',
        '[2,"id","Heartbeat",{},1]',
        '[9,"id",{}]',
        '["2","id","Heartbeat",{}]',
        '[true,"id","Heartbeat",{}]',
        '[2,"id",["Heartbeat"],{}]',
        '[2,"id",{},{}]',
        '[2,"id","Heartbeat",[]]',
        '[2,"id","Heartbeat","text"]',
    ],
)
def test_a_broken_call_with_an_id_can_be_answered(data: str) -> None:
    frame = read_frame(data)
    assert isinstance(frame, Malformed)
    assert frame.message_id == "id"


@pytest.mark.parametrize("data", ['[3,"id"]', '[3,"id",[]]', '[4,"id","X"]', '[3,"id",{},{}]'])
def test_a_broken_answer_is_never_answered(data: str) -> None:
    frame = read_frame(data)
    assert isinstance(frame, Malformed)
    assert frame.message_id is None


def test_doubled_keys_have_one_meaning_the_last() -> None:
    frame = read_frame('[2,"7","Authorize",{"idTag":"A","idTag":"B"}]')
    assert isinstance(frame, Call)
    assert frame.payload == {"idTag": "B"}


def test_frames_are_written_as_the_specification_orders_them() -> None:
    assert orjson.loads(write_call("1", "Reset", {"type": "Soft"})) == [
        2,
        "1",
        "Reset",
        {"type": "Soft"},
    ]
    assert orjson.loads(write_result("1", {})) == [3, "1", {}]
    error = orjson.loads(write_error("1", "OccurenceConstraintViolation", "x" * 999))
    assert error == [4, "1", "OccurenceConstraintViolation", "x" * 255, {}]
