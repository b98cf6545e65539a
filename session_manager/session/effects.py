"""What a step asks of the shell. Ids, times and signatures are the shell's to add."""

from dataclasses import dataclass
from typing import Literal

from sdk.events.service import ChargingStatus, ServiceRejected, Voucher
from sdk.events.station import (
    DisputeResolved,
    DisputeResolveRefused,
    SessionStopAccepted,
    SessionStopRefused,
)
from session_manager.session.state import PAYING, Session


@dataclass(frozen=True, slots=True)
class Accept:
    """Tell the consumer that the connector is held until the deposit's deadline."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell the session's consumer."""

    body: ServiceRejected | ChargingStatus


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the operator who caused this step."""

    body: SessionStopAccepted | SessionStopRefused | DisputeResolved | DisputeResolveRefused


@dataclass(frozen=True, slots=True)
class Order:
    """Ask the gateway to authorise, start, stop or revoke for this session."""

    what: Literal["authorise", "start", "stop", "revoke"]


@dataclass(frozen=True, slots=True)
class Propose:
    """Sign the payout of `spent` and propose it to the consumer."""

    spent: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """Sign the receipt and send it."""


Effect = Accept | Tell | Answer | Order | Propose | Deliver


@dataclass(frozen=True, slots=True)
class WatchDeposit:
    """The wallet's balance decides how this session goes on.

    `last`: the session ends unless something is there or under way, so an empty wallet is an
    answer too.
    """

    last: bool = False


@dataclass(frozen=True, slots=True)
class Execute:
    """The wallet must pay out by this voucher, as long as its nonce is 0.

    `retries` only tells one attempt from the next that a person asked for.
    """

    voucher: Voucher
    retries: int = 0


@dataclass(frozen=True, slots=True)
class GuardDeposit:
    """The deposit must stay where it is, and be paid out before the driver's refund opens."""

    deposit: int


@dataclass(frozen=True, slots=True)
class WatchPayout:
    """The driver pays the wallet out; the session wants to know when."""


_GUARDED = frozenset({"authorising", "starting", "charging", "stopping", "settling"})

ChainNeed = WatchDeposit | GuardDeposit | Execute | WatchPayout


def chain_need(session: Session) -> ChainNeed | None:
    """Derive from the state alone what the chain must be asked or told; safe to do again."""
    if session.phase == "verifying":
        return WatchDeposit(last=session.failure is not None)
    if session.released:
        return WatchPayout()
    if session.phase in PAYING and session.payout is not None and session.closed:
        return Execute(session.payout, session.retries)
    if session.phase in _GUARDED and not session.private:
        return GuardDeposit(session.deposit)
    return None
