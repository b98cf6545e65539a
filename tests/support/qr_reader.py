"""Reads a QR code (ISO/IEC 18004, versions 1 to 6, level M, byte mode) back from its rectangles."""

from collections.abc import Iterator, Sequence

Rect = tuple[float, float, float, float]
"""x, y (upwards), width, height."""
Modules = list[list[bool]]

_FORMAT_MASK = 0b101010000010010
_LEVEL_M = 0b00
_BYTE_MODE = 0b0100
_BLOCKS = {1: (10, 1), 2: (16, 1), 3: (26, 1), 4: (18, 2), 5: (24, 2), 6: (16, 4)}
"""Version -> correction codewords of each block, and how many blocks (level M)."""
_MASKS = (
    lambda r, c: (r + c) % 2 == 0,
    lambda r, _: r % 2 == 0,
    lambda _, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
)


def modules_of(rects: Sequence[Rect]) -> Modules:
    """Lay dark rectangles, a module high each, onto the grid that they stand for."""
    module = min(height for _, _, _, height in rects)
    left = min(x for x, _, _, _ in rects)
    top = max(y for _, y, _, _ in rects)
    size = round((top - min(y for _, y, _, _ in rects)) / module) + 1
    grid = [[False] * size for _ in range(size)]
    for x, y, width, _ in rects:
        row, column = round((top - y) / module), round((x - left) / module)
        for each in range(column, column + round(width / module)):
            grid[row][each] = True
    return grid


def read_qr(grid: Modules) -> str:
    """Decode; that the code is whole is proved by its Reed-Solomon syndromes, all of them 0."""
    size = len(grid)
    version, rest = divmod(size - 17, 4)
    assert rest == 0
    assert version in _BLOCKS
    mask = _mask_of(grid)
    bits = [grid[r][c] ^ mask(r, c) for r, c in _path(size, version)]
    codewords = [
        int("".join("01"[bit] for bit in bits[n : n + 8]), 2)
        for n in range(0, len(bits) // 8 * 8, 8)
    ]
    data = _deinterleaved(codewords, *_BLOCKS[version])
    return _text("".join(f"{each:08b}" for each in data))


def _mask_of(grid: Modules):  # type: ignore[no-untyped-def]  # noqa: ANN202 - one of _MASKS
    columns = (0, 1, 2, 3, 4, 5, 7, 8)
    bits = [grid[8][c] for c in columns] + [grid[r][8] for r in (7, 5, 4, 3, 2, 1, 0)]
    code = int("".join("01"[bit] for bit in bits), 2) ^ _FORMAT_MASK
    assert code >> 13 == _LEVEL_M
    return _MASKS[code >> 10 & 0b111]


def _path(size: int, version: int) -> Iterator[tuple[int, int]]:
    """Give the modules of the codewords, in their order: two columns at a time, up and down."""
    upwards = True
    for right in range(size - 1, 0, -2):
        pair = (right, right - 1) if right > 6 else (right - 1, right - 2)
        if pair[1] < 0:
            return
        for row in range(size - 1, -1, -1) if upwards else range(size):
            for column in pair:
                if not _is_pattern(row, column, size, version):
                    yield row, column
        upwards = not upwards


def _is_pattern(row: int, column: int, size: int, version: int) -> bool:
    if row == 6 or column == 6:
        return True
    if (row < 9 and (column < 9 or column >= size - 8)) or (row >= size - 8 and column < 9):
        return True
    return version > 1 and abs(row - (size - 7)) <= 2 and abs(column - (size - 7)) <= 2


def _deinterleaved(codewords: Sequence[int], correction: int, blocks: int) -> list[int]:
    data_length = len(codewords) - correction * blocks
    assert data_length % blocks == 0
    data = [list(codewords[:data_length][block::blocks]) for block in range(blocks)]
    check = [list(codewords[data_length:][block::blocks]) for block in range(blocks)]
    for front, back in zip(data, check, strict=True):
        assert all(_syndrome(front + back, power) == 0 for power in range(correction))
    return [each for block in data for each in block]


def _syndrome(block: Sequence[int], power: int) -> int:
    point = 1
    for _ in range(power):
        point = _times(point, 2)
    value = 0
    for each in block:
        value = _times(value, point) ^ each
    return value


def _times(left: int, right: int) -> int:
    product = 0
    while right:
        if right & 1:
            product ^= left
        left = left << 1 ^ (0x11D if left & 0x80 else 0)
        right >>= 1
    return product


def _text(bits: str) -> str:
    assert int(bits[:4], 2) == _BYTE_MODE
    length = int(bits[4:12], 2)
    data = bytes(int(bits[12 + 8 * n : 20 + 8 * n], 2) for n in range(length))
    return data.decode()
