"""What happened at the demo's charge points before it began: invented, by a seed. Pure.

A day is the same whenever it is planned; of the days before `now` as many are as are asked for.
"""

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sdk.events.service import FailureReason, StopReason

DRIVERS = 9
BROKEN_FOR = timedelta(hours=20)
"""So long ago connector 2 of DEMO-2 broke."""
BROKEN = ("DEMO-2", 2)
REFUSES = ("DEMO-3", 1)
"""It never starts, and so earns nothing."""
_PLACES = (("DEMO-1", 1), ("DEMO-2", 1), BROKEN, REFUSES)
_POWERS_W = (3_680, 7_360, 11_040, 11_040, 22_000)
_LEAST_WH, _MOST_WH = 4_000, 38_000
_MOST_HOURS = 6
_OPENS, _CLOSES = 6, 21
_FRESH = timedelta(minutes=20)
_STOPS: tuple[StopReason, ...] = (
    *("consumer",) * 14,
    *("charge_point",) * 3,
    "deposit_used_up",
    "operator",
)
_FAILURES: tuple[FailureReason, ...] = (
    "deposit_missing",
    "deposit_missing",
    "start_timeout",
    "id_tag_refused",
    "charge_point_offline",
)
_FAILS = 0.08


@dataclass(frozen=True)
class Visit:
    """A driver who came: either `stop_reason` or `failure` says how it ended."""

    charge_point_id: str
    connector_id: int
    begins_at: datetime
    driver: int
    power_w: int
    energy_wh: int
    idle: timedelta
    stop_reason: StopReason | None
    failure: FailureReason | None

    @property
    def charges_for(self) -> timedelta:
        """Give how long energy flows, at full power."""
        return timedelta(hours=self.energy_wh / self.power_w)

    @property
    def ends_at(self) -> datetime:
        """Give when the driver leaves."""
        if self.failure is not None:
            return self.begins_at + timedelta(minutes=3)
        return self.begins_at + self.charges_for + self.idle


def planned(seed: int, now: datetime, days: int) -> list[Visit]:
    """Give all visits of these days that are over, as they ended."""
    visits = [
        visit
        for ago in range(days, -1, -1)
        for place in _PLACES
        for visit in _day(seed, now - timedelta(days=ago), place)
        if now - timedelta(days=days) < visit.begins_at
        and visit.ends_at < now - _FRESH
        and not (place == BROKEN and visit.ends_at > now - BROKEN_FOR)
    ]
    return sorted(visits, key=lambda visit: (visit.ends_at, visit.charge_point_id))


def _day(seed: int, day: datetime, place: tuple[str, int]) -> list[Visit]:
    rng = random.Random(f"{seed}:{day:%Y-%m-%d}:{place}")  # noqa: S311 - the same each time
    midnight = datetime.combine(day.date(), time(), day.tzinfo)
    at = midnight + timedelta(hours=_OPENS, minutes=rng.randrange(180))
    closes = midnight + timedelta(hours=_CLOSES)
    visits: list[Visit] = []
    while at < closes:
        visit = _visit(rng, at, place)
        visits.append(visit)
        rest = rng.randrange(20, 240) if place != REFUSES else rng.randrange(600, 1_200)
        at = visit.ends_at + timedelta(minutes=rest)
    return visits


def _visit(rng: random.Random, at: datetime, place: tuple[str, int]) -> Visit:
    failure = rng.choice(_FAILURES) if rng.random() < _FAILS else None
    if place == REFUSES:
        failure = "start_refused"
    stop_reason = None if failure else rng.choice(_STOPS)
    idle = rng.randrange(5, 50) if stop_reason == "charge_point" else 0
    power_w = rng.choice(_POWERS_W)
    return Visit(
        *place,
        begins_at=at,
        driver=rng.randrange(DRIVERS),
        power_w=power_w,
        energy_wh=rng.randrange(_LEAST_WH, min(_MOST_WH, power_w * _MOST_HOURS)),
        idle=timedelta(minutes=idle),
        stop_reason=stop_reason,
        failure=failure,
    )
