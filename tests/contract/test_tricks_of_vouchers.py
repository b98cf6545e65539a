"""Apps that cheat with what they sign, one test for each trick, against a real Session Manager."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from sdk.bus.interface import Bus
from sdk.events.envelope import Envelope
from sdk.events.service import ServiceRequested, SignedQuoteOffered
from sdk.events.settlement import SettlementApproved, VoucherReceived
from sdk.register import station_did
from tests.session_kit import (
    CHAIN_ID,
    COIN,
    DEPOSIT,
    LIMITS,
    OTHER_PEER,
    STEP,
    STRANGER,
    TERMS,
    App,
    read_quote,
    station_config,
    station_quotes,
    stopped,
)
from tests.station_kit import House, Ride, open_house, ride

INVALID = ("RequestRefused", "voucher_invalid")


@pytest.fixture
async def house(bus: Bus) -> AsyncIterator[House]:
    async with open_house(bus) as house:
        await house.drive()
        yield house


def reason(envelopes: list[Envelope]) -> tuple[str, str]:
    (envelope,) = envelopes
    body: Any = envelope.body
    return envelope.type, body.reason


async def charged(house: House, energy_wh: int = 3_000, paid: int = 2_000) -> Ride:
    """A session that delivered so much, and holds a voucher over `paid`."""
    trip = await ride(house)
    await trip.start()
    await trip.charge(energy_wh)
    await trip.pay(paid)
    assert await holds(house) == paid
    return trip


async def holds(house: House) -> int:
    return (await house.held()).session.paid


async def payout(house: House) -> tuple[int, bool]:
    """What the wallet is to pay, and whether that is for want of an approval."""
    session = (await house.held()).session
    assert session.phase == "executing"
    assert session.payout is not None
    return session.payout.spent, "last_voucher" in session.flags


async def test_a_voucher_that_falls_is_refused(house: House) -> None:
    trip = await charged(house)
    assert reason(await trip.pay(1_999)) == INVALID
    assert await holds(house) == 2_000


async def test_a_voucher_over_more_than_was_delivered_is_refused(house: House) -> None:
    trip = await charged(house)
    assert reason(await trip.pay(3_001)) == INVALID
    assert await holds(house) == 2_000


async def test_a_voucher_for_another_wallet_is_refused(house: House) -> None:
    trip = await charged(house)
    other = await ride(house, STRANGER, n=2, peer=OTHER_PEER)
    elsewhere = trip.app.voucher(other.quote, 2_500)
    request = replace_signature(trip, 2_500, elsewhere.signature)
    assert reason(await house.ask(request, trip.app)) == INVALID
    assert await holds(house) == 2_000


def replace_signature(trip: Ride, spent: int, signature: str) -> VoucherReceived:
    request = trip.app.voucher_event(trip.quote, spent)
    return request.model_copy(update={"safe_signature": signature})


async def test_a_voucher_that_another_key_signed_is_refused(house: House) -> None:
    trip = await charged(house)
    forged = App(key=STRANGER).voucher(trip.quote, 2_500)
    request = replace_signature(trip, 2_500, forged.signature)
    assert reason(await house.ask(request, trip.app)) == INVALID
    assert await holds(house) == 2_000


async def test_a_voucher_with_the_signature_of_a_smaller_one_is_refused(house: House) -> None:
    trip = await charged(house)
    smaller = trip.app.voucher(trip.quote, 1)
    request = replace_signature(trip, 3_000, smaller.signature)
    assert reason(await house.ask(request, trip.app)) == INVALID
    assert await holds(house) == 2_000


async def test_a_voucher_that_pays_another_account_is_refused(house: House) -> None:
    trip = await charged(house)
    channel = station_quotes().channel(trip.quote)
    thief = STRANGER.address
    for other in (replace(channel, provider=thief), replace(channel, refund_account=thief)):
        signature = channel.sign(other.voucher(3_000), trip.app.key)
        request = replace_signature(trip, 3_000, signature)
        assert reason(await house.ask(request, trip.app)) == INVALID
    assert await holds(house) == 2_000


async def test_a_sweep_or_a_later_payout_is_no_voucher(house: House) -> None:
    trip = await charged(house)
    channel = station_quotes().channel(trip.quote)
    for tx in (replace(channel.voucher(3_000), nonce=1), channel.gated_refund()):
        request = replace_signature(trip, 3_000, channel.sign(tx, trip.app.key))
        assert reason(await house.ask(request, trip.app)) == INVALID
    assert await holds(house) == 2_000


async def test_a_replayed_voucher_does_not_put_off_the_next_one(house: House) -> None:
    trip = await charged(house)
    request = trip.app.voucher_event(trip.quote, 2_000)
    await house.ask(request, trip.app)
    timers = (await house.held()).session.timers
    assert reason(await house.ask(request, trip.app)) == ("RequestRefused", "replayed")
    await house.advance(LIMITS.voucher / 2)
    trip.app.now = house.now
    await trip.pay(2_000)
    assert (await house.held()).session.timers == timers
    await house.advance(LIMITS.voucher / 2)
    assert (await house.held()).session.stop_reason == "voucher_overdue"


async def test_a_withheld_voucher_ends_the_session_by_the_last_one(house: House) -> None:
    trip = await charged(house)
    await house.advance(LIMITS.voucher)
    session = (await house.held()).session
    assert (session.phase, session.stop_reason) == ("stopping", "voucher_overdue")
    assert house.orders()[-1] == "StopCharging"
    await house.send(stopped(3_200))
    await house.advance(LIMITS.approval)
    assert await payout(house) == (2_000, True)
    await house.send(trip.paid_out(2_000))
    assert await house.phase() == "settled"


async def test_vouchers_that_trickle_do_not_put_off_the_end(house: House) -> None:
    trip = await charged(house, paid=0)
    for spent in range(1, 10):
        await house.advance(LIMITS.voucher / 9)
        trip.app.now = house.now
        await trip.pay(spent)
    assert (await house.held()).session.stop_reason == "voucher_overdue"


async def test_a_flood_of_energy_stops_at_the_exposure_limit(house: House) -> None:
    trip = await ride(house)
    await trip.start()
    limit = trip.quote.exposure_limit
    assert limit is not None
    assert STEP < limit < DEPOSIT
    await trip.charge(limit)
    assert await house.phase() == "charging"
    await trip.charge(limit + 1)
    assert (await house.held()).session.stop_reason == "voucher_overdue"
    assert house.orders()[-1] == "StopCharging"


@pytest.mark.parametrize("spent", [2_999, 3_001, 0])
async def test_the_approval_of_another_price_is_refused(house: House, spent: int) -> None:
    trip = await charged(house)
    await house.send(stopped(3_000))
    approval = trip.app.approval(trip.quote, spent)
    assert reason(await house.ask(approval, trip.app)) == INVALID
    assert await house.phase() == "settling"
    await house.advance(LIMITS.approval)
    assert await payout(house) == (2_000, True)


async def test_an_approval_with_the_signature_of_a_smaller_price_is_refused(house: House) -> None:
    trip = await charged(house)
    await house.send(stopped(3_000))
    cheap = trip.app.voucher(trip.quote, 0).signature
    approval: SettlementApproved = trip.app.approval(trip.quote, 3_000)
    forged = approval.model_copy(update={"safe_signature": cheap})
    assert reason(await house.ask(forged, trip.app)) == INVALID
    assert await house.phase() == "settling"


async def test_nothing_lowers_a_price_that_was_approved(house: House) -> None:
    trip = await charged(house)
    await house.send(stopped(3_000))
    await house.ask(trip.app.approval(trip.quote, 3_000), trip.app)
    for request in (trip.app.voucher_event(trip.quote, 0), trip.app.approval(trip.quote, 0)):
        assert reason(await house.ask(request, trip.app)) == ("RequestRefused", "not_now")
    assert await payout(house) == (3_000, False)


async def taken(house: House, trip: Ride, signed: SignedQuoteOffered, **fields: Any) -> Any:
    request = trip.app.service_request(signed, **fields)
    assert isinstance(request, ServiceRequested)
    answer = reason(await house.ask(request, trip.app))
    assert await house.phase() == "idle"
    return answer


def altered(signed: SignedQuoteOffered, **changes: Any) -> SignedQuoteOffered:
    payload = read_quote(signed).model_copy(update=changes).model_dump_json()
    return signed.model_copy(update={"payload": payload})


REJECTED = ("ServiceRejected", "quote_invalid")


async def test_an_altered_quote_is_rejected(house: House) -> None:
    trip = await ride(house)
    assert await taken(house, trip, altered(trip.signed, minimum_deposit=0)) == REJECTED
    assert await taken(house, trip, altered(trip.signed, deposit=1)) == REJECTED
    own = App().key.sign_text(trip.signed.payload)
    resigned = trip.signed.model_copy(update={"signature": own})
    assert await taken(house, trip, resigned) == REJECTED


async def test_the_quote_of_another_station_is_rejected(house: House) -> None:
    trip = await ride(house)
    config = station_config(charge_point_id="CP-9", did=station_did(CHAIN_ID, STRANGER.address))
    request = trip.app.quote_request()
    foreign = station_quotes(STRANGER).offer(request, config, COIN, "0x" + "77" * 32, house.now)
    assert await taken(house, trip, foreign) == REJECTED
    # Another charge point of the same account: its signature is right.
    sibling = station_config(charge_point_id="CP-9")
    other = station_quotes().offer(request, sibling, COIN, "0x" + "78" * 32, house.now)
    assert await taken(house, trip, other) == REJECTED


async def test_a_quote_for_another_session_is_rejected(house: House) -> None:
    trip = await ride(house)
    assert await taken(house, trip, trip.signed, session_id="0x" + "77" * 32) == REJECTED


async def test_an_expired_quote_is_rejected(house: House) -> None:
    trip = await ride(house)
    await house.advance(TERMS.valid)
    trip.app.now = house.now
    answer = await taken(house, trip, trip.signed)
    assert answer == ("ServiceRejected", "quote_expired")


async def test_a_quote_is_taken_with_voucher_0_only(house: House) -> None:
    trip = await ride(house)
    forged = App(key=STRANGER).voucher(trip.quote, 0)
    answer = await taken(house, trip, trip.signed, voucher=forged)
    assert answer == ("ServiceRejected", "voucher_invalid")
    more = trip.app.voucher(trip.quote, 1)
    answer = await taken(house, trip, trip.signed, voucher=more)
    assert answer == ("ServiceRejected", "voucher_invalid")


async def test_a_quote_is_taken_once(house: House) -> None:
    trip = await charged(house)
    again = trip.app.service_request(trip.signed)
    assert reason(await house.ask(again, trip.app)) == ("ServiceRejected", "busy")
    await trip.stop()
    await trip.end(3_000)
    assert await house.phase() == "settled"
    again = trip.app.service_request(trip.signed)
    assert reason(await house.ask(again, trip.app)) == ("ServiceRejected", "session_used")
    other = await ride(house, STRANGER, peer=OTHER_PEER)
    await other.start()
    await other.stop()
    await other.end(0)
    again = trip.app.service_request(trip.signed)
    assert reason(await house.ask(again, trip.app)) == ("ServiceRejected", "session_used")
    assert (await house.held()).session.session_id == other.quote.session_id


async def test_the_same_nonces_make_the_same_session_which_is_used_once(house: House) -> None:
    """The station's own nonce makes each session another one, whatever the app chooses."""
    first, second = await ride(house), await ride(house)
    assert first.quote.consumer_nonce == second.quote.consumer_nonce
    assert first.quote.session_id != second.quote.session_id
    assert first.quote.wallet != second.quote.wallet


async def test_a_quote_is_taken_by_its_own_key_only(house: House) -> None:
    trip = await ride(house)
    thief = App(key=STRANGER, nonce=100)
    request = thief.service_request(trip.signed)
    answer = reason(await house.ask(request, thief))
    assert answer[0] in ("RequestRefused", "ServiceRejected")
    assert await house.phase() == "idle"
