"""Whether what the station says was used can be true, PURE; the price follows from it alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from sdk.events.service import ChargingStatus, QuoteOffered
from sdk.tariff import Usage, begin, is_plain, read
from sdk.tariff.usage import idle_ms, time_ms

SLACK = timedelta(seconds=10)
"""Readings and messages may be late, and clocks differ, by so much."""
_MS_PER_HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the app knows by itself: since when it may charge, what time it is.

    `speed` is how much faster than the clock energy may come: 1, except against a simulator.
    """

    since: datetime
    now: datetime
    speed: float = 1.0


def usage_of_status(
    quote: QuoteOffered, status: ChargingStatus, before: Usage | None, now: datetime
) -> Usage | None:
    """Give what a status says was used; for a plain tariff it need only tell the readings."""
    if status.usage is not None or not is_plain(quote.tariff):
        return status.usage
    if status.meter_start_wh is None or status.meter_wh is None:
        return None
    at = status.sampled_at or now
    usage = before
    if usage is None or usage.meter_start_wh != status.meter_start_wh:
        usage = begin(quote.tariff, at, status.meter_start_wh)
    if status.meter_wh < usage.meter_wh:
        return before
    return read(quote.tariff, usage, at, status.meter_wh)


def usage_fault(
    quote: QuoteOffered, usage: Usage, before: Usage | None, bounds: Bounds
) -> str | None:
    """Say why a usage can't be true, or does not follow the one before; None if it can.

    What a plain tariff charges for is bounded by the app's clock when it signs; here the parts are
    looked at that move money between the slots of a tariff, or count time.
    """
    tariff = quote.tariff
    if len(usage.energy) != len(tariff.windows) + 1:
        return "the usage is one of another tariff"
    if before is not None:
        if usage.meter_start_wh != before.meter_start_wh:
            return "the reading at the start changed"
        if any(now < then for now, then in zip(usage.energy, before.energy, strict=True)):
            return "energy moved from one price to another"
    if is_plain(tariff):
        return None
    if usage.started_at < bounds.since - SLACK or usage.until > bounds.now + SLACK:
        return "it counts time before the start, or after now"
    return _fault_of_idle(usage, before) or _fault_of_slots(quote, usage, before, bounds)


def _fault_of_idle(usage: Usage, before: Usage | None) -> str | None:
    """Look for idle time that was found only after it had passed."""
    known, since = (idle_ms(before), before.until) if before else (0, usage.started_at)
    passed = max(usage.until - since, timedelta()) + SLACK
    if timedelta(milliseconds=idle_ms(usage) - known) > passed:
        return "more idle time than has passed"
    return None


def _fault_of_slots(
    quote: QuoteOffered, usage: Usage, before: Usage | None, bounds: Bounds
) -> str | None:
    """Look for a slot that got more energy than flows while it holds."""
    since = before.read_at if before is not None else usage.started_at
    if usage.read_at < since:
        return "a reading is older than the one before"
    stretch = usage.model_copy(
        update={
            "started_at": max(usage.started_at, since - SLACK),
            "until": min(usage.read_at + SLACK, bounds.now + SLACK),
        }
    )
    earlier = before.energy if before is not None else (Fraction(),) * len(usage.energy)
    for ms, now, then in zip(time_ms(quote.tariff, stretch), usage.energy, earlier, strict=True):
        possible = quote.maximum_power_w * ms * bounds.speed / _MS_PER_HOUR
        if now - then > possible:
            return "more energy at one price than the time allows"
    return None
