"""Signed requests and quotes: what is taken, and why anything else is not."""

import json
from datetime import timedelta
from typing import Any

import pytest

from sdk.events.service import (
    QuoteOffered,
    QuoteRequested,
    ServiceDelivered,
    ServiceRequested,
    SessionStateRequested,
    SignedQuoteOffered,
    SignedQuoteRequested,
    SignedServiceRequested,
    SignedSessionStateRequested,
    SignedStopRequested,
    StopRequested,
    Voucher,
)
from sdk.events.settlement import SignedVoucherReceived, VoucherReceived
from sdk.events.signed import Request, SignedBody, read_payload
from sdk.tariff import tariff_hash
from session_manager.consumers import covers
from session_manager.requests import REQUESTS, SignedRequest, check_owner, open_request
from session_manager.session.state import Session
from tests.session_kit import (
    CP,
    DRIVER,
    NOON,
    QUOTE,
    SESSION_ID,
    SIGNED_QUOTE,
    STATION,
    STRANGER,
    App,
    in_phase,
    offer,
    read_quote,
    station_config,
    station_quotes,
    voucher,
)

DID = station_config().did
LATER = NOON + timedelta(seconds=61)


def wire(kind: type[SignedBody], request: Request, app: App | None = None) -> SignedBody:
    return kind.model_validate((app or App()).sign(request))


def opened(request: Request, app: App | None = None) -> SignedRequest:
    name: str = request.type  # type: ignore[attr-defined]
    result = open_request(wire(_WIRES[name], request, app), name, DID, NOON)
    assert isinstance(result, SignedRequest)
    return result


_WIRES: dict[str, type[SignedBody]] = {
    "StopRequested": SignedStopRequested,
    "QuoteRequested": SignedQuoteRequested,
    "ServiceRequested": SignedServiceRequested,
    "SessionStateRequested": SignedSessionStateRequested,
    "VoucherReceived": SignedVoucherReceived,
}


def test_a_request_is_attributed_to_the_key_that_signed_it() -> None:
    request = App().stop(QUOTE)
    assert opened(request) == SignedRequest(request, DRIVER.address)


def test_what_is_signed_are_the_bytes_that_travel() -> None:
    request = App().stop(QUOTE)
    payload = json.dumps(json.loads(request.model_dump_json()), indent=3)
    body = SignedStopRequested(payload=payload, signature=DRIVER.sign_text(payload))
    result = open_request(body, "StopRequested", DID, NOON)
    assert isinstance(result, SignedRequest)
    assert result.signer == DRIVER.address


def test_a_did_is_compared_without_regard_to_case() -> None:
    request = App(did=DID.lower()).stop(QUOTE)
    result = open_request(wire(SignedStopRequested, request), "StopRequested", DID, NOON)
    assert isinstance(result, SignedRequest)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"payload": "{}"}, "bad_payload"),
        ({"payload": "not json"}, "bad_payload"),
        ({"signature": "0x" + "00" * 65}, "bad_signature"),
        ({"signature": "0x" + "ff" * 64 + "1b"}, "bad_signature"),
        ({"signature": "0x" + "11" * 64 + "05"}, "bad_signature"),
    ],
)
def test_what_can_not_be_read_or_recovered_is_refused(
    changes: dict[str, str], refusal: str
) -> None:
    body = SignedStopRequested.model_validate(App().sign(App().stop(QUOTE)) | changes)
    assert open_request(body, "StopRequested", DID, NOON) == refusal


def test_a_payload_of_another_type_is_refused() -> None:
    stop, ask = App().stop(QUOTE), App().request(SessionStateRequested, connector_id=1)
    as_stop = SignedStopRequested.model_validate(App().sign(ask) | {"type": "StopRequested"})
    assert open_request(as_stop, "StopRequested", DID, NOON) == "bad_payload"
    as_ask = App().sign(stop) | {"type": "SessionStateRequested"}
    body = SignedSessionStateRequested.model_validate(as_ask)
    assert open_request(body, "SessionStateRequested", DID, NOON) == "bad_payload"


def test_a_request_for_another_station_is_refused() -> None:
    request = App(did="did:ethr:0x7a69:0x" + "9" * 40).stop(QUOTE)
    body = wire(SignedStopRequested, request)
    assert open_request(body, "StopRequested", DID, NOON) == "wrong_station"


def test_a_request_is_refused_from_its_expiry_on() -> None:
    request = App().stop(QUOTE)
    body = wire(SignedStopRequested, request)
    assert open_request(body, "StopRequested", DID, request.expires_at) == "expired"


def test_signed_bodies_that_are_no_requests_are_refused() -> None:
    payload = "{}"
    body = ServiceDelivered(payload=payload, signature=DRIVER.sign_text(payload))
    assert open_request(body, "ServiceDelivered", DID, NOON) == "unknown_type"


@pytest.mark.parametrize(
    "request_",
    [App().quote_request(), App().service_request(SIGNED_QUOTE)],
    ids=["quote", "service"],
)
def test_nobody_asks_in_the_name_of_another_key(request_: Request) -> None:
    name: str = request_.type  # type: ignore[attr-defined]
    body = wire(_WIRES[name], request_, App(key=STRANGER))
    assert open_request(body, name, DID, NOON) == "bad_signature"


def test_a_request_with_a_quote_that_is_none_is_left_to_the_sale() -> None:
    broken = SignedQuoteOffered(payload="{}", signature=STATION.sign_text("{}"))
    request = App().service_request(SIGNED_QUOTE, quote=broken)
    assert opened(request).signer == DRIVER.address


