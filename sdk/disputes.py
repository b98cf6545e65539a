"""Sessions that wait off their connector for their payout, and what a person can do about each.

`{CP}:disputed:<session id>` is the Session Manager's own; here it is only read.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import ValidationError

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.errors import InvalidInputError
from sdk.events.service import ChargingStatus, Phase, QuoteOffered, Voucher
from sdk.events.station import DisputeDecision
from sdk.fields import NATIVE_TOKEN, EnergyWh, Frozen, Moment, Money, SessionId, stored_moment
from sdk.records.reading import charge_points

DisputePlace = tuple[str, str, str]
"""Where a dispute stands among all: since when as it is stored, charge point, session."""
_SETTLEMENT = "settlement_"
_ENDS_AS: Mapping[str, Literal["settled", "refunded"]] = {
    "executing": "settled",
    "refunding": "refunded",
}


class UnknownDisputeError(InvalidInputError):
    """No session of this id waits for its payout there."""


class Dispute(Frozen):
    """One session off its connector; money in the token's smallest unit.

    `since` is when it left the connector, `ends_as` how it was going to end, `payout` what the
    station is to get. `released`: it is worth less than its gas, and left to the driver. `reasons`
    are those of all attempts so far (SettlementFailed). `decisions` are what a person can decide
    now, `advice` says it in sentences. What this version can't read has `phase` None.
    """

    charge_point_id: str
    session_id: str
    since: Moment | None = None
    connector_id: int | None = None
    phase: Phase | None = None
    ends_as: Literal["settled", "refunded"] | None = None
    released: bool = False
    reasons: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    stop_reason: str | None = None
    failure: str | None = None
    energy_wh: EnergyWh = 0
    deposit: Money = 0
    cost: Money = 0
    voucher: Money = 0
    payout: Money | None = None
    chain_id: int | None = None
    token: str = NATIVE_TOKEN
    token_decimals: int = 18
    token_symbol: str = ""
    wallet: str | None = None
    refund_account: str | None = None
    refund_opens_at: Moment | None = None
    decisions: tuple[DisputeDecision, ...] = ()
    advice: tuple[str, ...] = ()


class Unbilled(Frozen):
    """Energy that a charge point told of when its session was paid already; nobody pays it now."""

    charge_point_id: str
    transaction_id: int
    session_id: SessionId
    unbilled_wh: EnergyWh
    stopped_at: Moment


class _Stored(Frozen):
    """What is read here of a session as its manager stores it."""

    quote: QuoteOffered | None = None
    zero: Voucher | None = None
    payout: Voucher | None = None
    released: bool = False
    recovering: Phase | None = None


async def read_disputes(
    bus: Bus, now: datetime, chosen: Sequence[str] | None = None
) -> list[Dispute]:
    """Read the disputes of all or the chosen charge points, the oldest first.

    Raises BusUnavailableError.
    """
    names = await charge_points(bus) if chosen is None else chosen
    indexes = await bus.read_many([keys.disputes(name) for name in names])
    found = [
        (name, session_id, since)
        for name, index in zip(names, indexes, strict=True)
        for session_id, since in index.items()
    ]
    hashes = await bus.read_many([keys.disputed(name, item) for name, item, _ in found])
    disputes = [
        dispute_of(name, session_id, since, fields, now)
        for (name, session_id, since), fields in zip(found, hashes, strict=True)
        if fields  # it ended between the two readings
    ]
    return sorted(disputes, key=lambda each: (each.since or now, each.session_id))


async def oldest_disputes(
    bus: Bus, now: datetime, chosen: Sequence[str] | None, after: DisputePlace | None, most: int
) -> list[tuple[DisputePlace, Dispute]]:
    """Read up to `most` disputes behind `after`, the oldest first, each with its place.

    Of the others only the index is read. Raises BusUnavailableError.
    """
    names = await charge_points(bus) if chosen is None else chosen
    indexes = await bus.read_many([keys.disputes(name) for name in names])
    places = sorted(
        (since, name, session_id)
        for name, index in zip(names, indexes, strict=True)
        for session_id, since in index.items()
        if after is None or (since, name, session_id) > after
    )
    found: list[tuple[DisputePlace, Dispute]] = []
    while places and len(found) < most:
        some = places[: most - len(found)]
        del places[: len(some)]
        hashes = await bus.read_many([keys.disputed(name, item) for _, name, item in some])
        found += [
            ((since, name, item), dispute_of(name, item, since, fields, now))
            for (since, name, item), fields in zip(some, hashes, strict=True)
            if fields  # it ended between the two readings
        ]
    return found


async def dispute_at(
    bus: Bus, now: datetime, charge_point_id: str, session_id: str
) -> Dispute | None:
    """Read one dispute by its whole id; None where there is none. Raises BusUnavailableError."""
    names = [keys.disputes(charge_point_id), keys.disputed(charge_point_id, session_id)]
    index, fields = await bus.read_many(names)
    since = index.get(session_id)
    if since is None or not fields:
        return None
    return dispute_of(charge_point_id, session_id, since, fields, now)


async def find_dispute(bus: Bus, now: datetime, charge_point_id: str, session_id: str) -> Dispute:
    """Read one dispute; the beginning of its id is enough where no other begins so.

    Raises UnknownDisputeError, BusUnavailableError.
    """
    wanted = session_id.lower()
    disputes = await read_disputes(bus, now, [charge_point_id])
    found = [each for each in disputes if each.session_id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} disputed sessions" if found else "no disputed session"
    raise UnknownDisputeError(f"{charge_point_id} has {what} {session_id}")


async def read_unbilled(bus: Bus, chosen: Sequence[str] | None = None) -> list[Unbilled]:
    """Read the energy found after its payment, of all or the chosen charge points.

    Raises InvalidInputError for an entry that this version can't read, BusUnavailableError.
    """
    names = await charge_points(bus) if chosen is None else chosen
    hashes = await bus.read_many([keys.unbilled(name) for name in names])
    return [
        _unbilled(name, transaction_id, text)
        for name, fields in zip(names, hashes, strict=True)
        for transaction_id, text in fields.items()
    ]


def dispute_of(
    charge_point_id: str, session_id: str, since: str, fields: Mapping[str, str], now: datetime
) -> Dispute:
    """Make a dispute of its hash and its moment in the index; gaps where these are damaged."""
    known = Dispute(
        charge_point_id=charge_point_id, session_id=session_id, since=stored_moment(since)
    )
    try:
        status = ChargingStatus.model_validate_json(fields.get("status", ""))
        stored = _Stored.model_validate_json(fields.get("state", ""))
        quote = stored.quote or QuoteOffered.model_validate_json(fields.get("quote", ""))
    except ValidationError:
        return known.model_copy(update={"advice": (_UNREADABLE,)})
    dispute = known.model_copy(update={**_of_status(status), **_of_quote(quote), **_of(stored)})
    decisions = _decisions(dispute, stored)
    return dispute.model_copy(update={"decisions": decisions, "advice": advice(dispute, now)})


def advice(dispute: Dispute, now: datetime) -> tuple[str, ...]:
    """Say what holds a payout up and what a person can do, a sentence or two to each. Pure."""
    if dispute.released:
        return (_RELEASED,)
    gone = ("deposit_gone",) if "deposit_lost" in dispute.flags else ()
    reasons = dict.fromkeys((*dispute.reasons, *gone))
    said = [_ADVICE[each] for each in reasons if each in _ADVICE] or [_UNDER_WAY]
    opens_at = dispute.refund_opens_at
    if dispute.payout and opens_at is not None:
        template = _REFUND_OPEN if opens_at <= now else _REFUND_CLOSED
        said.append(template.format(at=f"{opens_at:%Y-%m-%d %H:%M:%S} UTC"))
    return tuple(each.format(wallet=dispute.wallet) for each in said)


def _of_status(status: ChargingStatus) -> dict[str, object]:
    names = ("phase", "stop_reason", "failure", "flags")
    money = ("energy_wh", "deposit", "cost", "voucher")
    reasons = tuple(
        flag.removeprefix(_SETTLEMENT) for flag in status.flags if flag.startswith(_SETTLEMENT)
    )
    return {**{name: getattr(status, name) for name in names + money}, "reasons": reasons}


def _of_quote(quote: QuoteOffered) -> dict[str, object]:
    names = ("connector_id", "chain_id", "token", "token_decimals", "token_symbol", "wallet")
    return {
        **{name: getattr(quote, name) for name in (*names, "refund_account")},
        "refund_opens_at": datetime.fromtimestamp(quote.refund_opens_at, UTC),
    }


def _of(stored: _Stored) -> dict[str, object]:
    payout = stored.payout.spent if stored.payout else None
    released = "settled" if payout else "refunded"
    return {
        "ends_as": released if stored.released else _ENDS_AS.get(stored.recovering or ""),
        "released": stored.released,
        "payout": payout,
    }


def _decisions(dispute: Dispute, stored: _Stored) -> tuple[DisputeDecision, ...]:
    if dispute.phase != "disputed":
        return ()
    refund: tuple[DisputeDecision, ...] = ("refund",) if dispute.payout and stored.zero else ()
    return ("retry", *refund, "write_off")


def _unbilled(charge_point_id: str, transaction_id: str, text: str) -> Unbilled:
    try:
        fields = {**json.loads(text), "transaction_id": transaction_id}
        return Unbilled.model_validate({**fields, "charge_point_id": charge_point_id})
    except (ValueError, TypeError):
        raise InvalidInputError(
            f"{charge_point_id}: unbilled energy of transaction {transaction_id} cannot be read"
        ) from None


_ADVICE = {
    "gas_account_low": (
        "The gas account cannot pay for the transaction: send it funds. The payout is tried again "
        "by itself, or at once by retry."
    ),
    "chain_unavailable": (
        "No node of the chain answered: see CHAIN_URLS and the nodes. The payout is tried again by "
        "itself, or at once by retry."
    ),
    "reverted": (
        "The chain refused the transaction: look at the wallet {wallet}. Had somebody paid it out, "
        "that would be found by itself. Retry tries the same payout again."
    ),
    "deposit_gone": (
        "The wallet {wallet} holds nothing: the chain took the deposit back. Wait, as it may come "
        "again and is then paid out by itself; or write it off."
    ),
}
_UNDER_WAY = (
    "The payout was not confirmed in time. It goes on by itself; retry looks again at once."
)
_RELEASED = (
    "The payout is worth less than its gas, so it is left to the driver, who has all signatures. "
    "There is nothing to decide; the session ends by itself once the wallet has paid."
)
_REFUND_CLOSED = (
    "At {at} the driver's own refund opens: what is not paid out by then can go back to the driver."
)
_REFUND_OPEN = (
    "The driver's own refund is open since {at}: the driver may take all of it. Until that happens "
    "the payout is still tried."
)
_UNREADABLE = "This version cannot read the session, and so cannot decide about it."
