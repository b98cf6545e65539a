"""Strings of bytes that only grow, as they were read before: only what is new is read again.

With what is new, the last entry of what is held is read again: where that is another one, the
string was written anew, and all of it is read.
"""

from collections import OrderedDict
from collections.abc import Sequence

from sdk.bus.interface import Bus

MOST_BYTES = 64_000_000


class Tails:
    """Holds the strings that were used last, up to `most` bytes."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        """Hold nothing yet."""
        self._most = most
        self._bytes = 0
        self._held: OrderedDict[str, bytes] = OrderedDict()

    async def read(self, bus: Bus, names: Sequence[str], size: int) -> list[bytes]:
        """Read strings of entries of `size` bytes in one round trip, or two, in order.

        Raises BusUnavailableError.
        """
        known = [self._held.get(name, b"") for name in names]
        offsets = [max(0, len(blob) - size) for blob in known]
        tails = await bus.read_blob_tails(list(zip(names, offsets, strict=True)))
        found, changed = list[bytes](), list[int]()
        for blob, offset, tail in zip(known, offsets, tails, strict=True):
            if not tail.startswith(blob[offset:]):
                changed.append(len(found))
            grown = len(tail) > len(blob) - offset
            found.append(blob[:offset] + tail if grown else blob)
        anew = await bus.read_blobs([names[place] for place in changed])
        for place, blob in zip(changed, anew, strict=True):
            found[place] = blob
        for name, blob in zip(names, found, strict=True):
            self._keep(name, blob)
        return found

    def _keep(self, name: str, blob: bytes) -> None:
        self._bytes += len(blob) - len(self._held.pop(name, b""))
        if blob:
            self._held[name] = blob
        while self._bytes > self._most:
            self._bytes -= len(self._held.popitem(last=False)[1])