def test_a_changed_payload_is_signed_by_nobody_that_matters() -> None:
    signed = App().sign(App().stop(QUOTE))
    signed["payload"] = signed["payload"].replace('"nonce":1', '"nonce":9')
    body = SignedStopRequested.model_validate(signed)
    result = open_request(body, "StopRequested", DID, NOON)
    owner = check_owner(result, in_phase("charging")) if not isinstance(result, str) else result
    assert owner in ("not_your_session", "bad_signature")


def test_only_the_session_key_owns_a_session() -> None:
    session = in_phase("charging")
    assert check_owner(opened(App(nonce=50).stop(QUOTE)), session) is None
    app = App(key=STRANGER, nonce=50)
    assert check_owner(opened(app.stop(QUOTE), app), session) == "not_your_session"
    assert check_owner(opened(App().stop(QUOTE)), None) == "wrong_session"
    assert check_owner(opened(App().stop(QUOTE)), Session()) == "wrong_session"


@pytest.mark.parametrize("nonce", [0, 7])
def test_a_nonce_is_used_once(nonce: int) -> None:
    session = in_phase("charging").model_copy(update={"nonce": 7})
    assert check_owner(opened(App(nonce=nonce - 1).stop(QUOTE)), session) == "replayed"
    assert check_owner(opened(App(nonce=7).stop(QUOTE)), session) is None


def test_every_request_has_a_wire_form() -> None:
    assert set(_WIRES) <= set(REQUESTS)
    assert all(kind.model_fields["type"].default == name for name, kind in REQUESTS.items())
    assert REQUESTS["QuoteRequested"] is QuoteRequested
    assert REQUESTS["StopRequested"] is StopRequested
    assert REQUESTS["VoucherReceived"] is VoucherReceived


def test_a_quote_holds_what_an_app_checks() -> None:
    channel = station_quotes().channel(QUOTE)
    assert QUOTE.provider == STATION.address
    assert QUOTE.charge_point_id == CP
    assert QUOTE.wallet == channel.address
    assert QUOTE.tariff_hash == tariff_hash(QUOTE.tariff)
    assert QUOTE.refund_opens_at == QUOTE.ends_by + 600
    refund, sweep = channel.gated_refund(), channel.sweep()
    assert channel.is_signed_by(refund, QUOTE.refund_signature, STATION.address)
    assert channel.is_signed_by(sweep, QUOTE.sweep_signature, STATION.address)
    assert not channel.is_signed_by(channel.voucher(0), QUOTE.refund_signature, STATION.address)


def test_a_station_knows_its_own_quotes_only() -> None:
    assert station_quotes().recognise(SIGNED_QUOTE) == QUOTE
    assert station_quotes(STRANGER).recognise(SIGNED_QUOTE) is None
    payload = SIGNED_QUOTE.payload.replace('"minimum_deposit":"1000"', '"minimum_deposit":"1"')
    assert payload != SIGNED_QUOTE.payload
    tampered = SIGNED_QUOTE.model_copy(update={"payload": payload})
    assert station_quotes().recognise(tampered) is None
    nothing = SignedQuoteOffered(payload="{}", signature=STATION.sign_text("{}"))
    assert station_quotes().recognise(nothing) is None
    unsigned = SIGNED_QUOTE.model_copy(update={"signature": "0x" + "0" * 130})
    assert station_quotes().recognise(unsigned) is None


def taken(**changes: Any) -> ServiceRequested:
    return App().service_request(SIGNED_QUOTE, **changes)


def test_a_fresh_quote_with_voucher_0_is_taken() -> None:
    assert station_quotes().fault(QUOTE, taken(), NOON) is None


def test_a_quote_lapses() -> None:
    assert station_quotes().fault(QUOTE, taken(), LATER) == "quote_expired"
    assert station_quotes().fault(QUOTE, taken(), QUOTE.expires_at) == "quote_expired"


def test_a_request_names_the_quotes_session() -> None:
    other = taken(session_id="0x" + "12" * 32)
    assert station_quotes().fault(QUOTE, other, NOON) == "quote_invalid"


@pytest.mark.parametrize(
    "given",
    [
        App(key=STRANGER).voucher(QUOTE, 0),
        App().voucher(QUOTE, 5),
        Voucher(spent=0, signature=App().voucher(QUOTE, 5).signature),
        Voucher(spent=0, signature="0x" + "0" * 130),
        App().voucher(read_quote(offer("0x" + "ee" * 32)), 0),
    ],
    ids=["other key", "above 0", "for another amount", "no signature", "other session"],
)
def test_a_hold_needs_voucher_0(given: Voucher) -> None:
    request = taken(voucher=given)
    assert station_quotes().fault(QUOTE, request, NOON) == "voucher_invalid"


def test_two_quotes_are_two_sessions() -> None:
    other = read_payload(offer("0x" + "ee" * 32), QuoteOffered)
    assert (other.session_id, other.wallet) != (SESSION_ID, QUOTE.wallet)


def test_a_voucher_counts_for_exactly_its_amount() -> None:
    session, channel = in_phase("charging"), station_quotes().channel(QUOTE)
    good = voucher(2_500)
    assert covers(channel, good, session)
    assert not covers(channel, good.model_copy(update={"spent": 2_501}), session)
    foreign = App(key=STRANGER).voucher_event(QUOTE, 2_500)
    assert not covers(channel, foreign, session)
