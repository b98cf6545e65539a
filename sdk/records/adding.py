"""Adds rows up by what they have in common; what is in here is done for each of 100,000. Pure.

A number of many bits is added up by words of 32, so that each digit stays.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence

from sdk.records.arrays import WORD_BITS, Array, carried, np, numbered, summed
from sdk.records.columns import Columns, are_paid
from sdk.records.sums import FIELD_BITS, SUM_BYTES, Cells

_AT_ONCE = 1 << 16
_FIELD = FIELD_BITS // WORD_BITS
_WORDS = SUM_BYTES * 8 // WORD_BITS
_FIELDS = ((6, 2), (16, 1), (8, 1), (9, 1), (10, 2), (17, 4), (21, 4), (25, 4), (29, 4), (33, 4))
"""The fields of `Sums` behind the first one: where they are in a row, and how many words."""
_PLACES = [
    (begin + word, field * _FIELD + word)
    for field, (begin, words) in enumerate(_FIELDS, start=1)
    for word in range(words)
]


def add_by_day(
    cells: Cells,
    parts: Sequence[tuple[str, bytes | memoryview]],
    days: Callable[[Array], Array],
) -> Columns:
    """Add rows of charge points by their ids, and give them back by their columns.

    Labels are the charge point's id and the day; `days` gives those of moments in ms since 1970.
    """
    columns = Columns([blob for _, blob in parts])
    if not len(columns):
        return columns
    names, size = [name for name, _ in parts], columns.rows.itemsize
    of_name = np.repeat(np.arange(len(parts)), [len(blob) // size for _, blob in parts])
    of_day = days(columns.rows["ended_ms"])
    first = int(of_day.min())
    span = int(of_day.max()) - first + 1

    def label(code: int) -> tuple[str, int]:
        return names[code // span], first + code % span

    add_rows(cells, columns, of_name * span + of_day - first, label)
    return columns


def add_rows(
    cells: Cells,
    columns: Columns,
    labels: Array | None = None,
    label: Callable[[int], Hashable] = int,
) -> None:
    """Add rows to sums; `labels` has a number for each of them, and `label` makes a label of it."""
    for begin in range(0, len(columns), _AT_ONCE):
        end = begin + _AT_ONCE
        some = columns if len(columns) <= _AT_ONCE else columns.between(begin, end)
        codes = np.zeros(len(some), np.int64) if labels is None else labels[begin:end]
        _add(cells, some, codes, label)


def _add(cells: Cells, columns: Columns, labels: Array, label: Callable[[int], Hashable]) -> None:
    kinds, of_kind = _kinds(columns)
    codes, places = numbered(labels * len(kinds) + of_kind)
    for code, number in zip(codes, _sums(columns.words, places, len(codes)), strict=True):
        its_label, its_kind = divmod(code, len(kinds))
        key = (label(its_label), *kinds[its_kind])
        cells[key] = cells.get(key, 0) + number


def _kinds(columns: Columns) -> tuple[list[tuple[int, int, int, int, bytes]], Array]:
    """Give what there is of connector, outcome, private, chain and token; and each row's place."""
    rows = columns.rows
    tokens, of_token = columns.tokens()
    code = rows["connector_id"].astype(np.int64) * 2 + ~are_paid(rows)
    codes, places = numbered((code * len(tokens) + of_token) * 256 + rows["outcome"])
    kinds = list[tuple[int, int, int, int, bytes]]()
    for each in codes:
        above, outcome = divmod(each, 256)
        above, token = divmod(above, len(tokens))
        connector, private = divmod(above, 2)
        kinds.append((connector, outcome, private, *tokens[token]))
    return kinds, places


def _sums(words: Array, places: Array, count: int) -> Iterable[int]:
    """Give each group's sums, by the places of its rows."""
    sums = np.zeros((_WORDS, count), np.int64)
    sums[0] = np.bincount(places, minlength=count)
    for column, row in _PLACES:
        values = words[:, column]
        if values.any():
            sums[row] = summed(values, places, count)
    data = carried(sums).T.astype("<u4").tobytes()
    for at in range(0, len(data), SUM_BYTES):
        yield int.from_bytes(data[at : at + SUM_BYTES], "little")
