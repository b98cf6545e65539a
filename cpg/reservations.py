"""Reservations of a charge point (OCPP 1.6, 3.10): made, used, cancelled, and over in time.

While one holds, its connector is marked as `reserved`, and for connector 0 the charge point is: a
charge point need not say Reserved, and for connector 0 it does not.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from math import inf
from typing import Literal
from uuid import UUID

from cpg.effects import Effect
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError, Room, StateWrite
from sdk.events.charge_point import ReservationEnded, ReservationMade
from sdk.events.envelope import Envelope
from sdk.events.operations import Answered, CancelReservation, ReserveNow
from sdk.ids import natural_id
from sdk.reservations import Reservation, read_reservation

Reason = Literal["used", "expired", "cancelled", "replaced"]
_FLAG = "has_reservations"
_AGAIN_S = 5.0
"""So long after a look that failed there is another one."""


async def reserved(
    peer: Peer, body: ReserveNow, connector_id: int | None, answered: Answered
) -> Effect:
    """Keep a reservation that was accepted; one of the same id is replaced by it (5.13).

    Raises BusUnavailableError.
    """
    if answered.status != "Accepted":
        return Effect()
    held = read_held(await peer.bus.read(keys.reservations(peer.charge_point_id)))
    made = Reservation(
        reservation_id=body.reservation_id,
        connector_id=connector_id or 0,
        id_tag=body.id_tag,
        parent_id_tag=body.parent_id_tag,
        expires_at=body.expiry_date,
        made_at=peer.clock(),
    )
    older = held.get(made.reservation_id)
    fact = ReservationMade(
        reservation_id=made.reservation_id,
        id_tag=made.id_tag,
        expires_at=made.expires_at,
        parent_id_tag=made.parent_id_tag,
    )
    replaced = [older] if older is not None else []
    cp, text = peer.charge_point_id, {str(made.reservation_id): made.model_dump_json()}
    noticed = partial(notice, peer, [made])
    noticed()
    return Effect(
        writes=[
            StateWrite(keys.reservations(cp), text),
            StateWrite(keys.state(cp), {_FLAG: "1"}),
            *marks(cp, [made, *replaced], [*without(held, replaced), made]),
        ],
        events=[
            *((ended_fact(each, "replaced"), each.connector_id) for each in replaced),
            (fact, made.connector_id),
        ],
        after=noticed,  # again: it may have lapsed, and not been found, before it was kept
    )


async def cancelled(
    peer: Peer, body: CancelReservation, _: int | None, answered: Answered
) -> Effect:
    """Forget a reservation that is cancelled; Rejected means that there is none (5.1).

    Raises BusUnavailableError.
    """
    if answered.status not in ("Accepted", "Rejected"):
        return Effect()
    held = read_held(await peer.bus.read(keys.reservations(peer.charge_point_id)))
    gone = held.get(body.reservation_id)
    if gone is None:
        return Effect()
    return Effect(
        writes=marks(peer.charge_point_id, [gone], without(held, [gone])),
        removed=removed(peer, [gone]),
        events=[(ended_fact(gone, "cancelled"), gone.connector_id)],
    )


async def end_lapsed(peer: Peer) -> None:
    """Close what has lapsed, and notice when the next one does.

    Raises SupersededError, BusUnavailableError.
    """
    peer.reservations_due = inf
    try:
        await _end_lapsed(peer)
    except BusUnavailableError:
        peer.reservations_due = min(peer.reservations_due, time.monotonic() + _AGAIN_S)
        raise


async def _end_lapsed(peer: Peer) -> None:
    cp = peer.charge_point_id
    held = read_held(await peer.bus.read(keys.reservations(cp)))
    now = peer.clock()
    lapsed = [each for each in held.values() if each.expires_at <= now]
    left = without(held, lapsed)
    is_over = not left and peer.reservations_due == inf  # else one is made meanwhile
    writes = marks(cp, lapsed, left)
    if is_over:
        writes.append(StateWrite(keys.state(cp), {_FLAG: ""}))
    if writes:
        await peer.commit(
            writes=writes,
            removed=removed(peer, lapsed) if lapsed else {},
            events=[ended(peer, each, "expired") for each in lapsed],
            room=Room.STATE_ONLY,
        )
    notice(peer, left)


def read_held(stored: Mapping[str, str]) -> dict[int, Reservation]:
    """Read the reservations that are kept, by their id."""
    found = [each for each in map(read_reservation, stored.values()) if each is not None]
    return {each.reservation_id: each for each in found}


def used_by(
    held: Iterable[Reservation],
    reservation_id: int | None,
    connector_id: int,
    id_tag: str,
    parent: str | None,
) -> Reservation | None:
    """Give the reservation that a StartTransaction uses up.

    That is the one that it names, on whatever connector: the charge point says that it ends by
    this. It need not name one; many charge points don't. The reserved tag, or one of its parent,
    that starts where it was reserved has then come for its reservation.
    """
    kept = sorted(held, key=lambda each: (each.connector_id == 0, each.expires_at))
    if reservation_id is not None:
        named = [each for each in kept if each.reservation_id == reservation_id]
        return named[0] if named else None
    here = [each for each in kept if each.connector_id in (0, connector_id)]
    return next((each for each in here if each.suits(id_tag, parent)), None)


def ended(
    peer: Peer, reservation: Reservation, reason: Reason, transaction_id: int | None = None
) -> Envelope:
    """Give the event that a reservation is over; told again, it has the same id."""
    return peer.envelope(
        _ended_id(peer, reservation, reason),
        ended_fact(reservation, reason, transaction_id),
        reservation.connector_id,
    )


def ended_fact(
    reservation: Reservation, reason: Reason, transaction_id: int | None = None
) -> ReservationEnded:
    """Give the fact that a reservation is over."""
    return ReservationEnded(
        reservation_id=reservation.reservation_id, reason=reason, transaction_id=transaction_id
    )


def without(held: Mapping[int, Reservation], gone: Iterable[Reservation]) -> list[Reservation]:
    """Give what is left."""
    over = {each.reservation_id for each in gone}
    return [each for number, each in held.items() if number not in over]


def removed(peer: Peer, gone: Iterable[Reservation]) -> dict[str, Sequence[str]]:
    """Give the fields that are to be deleted."""
    key = keys.reservations(peer.charge_point_id)
    return {key: [str(each.reservation_id) for each in gone]}


def marks(
    charge_point_id: str, changed: Iterable[Reservation], left: Iterable[Reservation]
) -> list[StateWrite]:
    """Give what the connectors of changed reservations are to show, `left` being those that hold.

    For connector 0, the charge point shows it.
    """
    holds = {each.connector_id: str(each.reservation_id) for each in left}
    return [
        StateWrite(
            keys.connector(charge_point_id, n) if n else keys.state(charge_point_id),
            {"reserved": holds.get(n, "")},
        )
        for n in sorted({each.connector_id for each in changed})
    ]


def has_reservations(state: Mapping[str, str]) -> bool:
    """Tell whether there may be some; `state` is `{CP}:charge_point`."""
    return bool(state.get(_FLAG))


def notice(peer: Peer, made: Iterable[Reservation]) -> None:
    """Have the gateway look again when the first of these lapses, if not before."""
    ending = min((each.expires_at for each in made), default=None)
    if ending is not None:
        due = _monotonic(ending, peer.clock())
        peer.reservations_due = min(peer.reservations_due, due)


def _monotonic(moment: datetime, now: datetime) -> float:
    return time.monotonic() + (moment - now).total_seconds()


def _ended_id(peer: Peer, reservation: Reservation, reason: Reason) -> UUID:
    number, made = reservation.reservation_id, reservation.made_at.isoformat()
    return natural_id(peer.charge_point_id, "reservation", number, made, reason)
