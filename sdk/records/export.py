"""Rows as a file: CSV, or Parquet where pyarrow is installed (`noroam[parquet]`).

Money is in the token's smallest unit: digits in CSV, `decimal128(38, 0)` in Parquet, which holds
every amount that a row does. A file is there only when it is whole. A text in CSV that would be a
formula to a spreadsheet has an apostrophe before it.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol

from sdk.errors import InvalidInputError
from sdk.records.row import Row

COLUMNS = (
    "charge_point_id",
    "connector_id",
    "session_id",
    "outcome",
    "private",
    "started_at",
    "ended_at",
    "stop_reason",
    "failure",
    "flags",
    "transaction_id",
    "energy_wh",
    "unbilled_wh",
    "charging_s",
    "idle_s",
    "chain_id",
    "token",
    "deposit",
    "spent",
    "refund",
    "tax",
    "gas_used",
    "gas_fee",
)
MONEY = frozenset({"deposit", "spent", "refund", "tax", "gas_fee"})
"""Columns of amounts; the gas fee is in the chain's own token."""
_TEXTS = frozenset(
    {"charge_point_id", "session_id", "outcome", "stop_reason", "failure", "flags", "token"}
)
_MOMENTS = frozenset({"started_at", "ended_at"})
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
Kind = Literal["csv", "parquet"]
_KINDS: dict[str, Kind] = {".csv": "csv", ".parquet": "parquet"}


class RowWriter(Protocol):
    """Takes rows, many at once."""

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        ...


class _CsvWriter:
    def __init__(self, file: Any) -> None:  # noqa: ANN401 - what csv.writer takes
        self._writer = csv.writer(file, lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def write(self, rows: Sequence[Row]) -> None:
        self._writer.writerows(map(_as_text, map(values_of, rows)))


class _ParquetWriter:
    def __init__(self, arrow: Any, writer: Any) -> None:  # noqa: ANN401 - pyarrow has no types
        self._arrow = arrow
        self._writer = writer

    def write(self, rows: Sequence[Row]) -> None:
        schema = self._writer.schema
        columns = zip(*map(values_of, rows), strict=True)
        arrays = [
            self._arrow.array(_as_decimals(column) if field.name in MONEY else column, field.type)
            for field, column in zip(schema, columns, strict=True)
        ]
        self._writer.write_batch(self._arrow.record_batch(arrays, schema=schema))


@contextmanager
def open_sink(kind: Kind, sink: BinaryIO) -> Iterator[RowWriter]:
    """Write rows as `kind` into `sink`, which is only ever written to.

    Raises InvalidInputError for Parquet without pyarrow.
    """
    if kind == "parquet":
        with _open_parquet(sink) as writer:
            yield writer
        return
    text = TextIOWrapper(sink, encoding="utf-8", newline="", write_through=True)
    try:
        yield _CsvWriter(text)
    finally:
        text.detach()


@contextmanager
def open_export(path: Path) -> Iterator[RowWriter]:
    """Open `path` (.csv or .parquet) to write rows; an older file is replaced at the end.

    Raises InvalidInputError for another ending, for Parquet without pyarrow, and where it can't be
    written.
    """
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise InvalidInputError(f"{path}: its name ends neither in .csv nor in .parquet")
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file, open_sink(kind, file) as writer:
            yield writer
        part.replace(path)
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def values_of(row: Row) -> tuple[Any, ...]:
    """Give a row's values in the order of `COLUMNS`."""
    return (
        row.charge_point_id,
        row.connector_id,
        row.session_id,
        row.outcome,
        "private" in row.flags,
        row.started_at,
        row.ended_at,
        row.stop_reason,
        row.failure,
        " ".join(row.flags),
        row.transaction_id,
        row.energy_wh,
        row.unbilled_wh,
        row.charging_s,
        row.idle_s,
        row.chain_id,
        row.token,
        row.deposit,
        row.spent,
        row.refund,
        row.tax,
        row.gas_used,
        row.gas_fee,
    )


def _as_text(values: Sequence[Any]) -> Iterator[Any]:
    for name, value in zip(COLUMNS, values, strict=True):
        if name in _MOMENTS and value is not None:
            yield value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        else:
            yield _plain(value)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any column's value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return value


def _as_decimals(column: Sequence[int]) -> list[Decimal]:
    return [Decimal(amount) for amount in column]


def kinds() -> tuple[Kind, ...]:
    """Tell what files can be written here."""
    return ("csv",) if find_spec("pyarrow") is None else ("csv", "parquet")


@contextmanager
def _open_parquet(sink: BinaryIO) -> Iterator[RowWriter]:
    try:
        import pyarrow as pa  # noqa: PLC0415 - not installed everywhere, and slow to load
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise InvalidInputError("Parquet needs pyarrow: install noroam[parquet]") from None
    schema = pa.schema([(name, _type(pa, name)) for name in COLUMNS])
    with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        yield _ParquetWriter(pa, writer)


def _type(arrow: Any, name: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    if name in MONEY:
        return arrow.decimal128(38, 0)
    if name in _TEXTS:
        return arrow.string()
    if name in _MOMENTS:
        return arrow.timestamp("ms", tz="UTC")
    return arrow.bool_() if name == "private" else arrow.int64()
