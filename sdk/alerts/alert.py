"""What an alert is, and what operators can set about alerts."""

from typing import Annotated, Literal

from pydantic import Field

from sdk.fields import Frozen, Moment, Money

Kind = Literal[
    "offline",
    "faulted",
    "dispute",
    "low_gas_balance",
    "low_station_balance",
    "chain_down",
    "webhook_disabled",
]
Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
"""The worst first."""
_DAY_S = 86_400
Seconds = Annotated[int, Field(ge=0, le=_DAY_S)]


class AlertSettings(Frozen):
    """How long something is wrong before it is an alert, and which balances are low.

    `clear_seconds`: how long it has to be over before the alert is. `gas_balance_below` None: as
    the Session Manager measures it, too little for the payouts under way and three more;
    `station_balance_below` None: not looked at; both in the chain's own token's smallest unit.
    `hysteresis_percent`: a balance is good again so much above its threshold. `muted` kinds raise
    nothing.
    """

    offline_seconds: Seconds = 120
    faulted_seconds: Seconds = 30
    chain_down_seconds: Seconds = 60
    low_balance_seconds: Seconds = 60
    clear_seconds: Seconds = 10
    gas_balance_below: Money | None = None
    station_balance_below: Money | None = None
    hysteresis_percent: Annotated[int, Field(ge=0, le=1000)] = 10
    muted: tuple[Kind, ...] = ()

    def hold(self, kind: Kind) -> int:
        """Give for how many seconds this has to be so before it is an alert."""
        match kind:
            case "offline":
                return self.offline_seconds
            case "faulted":
                return self.faulted_seconds
            case "chain_down":
                return self.chain_down_seconds
            case "low_gas_balance" | "low_station_balance":
                return self.low_balance_seconds
            case "dispute" | "webhook_disabled":
                return 0


class Cause(Frozen):
    """Something that is wrong now; `id` is the same for as long as it is, and when it comes again.

    `since` is as far as is known. `detail` is a sentence; `facts` is what it is made of, for other
    languages.
    """

    id: str
    kind: Kind
    severity: Severity
    charge_point_id: str | None = None
    connector_id: int | None = None
    session_id: str | None = None
    since: Moment
    detail: str
    facts: dict[str, str] = Field(default_factory=dict)


class Watched(Cause):
    """A cause as it is kept: `held_since` it is watched, `raised_at` it became an alert.

    `gone_since`: it is over, though not long enough to be cleared.
    """

    held_since: Moment
    raised_at: Moment | None = None
    gone_since: Moment | None = None


class Alert(Cause):
    """A cause that operators are told of."""

    raised_at: Moment
    acknowledged_by: str | None = None
    acknowledged_at: Moment | None = None


class PastAlert(Alert):
    """An alert that is over."""

    cleared_at: Moment


class Acknowledgement(Frozen):
    """Who took notice of an alert that was raised at `raised_at`."""

    raised_at: Moment
    by: str
    at: Moment


def alert_of(watched: Watched, acknowledged: Acknowledgement | None = None) -> Alert | None:
    """Give what operators are told of it; None while it is no alert."""
    if watched.raised_at is None:
        return None
    told = {name: value for name, value in watched if name in Alert.model_fields}
    if acknowledged is not None and acknowledged.raised_at == watched.raised_at:
        told |= {"acknowledged_by": acknowledged.by, "acknowledged_at": acknowledged.at}
    return Alert.model_construct(**told)


def urgency(alert: Alert) -> tuple[int, float, str]:
    """Order alerts: the worst first, then what was raised last."""
    return SEVERITIES.index(alert.severity), -alert.raised_at.timestamp(), alert.id
