"""Rows added up by what they have in common; what is in here is done for each of 100,000. Pure.

No row becomes a `Row`. The five amounts of a row are ten words, taken together as one number; of
it every second word is added at a time, so that each sum has 64 bits above it that nothing fills.
"""

from collections.abc import Callable, Hashable, Iterable
from itertools import repeat
from operator import add
from struct import Struct
from typing import Any, NamedTuple, TypeVar

from sdk.records.row import LAYOUT
from sdk.records.tables import PRIVATE_BIT

_SUMMED = Struct("<xB2xI16xQIIQQ4xHxxI80s20s32x")
_WORD = 64
_EVERY_SECOND = sum(((1 << _WORD) - 1) << 2 * _WORD * place for place in range(5))
_AMOUNT = (1 << 2 * _WORD) - 1


class Kind(NamedTuple):
    """What the rows of one sum have in common; `label` is whatever they were told apart by."""

    label: Any
    connector_id: int
    outcome: int
    private: int
    chain_id: int
    token: bytes


Sums = list[int]
"""Rows, Wh, unbilled Wh, s, idle s, gas, lower words of the amounts, upper words of them."""
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
            cells[key] = [1, energy, unbilled, charging, idle, gas,
                          amounts & _EVERY_SECOND, amounts >> _WORD & _EVERY_SECOND]  # fmt: skip
            continue
        held[0] += 1
        held[1] += energy
        held[2] += unbilled
        held[3] += charging
        held[4] += idle
        held[5] += gas
        held[6] += amounts & _EVERY_SECOND
        held[7] += amounts >> _WORD & _EVERY_SECOND


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
        (lower >> shift & _AMOUNT) + ((upper >> shift & _AMOUNT) << _WORD)
        for shift in range(0, 10 * _WORD, 2 * _WORD)
    )
    return deposit, spent, refund, tax, fee
