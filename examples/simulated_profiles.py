"""The charging profiles of the simulated charge point (OCPP 1.6 edition 2, 3.13).

The profile of the highest stack level counts for each purpose; that of the transaction counts
before the default; the charge point's maximum caps them all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ocpp.v16.enums import ChargingProfilePurposeType, ChargingProfileStatus

from sdk.ids import utc_now

VOLT, PHASES = 230, 3
_EVERY = {"Daily": timedelta(days=1), "Weekly": timedelta(days=7)}
_MAXIMUM = ChargingProfilePurposeType.charge_point_max_profile
_DEFAULT = ChargingProfilePurposeType.tx_default_profile
_OF_TRANSACTION = ChargingProfilePurposeType.tx_profile


@dataclass(frozen=True)
class Profile:
    """One profile of a connector (0: of all); periods are (seconds from its begin, limit in W)."""

    connector: int
    number: int
    level: int
    purpose: str
    kind: str
    every: timedelta | None
    valid_from: datetime | None
    valid_to: datetime | None
    starts_at: datetime | None
    duration: timedelta | None
    periods: tuple[tuple[int, float], ...]

    def begin(self, at: datetime, started_at: datetime) -> datetime:
        """Give when the schedule that runs at `at` began."""
        first = self.starts_at or started_at
        if self.kind == "Relative":
            return started_at
        if self.every is None or at < first:
            return first
        return first + (at - first) // self.every * self.every

    def limit(self, at: datetime, started_at: datetime) -> float | None:
        """Give what it allows at a moment, W; None: nothing to say then."""
        if (self.valid_from and at < self.valid_from) or (self.valid_to and at >= self.valid_to):
            return None
        since = at - self.begin(at, started_at)
        if since < timedelta() or (self.duration is not None and since >= self.duration):
            return None
        seconds = since.total_seconds()
        return next((watt for start, watt in reversed(self.periods) if start <= seconds), None)

    def changes(self, now: datetime, until: datetime, started_at: datetime) -> Iterator[datetime]:
        """Give the moments at which its limit may change."""
        yield from (each for each in (self.valid_from, self.valid_to) if each is not None)
        begin = self.begin(now, started_at)
        while begin < until:
            yield from (begin + timedelta(seconds=start) for start, _ in self.periods)
            if self.duration is not None:
                yield begin + self.duration
            if self.every is None:
                return
            begin += self.every


class Profiles:
    """Those that are installed, by number."""

    def __init__(self) -> None:
        self._held: dict[int, Profile] = {}

    def install(
        self, connector: int, data: Mapping[str, Any], running: int | None
    ) -> ChargingProfileStatus:
        """Take a profile; `running` is the number of the connector's transaction."""
        profile = read_profile(connector, data)
        belongs = data.get("transaction_id") in (None, running)
        if profile.purpose == _OF_TRANSACTION and (running is None or not belongs):
            return ChargingProfileStatus.rejected
        if profile.purpose == _MAXIMUM and connector:
            return ChargingProfileStatus.rejected
        self.add(profile)
        return ChargingProfileStatus.accepted

    def add(self, profile: Profile) -> None:
        """Hold a profile instead of the one in its place."""
        place = (profile.connector, profile.purpose, profile.level)
        self._held = {
            number: each
            for number, each in self._held.items()
            if (each.connector, each.purpose, each.level) != place
        }
        self._held[profile.number] = profile

    def clear(
        self,
        number: int | None = None,
        connector: int | None = None,
        purpose: str | None = None,
        level: int | None = None,
    ) -> bool:
        """Remove what fits all that is given; tells whether there was any."""
        wanted = (number, connector, purpose, level)
        fitting = [
            each
            for each in self._held.values()
            if all(
                want is None or want == has
                for want, has in zip(
                    wanted, (each.number, each.connector, each.purpose, each.level), strict=True
                )
            )
        ]
        for each in fitting:
            del self._held[each.number]
        return bool(fitting)

    def limit(self, connector: int, at: datetime, started_at: datetime) -> float | None:
        """Give the least that is allowed at a connector, W; None: nobody limits it."""

        def of(purpose: str) -> float | None:
            own = [
                (each.level, each.connector, limit)
                for each in self._held.values()
                if each.purpose == purpose and each.connector in (0, connector)
                if (limit := each.limit(at, started_at)) is not None
            ]
            return max(own)[2] if own else None

        mine = of(_OF_TRANSACTION)
        found = (of(_MAXIMUM), of(_DEFAULT) if mine is None else mine)
        return min((each for each in found if each is not None), default=None)

    def composite(
        self, connector: int, seconds: int, unit: str, maximum_w: float, started_at: datetime
    ) -> list[dict[str, float]]:
        """Give the periods of the next `seconds`, as they go into GetCompositeSchedule.conf."""
        now = utc_now()
        until = now + timedelta(seconds=seconds)
        moments = {now} | {
            at
            for each in self._held.values()
            for at in each.changes(now, until, started_at)
            if now < at < until
        }
        periods: list[dict[str, float]] = []
        for at in sorted(moments):
            limit = self.limit(connector, at, started_at)
            watt = maximum_w if limit is None else min(limit, maximum_w)
            shown = round(watt if unit == "W" else watt / VOLT / PHASES, 1)
            if not periods or periods[-1]["limit"] != shown:
                start = round((at - now).total_seconds())
                periods.append({"start_period": start, "limit": shown})
        return periods


def read_profile(connector: int, data: Mapping[str, Any]) -> Profile:
    """Read csChargingProfiles by the package's names."""
    schedule = data["charging_schedule"]
    watt = VOLT if schedule["charging_rate_unit"] == "A" else 1
    duration = schedule.get("duration")
    return Profile(
        connector,
        data["charging_profile_id"],
        data["stack_level"],
        data["charging_profile_purpose"],
        data["charging_profile_kind"],
        _EVERY.get(data.get("recurrency_kind", "")),
        _moment(data.get("valid_from")),
        _moment(data.get("valid_to")),
        _moment(schedule.get("start_schedule")),
        None if duration is None else timedelta(seconds=duration),
        tuple(
            (
                period["start_period"],
                float(period["limit"]) * (watt * period.get("number_phases", 3) if watt > 1 else 1),
            )
            for period in schedule["charging_schedule_period"]
        ),
    )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=utc_now().tzinfo)
