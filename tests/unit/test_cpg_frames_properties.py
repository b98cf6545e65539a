"""The codec over everything that can come: it never raises, and what is written is read back."""

import json
from typing import Any, get_args

import orjson
from any_json import any_json, any_text, objects, scalars
from fixed_seed import examples
from hypothesis import given
from hypothesis import strategies as st

from cpg.frames import (
    NO_ID,
    Call,
    CallResult,
    ErrorCode,
    Malformed,
    MessageId,
    read_frame,
    write_call,
    write_error,
    write_result,
)
from sdk.tolerances import Tolerance

SECRET = "4A5B6C7D"
text_ids = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=36)
numeric_ids = st.integers(1 - 2**63, 2**63 - 1)
styles = st.fixed_dictionaries(
    {"ensure_ascii": st.booleans(), "indent": st.sampled_from([None, 1])}
)
profiles = st.frozensets(st.sampled_from(get_args(Tolerance)))
raw_text = st.text(st.characters(exclude_categories=()), max_size=80)
frame_like = st.lists(
    st.sampled_from([2, 3, 4, 9, "Heartbeat", "id", None]) | any_json, max_size=6
).map(json.dumps)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sound frame, cut short or with some bytes replaced."""
    payload, message_id = draw(objects), draw(text_ids)
    data = bytearray(orjson.dumps([2, message_id, "DataTransfer", payload]))
    for place in draw(st.lists(st.integers(0, len(data) - 1), max_size=3)):
        data[place] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))])


def is_echoable(message_id: Any) -> bool:
    if isinstance(message_id, int):
        return not isinstance(message_id, bool) and abs(message_id) < 2**63
    return isinstance(message_id, str) and 1 <= len(message_id) <= 36


@examples(100)
@given(raw_text | st.binary(max_size=80) | frame_like | damaged(), profiles)
def test_nothing_that_comes_raises(data: str | bytes, profile: frozenset[Tolerance]) -> None:
    frame = read_frame(data, profile)
    if isinstance(frame, Malformed):
        assert frame.message_id is None or is_echoable(frame.message_id)
        assert frame.message_id is None or json.loads(write_error(frame.message_id, "GenericError"))
    elif isinstance(frame, Call):
        assert frame.tolerated <= profile
        assert isinstance(frame.checksum, int)
        assert is_echoable(json.loads(write_result(frame.message_id, {}))[1])
    else:
        assert is_echoable(frame.message_id)


@examples(60)
@given(text_ids, any_text, objects, styles)
def test_what_a_client_writes_is_read_as_it_was_meant(
    message_id: str, action: str, payload: dict[str, Any], style: dict[str, Any]
) -> None:
    text = json.dumps([2, message_id, action, payload], **style)
    assert read_frame(text) == read_frame(text.encode()) == Call(message_id, action, payload)
    assert read_frame(write_call(message_id, action, payload)) == Call(message_id, action, payload)
    assert read_frame(write_result(message_id, payload)) == CallResult(message_id, payload)


@examples(60)
@given(scalars | any_json | numeric_ids | text_ids, profiles)
def test_each_kind_of_id_has_its_answer(message_id: Any, profile: frozenset[Tolerance]) -> None:
    frame = read_frame(json.dumps([2, message_id, "Heartbeat", {}]), profile)
    is_control = isinstance(message_id, str) and any(
        ord(each) < 32 or 127 <= ord(each) < 160 for each in message_id
    )
    if not is_echoable(message_id) or is_control:
        assert isinstance(frame, Malformed)
        assert frame.message_id == NO_ID
    elif isinstance(message_id, int) and "numeric_ids" not in profile:
        assert isinstance(frame, Malformed)
        assert frame.message_id == message_id
        assert isinstance(frame.message_id, int)
    else:
        assert isinstance(frame, Call)
        assert (frame.message_id, type(frame.message_id)) == (message_id, type(message_id))


@examples(40)
@given(
    text_ids | numeric_ids, st.sampled_from(get_args(ErrorCode)), st.text(st.characters()), objects
)
def test_answers_have_the_right_shape_and_length(
    message_id: MessageId, code: ErrorCode, description: str, payload: dict[str, Any]
) -> None:
    assert json.loads(write_result(message_id, payload)) == [3, message_id, payload]
    error = json.loads(write_error(message_id, code, description * 40))
    assert error == [4, message_id, code, (description * 40)[:255], {}]


@examples(60)
@given(
    st.lists(
        st.sampled_from([2, 3, 4, 9, "2", None, "Heartbeat", SECRET, [SECRET], {SECRET: SECRET}]),
        max_size=5,
    ),
    st.sampled_from(["", "]", ",", "\ud800"]),
    profiles,
)
def test_the_answer_to_a_malformed_frame_echoes_nothing_but_its_id(
    rest: list[Any], tail: str, profile: frozenset[Tolerance]
) -> None:
    frame = read_frame(json.dumps([2, "my id", *rest]) + tail, profile)
    if isinstance(frame, Malformed) and frame.message_id is not None:
        answer = write_error(frame.message_id, "FormationViolation", frame.reason)
        assert SECRET.encode() not in answer
        assert json.loads(answer)[:3] == [4, "my id", "FormationViolation"]
    else:
        assert isinstance(frame, Call) or not rest
