"""Makes of good bytes bad ones: each mutation is drawn from one generator, so a seed repeats it."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

_ODD_BYTES = (
    b"\x00",
    b"\xff" * 4,
    b"\x80\x80\x80\x80\x80\x01",
    b"\r\n",
    b'"',
    b"{",
    b"\xed\xa0\x80",
)
_ODD_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**63, 1e308, "", "\x00", "x" * 5000, [], {}, [[]] * 50),
    *({"type": "Sealed"}, "9" * 400, "0x", "\U0001f50c", "-0", "did:ethr:0x1:0x", [None] * 300),
)
_LENGTHS = (0, 1, 65_535, 65_536, 65_537, 2**31, 2**32 - 1)


def mutated(rng: Random, good: bytes) -> bytes:
    """Change bytes in one to three places."""
    data = good
    for _ in range(rng.randint(1, 3)):
        data = rng.choice(_MUTATIONS)(rng, data)
    return data


def mutated_json(rng: Random, good: bytes) -> bytes:
    """Change a value, or the name of one, somewhere in a JSON document."""
    document = json.loads(good)
    parts = list(_parts(document))
    for _ in range(rng.randint(1, 2)):
        place, key = rng.choice(parts)
        if isinstance(place, dict) and rng.random() < 0.2:
            place[rng.choice(("type", "id", "peer_id", "", "\ud800"))] = place.get(key)
        elif key in place if isinstance(place, dict) else key < len(place):
            place[key] = rng.choice(_ODD_VALUES)
    return json.dumps(document).encode("utf-8", "surrogatepass")


def framed(rng: Random, content: bytes) -> bytes:
    """Put a length before content; one in ten is a lie."""
    length = rng.choice(_LENGTHS) if rng.random() < 0.1 else len(content)
    return length.to_bytes(4) + content


def _parts(value: Any) -> Any:
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _parts(value[key])


def _flip(rng: Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _insert(rng: Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_ODD_BYTES) + data[at:]


def _cut(rng: Random, data: bytes) -> bytes:
    start, end = sorted(rng.randrange(len(data) + 1) for _ in "ab")
    return data[:start] + data[end:]


def _repeat(rng: Random, data: bytes) -> bytes:
    start, end = sorted(rng.randrange(len(data) + 1) for _ in "ab")
    return data[:end] + data[start:end] * rng.choice((1, 3, 20)) + data[end:]


def _noise(rng: Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)] + rng.randbytes(rng.choice((1, 20, 500)))


_MUTATIONS: tuple[Callable[[Random, bytes], bytes], ...] = (_flip, _insert, _cut, _repeat, _noise)
