"""What consumers and operators ask of a station, and what each is told, over either bus."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.events.envelope import Envelope
from sdk.events.service import QuoteRequested, SessionResumed, SessionStateRequested
from sdk.events.settlement import SettlementApproved
from sdk.events.station import (
    ChainReconnectRequested,
    DidPublishRequested,
    PublicKeyRequested,
    SessionStopRequested,
)
from session_manager.surroundings import Conditions
from tests.session_kit import (
    CP,
    DRIVER,
    LIMITS,
    OTHER_PEER,
    PEER,
    STATION,
    STRANGER,
    App,
    executed,
    stopped,
)
from tests.station_kit import House, Ride, open_house, ride


@pytest.fixture
async def house(bus: Bus) -> AsyncIterator[House]:
    async with open_house(bus) as house:
        await house.drive()
        yield house


def reason(envelopes: list[Envelope]) -> tuple[str, str]:
    """The type and reason of the only answer."""
    (envelope,) = envelopes
    body: Any = envelope.body
    return envelope.type, body.reason


async def state(trip: Ride, peer: str = PEER, app: App | None = None) -> tuple[str, Any]:
    """Ask how the session stands; give what is told of connector and session."""
    asking = app or trip.app
    request = asking.request(
        SessionStateRequested, connector_id=1, session_id=trip.quote.session_id
    )
    (answer,) = await trip.house.ask(request, asking, peer)
    assert answer.peer_id == peer
    body: Any = answer.body
    return body.availability, body.session and body.session.phase


async def resume(trip: Ride, peer: str) -> list[Envelope]:
    request = trip.app.request(SessionResumed, session_id=trip.quote.session_id)
    return await trip.house.ask(request, trip.app, peer)


async def test_a_quote_holds_nothing(house: House) -> None:
    trip = await ride(house)
    assert await house.bus.read(keys.session(CP, 1)) == {}
    assert trip.quote.provider == STATION.address


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"deposit": 999}, "deposit_too_small"),
        ({"token": "0x" + "1" * 40}, "token_not_allowed"),
        ({"connector_id": 3}, "unknown_connector"),
    ],
)
async def test_a_quote_is_refused_with_the_reason(
    house: House, changes: dict[str, Any], refusal: str
) -> None:
    app = App()
    answers = await house.ask(app.quote_request(**changes), app)
    assert reason(answers) == ("QuoteRefused", refusal)


async def test_what_happened_since_the_quote_rejects_the_service(house: House) -> None:
    trip = await ride(house)
    house.conditions = Conditions(onboarded=False, chain_up=True, gas_low=False)
    assert reason(await trip.hold()) == ("ServiceRejected", "connector_unavailable")
    house.conditions = Conditions(onboarded=True, chain_up=False, gas_low=False)
    assert reason(await trip.hold()) == ("ServiceRejected", "chain_unavailable")
    house.conditions = Conditions(onboarded=True, chain_up=True, gas_low=False)
    await house.bus.write(keys.connector(CP, 1), {"transaction_id": "9"})
    assert reason(await trip.hold()) == ("ServiceRejected", "transaction_open")
    await house.bus.write(keys.connector(CP, 1), {"transaction_id": "", "status": "Faulted"})
    assert reason(await trip.hold()) == ("ServiceRejected", "connector_faulted")
    assert await house.phase() == "idle"


async def test_a_second_consumer_finds_it_busy(house: House) -> None:
    first, second = await ride(house), await ride(house, STRANGER, peer=OTHER_PEER)
    await first.hold()
    assert reason(await second.hold()) == ("ServiceRejected", "busy")
    asked = await house.ask(second.app.quote_request(), second.app, OTHER_PEER)
    assert reason(asked) == ("QuoteRefused", "busy")
    assert (await house.held()).session.session_id == first.quote.session_id


async def test_nobody_holds_two_connectors_without_a_deposit(house: House) -> None:
    first = await ride(house)
    same_key = await ride(house, n=2, peer=OTHER_PEER)
    same_peer = await ride(house, STRANGER, n=2)
    await first.hold()
    assert reason(await same_key.hold()) == ("ServiceRejected", "busy")
    assert reason(await same_peer.hold()) == ("ServiceRejected", "busy")
    await first.deposit()
    assert (await same_key.hold())[0].type == "ServiceAccepted"
    assert await house.phase(2) == "verifying"


async def test_a_session_id_is_used_once(house: House) -> None:
    trip = await ride(house)
    await trip.hold()
    assert reason(await trip.hold()) == ("ServiceRejected", "busy")
    await trip.stop()
    await trip.deposit(0)
    assert await house.phase() == "rejected"
    assert reason(await trip.hold()) == ("ServiceRejected", "session_used")
    other = await ride(house)
    await other.hold()
    await other.stop()
    await other.deposit(0)
    assert reason(await trip.hold()) == ("ServiceRejected", "session_used")


async def test_a_stop_from_another_key_changes_nothing(house: House) -> None:
    trip = await ride(house)
    await trip.start()
    before = await house.held()
    thief = App(key=STRANGER, nonce=100)
    answers = await house.ask(thief.stop(trip.quote), thief, PEER)
    assert reason(answers) == ("RequestRefused", "not_your_session")
    assert await house.held() == before
    assert "StopCharging" not in house.orders()


async def test_a_replayed_request_changes_nothing(house: House) -> None:
    trip = await ride(house)
    await trip.start()
    await trip.charge(1_000)
    request = trip.app.voucher_event(trip.quote, 1_000)
    await house.ask(request, trip.app)
    before = await house.held()
    assert reason(await house.ask(request, trip.app)) == ("RequestRefused", "replayed")
    assert await house.held() == before


async def test_a_voucher_is_worth_what_its_signature_says(house: House) -> None:
    trip = await ride(house)
    await trip.start()
    await trip.charge(2_000)
    good = trip.app.voucher_event(trip.quote, 1_000)
    forged = good.model_copy(update={"spent": 2_000})
    assert reason(await house.ask(forged, trip.app)) == ("RequestRefused", "voucher_invalid")
    assert (await house.held()).session.paid == 0
    assert reason(await trip.pay(2_001)) == ("RequestRefused", "voucher_invalid")


async def test_requests_out_of_place_are_refused(house: House) -> None:
    trip = await ride(house)
    await trip.hold()
    approval = trip.app.approval(trip.quote, 0)
    assert isinstance(approval, SettlementApproved)
    assert reason(await house.ask(approval, trip.app)) == ("RequestRefused", "not_now")
    lost = trip.app.request(SessionResumed, session_id="0x" + "77" * 32)
    assert reason(await house.ask(lost, trip.app)) == ("RequestRefused", "wrong_session")


async def test_a_consumer_can_not_speak_for_gateway_chain_or_operator(house: House) -> None:
    trip = await ride(house)
    await trip.start()
    for body in (stopped(0), executed(0), SessionStopRequested()):
        sent = await house.send(body, peer=PEER)
        assert reason(house.answers(sent.id)) == ("RequestRefused", "unknown_type")
    assert await house.phase() == "charging"


async def test_a_station_that_was_taken_away_sells_nothing(house: House) -> None:
    await house.bus.delete(keys.config(CP))
    app = App()
    answers = await house.ask(app.quote_request(), app)
    assert reason(answers) == ("RequestRefused", "unknown_station")


async def test_only_the_owner_at_its_address_sees_its_session(house: House) -> None:
    trip = await ride(house)
    assert await state(trip) == ("free", None)
    await trip.start()
    assert await state(trip) == ("busy", "charging")
    assert await state(trip, peer=OTHER_PEER) == ("busy", None)
    stranger = App(key=STRANGER, nonce=100)
    assert await state(trip, app=stranger) == ("busy", None)


async def test_a_resumed_session_speaks_to_its_new_address_only(house: House) -> None:
    trip = await ride(house)
    await trip.start()
    (answer,) = await resume(trip, OTHER_PEER)
    assert (answer.type, answer.peer_id) == ("SessionStateReported", OTHER_PEER)
    before = len([envelope for envelope in house.out if envelope.peer_id == PEER])
    assert await state(trip, peer=OTHER_PEER) == ("busy", "charging")
    await trip.charge(2_000)
    await trip.stop(OTHER_PEER)
    await trip.end(2_000)
    assert len([envelope for envelope in house.out if envelope.peer_id == PEER]) == before
    assert len(house.told("ServiceDelivered", OTHER_PEER)) == 1
    assert await state(trip) == ("free", None)


async def test_nobody_else_resumes_a_session(house: House) -> None:
    trip = await ride(house)
    await trip.start()
    thief = App(key=STRANGER, nonce=100)
    request = thief.request(SessionResumed, session_id=trip.quote.session_id)
    answers = await house.ask(request, thief, OTHER_PEER)
    assert reason(answers) == ("RequestRefused", "not_your_session")
    assert (await house.held()).session.peer_id == PEER


async def test_who_resumes_hears_what_it_missed(house: House) -> None:
    trip = await ride(house)
    await trip.start()
    await house.send(stopped(2_000))
    answers = [envelope.type for envelope in await resume(trip, OTHER_PEER)]
    assert answers == ["SessionStateReported", "SettlementProposed"]
    await house.ask(trip.app.approval(trip.quote, 2_000), trip.app, OTHER_PEER)
    await house.send(trip.paid_out(2_000))
    answers = [envelope.type for envelope in await resume(trip, PEER)]
    assert answers == ["SessionStateReported", "ServiceDelivered"]


async def test_a_past_session_is_told_to_its_owner_once_for_each_asking(house: House) -> None:
    trip = await ride(house)
    await trip.start()
    await trip.charge(1_000)
    await trip.stop()
    await trip.end(1_000)
    await (await ride(house, STRANGER, peer=OTHER_PEER)).hold()
    request = trip.app.request(SessionResumed, session_id=trip.quote.session_id)
    answers = await house.ask(request, trip.app)
    assert [envelope.type for envelope in answers] == ["SessionStateReported", "ServiceDelivered"]
    again = await house.ask(request, trip.app, OTHER_PEER)
    assert reason(again) == ("RequestRefused", "replayed")
    late = trip.app.stop(trip.quote)
    assert reason(await house.ask(late, trip.app)) == ("RequestRefused", "not_now")


async def test_a_disputed_session_follows_its_owner(house: House) -> None:
    trip = await ride(house)
    await trip.start()
    await house.send(stopped(0))
    await house.advance(LIMITS.approval)
    await house.advance(LIMITS.execution)
    trip.app.now = house.now
    await resume(trip, OTHER_PEER)
    await house.send(trip.paid_out(0))
    assert len(house.told("ServiceDelivered", OTHER_PEER)) == 1
    assert house.told("ServiceDelivered", PEER) == []


async def test_an_operator_stops_the_session(house: House) -> None:
    trip = await ride(house)
    await trip.start()
    sent = await house.send(SessionStopRequested(session_id=trip.quote.session_id))
    assert [(e.type, e.peer_id) for e in house.answers(sent.id) if e.peer_id is None] == [
        ("SessionStopAccepted", None)
    ]
    assert house.orders()[-1] == "StopCharging"
    await trip.end(0)
    assert (await house.held()).session.stop_reason == "operator"


async def test_an_operator_hears_why_nothing_was_stopped(house: House) -> None:
    async def stop(n: int | None, **fields: Any) -> tuple[str, str]:
        sent = await house.send(SessionStopRequested(**fields), n=n)
        return reason(house.answers(sent.id))

    assert await stop(1) == ("SessionStopRefused", "no_session")
    assert await stop(9) == ("SessionStopRefused", "unknown_connector")
    assert await stop(None) == ("SessionStopRefused", "unknown_connector")
    assert await stop(1, session_id="0x" + "1" * 64) == ("SessionStopRefused", "other_session")


async def test_operators_are_answered_by_the_command_they_sent(house: House) -> None:
    key = await house.send(PublicKeyRequested(), n=None)
    document = await house.send(DidPublishRequested(), n=None)
    await house.drain()
    assert [envelope.type for envelope in house.answers(key.id)] == ["PublicKeyReported"]
    assert [envelope.type for envelope in house.answers(document.id)] == ["DidPublished"]


async def test_a_desk_that_fails_stops_nobody(house: House) -> None:
    sent = await house.send(ChainReconnectRequested(), n=None)
    assert house.answers(sent.id) == []
    trip = await ride(house)
    await trip.hold()
    assert await house.phase() == "verifying"


async def test_a_request_with_another_envelope_is_still_the_same_request(house: House) -> None:
    app = App()
    request = app.quote_request()
    assert isinstance(request, QuoteRequested)
    first = await house.ask(request, app)
    second = await house.ask(request, app)
    assert first[0].type == second[0].type == "QuoteOffered"
    assert DRIVER.address == request.session_key
