"""The rules: what is wrong, by what is known of charge points, chain and webhooks. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sdk.alerts.alert import AlertSettings, Cause
from sdk.disputes import Dispute
from sdk.fields import Frozen, Moment, Money, stored_moment

Hash = Mapping[str, str]


class Report(Frozen):
    """How one Session Manager sees the chain, and what its gas account holds (None: not known).

    `gas_low`: it is too little for the payouts under way and three more.
    """

    at: Moment
    chain_id: int
    chain: Literal["up", "degraded", "down", "unknown"] = "unknown"
    reason: str = ""
    gas_account: str
    gas_balance: Money | None = None
    gas_low: bool = False


@dataclass(frozen=True, slots=True)
class PointSeen:
    """One charge point; `state`, `identity` and `connectors` (from 0 on) are its hashes."""

    charge_point_id: str
    connected: bool
    state: Hash
    identity: Hash
    connectors: Sequence[Hash] = ()
    disputes: Sequence[Dispute] = ()


@dataclass(frozen=True, slots=True)
class Disabled:
    """A webhook that does not work any more."""

    webhook_id: str
    name: str
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was looked at; `reports` only of Session Managers that live."""

    at: datetime
    points: Sequence[PointSeen] = ()
    reports: Sequence[Report] = ()
    disabled: Sequence[Disabled] = ()


def causes(seen: Seen, settings: AlertSettings, standing: Collection[str]) -> dict[str, Cause]:
    """Tell what is wrong, by id; `standing` are the ids of what is an alert already."""

    def is_low(cause_id: str, balance: int, below: int) -> bool:
        margin = settings.hysteresis_percent if cause_id in standing else 0
        return balance * 100 < below * (100 + margin)

    found: dict[str, Cause] = {}
    for point in seen.points:
        found |= {cause.id: cause for cause in _of_point(point, seen.at)}
        found |= {cause.id: cause for cause in _station_balance(point, seen.at, settings, is_low)}
    for cause in (*_chains(seen), *_gas(seen, settings, is_low), *map(_webhook, seen.disabled)):
        found.setdefault(cause.id, cause)
    return {name: cause for name, cause in found.items() if cause.kind not in settings.muted}


def _of_point(point: PointSeen, now: datetime) -> Iterator[Cause]:
    name = point.charge_point_id
    if not point.connected and point.state:  # one that never came is not missed
        seen_at = stored_moment(point.state.get("last_seen_at"))
        yield Cause(
            id=f"offline:{name}",
            kind="offline",
            severity="warning",
            charge_point_id=name,
            since=seen_at or now,
            detail=f"{name} is offline.",
            facts={"last_seen_at": seen_at.isoformat()} if seen_at else {},
        )
    for number, connector in enumerate(point.connectors):
        if connector.get("status") == "Faulted":
            yield _fault(name, number, connector, now)
    for dispute in point.disputes:
        yield _dispute(dispute, now)


def _fault(name: str, number: int, connector: Hash, now: datetime) -> Cause:
    code = connector.get("error_code") or "OtherError"
    what = f"connector {number} of {name}" if number else name
    return Cause(
        id=f"faulted:{name}:{number}",
        kind="faulted",
        severity="critical",
        charge_point_id=name,
        connector_id=number,
        since=stored_moment(connector.get("changed_at")) or now,
        detail=f"{what[0].upper()}{what[1:]} is faulted: {code}.",
        facts={"error_code": code},
    )


def _dispute(dispute: Dispute, now: datetime) -> Cause:
    name, session_id = dispute.charge_point_id, dispute.session_id
    what = "is left to the driver's app" if dispute.released else "waits for its payout"
    facts = {"released": "yes" if dispute.released else "no"}
    return Cause(
        id=f"dispute:{name}:{session_id}",
        kind="dispute",
        severity="info" if dispute.released else "warning",
        charge_point_id=name,
        connector_id=dispute.connector_id,
        session_id=session_id,
        since=dispute.since or now,
        detail=f"Session {session_id[:10]}… of {name} {what}.",
        facts=facts | ({"phase": dispute.phase} if dispute.phase else {}),
    )


_IsLow = Callable[[str, int, int], bool]


def _station_balance(
    point: PointSeen, now: datetime, settings: AlertSettings, is_low: _IsLow
) -> Iterator[Cause]:
    name, text = point.charge_point_id, point.identity.get("balance", "")
    below, cause_id = settings.station_balance_below, f"low_station_balance:{name}"
    if below is None or not (text.isascii() and text.isdecimal()):
        return
    if is_low(cause_id, int(text), below):
        yield Cause(
            id=cause_id,
            kind="low_station_balance",
            severity="warning",
            charge_point_id=name,
            since=now,
            detail=f"The station's account of {name} holds less than it should.",
            facts={"balance": text, "below": str(below)},
        )


def _chains(seen: Seen) -> Iterator[Cause]:
    for chain_id in sorted({report.chain_id for report in seen.reports}):
        those = [report for report in seen.reports if report.chain_id == chain_id]
        down = [report for report in those if report.chain == "down"]
        if not down:
            continue
        who = "" if len(down) == len(those) else f" by {len(down)} of {len(those)} Session Managers"
        yield Cause(
            id=f"chain_down:{chain_id}",
            kind="chain_down",
            severity="critical",
            since=seen.at,
            detail=f"Chain {chain_id} can't be used{who}: {down[0].reason}.",
            facts={"chain_id": str(chain_id), "reason": down[0].reason},
        )


def _gas(seen: Seen, settings: AlertSettings, is_low: _IsLow) -> Iterator[Cause]:
    below = settings.gas_balance_below
    for report in sorted(seen.reports, key=lambda each: each.at, reverse=True):
        cause_id, balance = f"low_gas_balance:{report.gas_account.lower()}", report.gas_balance
        is_short = below is not None and balance is not None and is_low(cause_id, balance, below)
        if not (is_short or (below is None and report.gas_low)):
            continue
        told = {"balance": balance, "below": below}
        yield Cause(
            id=cause_id,
            kind="low_gas_balance",
            severity="critical",
            since=seen.at,
            detail=f"The gas account {report.gas_account} is running out.",
            facts={"account": report.gas_account}
            | {field: str(value) for field, value in told.items() if value is not None},
        )


def _webhook(disabled: Disabled) -> Cause:
    return Cause(
        id=f"webhook_disabled:{disabled.webhook_id}",
        kind="webhook_disabled",
        severity="warning",
        since=disabled.at,
        detail=f"The webhook {disabled.name} is disabled: {disabled.error}.",
        facts={"webhook_id": disabled.webhook_id, "name": disabled.name},
    )
