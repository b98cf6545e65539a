"""Rows, curves and records come back as they went, small, and never wrong."""

import zlib
from datetime import timedelta
from typing import get_args

import ended_sessions as ended
import pytest
from fixed_seed import examples
from hypothesis import given
from hypothesis import strategies as st

from sdk.events.service import FailureReason, StopReason
from sdk.records import tables
from sdk.records.curve import (
    EVERY_READING,
    MOST_READINGS,
    Reading,
    decode_curve,
    encode_curve,
    is_collected,
    pack_reading,
    thinned,
    unpack_readings,
)
from sdk.records.dictionary import RECORD_TEXT
from sdk.records.errors import CorruptRecordError
from sdk.records.hexes import put_back, take_out
from sdk.records.record import SessionRecord, decode_record, encode_record
from sdk.records.row import LARGEST_AMOUNT, Row, decode_rows, encode_row
from sdk.records.tables import FAILURES, FLAGS, OUTCOMES, STOP_REASONS
from sdk.tariff import Tariff

amounts = st.integers(0, LARGEST_AMOUNT)
moments = st.integers(1, 2**47)
small = st.integers(0, 2**32 - 1)
ROWS = st.builds(
    Row,
    charge_point_id=st.just("CP-1"),
    connector_id=st.integers(0, 1000),
    session_id=st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex()),
    outcome=st.sampled_from(OUTCOMES),
    ended_ms=moments,
    started_ms=st.just(0) | moments,
    stop_reason=st.none() | st.sampled_from(STOP_REASONS),
    failure=st.none() | st.sampled_from(FAILURES),
    flags=st.sets(st.sampled_from(FLAGS)).map(lambda some: tuple(f for f in FLAGS if f in some)),
    energy_wh=st.integers(0, 2**53 - 1),
    unbilled_wh=small,
    charging_s=small,
    idle_s=small,
    chain_id=st.integers(1, 2**53),
    token=st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()),
    deposit=amounts,
    spent=amounts,
    refund=amounts,
    tax=amounts,
    gas_used=st.integers(0, 2**53),
    gas_fee=amounts,
    transaction_id=st.none() | st.integers(1, 2**31 - 1),
)
READINGS = st.lists(
    st.builds(
        Reading,
        st.integers(0, 2**48 - 1),
        st.integers(0, 2**53 - 1),
        st.none() | st.integers(-(2**31), 2**31),
        st.none() | st.integers(0, 100),
    ),
    max_size=40,
)


@examples(100)
@given(st.lists(ROWS, max_size=5))
def test_rows_come_back(rows: list[Row]) -> None:
    blob = b"".join(map(encode_row, rows))
    assert len(blob) == 200 * len(rows)
    assert list(decode_rows("CP-1", blob)) == rows


def test_a_row_is_written_byte_by_byte_as_told() -> None:
    row = ended.row(ended.record(), flags=("last_voucher",), deposit=2**64 + 5, unbilled_wh=9)
    blob = encode_row(row)
    assert blob[:8] == bytes([1, 3, 1, 0, 8, 0, 0, 0])
    assert int.from_bytes(blob[8:16], "little") == row.ended_ms
    assert int.from_bytes(blob[24:32], "little") == row.energy_wh
    assert int.from_bytes(blob[64:68], "little") == 9
    assert int.from_bytes(blob[68:84], "little") == 2**64 + 5
    assert blob[168:].hex() == row.session_id[2:]


def test_a_row_never_fails_for_what_it_does_not_know() -> None:
    odd = ended.row(
        ended.record(),
        spent=2**256 - 1,
        stop_reason="new_reason",
        failure="new_failure",
        flags=("new_flag",),
        charging_s=2**40,
    )
    (back,) = decode_rows("CP-1", encode_row(odd))
    assert (back.spent, back.charging_s) == (LARGEST_AMOUNT, 2**32 - 1)
    assert (back.stop_reason, back.failure) == ("other", "other")
    assert back.flags == ("clipped", "other")


@pytest.mark.parametrize("damage", ["cut", "version"])
def test_damaged_rows_are_an_error(damage: str) -> None:
    blob = encode_row(ended.row(ended.record())) * 2
    bad = blob[:-1] if damage == "cut" else blob[:200] + b"\x09" + blob[201:]
    with pytest.raises(CorruptRecordError):
        list(decode_rows("CP-1", bad))


def test_every_reason_has_a_number_that_stays() -> None:
    assert set(get_args(StopReason)) <= set(STOP_REASONS)
    assert set(get_args(FailureReason)) <= set(FAILURES)
    assert len(FLAGS) < 31
    # what is stored was written with these: append, never change
    assert OUTCOMES[:4] == ("rejected", "refunded", "settled", "addendum")
    assert STOP_REASONS[:3] == ("consumer", "operator", "deposit_used_up")
    assert FAILURES[:3] == ("deposit_missing", "deposit_short", "id_tag_refused")
    assert (tables.bits_of(["private", "last_voucher"]), tables.flags_of(9)) == (
        9,
        ("private", "last_voucher"),
    )


