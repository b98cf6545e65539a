"""Reservations: made, used, cancelled, replaced, and over in time."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cpg_world import Ear, Json, Point, World, soon

from cpg.peer import Peer
from cpg.register import Entry
from cpg.reservations import end_lapsed, notice, reserved
from sdk.bus import keys
from sdk.events.charge_point import ReservationEnded, ReservationMade
from sdk.events.charging import ChargingStarted
from sdk.events.operations import CancelReservationAnswered, ReserveNow, ReserveNowAnswered
from sdk.ids import utc_now
from sdk.reservations import Reservation, read_reservations

ACCEPTED = {"status": "Accepted"}
MINUTE = timedelta(minutes=1)


async def reserve(
    world: World, cp: str, point: Point, connector_id: int | None = 1, number: int = 7, **more: Any
) -> None:
    """Have the charge point take a reservation."""
    point.answers["ReserveNow"] = ACCEPTED
    fields = {"reservation_id": number, "id_tag": "GUEST", "expiry_date": soon(600), **more}
    ear = await world.ear(cp)
    await world.command(cp, "ReserveNow", connector_id, **fields)
    await point.until_asked("ReserveNow")
    await ear.next(ReserveNowAnswered)


async def ended(ear: Ear) -> tuple[int | None, str, int | None]:
    """Wait for the end of one: its connector, why, and by which transaction."""
    envelope, body = await ear.next(ReservationEnded)
    return envelope.connector_id, body.reason, body.transaction_id


async def test_a_reservation_is_kept_and_cancelled(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await reserve(world, cp, point, parent_id_tag="FAMILY")
        envelope, made = await ear.next(ReservationMade)
        assert (envelope.connector_id, made.reservation_id, made.id_tag) == (1, 7, "GUEST")
        held = await read_reservations(world.bus, cp)
        assert [(each.reservation_id, each.parent_id_tag) for each in held] == [(7, "FAMILY")]
        assert (await world.connector(cp))["reserved"] == "7"
        point.answers["CancelReservation"] = ACCEPTED
        await world.command(cp, "CancelReservation", None, reservation_id=7)
        assert await point.until_asked("CancelReservation") == {"reservationId": 7}
        assert await ended(ear) == (1, "cancelled", None)
        assert await read_reservations(world.bus, cp) == []
        assert (await world.connector(cp))["reserved"] == ""


@pytest.mark.parametrize("status", ["Faulted", "Occupied", "Rejected", "Unavailable"])
async def test_what_was_not_accepted_is_no_reservation(world: World, cp: str, status: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers["ReserveNow"] = {"status": status}
        fields: Json = {"reservation_id": 7, "id_tag": "GUEST", "expiry_date": soon(600)}
        await world.command(cp, "ReserveNow", **fields)
        await point.until_asked("ReserveNow")
        _, answered = await ear.next(ReserveNowAnswered)
        assert answered.status == status
        assert await read_reservations(world.bus, cp) == []


async def test_what_the_charge_point_does_not_know_is_forgotten(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await reserve(world, cp, point)
        point.answers["CancelReservation"] = {"status": "Rejected"}
        for number in (8, 7):
            await world.command(cp, "CancelReservation", None, reservation_id=number)
            await point.until_asked("CancelReservation")
            _, answered = await ear.next(CancelReservationAnswered)
            assert answered.status == "Rejected"
        assert [envelope.type for envelope in ear.heard].count("ReservationEnded") <= 1
        assert await read_reservations(world.bus, cp) == []


async def test_the_same_id_again_replaces(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await reserve(world, cp, point)
        await reserve(world, cp, point, 2, id_tag="OTHER")
        assert await ended(ear) == (1, "replaced", None)
        envelope, made = await ear.next(ReservationMade)
        assert (envelope.connector_id, made.id_tag) == (2, "OTHER")
        held = await read_reservations(world.bus, cp)
        assert [(each.connector_id, each.id_tag) for each in held] == [(2, "OTHER")]
        shown = [(await world.connector(cp, n))["reserved"] for n in (1, 2)]
        assert shown == ["", "7"]


@pytest.mark.parametrize(
    ("reserved_at", "started_at", "tag", "named"),
    [
        (1, 1, "GUEST", {"reservationId": 7}),
        (0, 2, "GUEST", {"reservationId": 7}),
        (1, 2, "NOBODY", {"reservationId": 7}),
        (1, 1, "guest", {}),
        (0, 2, "GUEST", {}),
        (1, 1, "CHILD", {}),
    ],
)
async def test_a_transaction_uses_its_reservation(
    world: World, cp: str, reserved_at: int, started_at: int, tag: str, named: Json
) -> None:
    await world.permit(cp, "GUEST")
    await world.permit(cp, "CHILD", Entry(parent="FAMILY"))
    async with world.point(cp) as point:
        point.answers["RemoteStopTransaction"] = ACCEPTED
        await reserve(world, cp, point, reserved_at, parent_id_tag="family")
        ear = await world.ear(cp)
        number = (await point.start(tag, started_at, **named))["transactionId"]
        _, started = await ear.next(ChargingStarted)
        assert started.transaction_id == number
        assert await ended(ear) == (reserved_at, "used", number)
        assert await read_reservations(world.bus, cp) == []
        assert not (await world.state(cp)).get("reserved")


@pytest.mark.parametrize(
    ("tag", "started_at", "named"),
    [("ALIEN", 1, {}), ("GUEST", 2, {}), ("ALIEN", 1, {"reservationId": 8}), ("BAD", 1, {})],
)
async def test_another_transaction_leaves_it(
    world: World, cp: str, tag: str, started_at: int, named: Json
) -> None:
    await world.permit(cp, "GUEST")
    await world.permit(cp, "ALIEN")
    await world.permit(cp, "BAD", Entry(datetime(2020, 1, 1, tzinfo=UTC), parent="FAMILY"))
    async with world.point(cp) as point:
        point.answers["RemoteStopTransaction"] = ACCEPTED
        await reserve(world, cp, point, parent_id_tag="FAMILY")
        await point.start(tag, started_at, **named)
        assert len(await read_reservations(world.bus, cp)) == 1


async def test_it_is_over_at_its_time_and_not_before(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await reserve(world, cp, point, expiry_date=soon(1.5))
        await ear.next(ReservationMade)
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        await point.tell("StatusNotification", status)
        assert len(await read_reservations(world.bus, cp)) == 1, "Available does not end it"
        assert await ended(ear) == (1, "expired", None)
        assert await read_reservations(world.bus, cp) == []


@pytest.fixture
async def peer(world: World, cp: str) -> Peer:
    guard = (await world.bus.enter(cp, "gateway")).guard
    return Peer(cp, guard, 1, world.bus, utc_now)


async def test_one_that_is_made_during_a_look_is_looked_at_later(peer: Peer) -> None:
    now, later = utc_now(), utc_now() + MINUTE
    made = Reservation(reservation_id=1, connector_id=1, id_tag="T", expires_at=later, made_at=now)
    async with asyncio.TaskGroup() as group:
        group.create_task(end_lapsed(peer))
        await asyncio.sleep(0)
        notice(peer, [made])
    assert peer.reservations_due <= time.monotonic() + 60


async def test_one_that_lapses_before_it_is_kept_is_looked_at_once_it_is(peer: Peer) -> None:
    asked = ReserveNow(
        reservation_id=1, id_tag="T", expiry_date=utc_now(), expires_at=utc_now() + MINUTE
    )
    answered = ReserveNowAnswered(outcome="answered", status="Accepted")
    effect = await reserved(peer, asked, 1, answered)
    await end_lapsed(peer)
    await peer.commit(writes=effect.writes)
    assert effect.after is not None
    effect.after()
    assert peer.reservations_due <= time.monotonic()
    await end_lapsed(peer)
    assert await read_reservations(peer.bus, peer.charge_point_id) == []
    marked = await peer.bus.read(keys.connector(peer.charge_point_id, 1))
    assert marked["reserved"] == "", "it is sold again"


async def test_what_lapsed_while_it_was_away_is_over_when_it_comes(world: World, cp: str) -> None:
    async with world.point(cp) as point:
        await reserve(world, cp, point, 0, expiry_date=soon(0.5))
        await reserve(world, cp, point, 1, 8, expiry_date=soon(3600))
        assert (await world.state(cp))["reserved"] == "7"
    await world.until(cp, lambda state: state["connected"] == "0")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        assert await ended(ear) == (0, "expired", None)
        held = await read_reservations(world.bus, cp)
        assert [each.reservation_id for each in held] == [8]
        assert held[0].expires_at - held[0].made_at > timedelta(minutes=59)
        assert (await world.state(cp))["reserved"] == ""


async def test_authorize_tells_the_parent_that_a_reservation_needs(world: World, cp: str) -> None:
    await world.permit(cp, "CHILD", Entry(parent="FAMILY"))
    async with world.point(cp) as point:
        await reserve(world, cp, point, parent_id_tag="FAMILY")
        info = (await point.tell("Authorize", {"idTag": "CHILD"}))["idTagInfo"]
        assert info == {"status": "Accepted", "parentIdTag": "FAMILY"}
