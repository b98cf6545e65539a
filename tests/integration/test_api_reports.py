"""Reports over HTTP, over rows and histories as managers and gateways write them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import ended_sessions as ended
import pytest
from alert_world import until
from api_answers import promised, refused
from api_world import ApiWorld, api_and_gateway
from cpg_world import World, soon

from sdk.bus import keys
from sdk.bus.interface import Commit
from sdk.bus.redis_bus import RedisBus
from sdk.ids import new_event_id
from sdk.records.ending import addendum

CP, IDLE = "CP-1", "CP-IDLE"
NOVEMBER = {"first_day": "2026-11-01", "last_day": "2026-11-30"}
BERLIN = {**NOVEMBER, "zone": "Europe/Berlin"}
NATIVE = f"{ended.CHAIN_ID}:0x{'0' * 40}"


@pytest.fixture
async def worlds(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[tuple[ApiWorld, World]]:
    del redis_bus  # it has emptied the server
    async with api_and_gateway(redis_url) as (api, gateway):
        await gateway.register(CP, name="Car Park", connectors="2")
        await gateway.register(IDLE, connectors="1")
        yield api, gateway


@pytest.fixture
def api(worlds: tuple[ApiWorld, World]) -> ApiWorld:
    return worlds[0]


async def put(api: ApiWorld, at: str, cp: str = CP, **changes: Any) -> str:
    """Store a session of 30 minutes that ended at a moment; give its driver."""
    ended_ms = int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()) * 1_000
    record = ended.record(ended.receipt(charge_point_id=cp))
    times = {"ended_ms": ended_ms, "started_ms": ended_ms - 1_800_000, "charging_s": 1_800}
    row = ended.row(record, **{**times, **changes})
    await ended.store(api.bus, record, row)
    assert record.receipt is not None
    return str(record.receipt.payload.partition('"consumer_did":"')[2].partition('"')[0])


async def report(api: ApiWorld, **query: str) -> Any:
    return promised("get_report", await api.get("/reports/overview", params=query, role="viewer"))


async def test_a_report_is_by_the_days_of_the_zone(api: ApiWorld) -> None:
    await put(api, "2026-10-31T23:30")  # 1 November in Berlin
    await put(api, "2026-11-01T12:00", spent=10**37, refund=5)
    await put(api, "2026-11-30T23:30")  # December in Berlin
    utc, berlin = await report(api, **NOVEMBER), await report(api, **BERLIN)
    assert (utc["zone"], berlin["zone"]) == ("UTC", "Europe/Berlin")
    assert (utc["begin"], berlin["begin"]) == (
        "2026-11-01T00:00:00.000Z",
        "2026-10-31T23:00:00.000Z",
    )
    for found, first, last in ((utc, 1, 1), (berlin, 2, 0)):
        counts = [period["sessions"] for period in found["periods"]]
        assert (len(counts), counts[0], counts[-1], sum(counts)) == (30, first, last, 2)
        assert found["total"]["sessions"] == 2
        assert found["total"]["energy_wh"] == 6_000
    assert utc["periods"][0]["tokens"][NATIVE]["spent"] == str(10**37)
    weeks = (await report(api, **BERLIN, by="week"))["periods"]
    assert [week["period"] for week in weeks] == [f"2026-W{n}" for n in range(44, 50)]
    assert (weeks[0]["first_day"], weeks[0]["last_day"]) == ("2026-11-01", "2026-11-01")


async def test_the_heat_map_is_by_the_clocks_of_the_zone(api: ApiWorld) -> None:
    await put(api, "2026-11-02T07:45")  # a Monday, 8:15 to 8:45 in Berlin
    await put(api, "2026-11-03T08:15", flags=("private",))  # 8:45 to 9:15
    found = await report(api, **BERLIN)
    heat = {(cell["weekday"], cell["hour"]): cell for cell in found["heat"]}
    assert len(heat) == 168
    assert {at: cell["used_s"] for at, cell in heat.items() if cell["used_s"]} == {
        (1, 8): 1_800,
        (2, 8): 900,
        (2, 9): 900,
    }
    assert heat[1, 8]["energy_wh"] == 3_000
    past = await report(api, first_day="2026-01-05", last_day="2026-01-11")
    assert {cell["available_s"] for cell in past["heat"]} == {3 * 3_600}


async def test_what_earns_nothing_is_told_of_also_without_sessions(api: ApiWorld) -> None:
    await put(api, "2026-11-10T10:00")
    await put(api, "2026-11-10T10:00", "CP-GONE", flags=("private",))
    found = {
        each["charge_point_id"]: each for each in (await report(api, **NOVEMBER))["charge_points"]
    }
    assert {name: each["earns_nothing"] for name, each in found.items()} == {
        CP: False,
        "CP-GONE": True,
        IDLE: True,
    }
    assert (found[CP]["name"], found["CP-GONE"]["name"]) == ("Car Park", None)
    assert [found[name]["is_registered"] for name in (CP, "CP-GONE", IDLE)] == [True, False, True]
    assert found["CP-GONE"]["private"] == 1


async def test_an_addendum_counts_no_session(api: ApiWorld) -> None:
    await put(api, "2026-11-10T10:00", unbilled_wh=5, failure="connector_faulted")
    record = ended.record()
    late = ended.row(record, outcome="addendum", unbilled_wh=40, energy_wh=0, spent=0, deposit=0)
    more = addendum(late._replace(refund=0, gas_used=0, gas_fee=0))
    await api.bus.apply(Commit(CP, new_event_id(), writes=more.writes, appends=more.appends))
    found = await report(api, **NOVEMBER)
    assert (found["total"]["sessions"], found["total"]["unbilled_wh"]) == (1, 45)
    assert found["failures"] == [{"failure": "connector_faulted", "sessions": 1}]
    assert sum(each["sessions"] for each in found["lengths"]) == 1
    assert sum(cell["used_s"] for cell in found["heat"]) == 1_800


async def test_one_connector_alone(api: ApiWorld) -> None:
    await put(api, "2026-11-10T10:00", connector_id=2)
    await put(api, "2026-11-10T10:00", connector_id=1)
    found = await report(api, **NOVEMBER, charge_point_id=CP, connector_id="2")
    assert found["total"]["sessions"] == 1
    assert [each["connector_id"] for each in found["connectors"]] == [2]
    assert [each["charge_point_id"] for each in found["charge_points"]] == [CP]
    past = {"first_day": "2026-01-05", "last_day": "2026-01-11"}
    alone = await report(api, **past, charge_point_id=CP, connector_id="2")
    assert {cell["available_s"] for cell in alone["heat"]} == {3_600}


async def test_drivers_are_for_operators(api: ApiWorld) -> None:
    first = await put(api, "2026-11-10T10:00", energy_wh=9_000)
    second = await put(api, "2026-11-11T10:00", energy_wh=5_000)
    await put(api, "2026-11-12T10:00", energy_wh=1_000)
    query = {**NOVEMBER, "limit": "2"}
    told = await api.get("/reports/consumers", params=query, role="operator")
    found = promised("get_consumer_report", told)
    assert [each["consumer_did"] for each in found["items"]] == [first, second]
    assert found["consumers"] == 3
    assert found["others"] == {"sessions": 1, "energy_wh": 1_000}
    assert found["unknown"] == {"sessions": 0, "energy_wh": 0}
    refused(await api.get("/reports/consumers", role="viewer"), 403)


async def test_sessions_without_a_mark_are_of_nobody_known(api: ApiWorld) -> None:
    await put(api, "2026-11-10T10:00", energy_wh=9_000)
    await api.bus.delete(keys.row_marks(CP, "2026-11"))
    found = (await api.get("/reports/consumers", params=NOVEMBER)).json
    assert (found["items"], found["unknown"]["energy_wh"]) == ([], 9_000)


async def test_uptime_is_what_the_gateway_saw(worlds: tuple[ApiWorld, World]) -> None:
    api, gateway = worlds

    async def told() -> dict[str, Any]:
        answer = promised("get_uptime_report", await api.get("/reports/uptime", role="viewer"))
        stations = {each["charge_point_id"]: each for each in answer["charge_points"]}
        assert stations[IDLE]["known_since"] is None
        assert stations[IDLE]["known_s"] == 0
        return dict(stations[CP])

    async def gone(times: int) -> dict[str, Any] | None:
        found = await told()
        return found if found["disconnects"] == times else None

    fault = {"connectorId": 1, "status": "Faulted", "errorCode": "GroundFailure"}
    fine = {"connectorId": 1, "status": "Charging", "errorCode": "NoError"}
    async with gateway.point(CP) as point:
        for number, status in enumerate((fine, fault, fault, fine, fine, fault)):
            await point.tell("StatusNotification", {**status, "timestamp": soon(number)})
    found = await until(lambda: gone(1))
    assert (found["faults"], found["disconnects"]) == (2, 1)
    assert found["known_since"] is not None
    history = await api.bus.read(keys.presence(CP))
    words = [history[str(place)].split()[3] for place in range(len(history))]
    assert words == ["came", "fine", "faulted", "fine", "faulted", "gone"]
    async with gateway.point(CP):
        pass
    await until(lambda: gone(2))


async def test_reports_of_nothing(api: ApiWorld) -> None:
    found = await report(api)
    assert len(found["periods"]) == 30
    assert found["total"]["sessions"] == 0
    assert found["connectors"] == found["failures"] == found["stop_reasons"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"first_day": "2026-11-02", "last_day": "2026-11-01"},
        {"first_day": "1999-12-31", "last_day": "2000-01-01"},
        {"first_day": "2001-01-01", "last_day": "2026-01-01"},
        {"last_day": "2026-02-30"},
        {"zone": "Mars/Olympus"},
        {"charge_point_id": "a b"},
        {"connector_id": "-1"},
        {"month": "2026-11"},
    ],
)
async def test_reports_of_what_can_not_be(api: ApiWorld, query: dict[str, str]) -> None:
    for path in ("/reports/overview", "/reports/consumers", "/reports/uptime"):
        refused(await api.get(path, params=query), 422)
    refused(await api.get("/reports/overview", params={"by": "hour"}), 422)
    refused(await api.get("/reports/consumers", params={"limit": "0"}), 422)


async def test_damaged_rows_are_told_of(api: ApiWorld) -> None:
    await put(api, "2026-11-10T10:00")
    cut = {keys.rows(CP, "2026-11"): b"cut"}
    await api.bus.apply(Commit(CP, new_event_id(), appends=cut))
    for path in ("/reports/overview", "/reports/consumers"):
        assert "CP-1 in 2026-11" in refused(await api.get(path, params=NOVEMBER), 500)
