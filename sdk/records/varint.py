"""Whole numbers in as few bytes as they need: 7 bits to a byte, the lowest first."""

from collections.abc import Iterable

from sdk.records.errors import CorruptRecordError

_MORE = 0x80
_LOW = 0x7F
_MOST_BITS = 70


def write_varints(numbers: Iterable[int]) -> bytes:
    """Write numbers from 0 on."""
    out = bytearray()
    for number in numbers:
        while number > _LOW:
            out.append(number & _LOW | _MORE)
            number >>= 7  # noqa: PLW2901 - it is eaten up
        out.append(number)
    return bytes(out)


def read_varints(data: bytes) -> list[int]:
    """Read all numbers. Raises CorruptRecordError where the last one has no end."""
    numbers, number, shift = [], 0, 0
    for byte in data:
        number |= (byte & _LOW) << shift
        if byte & _MORE:
            shift += 7
            if shift > _MOST_BITS:
                raise CorruptRecordError("a number does not end")
        else:
            numbers.append(number)
            number = shift = 0
    if shift:
        raise CorruptRecordError("a number does not end")
    return numbers


def zigzag(number: int) -> int:
    """Fold the sign into the lowest bit, so that small negative numbers are short too."""
    return number << 1 if number >= 0 else (-number << 1) - 1


def unzigzag(number: int) -> int:
    """Undo `zigzag`."""
    return -((number + 1) >> 1) if number & 1 else number >> 1
