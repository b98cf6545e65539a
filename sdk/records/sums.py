"""Rows added up by what they have in common; what is in here is done for each of 100,000. Pure.

No row becomes a `Row`. The five amounts of a row, of 128 bits each, are added together, as one
number. None runs into the next: where one has any of its upper 24 bits set, the upper 32 of each
are added apart, so that what is left has room for 16 million rows.
"""

from collections.abc import Callable, Hashable, Iterable
from itertools import repeat
from operator import add
from struct import Struct
from typing import Any, NamedTuple, TypeVar

from sdk.records.row import LAYOUT
from sdk.records.tables import PRIVATE_BIT

_SUMMED = Struct("<xB2xI16xQIIQQ4xHxxI80s20s32x")
_BITS = 128
_AMOUNT = (1 << _BITS) - 1
_LARGE, _LOWER, _UPPER = (
    sum(mask << _BITS * place for place in range(5))
    for mask in (_AMOUNT >> 104 << 104, _AMOUNT >> 32, _AMOUNT >> 96)
)
_LOWER_BITS = 96


class Kind(NamedTuple):
    """What the rows of one sum have in common; `label` is whatever they were told apart by."""

    label: Any
    connector_id: int
    outcome: int
    private: int
    chain_id: int
    token: bytes


Sums = list[int]
"""Rows, Wh, unbilled Wh, s, idle s, gas, lower parts of the amounts, upper parts of them."""
Cells = dict[tuple[Any, int, int, int, int, bytes], Sums]
"""Sums by what a `Kind` is made of."""
_COUNTS = 6
_K = TypeVar("_K")


def add_rows(cells: Cells, blob: bytes, labels: Iterable[Hashable] | None = None) -> None:
    """Add rows to sums; `labels` has one for each of them."""
    assert _SUMMED.size == LAYOUT.size  # noqa: S101 - two views of one thing
    number, find = int.from_bytes, cells.get
    for label, (
        outcome, bits, energy, charging, idle, gas, chain, connector, unbilled, words, token,
    ) in zip(labels or repeat(0), _SUMMED.iter_unpack(blob), strict=False):  # fmt: skip
        key = (label, connector, outcome, bits & PRIVATE_BIT, chain, token)
        amounts = number(words, "little")
        held = find(key)
        if held is None:
            held = cells[key] = [0] * 8
        if amounts & _LARGE:
            held[7] += amounts >> _LOWER_BITS & _UPPER
            amounts &= _LOWER
        held[0] += 1
        held[1] += energy
        held[2] += unbilled
        held[3] += charging
        held[4] += idle
        held[5] += gas
        held[6] += amounts


def grouped(cells: Cells, by: Callable[[Kind], _K]) -> dict[_K, Cells]:
    """Put sums into groups, in each of which labels and connectors are not told apart any more.

    Those that are given stay as they are.
    """
    parts: dict[_K, Cells] = {}
    for key_, sums in cells.items():
        kind = Kind._make(key_)
        part = parts.setdefault(by(kind), {})
        key = (None, 0, *key_[2:])
        held = part.get(key)
        part[key] = sums if held is None else list(map(add, held, sums))
    return parts


def amounts_of(sums: Sums) -> tuple[int, int, int, int, int]:
    """Give the sums of deposit, spent, refund, tax and gas fee."""
    lower, upper = sums[_COUNTS:]
    deposit, spent, refund, tax, fee = (
        (lower >> shift & _AMOUNT) + ((upper >> shift & _AMOUNT) << _LOWER_BITS)
        for shift in range(0, 5 * _BITS, _BITS)
    )
    return deposit, spent, refund, tax, fee
