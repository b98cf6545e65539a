r"""The record of a session that ended: all that a reader needs, written once, some 1 kB.

Its bytes: version (1); CRC-32 of what follows (4, big-endian); length of the table as a varint; the
table of hashes, signatures and accounts (`sdk.records.hexes`); length of the text as a varint; the
text, deflated against `sdk.records.dictionary`; the curve (`sdk.records.curve`), deflated.
"""

import json
import zlib
from typing import Any, Literal

from pydantic import SkipValidation, ValidationError

from sdk.events.service import ChargingStatus, Phase, ServiceDelivered, SignedQuoteOffered
from sdk.fields import ChargePointId, ConnectorId, Frozen, Moment, SessionId
from sdk.records.curve import Reading, decode_curve, encode_curve
from sdk.records.dictionary import RECORD_TEXT
from sdk.records.errors import CorruptRecordError
from sdk.records.hexes import put_back, take_out
from sdk.records.moments import from_ms, to_ms
from sdk.records.varint import write_varints

_VERSION = 1
_HEAD = 5
_RAW = -zlib.MAX_WBITS
_LEVEL = 9
_MOST_BYTES = 8 * 1024 * 1024
_APART = {"curve", "timeline"}


class SessionRecord(Frozen):
    """One ended session. `timeline` tells when each phase began, `status` how it stood at the end.

    `peer_id` and `nonce` are for the app that takes it up again: where it was, and the highest
    nonce that was heard.
    """

    session_id: SessionId
    charge_point_id: ChargePointId
    connector_id: ConnectorId
    outcome: Literal["settled", "refunded", "rejected"]
    ended_at: Moment
    status: ChargingStatus
    quote: SignedQuoteOffered | None = None
    receipt: ServiceDelivered | None = None
    timeline: tuple[tuple[Phase, Moment], ...] = ()
    curve: SkipValidation[tuple[Reading, ...]] = ()
    gas_used: int = 0
    peer_id: str | None = None
    nonce: int = -1


def encode_record(record: SessionRecord) -> bytes:
    """Write a record."""
    fields = record.model_dump(mode="json", exclude=_APART, exclude_defaults=True)
    fields["timeline"] = _steps(record.timeline)
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    marked, table = take_out(text)
    packed = _deflated(marked.encode(), RECORD_TEXT)
    curve = _deflated(encode_curve(record.curve), b"") if record.curve else b""
    body = b"".join(
        (write_varints([len(table)]), table, write_varints([len(packed)]), packed, curve)
    )
    return bytes([_VERSION]) + zlib.crc32(body).to_bytes(4) + body


def decode_record(blob: bytes) -> SessionRecord:
    """Read a record. Raises CorruptRecordError."""
    body = blob[_HEAD:]
    if blob[:1] != bytes([_VERSION]):
        raise CorruptRecordError("a record of another version")
    if blob[1:_HEAD] != zlib.crc32(body).to_bytes(4):
        raise CorruptRecordError("a record whose bytes changed")
    table, rest = _part(body)
    packed, curve = _part(rest)
    try:
        text = put_back(_inflated(packed, RECORD_TEXT).decode(), table)
        fields: dict[str, Any] = json.loads(text)
        fields["timeline"] = _timeline(fields["timeline"])
        fields["curve"] = decode_curve(_inflated(curve, b"")) if curve else ()
        return SessionRecord.model_validate(fields)
    except (zlib.error, ValueError, LookupError, TypeError, ValidationError) as error:
        raise CorruptRecordError(f"a record that can't be read: {type(error).__name__}") from error


def _steps(timeline: tuple[tuple[Phase, Moment], ...]) -> list[Any]:
    """Give phase and ms since the one before, in turn; the first since 1970."""
    steps: list[Any] = []
    last = 0
    for phase, moment in timeline:
        now = to_ms(moment)
        steps += (phase, now - last)
        last = now
    return steps


def _timeline(steps: list[Any]) -> list[tuple[Any, Any]]:
    last, timeline = 0, []
    for phase, ms in zip(steps[::2], steps[1::2], strict=True):
        last += ms
        timeline.append((phase, from_ms(last)))
    return timeline


def _deflated(data: bytes, dictionary: bytes) -> bytes:
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW, zlib.DEF_MEM_LEVEL, zdict=dictionary)
    return deflate.compress(data) + deflate.flush()


def _inflated(data: bytes, dictionary: bytes) -> bytes:
    inflate = zlib.decompressobj(_RAW, zdict=dictionary)
    found = inflate.decompress(data, _MOST_BYTES)
    if not inflate.eof:
        raise CorruptRecordError("a record that is too long, or cut")
    return found


def _part(data: bytes) -> tuple[bytes, bytes]:
    """Read a length, and give so many bytes and the rest."""
    length = shift = at = 0
    for at, byte in enumerate(data[:5], 1):  # noqa: B007 - it is where the length ends
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            break
    if at + length > len(data):
        raise CorruptRecordError("a record that is cut")
    return data[at : at + length], data[at + length :]
