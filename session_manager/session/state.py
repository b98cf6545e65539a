"""What the Session Manager knows of one session, as one frozen value."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from sdk.availability import ENDED, FREE
from sdk.events.service import (
    ChargingStatus,
    FailureReason,
    Phase,
    QuoteOffered,
    StopReason,
    Voucher,
)
from sdk.events.settlement import SettlementExecuted
from sdk.fields import EnergyWh, Frozen, IdTag, Moment, Money, PowerW, SessionId, TransactionId
from sdk.tariff import Usage, cost, is_plain

__all__ = ["ENDED", "FREE", "PAYING", "Session", "Timer", "id_tag_of", "shown", "status_of"]

Timer = Literal[
    "deposit",
    "authorise",
    "start",
    "voucher",
    "offline",
    "silent",
    "ends_by",
    "tick",
    "stop",
    "approval",
    "close",
    "execution",
]

PAYING: frozenset[Phase] = frozenset({"executing", "refunding", "disputed"})
"""Phases in which the wallet's nonce is still to move."""


class Session(Frozen):
    """One session on one connector; `idle` is the empty one.

    `deposit` is what the wallet was seen to hold; `zero` the voucher that gives all of it back,
    `voucher` the highest held; `proposed` the price of the final reading; `payout` the voucher
    chosen for the one transaction, tried again for each of `retries`. `closed` tells that no
    transaction can run on this session's tag any more, so that the wallet may pay out; `released`
    that the payout is left to the driver; `stop_unsent` that the last stop never reached the
    charge point. `due` is what a voucher must cover before the voucher's timer runs out.
    `recovering` keeps how a disputed session was going to end. `usage` is what was used, once a
    transaction started, by so many `readings`; `price` is what that comes to; `drift_ms` how far
    the charge point's clock is ahead of ours. A `private` session is a test without money.
    `timeline` tells when each phase began.

    A `failure` while `verifying` tells that the session ends, unless the chain says otherwise
    when it is looked at once more.
    """

    phase: Phase = "idle"
    session_id: SessionId | None = None
    quote: QuoteOffered | None = None
    peer_id: str | None = None
    nonce: int = -1
    private: bool = False
    deposit: Money = 0
    zero: Voucher | None = None
    voucher: Voucher | None = None
    due: Money | None = None
    id_tag: IdTag | None = None
    transaction_id: TransactionId | None = None
    stopped_at: Moment | None = None
    usage: Usage | None = None
    price: Money | None = None
    readings: int = 0
    drift_ms: int | None = None
    unbilled_wh: EnergyWh = 0
    power_w: PowerW | None = None
    soc_percent: int | None = None
    sampled_at: Moment | None = None
    offline: bool = False
    stop_unsent: bool = False
    stop_reason: StopReason | None = None
    failure: FailureReason | None = None
    flags: tuple[str, ...] = ()
    proposed: Money | None = None
    payout: Voucher | None = None
    closed: bool = False
    released: bool = False
    retries: int = 0
    recovering: Phase | None = None
    executed: SettlementExecuted | None = None
    timers: dict[Timer, Moment] = Field(default_factory=dict)
    timeline: tuple[tuple[Phase, Moment], ...] = ()

    @property
    def terms(self) -> QuoteOffered:
        """The quote that this session runs under; every phase but idle has one."""
        if self.quote is None:
            raise LookupError("an idle session has no quote")
        return self.quote

    @property
    def energy_wh(self) -> int:
        """Energy counted so far: last good reading minus the reading at the start."""
        return self.usage.energy_wh if self.usage else 0

    @property
    def started_at(self) -> datetime | None:
        """When the transaction started."""
        return self.usage.started_at if self.usage else None

    @property
    def meter_start_wh(self) -> int | None:
        """The reading at the start of the transaction."""
        return self.usage.meter_start_wh if self.usage else None

    @property
    def meter_wh(self) -> int | None:
        """The last good reading."""
        return self.usage.meter_wh if self.usage else None

    @property
    def cost(self) -> int:
        """Price of what was used so far, never more than the deposit; a test is free."""
        if self.quote is None or self.usage is None or self.private:
            return 0
        price = self.price
        if price is None:
            price = cost(self.quote.tariff, self.usage)
        return min(price, self.deposit)

    @property
    def owed(self) -> int:
        """What was delivered and is not yet covered by a voucher."""
        return max(0, self.cost - self.paid)

    @property
    def paid(self) -> int:
        """What the highest voucher held allows the station to take in all."""
        return self.voucher.spent if self.voucher else 0


def id_tag_of(session_id: SessionId) -> IdTag:
    """Name the session's idTag: 20 characters, the most that OCPP 1.6 allows."""
    return "NR" + session_id[2:20].upper()


def status_of(session: Session) -> ChargingStatus:
    """Tell where a session stands, as app, console and station see it."""
    # A copy of checked values: pydantic would check them once more, and look at each default.
    return _EMPTY.model_copy(update=shown(session))


def shown(session: Session) -> dict[str, Any]:
    """Give the fields of a session's status: where two states have the same, nothing is told."""
    usage, price = session.usage, session.cost
    return {
        "session_id": session.terms.session_id,
        "phase": session.phase,
        "transaction_id": session.transaction_id,
        "meter_start_wh": usage.meter_start_wh if usage else None,
        "meter_wh": usage.meter_wh if usage else None,
        "energy_wh": session.energy_wh,
        "power_w": session.power_w,
        "soc_percent": session.soc_percent,
        "sampled_at": session.sampled_at,
        "deposit": session.deposit,
        "cost": price,
        "remaining": session.deposit - price,
        "voucher": session.paid,
        "usage": None if is_plain(session.terms.tariff) else usage,
        "private": session.private,
        "stop_reason": session.stop_reason,
        "failure": session.failure,
        "flags": session.flags,
    }


_EMPTY = ChargingStatus(session_id="0x" + "0" * 64, phase="idle")
