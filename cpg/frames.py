"""OCPP-J frames (OCPP-J 1.6, section 4): from what a socket brought to messages and back. Pure.

Each frame of each charge point passes through here: what is sound takes the short way.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Literal
from zlib import crc32

import orjson

from sdk.tolerances import Tolerance

ErrorCode = Literal[
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "FormationViolation",
    "PropertyConstraintViolation",
    "OccurenceConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
]
"""CALLERROR codes in the spelling of OCPP 1.6 (FormationViolation, Occurence…)."""

MessageId = str | int
"""Text of 1 to 36 characters; of old firmware an integer, which is echoed as one."""

NO_ID = "-1"
"""The id of the answer to a CALL whose own id can't be echoed."""

_CALL, _CALL_RESULT, _CALL_ERROR = 2, 3, 4
_ID_LENGTH = 36
_LARGEST_ID = 2**63 - 1
_MAX_CODE = 50
_MAX_DESCRIPTION = 255
_HEAD = 256
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CALL_HEAD = re.compile(
    r"\ufeff?[ \t\r\n]*\[[ \t\r\n]*2[ \t\r\n]*,[ \t\r\n]*"
    r'(?:"(?P<text>[^"\\\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,36})"|(?P<number>-?[1-9][0-9]{0,17}))'
    r"[ \t\r\n]*,"
)
_STRICT: frozenset[Tolerance] = frozenset()


@dataclass(slots=True)
class Call:
    """A request; `payload` is an object, `raw` the frame, `tolerated` what was odd about it.

    Nobody changes one: it is not frozen because that would double the time to make it.
    """

    message_id: MessageId
    action: str
    payload: dict[str, Any]
    raw: str | bytes = field(default=b"", compare=False)
    tolerated: frozenset[Tolerance] = _STRICT

    @property
    def checksum(self) -> int:
        """Tell apart requests of one message id: the CRC-32 of the frame in UTF-8."""
        return crc32(self.raw.encode() if isinstance(self.raw, str) else self.raw)

    def mended(self, action: str, payload: dict[str, Any], used: frozenset[Tolerance]) -> "Call":
        """Give the same request with what it was taken for, and how much that took."""
        return Call(self.message_id, action, payload, self.raw, self.tolerated | used)


@dataclass(frozen=True, slots=True)
class CallResult:
    """The answer to a request of ours; `raw` is the frame."""

    message_id: str
    payload: dict[str, Any]
    raw: str | bytes = field(default=b"", compare=False)
    tolerated: frozenset[Tolerance] = _STRICT


@dataclass(frozen=True, slots=True)
class CallError:
    """The refusal of a request of ours; `raw` is the frame."""

    message_id: str
    code: str
    description: str
    raw: str | bytes = field(default=b"", compare=False)


@dataclass(frozen=True, slots=True)
class Malformed:
    """No frame; `message_id` is there when the sender is to be answered by FormationViolation.

    `reason` is fit to be its description: it holds nothing of what was sent.
    """

    message_id: MessageId | None
    reason: str
    answers: str | None = None
    """The id of the request of ours to which it is an answer that can't be read."""


Frame = Call | CallResult | CallError | Malformed


def read_frame(data: str | bytes, tolerances: frozenset[Tolerance] = _STRICT) -> Frame:
    """Read whatever came, as text or bytes; never raises. A payload of null counts as empty.

    Of doubled keys the last one counts. Of the tolerances, `numeric_ids` and `missing_parts` are
    about frames.
    """
    try:
        content = orjson.loads(data)
    except ValueError:
        return _not_json(data)
    if type(content) is list and len(content) == 4:  # noqa: PLR2004
        kind, message_id, action, payload = content
        if (
            kind == _CALL
            and type(kind) is int
            and type(message_id) is str
            and type(action) is str
            and type(payload) is dict
            and message_id.isprintable()
            and 0 < len(message_id) <= _ID_LENGTH
        ):
            return Call(message_id, action, payload, data)
    return _read_odd(content, data, tolerances)


def _not_json(data: str | bytes) -> Malformed:
    head = data[:_HEAD]
    text = head if isinstance(head, str) else head.decode("utf-8", "surrogateescape")
    found = _CALL_HEAD.match(text)
    if found is None:
        return Malformed(None, "not JSON")
    return Malformed(found["text"] or int(found["number"]), "not JSON")