@examples(100)
@given(READINGS)
def test_curves_come_back(readings: list[Reading]) -> None:
    assert decode_curve(encode_curve(readings)) == tuple(readings)
    assert unpack_readings(b"".join(map(pack_reading, readings))) == readings


def test_a_curve_of_four_hours_is_small() -> None:
    readings = ended.readings(1_440)
    assert len(zlib.compress(encode_curve(readings))) < 4_000
    assert len(b"".join(map(pack_reading, readings))) == 19 * 1_440


def test_what_is_collected_is_bounded() -> None:
    day = [number for number in range(86_400) if is_collected(number)]
    assert day[:EVERY_READING] == list(range(EVERY_READING))
    assert len(day) < 27_000
    week = sum(is_collected(number) for number in range(7 * 86_400))
    assert week < 42_000


def test_thinning_keeps_first_and_last() -> None:
    for count in (0, 1, 2, MOST_READINGS, MOST_READINGS + 1, 3 * MOST_READINGS):
        readings = [Reading(number, number) for number in range(count)]
        kept = thinned(readings)
        assert len(kept) <= MOST_READINGS
        assert kept[:1] == tuple(readings[:1])
        assert kept[-1:] == tuple(readings[-1:])
        assert list(kept) == sorted(set(kept))


@pytest.mark.parametrize("blob", [b"\x00" * 18, b"\x00" * 20])
def test_a_torn_reading_is_an_error(blob: bytes) -> None:
    with pytest.raises(CorruptRecordError):
        unpack_readings(blob)


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x02\x01\x01", b"\x80", b"\xff" * 20])
def test_a_curve_that_is_none_is_an_error(data: bytes) -> None:
    with pytest.raises(CorruptRecordError):
        decode_curve(data)


@examples(100)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.data())
def test_hashes_are_put_back(text: str, data: st.DataObject) -> None:
    hashes = st.sampled_from(
        [
            "0x" + "ab" * 32,
            "0x" + "cd" * 65,
            "0x" + "12" * 20,
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0x" + "ab" * 33,
            "0x" + "AB" * 32,
        ]
    )
    whole = text.join(data.draw(st.lists(hashes, max_size=100)))
    assert put_back(*take_out(whole)) == whole


def test_many_hashes_are_put_back() -> None:
    whole = " ".join(f"0x{number:064x}" for number in (*range(100), *range(100)))
    assert put_back(*take_out(whole)) == whole


@pytest.mark.parametrize("tariff", [ended.TARIFF, ended.TIMED])
@pytest.mark.parametrize("count", [0, 1, 1_440])
def test_records_come_back(tariff: Tariff, count: int) -> None:
    record = ended.record(ended.receipt(tariff=tariff), ended.readings(count))
    back = decode_record(encode_record(record))
    assert back == record
    assert back.receipt is not None
    assert record.receipt is not None
    assert back.receipt.payload == record.receipt.payload


def test_a_record_of_a_session_that_was_never_paid_comes_back() -> None:
    whole = ended.record()
    record = SessionRecord(
        session_id=whole.session_id,
        charge_point_id="CP-1",
        connector_id=2,
        outcome="rejected",
        ended_at=whole.ended_at,
        status=whole.status.model_copy(update={"flags": ODD}),
        timeline=(("settled", whole.ended_at), ("idle", whole.ended_at - timedelta(seconds=5))),
    )
    assert decode_record(encode_record(record)) == record


def test_the_dictionary_is_the_one_that_old_records_need() -> None:
    assert zlib.crc32(RECORD_TEXT) == 0x071AFCBE


def test_a_record_is_small() -> None:
    assert len(encode_record(ended.record())) < 1_050
    assert len(encode_record(ended.record(curve=ended.readings(1_440)))) < 5_000


@examples(100)
@given(st.data())
def test_a_damaged_record_is_an_error(data: st.DataObject) -> None:
    blob = bytearray(ENCODED)
    kind = data.draw(st.sampled_from(["flip", "cut", "grow"]))
    at = data.draw(st.integers(0, len(blob) - 1))
    if kind == "flip":
        blob[at] ^= data.draw(st.integers(1, 255))
    elif kind == "cut":
        del blob[at:]
    else:
        blob += b"\x00"
    with pytest.raises(CorruptRecordError):
        decode_record(bytes(blob))


@examples(100)
@given(st.binary(max_size=60))
def test_bytes_with_the_right_sum_are_a_record_or_an_error(body: bytes) -> None:
    with pytest.raises(CorruptRecordError):
        decode_record(b"\x01" + zlib.crc32(body).to_bytes(4) + body)


def test_a_bomb_does_not_go_off() -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 8, zdict=RECORD_TEXT)
    packed = deflate.compress(b" " * 64_000_000) + deflate.flush()
    length = len(packed)
    head = bytes([length & 127 | 128, length >> 7 & 127 | 128, length >> 14])
    body = b"\x00" + head + packed
    with pytest.raises(CorruptRecordError):
        decode_record(b"\x01" + zlib.crc32(body).to_bytes(4) + body)


ODD = ("Zo\u00eb", "\x01\x05\x00", '"\\', "0x" + "Ab" * 20, "\U0001f50c")
ENCODED = encode_record(ended.record(curve=ended.readings(20)))
