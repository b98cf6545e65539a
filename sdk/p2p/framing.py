"""Frames on a libp2p stream, PURE: 4 bytes of length, big endian, then that many bytes.

+--------+--------+--------+--------+----------------------
|        length (1 ... 65,536)      | one envelope as JSON
+--------+--------+--------+--------+----------------------
"""

from struct import Struct

from sdk.events.envelope import MAX_FRAME
from sdk.p2p.errors import EmptyFrameError, FrameTooLargeError

_HEADER = Struct(">I")


def encode_frame(content: bytes) -> bytes:
    """Put the length before `content`. Raises FrameTooLargeError, EmptyFrameError."""
    _check(len(content))
    return _HEADER.pack(len(content)) + content


class FrameDecoder:
    """Cuts what a stream brings into frames; holds at most one unfinished frame.

    A length is checked as soon as its four bytes are there, before any of the content is kept.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def unfinished(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes, give the frames that they complete.

        Raises FrameTooLargeError or EmptyFrameError; the decoder is of no use after that.
        """
        buffer = self._buffer
        buffer += data
        frames = []
        start = 0
        while len(buffer) - start >= _HEADER.size:
            (length,) = _HEADER.unpack_from(buffer, start)
            _check(length)
            end = start + _HEADER.size + length
            if len(buffer) < end:
                break
            frames.append(bytes(buffer[start + _HEADER.size : end]))
            start = end
        del buffer[:start]
        return frames


def _check(length: int) -> None:
    if length > MAX_FRAME:
        raise FrameTooLargeError(f"a frame of {length} bytes is above the cap of {MAX_FRAME}")
    if length == 0:
        raise EmptyFrameError("a frame without content")
