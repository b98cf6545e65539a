"""Alerts as operators see them: raised, acknowledged, over; by one desk at a time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from alert_world import alert_desk, all_at_once, until
from api_answers import promised, refused
from api_world import ApiWorld, api_and_gateway, api_world
from cpg_world import World, soon
from redis.asyncio import Redis

from sdk.alerts.alert import AlertSettings
from sdk.alerts.causes import Report
from sdk.alerts.store import MOST_KEPT, current_alerts, past_alerts, write_settings
from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.ids import utc_now
from session_manager.alert_board import show_alerts
from session_manager.alert_lease import LeaseLostError, write_guarded
from session_manager.console_board import Board

SESSION = "0x" + "12" * 32


@pytest.fixture
async def worlds(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[tuple[ApiWorld, World]]:
    await all_at_once(redis_bus)
    async with api_and_gateway(redis_url) as worlds:
        yield worlds


async def _ids(api: ApiWorld, *wanted: str) -> list[dict[str, Any]]:
    """Wait until exactly these are alerts."""

    async def found() -> list[Any] | None:
        items: list[dict[str, Any]] = promised("list_alerts", await api.get("/alerts"))["items"]
        return [None, *items] if {each["id"] for each in items} == set(wanted) else None

    return list((await until(found))[1:])


async def test_a_charge_point_that_goes_and_comes(
    worlds: tuple[ApiWorld, World], redis_url: str
) -> None:
    api, gateway = worlds
    await gateway.register("CP-1")
    await gateway.register("CP-never-here")
    async with alert_desk(redis_url):
        async with gateway.point("CP-1"):
            await gateway.until("CP-1", lambda state: state.get("connected") == "1")
        (alert,) = await _ids(api, "offline:CP-1")
        assert (alert["charge_point_id"], alert["severity"]) == ("CP-1", "warning")
        async with gateway.point("CP-1") as point:
            await _ids(api)
            status = {"status": "Faulted", "errorCode": "GroundFailure", "timestamp": soon(0)}
            await point.tell("StatusNotification", {"connectorId": 2, **status})
            (alert,) = await _ids(api, "faulted:CP-1:2")
            assert (alert["connector_id"], alert["facts"]) == (2, {"error_code": "GroundFailure"})
    history = promised("list_past_alerts", await api.get("/alerts/history"))
    assert [each["id"] for each in history["items"]] == ["offline:CP-1"]
    assert history["items"][0]["cleared_at"] > history["items"][0]["raised_at"]


async def test_a_dispute_a_chain_and_an_empty_gas_account(
    worlds: tuple[ApiWorld, World], redis_url: str
) -> None:
    api, gateway = worlds
    await gateway.register("CP-1")
    bus, account = api.bus, "0x" + "Ab" * 20
    report = Report(at=utc_now(), chain_id=5, gas_account=account, chain="down", gas_low=True)
    old = report.model_copy(update={"at": utc_now() - timedelta(minutes=2), "chain_id": 6})
    gone = {"lives": report.model_dump_json(), "dead": old.model_dump_json(), "damaged": "{"}
    await bus.write(keys.ALERT_REPORTS, gone)
    await bus.write(keys.disputes("CP-1"), {SESSION: utc_now().isoformat()})
    await bus.write(keys.disputed("CP-1", SESSION), {"state": "{}"})
    await write_settings(bus, AlertSettings(chain_down_seconds=0, low_balance_seconds=0))
    gas = f"low_gas_balance:{account.lower()}"
    async with alert_desk(redis_url):
        found = await _ids(api, gas, "chain_down:5", f"dispute:CP-1:{SESSION}")
        assert found[-1]["session_id"] == SESSION

        async def only_the_living() -> bool:
            return set(await bus.read(keys.ALERT_REPORTS)) == {"lives"}

        assert await until(only_the_living)


async def test_who_takes_notice_first_is_kept_also_in_the_history(
    worlds: tuple[ApiWorld, World], redis_url: str
) -> None:
    api, gateway = worlds
    await gateway.register("CP-1")
    one = "/alerts/offline:CP-1/acknowledge"
    assert refused(await api.call("POST", one), 404) == "there is no such alert now"
    refused(await api.call("POST", "/alerts/%7Bx%7D/acknowledge"), 404)
    refused(await api.call("POST", one, role="viewer"), 403)
    async with alert_desk(redis_url):
        async with gateway.point("CP-1"):
            pass
        await _ids(api, "offline:CP-1")
        first = promised("acknowledge_alert", await api.call("POST", one, role="operator"))
        again = promised("acknowledge_alert", await api.call("POST", one))
        assert first["acknowledged_by"] == again["acknowledged_by"] == "operator"
        assert first["acknowledged_at"] == again["acknowledged_at"]
        (alert,) = await _ids(api, "offline:CP-1")
        assert alert["acknowledged_by"] == "operator"
        async with gateway.point("CP-1"):
            await _ids(api)
        ((_, past),) = await past_alerts(api.bus)
        assert past.acknowledged_by == "operator"
        (alert,) = await _ids(api, "offline:CP-1")
        assert alert["acknowledged_by"] is None


async def test_settings_hold_from_the_next_look_on(
    worlds: tuple[ApiWorld, World], redis_url: str
) -> None:
    api, gateway = worlds
    await gateway.register("CP-1")
    path = "/alert-settings"
    given = {"offline_seconds": 3600, "gas_balance_below": "10", "clear_seconds": 0}
    told = promised("set_alert_settings", await api.call("PUT", path, given))
    assert told == promised("get_alert_settings", await api.get(path))
    assert (told["offline_seconds"], told["gas_balance_below"]) == (3600, "10")
    assert told["faulted_seconds"] == AlertSettings().faulted_seconds
    for wrong in (
        {"offline_seconds": -1},
        {"muted": ["x"]},
        {"other": 1},
        {"hysteresis_percent": "1"},
    ):
        refused(await api.call("PUT", path, wrong), 422)
    refused(await api.call("PUT", path, given, role="operator"), 403)
    refused(await api.get(path, role="operator"), 403)
    async with alert_desk(redis_url), gateway.point("CP-1"):
        pass
    async with alert_desk(redis_url):
        await asyncio.sleep(0.3)
        await _ids(api)
        await api.call("PUT", path, {"offline_seconds": 0, "clear_seconds": 0})
        await _ids(api, "offline:CP-1")
        await api.call("PUT", path, {"muted": ["offline"], "clear_seconds": 0})
        await _ids(api)


async def test_the_oldest_of_the_history_goes(redis_bus: RedisBus, redis_url: str) -> None:
    await all_at_once(redis_bus)
    old = {f"2020-01-01T00:00:00.000+00:00|{number:04}": "{}" for number in range(MOST_KEPT)}
    await redis_bus.write(keys.ALERT_HISTORY, old)
    report = Report(at=utc_now(), chain_id=5, gas_account="0x" + "0" * 40, chain="down")
    await redis_bus.write(keys.ALERT_REPORTS, {"one": report.model_dump_json()})
    async with alert_desk(redis_url):

        async def alerts() -> object:
            return await current_alerts(redis_bus)

        await until(alerts)
        await redis_bus.write(keys.ALERT_REPORTS, {"one": "{}"})

        async def past() -> object:
            return await past_alerts(redis_bus)

        await until(past)
    found = await redis_bus.read(keys.ALERT_HISTORY)
    assert len(found) == MOST_KEPT
    assert set(old) - set(found) == {min(old)}


async def test_the_history_comes_in_pages(redis_bus: RedisBus, redis_url: str) -> None:
    await all_at_once(redis_bus)
    names = [f"CP-{number}" for number in range(120)]
    for name in names:
        await redis_bus.write(keys.config(name), await _config())
        await redis_bus.write(keys.state(name), {"connected": "0"})
        await redis_bus.add_member(keys.STATIONS, name)
    async with api_world(redis_url) as api, alert_desk(redis_url):
        await _ids(api, *(f"offline:{name}" for name in names))
        for name in names[:-1]:
            await redis_bus.remove_member(keys.STATIONS, name)
        await _ids(api, f"offline:{names[-1]}")
        found: list[str] = []
        cursor: dict[str, str] | None = {}
        while cursor is not None:
            page = promised("list_past_alerts", await api.get("/alerts/history", params=cursor))
            found += [each["id"] for each in page["items"]]
            cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}
        assert sorted(found) == sorted(f"offline:{name}" for name in names[:-1])
        one = await api.get("/alerts/history?charge_point_id=CP-7&kind=offline")
        assert [each["id"] for each in one.json["items"]] == ["offline:CP-7"]
        assert (await api.get("/alerts/history?kind=faulted")).json["items"] == []


async def _config() -> dict[str, str]:
    return {
        "did": f"did:ethr:0x7a69:0x{'1' * 40}",
        "tariff": '{"per_kwh": "1000"}',
        "connectors": "1",
    }


async def test_of_two_desks_one_works_and_the_other_takes_over(
    redis_bus: RedisBus, redis_url: str
) -> None:
    await all_at_once(redis_bus)
    await redis_bus.write(keys.config("CP-1"), await _config())
    await redis_bus.add_member(keys.STATIONS, "CP-1")

    async def holder() -> str:
        (found,) = await redis_bus.read_blobs([keys.lease(keys.ALERT_DESK)])
        return found.decode()

    async def alerts() -> list[str]:
        return [alert.id for alert in await current_alerts(redis_bus)]

    async with alert_desk(redis_url, "one") as one:
        assert await until(holder) == "one"
        async with alert_desk(redis_url, "two"):
            await asyncio.sleep(1)
            assert await holder() == "one"
            one.cancel()

            async def is_two() -> bool:
                return await holder() == "two"

            await until(is_two)
            await redis_bus.write(keys.state("CP-1"), {"connected": "0"})
            assert await until(alerts) == ["offline:CP-1"]


async def test_a_desk_that_lost_its_lease_writes_nothing(redis_bus: RedisBus) -> None:
    old = await redis_bus.acquire_lease(keys.ALERT_DESK, "old", 0.01)
    assert old is not None
    await asyncio.sleep(0.05)
    new = await redis_bus.acquire_lease(keys.ALERT_DESK, "new", 5)
    assert new is not None
    with pytest.raises(LeaseLostError):
        await write_guarded(redis_bus, old.guard, {keys.ALERTS: {"a": "{}"}})
    assert await redis_bus.read(keys.ALERTS) == {}
    await write_guarded(redis_bus, new.guard, {keys.ALERTS: {"a": "{}"}})
    assert await redis_bus.read(keys.ALERTS) == {"a": "{}"}


async def test_damage_in_redis_only_begins_the_desk_anew(
    redis_bus: RedisBus, redis: Redis, redis_url: str
) -> None:
    await all_at_once(redis_bus)
    await redis_bus.write(keys.ALERT_STATE, {"evaluated_at": "not a moment"})
    await redis.set(keys.ALERTS, "no hash")
    await redis_bus.write(keys.config("CP-1"), await _config())
    await redis_bus.write(keys.state("CP-1"), {"connected": "0"})
    await redis_bus.add_member(keys.STATIONS, "CP-1")
    async with alert_desk(redis_url) as task:
        await asyncio.sleep(0.5)
        assert not task.done()
        await redis.delete(keys.ALERTS)

        async def alerts() -> object:
            return await current_alerts(redis_bus)

        assert await until(alerts)


async def test_the_console_shows_them(worlds: tuple[ApiWorld, World], redis_url: str) -> None:
    api, gateway = worlds
    await gateway.register("CP-1")
    board = Board()

    async def shown() -> Any:
        newest = [one for place, one in board.newer_than(0) if place[0] == "alerts"]
        return [one for one in newest if isinstance(one, dict) and one["alerts"]]

    async with asyncio.TaskGroup() as group:
        showing = group.create_task(show_alerts(api.bus, board))
        async with alert_desk(redis_url):
            async with gateway.point("CP-1"):
                pass
            (found,) = await until(shown)
            showing.cancel()
    assert [alert["id"] for alert in found["alerts"]] == ["offline:CP-1"]
