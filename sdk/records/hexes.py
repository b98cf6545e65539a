"""Hashes, signatures and accounts in a text, taken out of it: no compression makes them smaller.

In their place stands one control character, which no JSON holds as it is; the bytes follow each
other in a table. One that comes again is a reference to its first place.
"""

import re
from collections.abc import Iterator

from eth_utils.address import to_checksum_address

from sdk.records.errors import CorruptRecordError

_SIZES = {"\x01": 32, "\x02": 65, "\x03": 20, "\x04": 20}
_CHECKSUM = "\x04"
_AGAIN = "\x05"
_FIRST = 0x30
_MOST_AGAIN = 64
_HEX = re.compile(r"0x(?:[0-9a-f]{130}|[0-9a-fA-F]{40}|[0-9a-f]{64})(?![0-9a-fA-F])")
_MARK = re.compile(r"[\x01-\x04]|\x05(.)", re.DOTALL)


def take_out(text: str) -> tuple[str, bytes]:
    """Give the text with marks in it, and the table of bytes; no control character is in `text`."""
    seen: dict[str, int] = {}
    table = bytearray()

    def mark(match: re.Match[str]) -> str:
        found = match[0]
        place = seen.get(found, _MOST_AGAIN)
        if place < _MOST_AGAIN:
            return _AGAIN + chr(_FIRST + place)
        sign = _sign(found)
        if sign is None:
            return found
        seen.setdefault(found, len(seen))
        table.extend(bytes.fromhex(found[2:]))
        return sign

    return _HEX.sub(mark, text), bytes(table)


def put_back(text: str, table: bytes) -> str:
    """Undo `take_out`. Raises CorruptRecordError."""
    seen: list[str] = []
    rest = iter(table)

    def fill(match: re.Match[str]) -> str:
        if match[1] is not None:
            place = ord(match[1]) - _FIRST
            if not 0 <= place < len(seen):
                raise CorruptRecordError("a hash is named that did not come before")
            return seen[place]
        seen.append(_written(match[0], rest))
        return seen[-1]

    filled = _MARK.sub(fill, text)
    if next(rest, None) is not None:
        raise CorruptRecordError("hashes are left over")
    return filled


def _sign(found: str) -> str | None:
    """Choose the mark; None for an account in a case of its own, which stays in the text."""
    if found == found.lower():
        size = len(found) // 2 - 1
        return next(sign for sign, length in _SIZES.items() if length == size)
    return _CHECKSUM if to_checksum_address(found) == found else None


def _written(sign: str, rest: Iterator[int]) -> str:
    raw = bytes(byte for _, byte in zip(range(_SIZES[sign]), rest, strict=False))
    if len(raw) != _SIZES[sign]:
        raise CorruptRecordError("hashes are missing")
    return to_checksum_address(raw) if sign == _CHECKSUM else "0x" + raw.hex()
