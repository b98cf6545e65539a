"""What the driver believes was used: each status is checked against the one before and the time."""

from datetime import UTC, datetime, timedelta

from sdk.events.service import ChargingStatus
from sdk.ids import Clock
from sdk.p2p.journal import Journal
from sdk.p2p.payment import Limits
from sdk.p2p.usage_check import Bounds, usage_fault, usage_of_status

_ENDING = timedelta(minutes=3)
"""How long a station may take to end the charging once it was told to, or had to."""


class Consumption:
    """Keeps `usage` of the journal's state."""

    def __init__(self, journal: Journal, limits: Limits, clock: Clock) -> None:
        self._journal = journal
        self._limits = limits
        self._clock = clock

    @property
    def cost(self) -> int:
        """What was used costs, by the quoted tariff."""
        return self._limits.cost(self._journal.state.usage)

    @property
    def latest(self) -> datetime:
        """The latest moment at which energy may still have flowed."""
        ends_by = datetime.fromtimestamp(self._limits.quote.ends_by, UTC)
        asked = min(ends_by, self._journal.state.stopped_at or ends_by)
        return min(self._clock(), asked + _ENDING)

    @property
    def bounds(self) -> Bounds:
        """What time allows."""
        now = self.latest
        return Bounds(self._journal.state.idle_at or now, now, self._limits.speed)

    def take(self, status: ChargingStatus) -> str | None:
        """Take in a reading; say what can't be true about it, None for nothing."""
        quote, before, bounds = self._limits.quote, self._journal.state.usage, self.bounds
        usage = usage_of_status(quote, status, before, bounds.now)
        if usage is None or usage == before:
            return None
        fault = usage_fault(quote, usage, before, bounds)
        if fault is None:
            self._journal.note(usage=usage)
        return fault
