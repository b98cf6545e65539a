"""Clocks of simulated charge points: right, wrong and jumping, told in every legal way. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random

from sdk.ids import Clock

_INDIA = timezone(timedelta(hours=5, minutes=30))
_NEW_YORK = timezone(timedelta(hours=-5))


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment as a charge point writes it, and as an event must tell it (UTC, milliseconds)."""

    text: str
    wire: str


def wire(moment: datetime) -> str:
    """Write a moment as events do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")


STYLES: dict[str, Callable[[datetime], str]] = {
    "milliseconds": wire,
    "seconds": lambda at: at.isoformat(timespec="seconds").replace("+00:00", "Z"),
    "tenths": lambda at: f"{_plain(at)[:-5]}Z",
    "microseconds": lambda at: f"{_plain(at)}Z",
    "nanoseconds": lambda at: f"{_plain(at)}789Z",
    "no zone": _plain,
    "east": lambda at: at.astimezone(_INDIA).isoformat(timespec="milliseconds"),
    "west": lambda at: at.astimezone(_NEW_YORK).isoformat(timespec="seconds"),
}
_COARSE = {"seconds": 1_000_000, "west": 1_000_000, "tenths": 100_000}
"""Style -> the microseconds that it rounds down to."""

_WRONG_BY = (timedelta(hours=-3), timedelta(days=2), timedelta(days=-365 * 30), timedelta(0))


class SloppyClock:
    """One charge point's clock: its style, how wrong it is, and whether it is set now and then."""

    def __init__(self, rng: Random, clock: Clock) -> None:
        """Draw all three; most clocks are right."""
        self._rng = rng
        self._clock = clock
        self._style = rng.choice(list(STYLES))
        self._offset = rng.choice(_WRONG_BY) if rng.random() < 0.3 else timedelta(0)
        self._jumps = rng.random() < 0.1

    def now(self) -> Stamp:
        """Read the clock; one that jumps may be set forward or back before."""
        if self._jumps and self._rng.random() < 0.1:
            self._offset += timedelta(seconds=self._rng.uniform(-120, 120))
        moment = self._clock() + self._offset
        coarse = _COARSE.get(self._style, 1)
        moment = moment.replace(microsecond=moment.microsecond // coarse * coarse)
        return Stamp(STYLES[self._style](moment), wire(moment))
