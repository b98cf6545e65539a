"""OCPP-J frames: what comes is read or named malformed, row by row of what hostile peers send."""

from typing import get_args
from zlib import crc32

import orjson
import pytest

from cpg.frames import (
    NO_ID,
    Call,
    CallError,
    CallResult,
    Malformed,
    read_frame,
    write_call,
    write_error,
    write_result,
)
from sdk.tolerances import Tolerance

ALL: frozenset[Tolerance] = frozenset(get_args(Tolerance))


def call(data: str | bytes, tolerances: frozenset[Tolerance] = frozenset()) -> Call:
    frame = read_frame(data, tolerances)
    assert isinstance(frame, Call)
    return frame


def malformed(data: str | bytes, tolerances: frozenset[Tolerance] = frozenset()) -> Malformed:
    frame = read_frame(data, tolerances)
    assert isinstance(frame, Malformed)
    return frame


def test_a_call_is_read_with_a_checksum_of_its_text() -> None:
    text = '[2,"7","Heartbeat",{}]'
    frame = call(text)
    assert (frame.message_id, frame.action, frame.payload) == ("7", "Heartbeat", {})
    assert frame.tolerated == frozenset()
    assert frame.checksum == crc32(text.encode())
    assert call(text.encode()) == frame
    assert call(text.encode()).checksum == frame.checksum
    assert call('[2,"7","Heartbeat", {}]').checksum != frame.checksum


def test_a_mended_call_keeps_its_frame() -> None:
    frame = call('[2,7,"heartbeat"]', ALL)
    mended = frame.mended("Heartbeat", {}, frozenset({"casing"}))
    assert mended == Call(7, "Heartbeat", {}, tolerated=frozenset({"casing", *frame.tolerated}))
    assert mended.checksum == frame.checksum


def test_a_payload_of_null_counts_as_empty() -> None:
    assert call('[2,"7","Heartbeat",null]') == Call("7", "Heartbeat", {})
    assert read_frame('[3,"7",null]') == CallResult("7", {})


def test_answers_are_read_also_an_error_that_leaves_out_its_end() -> None:
    assert read_frame('[3,"a",{"status":"Accepted"}]') == CallResult("a", {"status": "Accepted"})
    expected = CallError("a", "NotImplemented", "no")
    assert read_frame('[4,"a","NotImplemented","no",{}]') == expected
    assert read_frame('[4,"a","NotImplemented","no"]') == expected
    assert read_frame('[4,"a","NotImplemented"]') == CallError("a", "NotImplemented", "")


def test_an_error_of_odd_types_is_text_cut_to_length() -> None:
    assert read_frame('[4,"a",7,true,3]') == CallError("a", "7", "True")
    assert read_frame('[4,"a",null,{"x":1},{}]') == CallError("a", "", "")
    deep = "[" * 900 + "]" * 900
    assert read_frame(f'[4,"a","{"c" * 999}",{deep},{{}}]') == CallError("a", "c" * 50, "")
    assert read_frame(f'[4,"a","","{"d" * 999}",{{}}]') == CallError("a", "", "d" * 255)


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
        '[2,"\\ud800","Heartbeat",{}]',
        '[2,"\ud800","Heartbeat",{}]',
        '[2,"' + "x" * 37 + '","Heartbeat",',
        '[2,"id"',
        '[3,"id",',
        "[9,{},{}]",
        '[2.0,["id"],{}]',
    ],
)
def test_what_can_not_be_answered_is_malformed_without_an_id(data: str | bytes) -> None:
    assert malformed(data, ALL).message_id is None


@pytest.mark.parametrize(
    "message_id",
    ["null", "true", "1.5", "{}", "[]", '""', f'"{"x" * 37}"', '"a\\u0000"', '"\\u0085"', 2**63],
)
def test_a_call_whose_id_can_not_be_echoed_is_answered_without_it(message_id: object) -> None:
    assert malformed(f'[2,{message_id},"Heartbeat",{{}}]', ALL).message_id == NO_ID
    assert malformed("[2]", ALL).message_id == NO_ID
    assert malformed(f"[3,{message_id},{{}}]", ALL).message_id is None


