"""What an exchange needs of others: who answers, who keeps what was said, who runs the work."""

from collections.abc import Coroutine
from typing import Any, Protocol

from cpg.frames import Call, CallError, CallResult
from sdk.message_log import CountName
from sdk.tolerances import Tolerance

Used = frozenset[Tolerance]
"""What was tolerated."""


class Spawn(Protocol):
    """Starts work of one charge point that may fail without harm to others."""

    def __call__(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` to its end in the background."""
        ...


class Messages(Protocol):
    """Who keeps what was said; see `cpg.message_log.MessageLog`."""

    def heard(  # noqa: PLR0913 - called for every message: no object is made for it
        self,
        charge_point_id: str,
        action: str,
        request: str | bytes,
        answer: bytes,
        began: float,
        ended: float,
        *,
        valid: bool,
    ) -> None:
        """Take a request and our answer."""
        ...

    def stray(self, charge_point_id: str, size: int, reason: str, at: float) -> None:
        """Take an answer that nothing waited for."""
        ...

    def unreadable(self, charge_point_id: str, size: int, reason: str, at: float) -> None:
        """Take what is no frame."""
        ...

    def count(self, charge_point_id: str, name: CountName, number: int = 1) -> None:
        """Add to a count."""
        ...


class Desk(Protocol):
    """Who answers what a socket brings."""

    charge_point_id: str

    @property
    def tolerances(self) -> Used:
        """What it may do against the specification."""
        ...

    def at_once(self, call: Call) -> dict[str, Any] | None:
        """Answer a request that nothing has to be waited for; None: ask `answer`."""
        ...

    async def answer(self, call: Call) -> tuple[dict[str, Any], Used]:
        """Answer a request, and say what was tolerated. Raises Violation, BusUnavailableError."""
        ...

    def take(self, frame: CallResult | CallError) -> bool:
        """Take an answer to a request of ours; False: nothing waited for it."""
        ...

    def give_up(self, message_id: str) -> None:
        """End a request of ours if it is the pending one: its answer came and can't be read."""
        ...

    def look(self, now: float) -> None:
        """See to it that the socket is alive; `now` as of `time.monotonic`."""
        ...

    def lost(self) -> None:
        """Notice that the socket is gone."""
        ...
