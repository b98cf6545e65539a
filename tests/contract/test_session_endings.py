"""What stays of sessions over either bus: records, late stops, tests without money, disputes."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.events.envelope import Envelope
from sdk.events.service import QuoteOffered, SessionResumed
from sdk.events.settlement import SettlementProposed
from sdk.events.signed import read_payload
from sdk.events.station import DisputeDecision, DisputeResolveRequested, SessionStopRequested
from sdk.records.moments import from_ms, month_of
from sdk.records.reading import find, rows
from sdk.records.row import Row
from session_manager.session.deadlines import Limits
from session_manager.session.effects import Execute, WatchPayout, chain_need
from tests.session_kit import (
    CP,
    LIMITS,
    METER_START,
    NOON,
    OTHER_PEER,
    PEER,
    STRANGER,
    TRANSACTION,
    App,
    reading,
    started,
    stopped,
)
from tests.station_kit import PRIVATE_ID, House, Ride, open_house, ride

DAYS = 3 * 24 * 3_600


@pytest.fixture
async def house(bus: Bus) -> AsyncIterator[House]:
    async with open_house(bus) as house:
        yield house


async def resume(trip: Ride, peer: str = PEER) -> list[Envelope]:
    trip.app.now = trip.house.now
    request = trip.app.request(SessionResumed, session_id=trip.quote.session_id)
    return await trip.house.ask(request, trip.app, peer)


def types(envelopes: list[Envelope]) -> list[str]:
    return [envelope.type for envelope in envelopes]


async def rows_of(house: House) -> list[Row]:
    return [row async for row in rows(house.bus, [month_of(house.now)], [CP])]


async def settled(house: House, energy_wh: int = 3_000) -> Ride:
    trip = await ride(house)
    await trip.start()
    await trip.charge(energy_wh)
    await trip.stop()
    await trip.end(energy_wh)
    return trip


async def assumed(house: House) -> Ride:
    """One that was paid by its last good reading; the charge point never closed it."""
    trip = await ride(house)
    await trip.start()
    await trip.charge(3_000)
    await trip.pay(3_000)
    await trip.stop()
    await house.advance(LIMITS.stop)
    trip.app.now = house.now
    await house.ask(trip.app.approval(trip.quote, 3_000), trip.app)
    return trip


async def disputed(house: House) -> Ride:
    trip = await assumed(house)
    await house.advance(LIMITS.execution)
    assert list(await house.bus.read(keys.disputes(CP))) == [trip.quote.session_id]
    return trip


async def private(house: House) -> str:
    house.private_id = PRIVATE_ID
    await house.drive()
    await house.send(started(PRIVATE_ID.lower()))
    return (await house.held()).session.session_id or ""


async def test_a_test_without_money_from_its_tag_to_its_record(house: House) -> None:
    session_id = await private(house)
    assert await house.phase() == "charging"
    await house.advance(60)
    await house.send(reading(500))
    assert (await house.held()).session.timers.keys() == {"ends_by"}
    assert chain_need(house.looked[session_id][1]) is None
    await house.send(stopped(700, 60))
    record = await find(house.bus, CP, session_id)
    assert (record.outcome, record.receipt, record.quote) == ("settled", None, None)
    assert (record.status.private, record.status.energy_wh) == (True, 700)
    assert (record.status.cost, record.status.flags) == (0, ("private",))
    (row,) = await rows_of(house)
    assert (row.flags, row.energy_wh, row.spent, row.deposit) == (("private",), 700, 0, 0)
    assert all(status.private for status in house.told("ChargingStatus", None))
    assert house.orders() == []
    assert await house.bus.read_blobs([keys.curve(CP, session_id)]) == [b""]


async def test_the_private_tag_is_in_the_register_while_it_is_configured(house: House) -> None:
    await house.bus.write(keys.id_tags(CP), {"MINE": "{}"})
    await private(house)
    await house.send(stopped(0))
    assert set(await house.bus.read(keys.id_tags(CP))) == {"MINE", PRIVATE_ID}
    assert house.driving is not None
    await house.driving.kill()
    house.private_id = None
    await house.drive()
    assert set(await house.bus.read(keys.id_tags(CP))) == {"MINE"}
    await house.send(started(PRIVATE_ID))
    assert await house.phase() == "settled"


@pytest.mark.parametrize("answers", [True, False])
async def test_an_operator_ends_a_test_without_money(house: House, *, answers: bool) -> None:
    session_id = await private(house)
    await house.send(reading(500))
    sent = await house.send(SessionStopRequested())
    assert "SessionStopAccepted" in types(house.answers(sent.id))
    assert house.orders() == ["StopCharging"]
    if answers:
        await house.send(stopped(600))
    else:
        await house.advance(LIMITS.stop)
    record = await find(house.bus, CP, session_id)
    assert record.status.stop_reason == "operator"
    assert await house.bus.read(keys.assumed(CP)) == {}
    assert house.orders() == ["StopCharging"], "its idTag is not taken back"


async def test_nobody_else_takes_up_a_test_without_money(house: House) -> None:
    session_id = await private(house)
    app = App(key=STRANGER)
    assert types(await house.ask(app.quote_request(), app)) == ["QuoteRefused"]
    request = app.request(SessionResumed, session_id=session_id)
    assert types(await house.ask(request, app)) == ["RequestRefused"]
    await house.send(stopped(0))
    assert types(await house.ask(request, app)) == ["RequestRefused"]
    assert await house.bus.read(keys.past(CP, session_id)) == {}


async def test_energy_that_is_told_of_days_later_is_noted_as_not_billed(house: House) -> None:
    await house.drive()
    trip = await assumed(house)
    sid = trip.quote.session_id
    await house.send(trip.paid_out(3_000))
    noted = await house.bus.read(keys.assumed(CP))
    assert {name: json.loads(text) for name, text in noted.items()} == {
        str(TRANSACTION): {"session_id": sid, "meter_wh": METER_START + 3_000}
    }
    before = await house.bus.read_blobs([keys.record(CP, sid)])
    house.now = from_ms(int(house.now.timestamp() * 1000) + DAYS * 1000)
    await house.send(stopped(4_500, DAYS))
    (found,) = house.told("UnbilledEnergyFound", None)
    assert (found.session_id, found.transaction_id, found.unbilled_wh) == (sid, TRANSACTION, 1_500)
    assert await house.bus.read(keys.assumed(CP)) == {}
    unbilled = json.loads((await house.bus.read(keys.unbilled(CP)))[str(TRANSACTION)])
    assert (unbilled["session_id"], unbilled["unbilled_wh"]) == (sid, 1_500)
    first, addendum = await rows_of(house)
    assert (first.outcome, first.spent, first.unbilled_wh) == ("settled", 3_000, 0)
    assert (addendum.outcome, addendum.session_id) == ("addendum", sid)
    assert (addendum.unbilled_wh, addendum.spent, addendum.energy_wh) == (1_500, 0, 0)
    await house.send(stopped(9_000, DAYS))
    assert len(house.told("UnbilledEnergyFound", None)) == 1
    assert await house.bus.read_blobs([keys.record(CP, sid)]) == before


async def test_a_late_stop_that_tells_of_no_more_energy_leaves_no_trace(house: House) -> None:
    await house.drive()
    trip = await assumed(house)
    await house.send(trip.paid_out(3_000))
    await house.send(stopped(3_000))
    assert await house.bus.read(keys.assumed(CP)) == {}
    assert await house.bus.read(keys.unbilled(CP)) == {}
    assert len(await rows_of(house)) == 1


async def test_energy_that_is_told_of_before_the_payout_is_in_the_receipt(house: House) -> None:
    await house.drive()
    trip = await disputed(house)
    await house.send(stopped(4_500))
    await house.send(trip.paid_out(3_000))
    record = await find(house.bus, CP, trip.quote.session_id)
    assert "unbilled" in record.status.flags
    (row,) = await rows_of(house)
    assert (row.unbilled_wh, row.spent) == (1_500, 3_000)
    assert await house.bus.read(keys.assumed(CP)) == {}


async def resolve(trip: Ride, decision: DisputeDecision) -> list[Envelope]:
    body = DisputeResolveRequested(session_id=trip.quote.session_id, decision=decision)
    return trip.house.answers((await trip.house.send(body)).id)


def needs(trip: Ride) -> Any:
    return chain_need(trip.house.looked[trip.quote.session_id][1])


async def test_a_dispute_is_tried_again(house: House) -> None:
    await house.drive()
    trip = await disputed(house)
    before = needs(trip)
    assert types(await resolve(trip, "retry")) == ["DisputeResolved"]
    assert isinstance(needs(trip), Execute)
    assert needs(trip) != before
    await house.send(trip.paid_out(3_000))
    assert (await find(house.bus, CP, trip.quote.session_id)).outcome == "settled"
    assert await house.bus.read(keys.disputes(CP)) == {}


async def test_a_dispute_is_given_back(house: House) -> None:
    await house.drive()
    trip = await disputed(house)
    answers = await resolve(trip, "refund")
    assert [(it.type, it.peer_id) for it in answers if it.peer_id is None] == [
        ("DisputeResolved", None)
    ]
    assert needs(trip).voucher.spent == 0
    await house.send(trip.paid_out(0))
    record = await find(house.bus, CP, trip.quote.session_id)
    assert (record.outcome, bool(record.receipt)) == ("refunded", True)


async def test_a_dispute_is_written_off(house: House) -> None:
    driving = await house.drive()
    trip = await disputed(house)
    answers = await resolve(trip, "write_off")
    assert "DisputeResolved" in types(answers)
    record = await find(house.bus, CP, trip.quote.session_id)
    assert (record.outcome, record.receipt) == ("refunded", None)
    assert "written_off" in record.status.flags
    assert await house.bus.read(keys.disputes(CP)) == {}
    assert await house.bus.read(keys.disputed(CP, trip.quote.session_id)) == {}
    assert trip.quote.session_id not in house.looked
    assert driving.driver.is_free
    assert types(await resolve(trip, "retry")) == ["DisputeResolveRefused"]


async def test_what_is_no_dispute_is_not_resolved(house: House) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.start()
    before = await house.held()
    (answer,) = await resolve(trip, "write_off")
    body: Any = answer.body
    assert (body.type, body.reason) == ("DisputeResolveRefused", "no_dispute")
    assert await house.held() == before


async def test_a_consumer_resolves_no_dispute(house: House) -> None:
    await house.drive()
    trip = await disputed(house)
    body = DisputeResolveRequested(session_id=trip.quote.session_id, decision="refund")
    sent = await house.send(body, peer=PEER)
    assert types(house.answers(sent.id)) == ["RequestRefused"]
    assert needs(trip).voucher.spent == 3_000


async def test_nothing_rewrites_a_record(house: House) -> None:
    await house.drive()
    trip = await settled(house)
    sid = trip.quote.session_id
    before = await house.bus.read_blobs([keys.record(CP, sid)])
    await house.send(reading(9_000, 4_000))
    await house.send(stopped(9_000, 4_000))
    await house.send(trip.paid_out(1))
    await resolve(trip, "write_off")
    await resume(trip, OTHER_PEER)
    await settled(house, 0)
    await resume(trip)
    assert await house.bus.read_blobs([keys.record(CP, sid)]) == before
    assert len(await rows_of(house)) == 2


async def test_a_past_session_is_told_with_its_quote_and_its_receipt(house: House) -> None:
    await house.drive()
    trip = await settled(house)
    await settled(house, 0)
    state, receipt = await resume(trip, OTHER_PEER)
    told: Any = state.body
    assert told.session.phase == "settled"
    assert told.session.energy_wh == 3_000
    assert told.quote == trip.signed
    assert receipt.body == house.told("ServiceDelivered")[0]
    assert {state.peer_id, receipt.peer_id} == {OTHER_PEER}


@pytest.mark.parametrize("on_connector", [True, False])
async def test_a_request_about_a_past_session_is_answered_once(
    house: House, *, on_connector: bool
) -> None:
    driving = await house.drive()
    trip = await settled(house)
    if not on_connector:
        await settled(house, 0)
    request = trip.app.request(SessionResumed, session_id=trip.quote.session_id)
    assert types(await house.ask(request, trip.app)) == ["SessionStateReported", "ServiceDelivered"]
    if on_connector:
        await settled(house, 0)
    await driving.kill()
    await house.drive()
    answer = (await house.ask(request, trip.app, OTHER_PEER))[0]
    body: Any = answer.body
    assert (body.type, body.reason) == ("RequestRefused", "replayed")


async def test_the_curve_of_a_session_is_in_its_record(house: House) -> None:
    await house.drive()
    trip = await ride(house)
    sid = trip.quote.session_id
    await trip.start()
    trip.app.now = NOON + timedelta(seconds=200)
    for seconds, energy_wh in ((60, 100), (120, 250), (180, 400)):
        await house.advance(60)
        await house.send(reading(energy_wh, seconds, soc_percent=40))
    assert len((await house.bus.read_blobs([keys.curve(CP, sid)]))[0]) == 3 * 19
    await trip.stop()
    await house.advance(20)
    await house.send(stopped(450, 200))
    await house.ask(trip.app.approval(trip.quote, 450), trip.app)
    await house.send(trip.paid_out(450))
    record = await find(house.bus, CP, sid)
    first = int(NOON.timestamp() * 1000)
    assert [(it.at_ms - first, it.energy_wh - METER_START) for it in record.curve] == [
        (60_000, 100),
        (120_000, 250),
        (180_000, 400),
        (200_000, 450),
    ]
    assert [it.power_w for it in record.curve[:3]] == [11_000] * 3
    assert await house.bus.read_blobs([keys.curve(CP, sid)]) == [b""]
    assert [phase for phase, _ in record.timeline] == [
        "verifying",
        "authorising",
        "starting",
        "charging",
        "stopping",
        "settling",
        "executing",
        "settled",
    ]


async def test_a_session_is_never_used_twice(house: House) -> None:
    driving = await house.drive()
    trip = await settled(house)
    await settled(house, 0)
    await driving.kill()
    await house.drive()
    again: Any = (await trip.hold())[0].body
    assert (again.type, again.reason) == ("ServiceRejected", "session_used")


async def test_a_session_that_left_its_connector_is_not_used_again(house: House) -> None:
    house.limits = Limits(hand_over_below=10**6)
    await house.drive()
    trip = await ride(house)
    await trip.hold()
    await trip.stop()
    await trip.deposit()
    assert await house.phase() == "idle"
    again: Any = (await trip.hold())[0].body
    assert (again.type, again.reason) == ("ServiceRejected", "session_used")


async def test_a_consumer_that_lost_its_refund_is_given_it_again(house: House) -> None:
    await house.drive()
    trip = await ride(house)
    await trip.start()
    (state,) = await resume(trip, OTHER_PEER)
    told: Any = state.body
    quote = read_payload(told.quote, QuoteOffered)
    assert (quote.refund_signature, quote.sweep_signature) == (
        trip.quote.refund_signature,
        trip.quote.sweep_signature,
    )
    assert told.quote == trip.signed


async def test_a_payout_that_is_left_to_the_driver_is_told_again(house: House) -> None:
    house.limits = Limits(hand_over_below=10**6)
    await house.drive()
    trip = await ride(house)
    await trip.start()
    await trip.charge(2_000)
    await trip.stop()
    await house.send(stopped(2_000))
    await house.ask(trip.app.approval(trip.quote, 2_000), trip.app)
    assert await house.phase() == "idle"
    assert needs(trip) == WatchPayout()
    assert types(house.ocpp) == ["AuthorizeIdTag", "StartCharging", "StopCharging", "RevokeIdTag"]
    proposals = [read_payload(it, SettlementProposed) for it in house.told("SettlementProposed")]
    assert [(it.spent, it.released) for it in proposals] == [(2_000, False), (2_000, True)]
    state, again = await resume(trip, OTHER_PEER)
    assert types([state, again]) == ["SessionStateReported", "SettlementProposed"]
    repeated: Any = again.body
    assert read_payload(repeated, SettlementProposed) == proposals[1]
    assert again.peer_id == OTHER_PEER
    await (await ride(house, STRANGER)).hold()
    await house.send(trip.paid_out(2_000))
    assert len(house.told("ServiceDelivered", OTHER_PEER)) == 1
    assert trip.quote.session_id not in house.looked


async def test_a_payout_that_is_left_to_the_driver_outlives_a_restart(house: House) -> None:
    house.limits = Limits(hand_over_below=10**6)
    driving = await house.drive()
    trip = await ride(house)
    await trip.hold()
    await trip.deposit_short()
    await driving.kill()
    house.looked.clear()
    await house.drive()
    await house.drain()
    assert needs(trip) == WatchPayout()
    assert types(await resume(trip)) == ["SessionStateReported", "SettlementProposed"]
    await house.send(trip.paid_out(0))
    assert (await find(house.bus, CP, trip.quote.session_id)).outcome == "refunded"
