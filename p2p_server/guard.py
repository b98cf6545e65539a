"""What one peer and one address may do here; who does more is refused, cut off, and banned."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from p2p_server.limits import PeerLimits

Verdict = Literal["pass", "refuse", "cut"]
"""`refuse`: answer `too_many_requests`; `cut`: end the stream."""
Fault = Literal["framing", "flood", "unanswerable", "slow", "not_allowed"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who opened a stream: `place` as in `sdk.p2p.addresses`, `ip` where it is known.

    Behind a hub the place names the hub too and there is no `ip`: the hub is not to suffer for
    those whom it brings.
    """

    place: str
    ip: str | None = None


class Guard:
    """Counts what visitors do; `clock` gives monotonic seconds."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self._requests = PeerLimits(rate, burst, clock)

    def opens(self, visitor: Visitor) -> bool:  # noqa: ARG002
        """Count a stream that opens; False if the visitor may not have it. Pairs with `closes`."""
        return True

    def closes(self, visitor: Visitor) -> None:
        """Count a stream that ended, after `opens` said yes."""

    def weighs(self, visitor: Visitor, size: int) -> Verdict:  # noqa: ARG002
        """Count one frame of `size` bytes."""
        allowed = self._requests.allow(visitor.place)
        if self._requests.of(visitor.place).is_flood:
            return "cut"
        return "pass" if allowed else "refuse"

    def blames(self, visitor: Visitor, fault: Fault) -> None:
        """Note that a visitor broke the rules; whoever does it again and again is banned."""
