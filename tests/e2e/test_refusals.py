"""Bad input is a clear error and changes nothing."""

import json

import pytest
from machine import TOKEN, World
from stranger import stranger

from sdk.bus import keys
from sdk.chain.accounts import new_key
from sdk.did.authority import authority_did
from sdk.p2p.errors import StreamClosedError
from sdk.p2p.protocols import CONVERSATION as PROTOCOL
from sdk.register import Register

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHAIN_ID = 31337


async def test_a_deposit_too_small_is_refused_before_anything_is_paid(world: World) -> None:
    station = await world.station(minimum=TOKEN)
    await world.charge_point(station)
    app = await world.app(station, "--deposit", "0.5")
    failed = await app.event("failed")
    assert "deposit_too_small" in failed["reason"]
    assert await app.process.wait() == 1
    assert await world.bus.read(keys.session(station.id, 1)) == {}


async def test_a_faulted_connector_is_not_sold(world: World) -> None:
    station = await world.station()
    charge_point = await world.charge_point(station, "--faulted")
    app = await world.app(station)
    assert "connector_faulted" in (await app.event("failed"))["reason"]
    assert charge_point.count("received RemoteStartTransaction") == 0


async def test_a_second_consumer_finds_it_busy(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    first = await world.app(station, "--deposit", "9", "--stop-after-wh", "16000")
    await first.charging(300)
    second = await world.app(station)
    assert "busy" in (await second.event("failed"))["reason"]
    receipt = await first.receipt()
    assert receipt["outcome"] == "settled"
    await world.check(station, receipt)


async def test_a_station_of_an_unknown_authority_is_not_trusted(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    app = await world.app(station, authority=authority_did(new_key(), CHAIN_ID))
    failed = await app.event("failed")
    assert failed["error"] == "UntrustedAuthorityError"
    assert await world.bus.read(keys.session(station.id, 1)) == {}


async def test_a_station_without_a_trusted_credential_quotes_nothing(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    async with stranger(world.launcher.urls["p2p_server"], station) as peer:
        assert (await peer.ask(peer.quote_request(TOKEN)))["type"] == "QuoteOffered"
        await Register(world.bus).set(station.id, credential=None)
        await world.until(station, lambda state: state.identity.state == "not_onboarded")
        refused = await peer.ask(peer.quote_request(TOKEN))
    assert (refused["type"], refused["reason"]) == ("QuoteRefused", "not_onboarded")


async def test_nobody_else_stops_or_sees_a_session(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    app = await world.app(station, "--deposit", "5", "--stop-after-wh", "4000")
    session_id = (await app.event("quote"))["session_id"]
    await app.charging(300)
    async with stranger(world.launcher.urls["p2p_server"], station) as peer:
        stopped = await peer.ask(peer.signed("StopRequested", session_id=session_id))
        seen = await peer.ask(
            peer.signed("SessionStateRequested", session_id=session_id, connector_id=1)
        )
        moved = await peer.ask(peer.signed("SessionResumed", session_id=session_id))
    assert (stopped["type"], stopped["reason"]) == ("RequestRefused", "not_your_session")
    assert (seen["availability"], seen.get("session")) == ("busy", None)
    assert moved["reason"] == "not_your_session"
    receipt = await app.receipt()
    assert receipt["stop_reason"] == "consumer"
    assert receipt["energy_wh"] >= 4000
    await world.check(station, receipt)


async def test_wrong_signatures_and_stale_requests_are_refused(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    async with stranger(world.launcher.urls["p2p_server"], station) as peer:
        by_another = peer.quote_request(TOKEN, session_key=new_key().address)
        assert (await peer.ask(by_another))["reason"] == "bad_signature"
        altered = peer.quote_request(TOKEN)
        altered["payload"] = altered["payload"].replace(str(TOKEN), str(2 * TOKEN))
        assert (await peer.ask(altered))["reason"] == "bad_signature"
        stale = peer.quote_request(TOKEN, expires_at="2020-01-01T00:00:00Z")
        assert (await peer.ask(stale))["reason"] == "expired"
        elsewhere = peer.quote_request(TOKEN, provider_did="did:ethr:0x1:0x" + "1" * 40)
        assert (await peer.ask(elsewhere))["reason"] == "wrong_station"
        other_type = {**peer.quote_request(TOKEN), "type": "StopRequested"}
        assert (await peer.ask(other_type))["reason"] == "bad_payload"
    assert await world.bus.read(keys.session(station.id, 1)) == {}


async def test_a_request_is_taken_once(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    async with stranger(world.launcher.urls["p2p_server"], station) as peer:
        session_id = await peer.hold(TOKEN)
        wanted = peer.signed("SessionStateRequested", session_id=session_id, connector_id=1)
        first = await peer.ask(wanted)
        assert first["session"]["phase"] == "verifying"
        again = await peer.ask(wanted)
        assert (again["type"], again["reason"]) == ("RequestRefused", "replayed")
        state = json.loads((await world.bus.read(keys.session(station.id, 1)))["state"])
        assert state["session_id"] == session_id
        ended = await peer.ask(peer.signed("StopRequested", session_id=session_id))
        assert ended["type"] in ("ServiceRejected", "ChargingStatus")


async def test_an_unknown_event_is_refused_and_kept(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    async with stranger(world.launcher.urls["p2p_server"], station) as peer:
        refused = await peer.ask({"type": "FreeEnergyRequested", "much": True})
        assert (refused["type"], refused["reason"]) == ("RequestRefused", "unknown_type")
        (letter,) = await world.bus.dead_letters(station.id)
        assert "FreeEnergyRequested" in str(letter)
        assert (await peer.ask(peer.quote_request(TOKEN)))["type"] == "QuoteOffered"


async def test_a_frame_over_64_kib_costs_its_stream_alone(world: World) -> None:
    station = await world.station()
    await world.charge_point(station)
    url = world.launcher.urls["p2p_server"]
    async with stranger(url, station) as honest, stranger(url, station) as peer:
        peer.send_raw((65_537).to_bytes(4) + b"x" * 65_537)
        with pytest.raises(StreamClosedError):
            await peer.stream.read_frame(10)
        assert (await honest.ask(honest.quote_request(TOKEN)))["type"] == "QuoteOffered"
        peer.stream = await peer.host.open_stream(url.rpartition("/")[2], PROTOCOL)
        assert (await peer.ask(peer.quote_request(TOKEN)))["type"] == "QuoteOffered"


async def test_without_a_deposit_the_connector_is_free_again(world: World) -> None:
    station = await world.station()
    charge_point = await world.charge_point(station)
    async with stranger(world.launcher.urls["p2p_server"], station) as peer:
        session_id = await peer.hold(TOKEN)
        ended = await peer.told("ServiceRejected", 20)
        assert (ended["session_id"], ended["reason"]) == (session_id, "deposit_missing")
        assert (await peer.ask(peer.quote_request(TOKEN)))["type"] == "QuoteOffered"
    assert charge_point.count("received") == 0


async def test_a_short_deposit_is_given_back_at_the_deadline(world: World) -> None:
    station = await world.station(minimum=TOKEN)
    charge_point = await world.charge_point(station)
    async with stranger(world.launcher.urls["p2p_server"], station) as peer:
        await peer.hold(TOKEN)
        quote = json.loads((await world.bus.read(keys.session(station.id, 1)))["quote"])
        await world.node.fund(quote["wallet"], TOKEN // 3)
        await world.node.mine()
        await peer.told("ServiceDelivered", 20)
        assert await world.client.balance(peer.key.address) == TOKEN // 3
    receipt = await world.stored_receipt(station)
    assert (receipt["failure"], receipt["outcome"]) == ("deposit_short", "refunded")
    assert charge_point.count("received") == 0
    await world.check(station, receipt)


async def test_a_connector_in_use_is_not_sold(world: World) -> None:
    station = await world.station()
    async with world.raw_charge_point(station) as call:
        await call("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        await call("StatusNotification", status)
        started = await call(
            "StartTransaction",
            {
                "connectorId": 1,
                "idTag": "LOCAL-CARD",
                "meterStart": 7,
                "timestamp": "2026-01-01T00:00:00Z",
            },
        )
        assert started["idTagInfo"]["status"] == "Invalid"
        assert started["transactionId"] > 0
        await world.until(station, lambda state: state.identity.state == "published")
        async with stranger(world.launcher.urls["p2p_server"], station) as peer:
            refused = await peer.ask(peer.quote_request(TOKEN))
    assert (refused["type"], refused["reason"]) == ("QuoteRefused", "transaction_open")