def _read_odd(content: Any, data: str | bytes, tolerances: frozenset[Tolerance]) -> Frame:  # noqa: ANN401 - any JSON
    if not isinstance(content, list) or not content:
        return Malformed(None, "not an array")
    kind = content[0]
    if type(kind) is int and kind == _CALL:
        return _read_call(content, data, tolerances)
    if type(kind) is int and kind in {_CALL_RESULT, _CALL_ERROR}:
        return _read_answer(kind, content, data, tolerances)
    message_id = content[1] if len(content) > 1 else None
    is_readable = _is_text_id(message_id) or _is_numeric_id(message_id)
    return Malformed(message_id if is_readable else None, "unknown message type")


def _read_call(content: list[Any], data: str | bytes, tolerances: frozenset[Tolerance]) -> Frame:
    message_id, *rest = content[1:] or [None]
    used: set[Tolerance] = set()
    if _is_numeric_id(message_id):
        if "numeric_ids" not in tolerances:
            return Malformed(message_id, "the message id is no string")
        used.add("numeric_ids")
    elif not _is_text_id(message_id):
        return Malformed(NO_ID, f"the message id is no string of 1 to {_ID_LENGTH} characters")
    if len(rest) == 1 and "missing_parts" in tolerances:
        used.add("missing_parts")
        rest.append(None)
    if len(rest) != 2:  # noqa: PLR2004 - action and payload
        return Malformed(message_id, "wrong number of elements")
    action, payload = rest
    if not isinstance(action, str):
        return Malformed(message_id, "the action is no string")
    if payload is not None and not isinstance(payload, dict):
        return Malformed(message_id, "the payload is no object")
    return Call(message_id, action, payload or {}, data, frozenset(used))


def _read_answer(
    kind: int, content: list[Any], data: str | bytes, tolerances: frozenset[Tolerance]
) -> Frame:
    message_id, *rest = content[1:] or [None]
    if not _is_text_id(message_id):
        return Malformed(None, "the message id of an answer is no string")
    if kind == _CALL_ERROR:
        # old firmware leaves out the details, some also the description
        if not 1 <= len(rest) <= 3:  # noqa: PLR2004
            return Malformed(None, "wrong number of elements in an error", message_id)
        code, description, *_ = [*rest, None]
        text = _text(description, _MAX_DESCRIPTION)
        return CallError(message_id, _text(code, _MAX_CODE), text, data)
    used: frozenset[Tolerance] = _STRICT
    if not rest and "missing_parts" in tolerances:
        rest, used = [None], frozenset({"missing_parts"})
    if len(rest) != 1:
        return Malformed(None, "wrong number of elements in an answer", message_id)
    if rest[0] is not None and not isinstance(rest[0], dict):
        return Malformed(None, "the payload of an answer is no object", message_id)
    return CallResult(message_id, rest[0] or {}, data, used)


def _is_text_id(message_id: object) -> bool:
    return (
        type(message_id) is str
        and 1 <= len(message_id) <= _ID_LENGTH
        and (message_id.isprintable() or _CONTROL.search(message_id) is None)
    )


def _is_numeric_id(message_id: object) -> bool:
    return type(message_id) is int and abs(message_id) <= _LARGEST_ID


def _text(value: object, length: int) -> str:
    # a container has no text of its own, and may be too deep to be written
    return "" if value is None or isinstance(value, list | dict) else str(value)[:length]


def write_call(message_id: str, action: str, payload: dict[str, Any]) -> bytes:
    """Write a CALL, in UTF-8."""
    return orjson.dumps([_CALL, message_id, action, payload])


def write_result(message_id: MessageId, payload: dict[str, Any]) -> bytes:
    """Write a CALLRESULT, in UTF-8."""
    return orjson.dumps([_CALL_RESULT, message_id, payload])


def write_error(message_id: MessageId, code: ErrorCode, description: str = "") -> bytes:
    """Write a CALLERROR, in UTF-8; the details stay empty, so that nothing is echoed."""
    return orjson.dumps([_CALL_ERROR, message_id, code, description[:_MAX_DESCRIPTION], {}])
