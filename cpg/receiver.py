"""Who takes what a wire brings, and who minds wires."""

from typing import Protocol, TypeVar

W_contra = TypeVar("W_contra", contravariant=True)
"""The wire: it knows these, and they do not know it."""


class Receiver(Protocol):
    """Who holds an accepted wire."""

    def message(self, data: bytes) -> None:
        """Take a whole message, text or binary."""
        ...

    def control(self) -> None:
        """Notice a ping or pong."""
        ...

    def writable(self) -> None:
        """Go on: the peer reads again."""
        ...

    def look(self, now: float) -> None:
        """See to it that the peer is alive; `now` as of `time.monotonic`, about every second."""
        ...

    def lost(self) -> None:
        """Notice that the wire is gone."""
        ...


class Door(Protocol[W_contra]):
    """Who minds the wires before and after."""

    def came(self, wire: W_contra) -> None:
        """Notice a new connection."""
        ...

    def knocked(self, wire: W_contra) -> None:
        """Notice that the handshake request is here, or too long to be one."""
        ...

    def leaving(self, wire: W_contra) -> None:
        """Have `take_leave` called when there is time: its peer closes."""
        ...

    def gone(self, wire: W_contra) -> None:
        """Notice the end of a connection."""
        ...
