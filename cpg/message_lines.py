"""Finished exchanges as lines of the message log (the form is told in `sdk.message_log`). Pure.

This is where redaction happens: once per flush, and not while a charge point waits.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, islice, takewhile
from typing import Any, Literal

import orjson

from cpg.message_redaction import Redaction, UnreadableError

Frame = bytes | str


Kind = Literal["plain", "heard", "asked", "stray", "unreadable"]
"""How a record is written.

`plain`: asked of us, and nothing in it can be secret: it is kept as it came. `heard`: asked of us.
`asked`: by us; its note is the outcome. `stray`, `unreadable`: of these only size and reason.
"""

Record = tuple[Kind, float, float, str, Frame | None, Frame | None, str | int]
"""Kind, began, ended, action, request, answer, note; a plain tuple, as those are made fastest.

`began` and `ended` are seconds of `time.monotonic`. Of `stray` and `unreadable`, action is the
reason and note the size.
"""

PLAIN_ACTIONS = frozenset({"Heartbeat", "MeterValues", "StatusNotification"})
"""Actions that hold no idTag and no key, where the schema forbids further properties."""

LONGEST = 2_000
"""Bytes of a frame that are kept."""
ENTRY_BYTES = 8_192
_LONGEST_ACTION, _LONGEST_REASON = 50, 255
_ID_AT, _LEAST = 1, 2
_MICRO, _HALF = 1e6, 0.5
_NUMBERS = 40
_RESULT = ord("3")


def has_free_text(request: Frame) -> bool:
    """Tell whether a StatusNotification holds text of the firmware's own, which may name a tag."""
    text = request if isinstance(request, bytes) else request.encode()
    return b'"info"' in text or b'"vendorErrorCode"' in text


def lines(
    records: list[Record], offset: float, late: Callable[[], bool]
) -> tuple[list[bytes], int]:
    """Write records until it is `late`, and tell how many were written: at least one.

    `offset` is what the wall clock is ahead of `began`, in seconds.
    """
    written: list[bytes] = []
    done = 0
    while done < len(records) and not (done and late()):
        run = list(takewhile(_is_plain, islice(records, done, None)))
        if len(run) > 1:
            written += _plain_lines(run, offset)
        elif run:
            written.append(_plain_line(run[0], offset))
        else:
            written.append(_line(records[done], offset))
        done += len(run) or 1
    return written, done


def _is_plain(record: Record) -> bool:
    return record[0] == "plain"


def _plain_lines(records: list[Record], offset: float) -> list[bytes]:
    """Write many to a line, in columns: this is what nearly all messages go through."""
    _, began, ended, _, requests, answers, _ = zip(*records, strict=True)
    asked = [frame if isinstance(frame, bytes) else frame.encode() for frame in requests]
    if not all(answer[1] == _RESULT for answer in answers):
        return [_line(record, offset) for record in records]
    moments = [int((at + offset) * 1e3 + _HALF) for at in began]
    latencies = [
        int((end - start) * _MICRO + _HALF) for start, end in zip(began, ended, strict=True)
    ]
    sizes = [len(q) + len(a) + _NUMBERS for q, a in zip(asked, answers, strict=True)]
    written: list[bytes] = []
    start = 0
    for end in _ends(sizes):
        part = slice(start, end)
        line = b'{"t":%b,"l":%b,"q":[%b],"a":[%b]}' % (
            orjson.dumps(moments[part]),
            orjson.dumps(latencies[part]),
            b",".join(asked[part]),
            b",".join(answers[part]),
        )
        # a frame of several lines is written anew, on one
        broken = b"\n" in line
        written += [_line(record, offset) for record in records[part]] if broken else [line]
        start = end
    return written


def _plain_line(record: Record, offset: float) -> bytes:
    _, began, ended, _, request, answer, _ = record
    if not isinstance(request, bytes) or not isinstance(answer, bytes):
        return _line(record, offset)
    if b"\n" in request or answer[1] != _RESULT:
        return _line(record, offset)
    moment, latency = (began + offset) * 1e3 + _HALF, (ended - began) * _MICRO + _HALF
    return b'{"t":%d,"l":%d,"q":%b,"a":%b}' % (moment, latency, request, answer)


def _ends(sizes: Iterable[int]) -> Iterator[int]:
    """Give where to cut, so that no part is longer than an entry."""
    sums = list(accumulate(sizes))
    at, before = 0, 0
    while at < len(sums):
        at = max(at + 1, bisect_right(sums, before + ENTRY_BYTES))
        before = sums[at - 1]
        yield at


def dropped_line(count: int, at: float) -> bytes:
    """Tell that so many messages found no room; `at` in seconds since 1970."""
    return orjson.dumps({"t": int(at * 1e3), "o": "dropped", "x": count})


def entries(written: list[bytes]) -> list[bytes]:
    """Put lines together into entries of bounded size."""
    if len(written) <= 1:
        return written
    packed: list[bytes] = []
    waiting: list[bytes] = []
    size = 0
    for line in written:
        if waiting and size + len(line) > ENTRY_BYTES:
            packed.append(b"\n".join(waiting))
            waiting, size = [], 0
        waiting.append(line)
        size += len(line) + 1
    if waiting:
        packed.append(b"\n".join(waiting))
    return packed


def _line(record: Record, offset: float) -> bytes:
    kind, began, ended, action, request, answer, note = record
    fields: dict[str, Any] = {"t": int((began + offset) * 1e3 + _HALF)}
    if kind in ("stray", "unreadable"):
        fields |= {"o": kind, "r": action[:_LONGEST_REASON], "z": note}
        return orjson.dumps(fields)
    fields["l"] = int((ended - began) * _MICRO + _HALF)
    if kind == "asked":
        fields |= {"s": 1, "o": note}
    elif _refuses(answer):
        fields["o"] = "refused"
    redaction = Redaction()
    size = _keep(fields, "q", request, redaction)
    size += _keep(fields, "a", answer, redaction, is_ours=kind == "heard" and _refuses(answer))
    if size:
        fields["z"] = size
        if not isinstance(fields.get("q"), orjson.Fragment):
            fields["n"] = action[:_LONGEST_ACTION]
    return orjson.dumps(fields)


def _keep(
    fields: dict[str, Any],
    name: str,
    frame: Frame | None,
    redaction: Redaction,
    *,
    is_ours: bool = False,
) -> int:
    """Put a frame into `fields`, and give its size in bytes if it is not there whole."""
    if frame is None:
        return 0
    size = len(frame) if isinstance(frame, bytes) else len(frame.encode(errors="replace"))
    try:
        text = redaction.frame(frame, is_ours=is_ours)
    except UnreadableError:
        fields["r"] = "too long to be looked into, or no JSON"
        return size
    if len(text) <= LONGEST:
        fields[name] = orjson.Fragment(text)
        return size if redaction.shortened else 0
    fields[name] = text[:LONGEST].decode(errors="ignore")
    if name == "q":
        fields["i"] = _message_id(text)
    return size


def _message_id(text: bytes) -> str:
    frame = orjson.loads(text)
    return str(frame[_ID_AT])[:50] if isinstance(frame, list) and len(frame) >= _LEAST else ""


def _refuses(answer: Frame | None) -> bool:
    head = answer[:2] if answer else b""
    return head in (b"[4", "[4")
