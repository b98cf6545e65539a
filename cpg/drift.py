"""How far a charge point's configuration is from what is wanted, and what that changes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cpg.calls import Answer, Answered, Refused
from cpg.effects import Effect
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.desired_configuration import Drift, DriftReason, drift_of, is_same_value
from sdk.events.body import Body
from sdk.events.charge_point import ConfigurationDrifted, ConfigurationRestored
from sdk.events.operations import ConfigurationKey

OPEN = "open"
"""In `desired` of `{CP}:charge_point`: something is not as wanted, or it is not known yet."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A key that is not as wanted."""

    reason: DriftReason
    reported: str | None = None


def differing(
    wanted: Mapping[str, str], reported: Mapping[str, ConfigurationKey]
) -> dict[str, Finding | None]:
    """Give the keys that differ: with a finding those that can't be set, else None.

    `reported` is by key in lower case. A key that is not reported may be one that can only be
    written, and is set.
    """
    found: dict[str, Finding | None] = {}
    for key, value in wanted.items():
        item = reported.get(key.casefold())
        if item is None:
            found[key] = None
        elif not is_same_value(value, item.value):
            found[key] = Finding("readonly", item.value) if item.readonly else None
    return found


def refusal(answer: Answer) -> DriftReason | None:
    """Say why ChangeConfiguration did not make a key as wanted; None where it was accepted."""
    match answer:
        case Answered({"status": "Accepted"}):
            return None
        case Answered({"status": "RebootRequired"}):
            return "needs_reboot"
        case Answered({"status": "NotSupported"}):
            return "not_supported"
        case Answered():
            return "rejected"
        case Refused():
            return "not_supported" if answer.unsupported else "rejected"
        case _:
            return "no_answer"


def effect_of(
    charge_point_id: str,
    wanted: Mapping[str, str],
    found: Mapping[str, Finding],
    stored: Mapping[str, str],
    now: datetime,
) -> Effect:
    """Give what to keep and tell; `stored` is `{CP}:drift` as it was.

    A drift is told once, and again when its reason is another one.
    """
    key = keys.drift(charge_point_id)
    written: dict[str, str] = {}
    events: list[tuple[Body, int | None]] = []
    for name, finding in found.items():
        before = drift_of(stored[name]) if name in stored else None
        is_new = before is None or before.reason != finding.reason
        since = now if before is None or is_new else before.since
        fact = ConfigurationDrifted(
            key=name, wanted=wanted[name], reported=finding.reported, reason=finding.reason
        )
        drift = Drift(since=since, **fact.model_dump(exclude={"type"}))
        written[name] = drift.model_dump_json()
        if is_new:
            events.append((fact, None))
    gone = [name for name in stored if name not in found]
    events += [(ConfigurationRestored(key=name), None) for name in gone]
    state = StateWrite(keys.state(charge_point_id), {"desired": OPEN if found else ""})
    return Effect(
        writes=[state, *([StateWrite(key, written)] if written else [])],
        removed={key: gone} if gone else {},
        events=events,
    )
