"""Conformance cases of the Reservation profile."""

from datetime import timedelta
from typing import Any

import pytest
from case_table import CaseTable
from cases_world import Stage
from ocpp.v16 import call

from sdk.events.charge_point import ReservationEnded, ReservationMade
from sdk.events.charging import ChargingStarted
from sdk.ids import utc_now
from sdk.reservations import read_reservations

CASES = CaseTable()
NUMBER = 17


@CASES.plays("TC_046_CSMS")
async def reserve_and_charge(stage: Stage) -> None:
    tag, other = await stage.tag(), await stage.tag()
    async with stage.charge_point() as played:
        assert await _reserve(stage, tag) == "Accepted"
        await stage.statuses(1, "Reserved")
        made = await stage.news.next(ReservationMade, 1)
        assert (made.reservation_id, made.id_tag) == (NUMBER, tag)
        assert await _held(stage) == [NUMBER]
        await played.present(other)
        await played.settled()
        assert "StartTransaction" not in played.order()
        await _uses_it(stage, await stage.charging(played, tag))


@CASES.plays("TC_047_CSMS")
async def reserve_and_expire(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point():
        assert await _reserve(stage, tag, seconds=1) == "Accepted"
        await stage.statuses(1, "Reserved")
        await stage.news.next(ReservationEnded, reservation_id=NUMBER, reason="expired")
        await stage.statuses(1, "Available")
        assert await _held(stage) == []


@CASES.plays("TC_048_1_CSMS")
async def reserve_faulted(stage: Stage) -> None:
    async with stage.charge_point(faulted=True):
        await _is_not_reserved(stage, "Faulted")


@CASES.plays("TC_048_2_CSMS")
async def reserve_occupied(stage: Stage) -> None:
    async with stage.charge_point() as played:
        played.plug_in()
        await stage.statuses(1, "Preparing")
        await _is_not_reserved(stage, "Occupied")


@CASES.plays("TC_048_3_CSMS")
async def reserve_unavailable(stage: Stage) -> None:
    async with stage.charge_point():
        change = {"connectorId": 1, "type": "Inoperative"}
        assert (await stage.ask("ChangeAvailability", change)).status == "Accepted"
        await stage.statuses(1, "Unavailable")
        assert (await stage.world.connector(stage.cp))["availability"] == "Inoperative"
        await _is_not_reserved(stage, "Unavailable")


@CASES.plays("TC_048_4_CSMS")
async def reserve_rejected(stage: Stage) -> None:
    async with stage.charge_point() as played:
        played.script.answers["ReserveNow"] = "Rejected"
        await _is_not_reserved(stage, "Rejected")


@CASES.plays("TC_049_CSMS")
async def reserve_the_charge_point(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point() as played:
        assert await _reserve(stage, tag, connectorId=0) == "Accepted"
        await stage.news.next(ReservationMade, 0, reservation_id=NUMBER)
        await _uses_it(stage, await stage.charging(played, tag, 2))


@CASES.plays("TC_051_CSMS")
async def cancel_reservation(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point():
        assert await _reserve(stage, tag) == "Accepted"
        await stage.statuses(1, "Reserved")
        assert await _cancel(stage, NUMBER) == "Accepted"
        await stage.statuses(1, "Available")
        await stage.news.next(ReservationEnded, reservation_id=NUMBER, reason="cancelled")
        assert await _held(stage) == []


@CASES.plays("TC_052_CSMS")
async def cancel_reservation_rejected(stage: Stage) -> None:
    tag = await stage.tag()
    async with stage.charge_point():
        assert await _reserve(stage, tag) == "Accepted"
        assert await _cancel(stage, NUMBER + 1) == "Rejected"
        assert await _held(stage) == [NUMBER]


@CASES.plays("TC_053_CSMS")
async def reserve_for_a_parent(stage: Stage) -> None:
    holder, friend = await stage.tag(), await stage.tag(parent_id_tag="FAMILY")
    async with stage.charge_point() as played:
        assert await _reserve(stage, holder, parentIdTag="FAMILY") == "Accepted"
        await stage.statuses(1, "Reserved")
        started = await stage.charging(played, friend)
        (answer,) = played.answers(call.Authorize)
        assert answer.id_tag_info == {"status": "Accepted", "parent_id_tag": "FAMILY"}
        assert started.id_tag == friend
        await _uses_it(stage, started)


async def _reserve(stage: Stage, tag: str, *, seconds: float = 600, **more: Any) -> str:
    request = {
        "connectorId": 1,
        "expiryDate": (utc_now() + timedelta(seconds=seconds)).isoformat(),
        "idTag": tag,
        "reservationId": NUMBER,
        **more,
    }
    return (await stage.ask("ReserveNow", request)).status


async def _cancel(stage: Stage, number: int) -> str:
    return (await stage.ask("CancelReservation", {"reservationId": number})).status


async def _held(stage: Stage) -> list[int]:
    held = await read_reservations(stage.world.bus, stage.cp)
    return [each.reservation_id for each in held]


async def _is_not_reserved(stage: Stage, status: str) -> None:
    assert await _reserve(stage, await stage.tag()) == status
    assert await _held(stage) == []
    assert not stage.news.of(ReservationMade)


async def _uses_it(stage: Stage, started: ChargingStarted) -> None:
    ended = await stage.news.next(ReservationEnded, reservation_id=NUMBER)
    assert (ended.reason, ended.transaction_id) == ("used", started.transaction_id)
    assert await _held(stage) == []


@pytest.mark.parametrize("case_id", CASES)
async def test_case(case_id: str, stage: Stage) -> None:
    await CASES[case_id](stage)
