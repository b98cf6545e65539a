"""OCPP-J frames (OCPP-J 1.6, section 4): from text to messages and back. Pure."""

from dataclasses import dataclass, replace
from typing import Any, Literal
from zlib import crc32

import orjson

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

_CALL, _CALL_RESULT, _CALL_ERROR = 2, 3, 4
_ID_LENGTH = 36
_LENGTHS = {_CALL: 4, _CALL_RESULT: 3, _CALL_ERROR: 5}
_MAX_DESCRIPTION = 255


@dataclass(frozen=True, slots=True)
class Call:
    """A request; `payload` is an object, `checksum` tells apart requests of one message id."""

    message_id: str
    action: str
    payload: dict[str, Any]
    checksum: int = 0


@dataclass(frozen=True, slots=True)
class CallResult:
    """The answer to a request of ours."""

    message_id: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CallError:
    """The refusal of a request of ours."""

    message_id: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """No frame; `message_id` is there when the sender can be answered by CALLERROR."""

    message_id: str | None
    reason: str


Frame = Call | CallResult | CallError | Malformed


def read_frame(data: str | bytes) -> Frame:
    """Read whatever came; never raises."""
    try:
        content = orjson.loads(data)
    except (orjson.JSONDecodeError, RecursionError, ValueError):
        return Malformed(None, "not JSON")
    if not isinstance(content, list) or not content:
        return Malformed(None, "not an array")
    message_id = content[1] if len(content) > 1 else None
    if not isinstance(message_id, str) or not 1 <= len(message_id) <= _ID_LENGTH:
        return Malformed(None, "no readable message id")
    kind = content[0]
    if isinstance(kind, bool) or not isinstance(kind, int) or kind not in _LENGTHS:
        return Malformed(message_id, "unknown message type")
    frame = _frame(kind, message_id, content)
    return replace(frame, checksum=_checksum(data)) if isinstance(frame, Call) else frame


def _frame(kind: int, message_id: str, content: list[Any]) -> Frame:
    answer_to_us = kind in (_CALL_RESULT, _CALL_ERROR)
    if len(content) != _LENGTHS[kind] and not (kind == _CALL_ERROR and len(content) == 4):  # noqa: PLR2004 - old firmware leaves the details out
        return Malformed(None if answer_to_us else message_id, "wrong number of elements")
    payload = content[-1] if kind != _CALL_ERROR else {}
    payload = {} if payload is None else payload
    if not isinstance(payload, dict):
        return Malformed(None if answer_to_us else message_id, "the payload is no object")
    if kind == _CALL_RESULT:
        return CallResult(message_id, payload)
    if kind == _CALL_ERROR:
        return CallError(message_id, str(content[2])[:50], str(content[3])[:_MAX_DESCRIPTION])
    if not isinstance(content[2], str):
        return Malformed(message_id, "the action is no string")
    return Call(message_id, content[2], payload)


def _checksum(data: str | bytes) -> int:
    return crc32(data.encode() if isinstance(data, str) else data)


def write_call(message_id: str, action: str, payload: dict[str, Any]) -> str:
    """Write a CALL."""
    return orjson.dumps([_CALL, message_id, action, payload]).decode()


def write_result(message_id: str, payload: dict[str, Any]) -> str:
    """Write a CALLRESULT."""
    return orjson.dumps([_CALL_RESULT, message_id, payload]).decode()


def write_error(message_id: str, code: ErrorCode, description: str = "") -> str:
    """Write a CALLERROR; the details stay empty, so that nothing is echoed."""
    frame = [_CALL_ERROR, message_id, code, description[:_MAX_DESCRIPTION], {}]
    return orjson.dumps(frame).decode()
