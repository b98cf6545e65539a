"""Disputes, decisions and stops over the API, answered by the driver of the station."""

import json
from collections.abc import AsyncIterator
from typing import Any

import ended_sessions
import pytest
from api_answers import promised, refused
from api_world import ApiWorld, api_world

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.register import Register
from tests.session_kit import CP, station_config
from tests.station_kit import open_house, ride

SESSION = "0x" + "5" * 64
STOP = f"/charge-points/{CP}/connectors/1/stop"


@pytest.fixture
async def api(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ApiWorld]:
    del redis_bus  # it has emptied the server
    async with api_world(redis_url) as world:
        yield world


async def dispute(api: ApiWorld, charge_point_id: str, session_id: str, since: str) -> None:
    kept = ended_sessions.record()
    assert kept.quote is not None
    status = kept.status.model_copy(update={"phase": "disputed", "session_id": session_id})
    state = json.dumps({"quote": json.loads(kept.quote.payload)})
    fields = {"status": status.model_dump_json(), "state": state}
    await api.bus.write(keys.disputes(charge_point_id), {session_id: since})
    await api.bus.write(keys.disputed(charge_point_id, session_id), fields)


async def audit(api: ApiWorld, **filters: str) -> list[Any]:
    told = await api.get("/audit", params=filters)
    items: list[Any] = promised("list_audit", told)["items"]
    return items


async def test_disputes_come_in_pages_the_oldest_first(api: ApiWorld) -> None:
    ids = [f"0x{number:064x}" for number in range(5)]
    for number, session_id in enumerate(ids):
        name = f"CP-{number % 2}"
        await api.bus.add_member(keys.STATIONS, name)
        await dispute(api, name, session_id, f"2026-11-2{number}T12:00:00+00:00")
    found, path = [], "/disputes?limit=2"
    while path:
        page = promised("list_disputes", await api.get(path))
        found += [each["session_id"] for each in page["items"]]
        cursor = page["next_cursor"]
        path = f"/disputes?limit=2&cursor={cursor}" if cursor else ""
    assert found == ids
    of_one = (await api.get("/disputes?charge_point_id=CP-1")).json["items"]
    assert [each["session_id"] for each in of_one] == [ids[1], ids[3]]
    await api.bus.delete(keys.disputed("CP-0", ids[0]))  # it ends between two readings
    assert (await api.get("/disputes?limit=1")).json["items"][0]["session_id"] == ids[1]


async def test_one_dispute(api: ApiWorld) -> None:
    await dispute(api, CP, SESSION, "2026-11-20T12:00:00+00:00")
    whole = promised("get_dispute", await api.get(f"/disputes/{CP}/{SESSION}", role="operator"))
    assert whole["decisions"] == ["retry", "write_off"]
    viewed = await api.get(f"/disputes/{CP}/{SESSION}", role="viewer")
    assert (viewed.json["wallet"], whole["wallet"] in viewed.text) == ("***", False)
    refused(await api.get(f"/disputes/{CP}/0x{'6' * 64}"), 404)


async def test_where_nobody_drives_nothing_is_asked(api: ApiWorld) -> None:
    refused(await api.call("POST", STOP, {}), 404)
    await Register(api.bus).add(station_config())
    told = promised("stop_session", await api.call("POST", STOP, {}))
    assert (told["outcome"], told["reason"]) == ("refused", "no_manager")
    path = f"/disputes/{CP}/{SESSION}/decision"
    told = promised("decide_dispute", await api.call("POST", path, {"decision": "retry"}))
    assert (told["outcome"], told["reason"]) == ("refused", "no_manager")
    await api.bus.acquire_lease(CP, "deaf", 60)
    told = promised("stop_session", await api.call("POST", f"{STOP}?timeout=1", {}))
    assert (told["outcome"], told["reason"]) == ("timeout", None)


async def test_a_session_is_stopped_and_who_did_it_is_known(api: ApiWorld) -> None:
    async with open_house(api.bus) as house:
        await house.drive()
        trip = await ride(house)
        await trip.start()
        refused(await api.call("POST", STOP, {}, role="viewer"), 403)
        session_id = trip.quote.session_id
        other = await api.call("POST", STOP, {"session_id": SESSION}, role="operator")
        assert promised("stop_session", other)["reason"] == "other_session"
        told = promised("stop_session", await api.call("POST", STOP, {}, role="operator"))
        assert (told["outcome"], told["session_id"]) == ("accepted", session_id)
        assert await house.phase() == "stopping"
    stopped, turned_away = await audit(api, charge_point_id=CP, action="stop_session")
    assert (stopped["who"]["name"], stopped["who"]["role"]) == ("operator", "operator")
    assert (stopped["outcome"], stopped["connector_id"]) == ("accepted", 1)
    assert stopped["correlation_id"] == told["correlation_id"]
    assert (turned_away["outcome"], turned_away["session_id"]) == ("refused", SESSION)
    (by_session,) = await audit(api, session_id=session_id)
    assert by_session["number"] == stopped["number"]
    (asked,) = [it for it in await house_in(api) if it.get("session_id") is None]
    assert asked["by"] == "operator"


async def house_in(api: ApiWorld) -> list[dict[str, Any]]:
    """Give the stops that were put on the station's lane."""
    found: list[dict[str, Any]] = []
    async with api.bus.follow() as follower:
        subscription = await follower.subscribe(CP, keys.Lane.IN, after="0")
        while delivery := await subscription.take():
            if delivery.envelope.type == "SessionStopRequested":
                found.append(delivery.envelope.body.model_dump())
    return found


async def test_a_decision_is_answered_by_the_driver(api: ApiWorld) -> None:
    path = f"/disputes/{CP}/{SESSION}/decision"
    async with open_house(api.bus) as house:
        await house.drive()
        told = await api.call("POST", path, {"decision": "refund"}, role="operator")
        assert promised("decide_dispute", told)["reason"] == "no_dispute"
    refused(await api.call("POST", path, {"decision": "keep"}), 422)
    (noted,) = await audit(api, session_id=SESSION)
    assert (noted["action"], noted["detail"]) == ("decide_dispute", "decision refund")


async def test_the_trail_tells_no_secrets_and_is_not_for_viewers(api: ApiWorld) -> None:
    refused(await api.get("/audit", role="viewer"), 403)
    made = await api.call("POST", "/api-keys", {"name": "new", "role": "viewer"})
    assert made.status == 201
    noted, *_ = await audit(api, action="make_api_key")
    assert (noted["subject"], noted["detail"]) == ("new", "name, role viewer")
    assert made.json["key"] not in json.dumps(await audit(api))
    assert await audit(api, who="nobody") == []
    assert len(await audit(api, who="administrator", **{"from": "2026-01-01T00:00:00Z"})) == 1
    assert await audit(api, to="2026-01-01T00:00:00Z") == []
