"""From what is wrong to alerts: raised after a while, cleared when it is over for a while. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sdk.alerts.alert import AlertSettings, Cause, Watched

BROKEN_AFTER = timedelta(minutes=1)
"""When nobody looked for so long, what was not held long enough begins anew."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is watched after a look, and what became of it: alerts that were raised or cleared."""

    watched: Mapping[str, Watched]
    raised: tuple[Watched, ...] = ()
    cleared: tuple[Watched, ...] = ()


def step(
    before: Mapping[str, Watched],
    causes: Mapping[str, Cause],
    settings: AlertSettings,
    at: datetime,
) -> Step:
    """Take what is wrong at `at` into account."""
    watched: dict[str, Watched] = {}
    raised, cleared = [], []
    for name, cause in causes.items():
        entry = _held(before.get(name), cause, at)
        held = at - entry.held_since
        if entry.raised_at is None and held >= timedelta(seconds=settings.hold(entry.kind)):
            entry = entry.model_copy(update={"raised_at": at})
            raised.append(entry)
        watched[name] = entry
    for name in before.keys() - causes.keys():
        entry = before[name]
        if entry.raised_at is None:
            continue
        gone_since = entry.gone_since or at
        if at - gone_since >= timedelta(seconds=settings.clear_seconds):
            cleared.append(entry)
        else:
            watched[name] = entry.model_copy(update={"gone_since": gone_since})
    return Step(watched, tuple(raised), tuple(sorted(cleared, key=lambda each: each.id)))


def resumed(
    watched: Mapping[str, Watched], evaluated_at: datetime | None, at: datetime
) -> dict[str, Watched]:
    """Give what is watched when somebody looks again, who may be another one.

    After a pause nobody knows what was meanwhile: a restart of everything is no reason for alarm.
    """
    if evaluated_at is not None and at - evaluated_at < BROKEN_AFTER:
        return dict(watched)
    return {
        name: entry.model_copy(update={"held_since": at, "gone_since": None})
        for name, entry in watched.items()
    }


def _held(before: Watched | None, cause: Cause, at: datetime) -> Watched:
    # both are checked already, and there may be thousands
    if before is None:
        return Watched.model_construct(**dict(cause), held_since=at)
    return before.model_copy(update={**dict(cause), "since": before.since, "gone_since": None})
