"""Frames survive any cutting of the stream; what breaks the framing is told by type."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk.events.envelope import MAX_FRAME
from sdk.p2p.errors import EmptyFrameError, FrameError, FrameTooLargeError
from sdk.p2p.framing import FrameDecoder, encode_frame

contents = st.lists(st.binary(min_size=1, max_size=300), max_size=8)


@given(contents, st.lists(st.integers(min_value=0, max_value=2000), max_size=10))
def test_any_cutting_gives_the_same_frames(frames: list[bytes], cuts: list[int]) -> None:
    wire = b"".join(encode_frame(frame) for frame in frames)
    edges = sorted({0, len(wire), *(cut for cut in cuts if cut < len(wire))})
    decoder = FrameDecoder()
    found = [frame for start, end in pairwise(edges) for frame in decoder.feed(wire[start:end])]
    assert found == frames
    assert not decoder.unfinished


@given(st.binary(max_size=400))
def test_garbage_is_a_frame_error_or_a_bounded_wait(garbage: bytes) -> None:
    decoder = FrameDecoder()
    try:
        frames = decoder.feed(garbage)
    except FrameError:
        return
    assert sum(len(frame) + 4 for frame in frames) <= len(garbage)


def test_the_cap_holds_before_any_content_is_kept() -> None:
    assert FrameDecoder().feed(encode_frame(b"x" * MAX_FRAME)) == [b"x" * MAX_FRAME]
    with pytest.raises(FrameTooLargeError):
        encode_frame(b"x" * (MAX_FRAME + 1))
    with pytest.raises(FrameTooLargeError):
        FrameDecoder().feed((MAX_FRAME + 1).to_bytes(4))
    with pytest.raises(FrameTooLargeError):
        FrameDecoder().feed(b"\xff\xff\xff\xff")


def test_an_empty_frame_is_refused_both_ways() -> None:
    with pytest.raises(EmptyFrameError):
        encode_frame(b"")
    with pytest.raises(EmptyFrameError):
        FrameDecoder().feed(b"\0\0\0\0")


def test_an_unfinished_frame_shows() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(encode_frame(b"whole") + b"\0\0") == [b"whole"]
    assert decoder.unfinished
