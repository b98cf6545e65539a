"""The row of a session that ended: 200 bytes, little-endian, appended to its month's key.

| byte | size | what |
|---|---|---|
| 0 | 1 | version of this layout: 1 |
| 1, 2, 3 | 1 each | outcome, stop reason, failure: places in `sdk.records.tables` from 1; 0: none |
| 4 | 4 | flags: bits by `sdk.records.tables` |
| 8, 16 | 8 each | ended, started: ms since 1970; started is 0 where no transaction began |
| 24 | 8 | energy, Wh |
| 32, 36 | 4 each | charging (from start to stop), and of that idle: seconds |
| 40 | 8 | gas that the payout used |
| 48 | 8 | chain id |
| 56 | 4 | OCPP transaction id; 0: none |
| 60 | 2 | connector |
| 62 | 2 | zero |
| 64 | 4 | energy that was delivered and never billed, Wh |
| 68 | 16 each | deposit, spent, refund, tax, gas fee: two 8-byte words, the lower one first |
| 148 | 20 | token; zeros: the chain's own |
| 168 | 32 | session id |

An amount above 10^38 - 1 (the most that a Parquet decimal of 128 bits holds) is cut to that, and
the row flagged `clipped`; the record has it in full. A new layout gets keys of another name.
"""

from collections.abc import Iterator
from datetime import datetime
from struct import Struct
from typing import NamedTuple

from sdk.records.errors import CorruptRecordError
from sdk.records.moments import from_ms, month_of
from sdk.records.tables import (
    FAILURES,
    OUTCOMES,
    STOP_REASONS,
    bits_of,
    code_of,
    flags_of,
    word_of,
)

LAYOUT = Struct("<4BIQQQIIQQIHHI10Q20s32s")
VERSION = 1
LARGEST_AMOUNT = 10**38 - 1
_WORD = 64
_LOW = (1 << _WORD) - 1
_MOST_32 = 2**32 - 1
_NATIVE = "0x" + "00" * 20


class Row(NamedTuple):
    """One ended session. Amounts in the token's smallest unit, gas fee in the chain's own."""

    charge_point_id: str
    """Not in the bytes: the key has it."""
    connector_id: int
    session_id: str
    outcome: str
    ended_ms: int
    started_ms: int = 0
    stop_reason: str | None = None
    failure: str | None = None
    flags: tuple[str, ...] = ()
    energy_wh: int = 0
    unbilled_wh: int = 0
    charging_s: int = 0
    idle_s: int = 0
    chain_id: int = 0
    token: str = _NATIVE
    deposit: int = 0
    spent: int = 0
    refund: int = 0
    tax: int = 0
    gas_used: int = 0
    gas_fee: int = 0
    transaction_id: int | None = None

    @property
    def ended_at(self) -> datetime:
        """When the session ended."""
        return from_ms(self.ended_ms)

    @property
    def started_at(self) -> datetime | None:
        """When its transaction began."""
        return from_ms(self.started_ms) if self.started_ms else None

    @property
    def month(self) -> str:
        """The month that it is counted in."""
        return month_of(self.ended_at)


def encode_row(row: Row) -> bytes:
    """Write a row; what is too large for its field is cut, and no word is unknown."""
    amounts = (row.deposit, row.spent, row.refund, row.tax, row.gas_fee)
    flags = row.flags
    if max(amounts) > LARGEST_AMOUNT:
        flags = (*flags, "clipped")
    words = [word for amount in amounts for word in _words(min(amount, LARGEST_AMOUNT))]
    return LAYOUT.pack(
        VERSION,
        code_of(OUTCOMES, row.outcome),
        code_of(STOP_REASONS, row.stop_reason),
        code_of(FAILURES, row.failure),
        bits_of(flags),
        row.ended_ms,
        row.started_ms,
        row.energy_wh,
        min(row.charging_s, _MOST_32),
        min(row.idle_s, _MOST_32),
        row.gas_used,
        row.chain_id,
        row.transaction_id or 0,
        row.connector_id,
        0,
        min(row.unbilled_wh, _MOST_32),
        *words,
        bytes.fromhex(row.token[2:]),
        bytes.fromhex(row.session_id[2:]),
    )


def checked(blob: bytes) -> bytes:
    """Make sure that bytes are whole rows of this layout. Raises CorruptRecordError."""
    if len(blob) % LAYOUT.size:
        raise CorruptRecordError(f"rows end within a row: {len(blob)} bytes")
    if blob[:: LAYOUT.size].count(VERSION) * LAYOUT.size != len(blob):
        raise CorruptRecordError("rows are of another version")
    return blob


def ended_of(blob: bytes) -> list[int]:
    """Give when each row's session ended: ms since 1970; on machines that are little-endian."""
    return memoryview(blob).cast("Q")[1 :: LAYOUT.size // 8].tolist()


def decode_rows(charge_point_id: str, blob: bytes) -> Iterator[Row]:
    """Read the rows of one month, in the order in which they ended. Raises CorruptRecordError."""
    for fields in LAYOUT.iter_unpack(checked(blob)):
        _, outcome, stop, failure, bits, ended, started, energy, charging, idle = fields[:10]
        gas_used, chain_id, transaction_id, connector_id, _, unbilled = fields[10:16]
        deposit, spent, refund, tax, fee = (
            low | high << _WORD for low, high in zip(fields[16:26:2], fields[17:26:2], strict=True)
        )
        yield Row(
            charge_point_id=charge_point_id,
            connector_id=connector_id,
            session_id="0x" + fields[27].hex(),
            outcome=word_of(OUTCOMES, outcome) or "",
            ended_ms=ended,
            started_ms=started,
            stop_reason=word_of(STOP_REASONS, stop),
            failure=word_of(FAILURES, failure),
            flags=flags_of(bits),
            energy_wh=energy,
            unbilled_wh=unbilled,
            charging_s=charging,
            idle_s=idle,
            chain_id=chain_id,
            token="0x" + fields[26].hex(),
            deposit=deposit,
            spent=spent,
            refund=refund,
            tax=tax,
            gas_used=gas_used,
            gas_fee=fee,
            transaction_id=transaction_id or None,
        )


def _words(amount: int) -> tuple[int, int]:
    return amount & _LOW, amount >> _WORD
