"""Stream ids `<ms>-<n>`: their order, and the one before all others."""

START = "0-0"


def position(stream_id: str) -> tuple[int, int]:
    """Give what stream ids are compared by; the part behind the dash may be absent."""
    milliseconds, _, sequence = stream_id.partition("-")
    return int(milliseconds), int(sequence or 0)


def normal(stream_id: str) -> str:
    """Write a stream id in full: "0" becomes "0-0"."""
    return stream_id if "-" in stream_id else f"{stream_id}-0"
