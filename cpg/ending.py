"""How one socket ends, and why."""

from typing import Literal

from cpg.calls import Calls
from cpg.wire import Wire

CloseReason = Literal["closed", "silent", "superseded", "gateway_stopped"]
_GOING_AWAY = 1001


class Ending:
    """Ends one socket; the first reason counts."""

    __slots__ = ("_calls", "_wire", "reason")

    def __init__(self, wire: Wire, calls: Calls) -> None:
        """Close `wire`, and end the `calls` over it."""
        self._wire = wire
        self._calls = calls
        self.reason: CloseReason = "closed"

    def end(self, reason: CloseReason) -> None:
        """Close the socket: a newer one won, it was silent, or the gateway stops."""
        if self.reason == "closed":
            self.reason = reason
        self._calls.close()
        self._wire.close(_GOING_AWAY, self.reason)

    def superseded(self) -> None:
        """Close the socket: a newer one won."""
        self.end("superseded")

    def drop(self) -> None:
        """Drop the connection: nobody is there."""
        self.reason = "silent"
        self._wire.abort()
