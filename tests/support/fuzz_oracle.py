"""Which answers a socket must and may get for what was sent on it. Pure."""

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson

CODES = frozenset(
    {
        *("NotImplemented", "NotSupported", "InternalError", "ProtocolError", "SecurityError"),
        *("FormationViolation", "PropertyConstraintViolation", "OccurenceConstraintViolation"),
        *("TypeConstraintViolation", "GenericError"),
    }
)
"""The CALLERROR codes of OCPP-J 1.6, table 7, in its own spelling."""

_CALL_ID = re.compile(r'^\s*\[[^,]*,\s*("(?:[^"\\]|\\.)*"|-?[\d.eE+]+)')
_MOST_DEPTH = 50
NO_ID = "-1"
"""May stand in the answer to a call whose own id can't be read."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an input asks for: `message_id` may be answered, and if `must` it has to be."""

    message_id: str | None
    must: bool
    is_sound: bool
    """Whether it is a CALL in all but its payload."""


class _Unsure(Exception):  # noqa: N818 - no error: readers differ about such text
    """One JSON reader may take it and another may not."""


def judge(text: str) -> Verdict:
    """Read an input as the most careful reader would, and as the most generous."""
    try:
        orjson.loads(text)
        frame = json.loads(
            text,
            parse_constant=_unsure,
            parse_int=_int,
            parse_float=_float,
            object_pairs_hook=_object,
        )
        _check(frame)
    except (ValueError, RecursionError, _Unsure):
        return Verdict(_likely_id(text), must=False, is_sound=False)
    if not isinstance(frame, list) or len(frame) < 2:
        return Verdict(None, must=False, is_sound=False)
    kind, message_id = frame[:2]
    if type(kind) is int and kind in (3, 4):
        return Verdict(None, must=False, is_sound=False)
    is_call = type(kind) is int and kind == 2
    is_id = isinstance(message_id, str) and 1 <= len(message_id) <= 36
    must = is_call and is_id and message_id.isascii() and message_id.isprintable()
    known = id_of(message_id)
    return Verdict(known, must, must and _is_whole(frame))


def id_of(value: object) -> str | None:
    """Give what answers are counted by; None for what is no id."""
    is_id = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if is_id else None


class Account:
    """Counts, for one socket, calls and answers by message id."""

    def __init__(self) -> None:
        """Nothing was sent."""
        self.unsound = 0
        self.longest = 0
        """Bytes of the longest message."""
        self._must: Counter[str] = Counter()
        self._may: Counter[str] = Counter()
        self._got: Counter[str] = Counter()

    def sent(self, text: str) -> None:
        """Count an input."""
        verdict = judge(text)
        self.longest = max(self.longest, len(text.encode()))
        self.unsound += not verdict.is_sound
        if not verdict.must:
            self._may[NO_ID] += 1
        if verdict.message_id is not None:
            (self._must if verdict.must else self._may)[verdict.message_id] += 1

    def got(self, frame: list[Any]) -> None:
        """Count an answer."""
        self._got[str(id_of(frame[1]))] += 1

    @property
    def missing(self) -> list[str]:
        """Ids of calls that were answered too seldom."""
        return [name for name, times in self._must.items() if self._got[name] < times]

    @property
    def superfluous(self) -> list[str]:
        """Ids that were answered too often."""
        limits = self._must + self._may
        return [name for name, times in self._got.items() if times > limits[name]]


def fault_of(frame: Any, marker: str) -> str | None:
    """Say what is wrong with an answer as such."""
    match frame:
        case [3, str() | int() | float(), dict()]:
            pass
        case [4, str() | int() | float(), str(code), str(text), dict()]:
            if code not in CODES:
                return f"{code} is no CALLERROR code of OCPP 1.6"
            if len(text) > 255:
                return "an error description of over 255 characters"
        case _:
            return f"no answer: {str(frame)[:200]}"
    return "it echoes what was sent" if marker in json.dumps(frame[2:]) else None


def _is_whole(frame: list[Any]) -> bool:
    is_action = len(frame) == 4 and isinstance(frame[2], str)
    return is_action and (frame[3] is None or isinstance(frame[3], dict))


def _likely_id(text: str) -> str | None:
    """Find what some reader may take for the id."""
    found = _CALL_ID.match(text[:1000])
    for loads, part in ((orjson.loads, text), (json.loads, text), (json.loads, found and found[1])):
        try:
            frame = loads(part or "")
        except (ValueError, RecursionError):
            continue
        if isinstance(frame, list) and len(frame) > 1:
            return id_of(frame[1])
        return None if isinstance(frame, list | dict) else id_of(frame)
    return None


def _unsure(_: str) -> None:
    raise _Unsure


def _int(text: str) -> int:
    value = int(text)
    if abs(value) >= 2**63:
        raise _Unsure
    return value


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value) or (value == 0 and text.strip("-0.") != ""):
        raise _Unsure
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise _Unsure
    return dict(pairs)


def _check(value: object, depth: int = 0) -> None:
    if depth > _MOST_DEPTH:
        raise _Unsure
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict):
        for name, item in value.items():
            _check(name)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