@pytest.mark.parametrize(
    "data",
    [
        '[2,"id"]',
        '[2,"id","Heartbeat",{},1]',
        '[9,"id",{}]',
        '["2","id","Heartbeat",{}]',
        '[true,"id","Heartbeat",{}]',
        '[2.0,"id","Heartbeat",{}]',
        '[2,"id",["Heartbeat"],{}]',
        '[2,"id",{},{}]',
        '[2,"id","Heartbeat",[]]',
        '[2,"id","Heartbeat",false]',
        '[2,"id","Heartbeat","text"]',
    ],
)
def test_a_broken_call_with_an_id_can_be_answered(data: str) -> None:
    assert malformed(data, ALL).message_id == "id"


@pytest.mark.parametrize(
    "rest",
    [
        '"Heartbeat",{"a":"\\ud800"}]',
        '"Heartbeat",{"a":1' + "0" * 4400 + "}]",
        '"Heartbeat",{"a":NaN}]',
        '"Heartbeat",' + "[" * 5000 + "]" * 5000 + "]",
        '"Heartbeat",{}',
        '"Heartbeat",{}]]',
        b'"Heartbeat",{"a":"\xff"}]',
    ],
)
@pytest.mark.parametrize(
    ("head", "message_id"),
    [
        ('[2,"id",', "id"),
        (' [ 2 ,\n"i d" ,', "i d"),
        ('[2,"' + "\N{EURO SIGN}" * 36 + '",', "\N{EURO SIGN}" * 36),
        ("[2,-17,", -17),
        ('\ufeff[2,"id",', "id"),
    ],
)
def test_a_call_that_is_no_json_is_answered_if_its_id_can_be_seen(
    head: str, message_id: str | int, rest: str | bytes
) -> None:
    data = head + rest if isinstance(rest, str) else head.encode() + rest
    assert malformed(data) == Malformed(message_id, "not JSON")
    if isinstance(data, str):
        assert read_frame(data.encode()) == Malformed(message_id, "not JSON")


def test_numeric_ids_are_echoed_but_taken_only_when_tolerated() -> None:
    text = '[2,12345678901234567,"Heartbeat",{}]'
    refused = malformed(text, ALL - {"numeric_ids"})
    assert refused == Malformed(12345678901234567, "the message id is no string")
    frame = call(text, frozenset({"numeric_ids"}))
    assert frame.message_id == 12345678901234567
    assert frame.tolerated == {"numeric_ids"}
    assert write_result(frame.message_id, {}) == b"[3,12345678901234567,{}]"
    answer = write_error(frame.message_id, "InternalError")
    assert answer == b'[4,12345678901234567,"InternalError","",{}]'
    assert malformed("[3,5,{}]", ALL).message_id is None


def test_a_call_without_payload_is_taken_only_when_tolerated() -> None:
    text = '[2,"7","Heartbeat"]'
    assert malformed(text, ALL - {"missing_parts"}).message_id == "7"
    expected = Call("7", "Heartbeat", {}, tolerated=frozenset({"missing_parts"}))
    assert call(text, frozenset({"missing_parts"})) == expected
    assert call('[2,7,"Heartbeat"]', ALL).tolerated == {"numeric_ids", "missing_parts"}


def test_an_answer_without_payload_is_taken_only_when_tolerated() -> None:
    assert malformed('[3,"id"]', ALL - {"missing_parts"}).message_id is None
    answer = read_frame('[3,"id"]', frozenset({"missing_parts"}))
    assert answer == CallResult("id", {}, tolerated=frozenset({"missing_parts"}))


@pytest.mark.parametrize("data", ['[3,"id",[]]', '[4,"id"]', '[3,"id",{},{}]', "[4]"])
def test_a_broken_answer_is_never_answered(data: str) -> None:
    assert malformed(data, ALL).message_id is None


def test_doubled_keys_have_one_meaning_the_last() -> None:
    assert call('[2,"7","Authorize",{"idTag":"A","idTag":"B"}]').payload == {"idTag": "B"}


def test_frames_are_written_as_the_specification_orders_them() -> None:
    assert write_call("1", "Reset", {"type": "Soft"}) == b'[2,"1","Reset",{"type":"Soft"}]'
    assert write_result("1", {}) == b'[3,"1",{}]'
    error = orjson.loads(write_error("1", "OccurenceConstraintViolation", "x" * 999))
    assert error == [4, "1", "OccurenceConstraintViolation", "x" * 255, {}]
