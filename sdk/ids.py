"""Ids and clocks: the two things that rules are never allowed to make for themselves."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha1
from time import time
from uuid import UUID, uuid4, uuid5

Clock = Callable[[], datetime]
"""Gives the present moment, aware and in UTC."""


def utc_now() -> datetime:
    """Give the machine's wall clock in UTC: the `Clock` of every composition root."""
    return datetime.fromtimestamp(time(), tz=UTC)


def new_event_id() -> UUID:
    """Give a fresh id for an event that has no cause inside the system."""
    return uuid4()


def consequence_id(cause: UUID, event_type: str, ordinal: int = 0) -> UUID:
    """Name what follows from `cause`, so that a redelivery makes the same event and is dropped.

    `ordinal` tells apart several consequences of one type.
    """
    return uuid5(cause, f"{event_type}:{ordinal}")


def natural_id(*parts: str | int) -> UUID:
    """Name an event by what it is about (a transaction, a deadline, a charge point's message).

    Two calls with the same parts give the same id.
    """
    return uuid5(_NATURAL, "\x1f".join(str(part) for part in parts))


def natural_text(*parts: str | int | bytes) -> str:
    """Give `natural_id` as text, a third of its time; a part may be bytes."""
    name = b"\x1f".join([p if isinstance(p, bytes) else str(p).encode() for p in parts])
    digest = sha1(_NAMESPACE + name, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


_NATURAL = UUID("6f6a3d6e-2f0c-5d5c-9a63-6e6f726f616d")
_NAMESPACE = _NATURAL.bytes
