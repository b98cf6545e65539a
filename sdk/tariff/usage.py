"""What was used: how much energy in which slot, how much time, and how much of it idle."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from sdk.fields import EnergyWh, Moment
from sdk.tariff.terms import MOST_WINDOWS, Tariff
from sdk.tariff.values import ExactWh, Sparse
from sdk.tariff.windows import EPOCH, MILLISECOND, Timeline, milliseconds, moment_of

LONGEST = timedelta(days=32)
"""Time after the start of a session that still counts."""

_LONGEST_MS = LONGEST // MILLISECOND
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_MOST_IDLE = 32

Idle = tuple[Moment, Moment | None]
"""From when to when the car was full; None: it is."""


class Usage(Sparse):
    """What a session used so far, to the moment that its time counts to, `until`.

    `read_at` is the time of the last reading that counted, `meter_wh`. `energy` holds exact Wh per
    slot of the tariff and sums to `meter_wh` - `meter_start_wh`. `idle` tells when the car was
    full; of more than 32 such times the first are moved together, and their sum stays.
    """

    started_at: Moment
    until: Moment
    meter_start_wh: EnergyWh
    meter_wh: EnergyWh
    read_at: Moment
    energy: Annotated[tuple[ExactWh, ...], Field(min_length=1, max_length=MOST_WINDOWS + 1)]
    idle: Annotated[tuple[Idle, ...], Field(max_length=_MOST_IDLE)] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if sum(self.energy) != self.meter_wh - self.meter_start_wh:
            raise ValueError("the energy of the slots is not the difference of the readings")
        if not EPOCH <= self.started_at <= _LATEST:
            raise ValueError("it started in no time of ours")
        for moment in (self.until, self.read_at):
            if not timedelta() <= moment - self.started_at <= LONGEST:
                raise ValueError("a moment is before the start, or too long after it")
        last = self.started_at
        for since, to in self.idle:
            if since < last or (to or since) < since:
                raise ValueError("the idle times are not one after the other")
            last = to or _LATEST
        return self

    @property
    def energy_wh(self) -> int:
        """The energy of all slots, whole."""
        return self.meter_wh - self.meter_start_wh


def begin(tariff: Tariff, at: datetime, meter_wh: int) -> Usage:
    """Begin with the reading at the start. What is before 1970 or after 9000 counts as that."""
    start = moment_of(milliseconds(min(max(at, EPOCH), _LATEST)))
    return Usage(
        started_at=start,
        until=start,
        meter_start_wh=meter_wh,
        meter_wh=meter_wh,
        read_at=start,
        energy=(Fraction(0),) * (len(tariff.windows) + 1),
    )


def read(tariff: Tariff, usage: Usage, at: datetime, meter_wh: int) -> Usage:
    """Count a reading; the energy since the last one flowed evenly in the time since then.

    With a reading that is not later than the last one, it flowed at the moment of that one.
    Raises ValueError for a meter that fell, and for the usage of another tariff.
    """
    if len(usage.energy) != len(tariff.windows) + 1:
        raise ValueError("the usage is one of another tariff")
    rise = _rise(usage.meter_wh, meter_wh)
    last = milliseconds(usage.read_at)
    now = max(last, _counted(usage, at))
    energy: list[Fraction | int] = [*usage.energy]
    if rise:
        Timeline(tariff.windows, tariff.timezone).spread(energy, last, now, rise)
    moment = moment_of(now)
    until = max(usage.until, moment)
    return _changed(usage, until=until, meter_wh=meter_wh, read_at=moment, energy=tuple(energy))


def usage_of(tariff: Tariff, readings: Sequence[tuple[datetime, int]]) -> Usage:
    """Count a whole curve of (moment, meter in Wh): the same as `begin`, and `read` of each.

    Raises ValueError for no reading and for a meter that fell.
    """
    if not readings:
        raise ValueError("there is no reading")
    usage = begin(tariff, *readings[0])
    timeline = Timeline(tariff.windows, tariff.timezone)
    energy: list[Fraction | int] = [0] * len(usage.energy)
    last, meter = milliseconds(usage.started_at), usage.meter_start_wh
    latest = last + _LONGEST_MS
    for at, meter_wh in readings[1:]:
        now = min(max(last, milliseconds(at)), latest)
        rise = _rise(meter, meter_wh)
        if rise:
            timeline.spread(energy, last, now, rise)
        last, meter = now, meter_wh
    moment = moment_of(last)
    exact = tuple(map(Fraction, energy))
    return _changed(usage, until=moment, meter_wh=meter, read_at=moment, energy=exact)


def tick(usage: Usage, at: datetime) -> Usage:
    """Count time that passed without a reading; an earlier moment changes nothing."""
    moment = moment_of(_counted(usage, at))
    return _changed(usage, until=moment) if moment > usage.until else usage


def end(usage: Usage, at: datetime) -> Usage:
    """Set the true end, which may be earlier than what was counted; never before the start."""
    moment = moment_of(_counted(usage, at))
    idle = tuple((since, min(to or moment, moment)) for since, to in usage.idle if since < moment)
    return _changed(usage, until=moment, idle=idle)


def idle_from(usage: Usage, at: datetime) -> Usage:
    """Note that the car is full; harmless if that is known. Does not move `until`."""
    last = usage.idle[-1][1] if usage.idle else usage.started_at
    if last is None:
        return usage
    since = max(last, moment_of(_counted(usage, at)))
    return _changed(usage, idle=(*_joined(usage.idle), (since, None)))


def idle_to(usage: Usage, at: datetime) -> Usage:
    """Note that the car charges again; harmless if it does. Does not move `until`."""
    if not usage.idle or usage.idle[-1][1] is not None:
        return usage
    *before, (since, _) = usage.idle
    to = moment_of(_counted(usage, at))
    return _changed(usage, idle=(*before, (since, to)) if to > since else tuple(before))


def time_ms(tariff: Tariff, usage: Usage) -> list[int]:
    """Give the milliseconds of the session in each slot."""
    spent = [0] * (len(tariff.windows) + 1)
    timeline = Timeline(tariff.windows, tariff.timezone)
    start, until = milliseconds(usage.started_at), milliseconds(usage.until)
    for since, to, slot in timeline.pieces(start, until):
        spent[slot] += to - since
    return spent


def idle_ms(usage: Usage) -> int:
    """Give the milliseconds, up to `until`, that the car was full."""
    spans = ((since, min(to or usage.until, usage.until)) for since, to in usage.idle)
    return sum(milliseconds(to) - milliseconds(since) for since, to in spans if to > since)


def _counted(usage: Usage, at: datetime) -> int:
    """Give milliseconds since 1970, not before the start nor too long after it."""
    start = milliseconds(usage.started_at)
    return min(max(milliseconds(at), start), start + _LONGEST_MS)


def _changed(usage: Usage, **changes: Any) -> Usage:  # noqa: ANN401 - any field's value
    return usage.model_copy(update=changes)


def _rise(before: int, meter_wh: int) -> int:
    if meter_wh < before:
        raise ValueError(f"the meter fell from {before} to {meter_wh} Wh")
    return meter_wh - before


def _joined(idle: tuple[Idle, ...]) -> tuple[Idle, ...]:
    """Make room for one more: move the first time to the second, without a gap between."""
    if len(idle) < _MOST_IDLE:
        return idle
    (since, to), (then, until), *rest = idle
    return (then - ((to or since) - since), until), *rest
