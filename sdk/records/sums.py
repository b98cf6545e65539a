"""Sums of rows by what these have in common, each of which is one large number. Pure.

Its fields are as far apart as `FIELD_BITS`: numbers of 128 bits can be added up 2^64 times before
one runs into the next. So all sums of two groups are put together by one addition.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

FIELD_BITS = 192
_BYTES = FIELD_BITS // 8


class Kind(NamedTuple):
    """What the rows of one sum have in common; `label` is whatever they were told apart by."""

    label: Any
    connector_id: int
    outcome: int
    private: int
    chain_id: int
    token: bytes


class Sums(NamedTuple):
    """What rows come to. Amounts in the token's smallest unit, gas fee in the chain's own."""

    rows: int
    energy_wh: int
    unbilled_wh: int
    charging_s: int
    idle_s: int
    gas_used: int
    deposit: int
    spent: int
    refund: int
    tax: int
    gas_fee: int


SUM_BYTES = len(Sums._fields) * _BYTES
Cells = dict[tuple[Any, int, int, int, int, bytes], int]
"""Sums by what a `Kind` is made of."""
_K = TypeVar("_K")


def grouped(cells: Cells, by: Callable[[Any], _K]) -> dict[_K, Cells]:
    """Put sums into groups, in each of which labels and connectors are not told apart any more.

    `by` is given what the key of a cell is made of, as a `Kind` has it.
    """
    parts: dict[_K, Cells] = {}
    for key, number in cells.items():
        name = by(key)
        part = parts.get(name)
        if part is None:
            part = parts[name] = {}
        kind = (None, 0, *key[2:])
        part[kind] = part.get(kind, 0) + number
    return parts


def read_sums(number: int) -> Sums:
    """Read the fields of a sum."""
    data = number.to_bytes(SUM_BYTES, "little")
    return Sums(
        *(int.from_bytes(data[at : at + _BYTES], "little") for at in range(0, SUM_BYTES, _BYTES))
    )
