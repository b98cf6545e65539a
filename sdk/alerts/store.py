"""Alerts in Redis: read by everybody, acknowledged and set by operators.

What is watched is written by the alert desk alone; acknowledgements stand in a hash of their own,
so that neither overwrites the other.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sdk.alerts.alert import (
    Acknowledgement,
    Alert,
    AlertSettings,
    PastAlert,
    Watched,
    alert_of,
    urgency,
)
from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.errors import InvalidInputError

M = TypeVar("M", bound=BaseModel)
EVALUATED_AT, SETTINGS = "evaluated_at", "settings"
MOST_KEPT = 1_000
"""How many alerts that are over are kept."""


class UnknownAlertError(InvalidInputError):
    """Nothing of this id is wrong now."""


def read_models(fields: Mapping[str, str], kind: type[M]) -> dict[str, M]:
    """Read a hash of JSON; what this version can't read is left out."""
    found = {}
    for name, text in fields.items():
        try:
            found[name] = kind.model_validate_json(text)
        except ValidationError:
            continue
    return found


def read_settings(state: Mapping[str, str]) -> AlertSettings:
    """Read the settings out of the hash ALERT_STATE; the defaults where there are none."""
    found = read_models({SETTINGS: state.get(SETTINGS, "{}")}, AlertSettings)
    return found.get(SETTINGS, AlertSettings())


def evaluated_at(state: Mapping[str, str]) -> datetime | None:
    """Tell when somebody looked last, by the hash ALERT_STATE."""
    try:
        return datetime.fromisoformat(state.get(EVALUATED_AT, ""))
    except ValueError:  # it is missing or damaged, and is written again soon
        return None


async def current_alerts(bus: Bus) -> list[Alert]:
    """Give all alerts, the worst first, then the newest. Raises BusUnavailableError."""
    watched, acknowledged = await bus.read_many([keys.ALERTS, keys.ALERT_ACKNOWLEDGEMENTS])
    return alerts_of(watched, acknowledged)


def alerts_of(watched: Mapping[str, str], acknowledged: Mapping[str, str]) -> list[Alert]:
    """Make the alerts of the two hashes."""
    known = read_models(acknowledged, Acknowledgement)
    found = read_models(watched, Watched).items()
    alerts = [alert_of(entry, known.get(name)) for name, entry in found]
    return sorted((alert for alert in alerts if alert is not None), key=urgency)


async def past_alerts(bus: Bus) -> list[tuple[str, PastAlert]]:
    """Give what is over, by the names that order it, newest first. Raises BusUnavailableError."""
    found = read_models(await bus.read(keys.ALERT_HISTORY), PastAlert)
    return sorted(found.items(), reverse=True)


async def acknowledge(bus: Bus, alert_id: str, by: str, now: datetime) -> Alert:
    """Write down who took notice of an alert first. Raises UnknownAlertError."""
    found = {alert.id: alert for alert in await current_alerts(bus)}
    alert = found.get(alert_id)
    if alert is None:
        raise UnknownAlertError("there is no such alert now")
    if alert.acknowledged_at is not None:
        return alert
    taken = Acknowledgement(raised_at=alert.raised_at, by=by, at=now)
    await bus.write(keys.ALERT_ACKNOWLEDGEMENTS, {alert_id: taken.model_dump_json()})
    return alert.model_copy(update={"acknowledged_by": by, "acknowledged_at": now})


async def write_settings(bus: Bus, settings: AlertSettings) -> None:
    """Let other settings hold, from the next look on. Raises BusUnavailableError."""
    await bus.write(keys.ALERT_STATE, {SETTINGS: settings.model_dump_json()})
