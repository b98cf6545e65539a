"""NumPy, as reports use it. It takes 45 ms and 17 MB to load: import it where they are made."""

from os import environ
from typing import Any, TypeAlias

# nothing here is linear algebra, and its threads cost half as much again to start as all else
environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

__all__ = ["WORD_BITS", "Array", "carried", "np", "numbered", "summed"]

Array: TypeAlias = np.ndarray[Any, Any]
WORD_BITS = 32
_WORD = (1 << WORD_BITS) - 1
_MOST_IN_TABLE = 1 << 20


def numbered(codes: Array) -> tuple[list[int], Array]:
    """Give the different codes, ascending, and for each one its place among them."""
    most = int(codes.max(initial=0))
    if most >= _MOST_IN_TABLE:
        found, places = np.unique(codes, return_inverse=True)
        return found.tolist(), places
    is_there = np.zeros(most + 1, bool)
    is_there[codes] = True
    found = np.flatnonzero(is_there)
    place_of = np.zeros(most + 1, np.intp)
    place_of[found] = np.arange(len(found))
    return found.tolist(), place_of[codes]


def summed(words: Array, places: Array, count: int) -> Array:
    """Add up words of up to 32 bits by their places, of which there are `count`.

    That is done in floating point, and exact for up to two million words.
    """
    return np.bincount(places, words, count).astype(np.int64)


def carried(sums: Array) -> Array:
    """Carry what is beyond 32 bits over to the next row of an array; the last one keeps it."""
    for word in range(len(sums) - 1):
        sums[word + 1] += sums[word] >> WORD_BITS
        sums[word] &= _WORD
    return sums
