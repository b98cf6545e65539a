"""What the API tells of charge points, over a real gateway."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import ended_sessions
import pytest
from api_answers import promised, refused
from api_world import ApiWorld, api_and_gateway
from cpg_world import Point, World, soon

from sdk.bus import keys
from sdk.bus.interface import Commit, Outcome, StateWrite
from sdk.bus.redis_bus import RedisBus
from sdk.id_tags import IdTagEntry, IdTags
from sdk.ids import new_event_id, utc_now
from sdk.maintenance import MaintenanceRequest
from sdk.reservations import Reservation
from sdk.station_state import read_station_state
from sdk.transaction_log import written_id

CP = "CP-1"
ONE = f"/charge-points/{CP}"
BOOT = {
    "chargePointVendor": "Vendor",
    "chargePointModel": "Model",
    "firmwareVersion": "1.2.3",
}
SAMPLES = [
    {"value": "230.1", "measurand": "Voltage", "phase": "L1-N", "unit": "V"},
    {"value": "5.5", "measurand": "Temperature", "location": "Body"},
    {"value": "400"},
]


@pytest.fixture
async def worlds(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[tuple[ApiWorld, World]]:
    del redis_bus  # it has emptied the server
    async with api_and_gateway(redis_url) as (api, gateway):
        await gateway.register(CP, name="Car Park")
        yield api, gateway


@pytest.fixture
def api(worlds: tuple[ApiWorld, World]) -> ApiWorld:
    return worlds[0]


@pytest.fixture
async def point(worlds: tuple[ApiWorld, World]) -> AsyncIterator[Point]:
    async with worlds[1].point(CP) as point:
        await point.tell("BootNotification", BOOT)
        status = {"status": "Available", "errorCode": "NoError", "timestamp": soon(0)}
        for connector_id in range(3):
            await point.tell("StatusNotification", {"connectorId": connector_id, **status})
        yield point


async def _until(api: ApiWorld, path: str, holds: Callable[[Any], bool]) -> Any:
    """Ask until the answer is as it should be: the message log is written a little later."""
    async with asyncio.timeout(5):
        while True:
            found = (await api.get(path)).json
            if holds(found):
                return found
            await asyncio.sleep(0.05)


async def _charged(api: ApiWorld, point: Point, tag: str = "FLEET-1") -> int:
    """Run a transaction of a registered idTag on connector 1."""
    await IdTags(api.bus).add(IdTagEntry(tag=tag))
    transaction_id = int((await point.start(tag))["transactionId"])
    value = {"timestamp": "2026-11-14T12:00:00Z", "sampledValue": SAMPLES}
    await point.tell(
        "MeterValues",
        {"connectorId": 1, "transactionId": transaction_id, "meterValue": [value]},
    )
    return transaction_id


async def test_the_state_is_as_the_model_says(api: ApiWorld, point: Point) -> None:
    transaction_id = await _charged(api, point)
    state = promised("get_charge_point", await api.get(ONE, role="operator"))
    assert (state["connected"], state["name"], state["status"]) == (True, "Car Park", "Available")
    assert state["boot"]["firmware_version"] == "1.2.3"
    assert [each["connector_id"] for each in state["connectors"]] == [1, 2]
    first = state["connectors"][0]
    assert (first["transaction_id"], first["id_tag"]) == (transaction_id, "FLEET-1")
    assert (first["meter_start_wh"], first["meter_wh"]) == (100, 100)
    assert "energy_wh" not in first
    assert state["last_seen_at"].endswith("Z")


async def test_id_tags_are_masked_for_viewers(api: ApiWorld, point: Point) -> None:
    transaction_id = await _charged(api, point)
    paths = (
        ONE,
        f"{ONE}/connectors",
        f"{ONE}/connectors/1",
        f"{ONE}/transactions",
        f"{ONE}/transactions/{transaction_id}",
    )
    for path in paths:
        assert "FLEET-1" in (await api.get(path, role="operator")).text, path
        assert "FLEET-1" not in (await api.get(path, role="viewer")).text, path


async def test_a_charge_point_with_many_connectors(api: ApiWorld, worlds: Any) -> None:
    await worlds[1].register("BIG", connectors="5")
    await api.bus.write(keys.connector("BIG", 5), {"status": "Faulted"})
    state = promised("get_charge_point", await api.get("/charge-points/BIG"))
    assert [each["status"] for each in state["connectors"]] == [None] * 4 + ["Faulted"]
    connector = promised("get_connector", await api.get("/charge-points/BIG/connectors/5"))
    assert connector["status"] == "Faulted"
    refused(await api.get("/charge-points/BIG/connectors/6"), 404)
    refused(await api.get("/charge-points/BIG/connectors/0"), 404)


async def test_unknown_charge_points_are_404_everywhere(api: ApiWorld) -> None:
    for path in (
        "",
        "/config",
        "/configuration",
        "/connectors",
        "/connectors/1",
        "/transactions",
        "/transactions/1",
        "/meter-values",
        "/messages",
        "/messages/counts",
        "/reservations",
        "/charging-profiles",
        "/certificates",
        "/local-list",
        "/maintenance",
        "/sessions",
        "/events",
    ):
        refused(await api.get(f"/charge-points/NOBODY{path}"), 404)


async def test_pages_of_charge_points(api: ApiWorld, worlds: Any) -> None:
    for number in range(7):
        await worlds[1].register(f"P-{number}", name=f"Place {number % 2}")
    seen: list[str] = []
    path = "/charge-points?limit=3&prefix=P-"
    while path:
        told = await api.get(path)
        page = promised("list_charge_points", told)
        seen += [each["charge_point_id"] for each in page["items"]]
        link = told.headers.get("Link", "")
        assert bool(link) == (page["next_cursor"] is not None)
        path = link.partition(">")[0].removeprefix("</api/v1") if link else ""
    assert seen == [f"P-{number}" for number in range(7)]
    page = (await api.get("/charge-points", params={"name": "place 1"})).json
    assert [each["charge_point_id"] for each in page["items"]] == ["P-1", "P-3", "P-5"]


async def test_charge_points_by_what_they_are_doing(
    api: ApiWorld, worlds: Any, point: Point
) -> None:
    await worlds[1].register("AWAY")
    await point.tell(
        "StatusNotification",
        {"connectorId": 2, "status": "Faulted", "errorCode": "GroundFailure"},
    )

    async def ids(**params: str) -> list[str]:
        told = await api.get("/charge-points", params=params)
        return [each["charge_point_id"] for each in told.json["items"]]

    assert await ids(connected="true") == [CP]
    assert await ids(connected="false") == ["AWAY"]
    assert await ids(status="Faulted") == [CP]
    assert await ids(status="Charging") == []


async def test_what_a_dead_gateway_held_is_not_connected(api: ApiWorld) -> None:
    await api.bus.write(keys.state(CP), {"connected": "1", "gateway": "dead"})
    await api.bus.write(keys.GATEWAYS, {"dead": (utc_now() - timedelta(seconds=9)).isoformat()})
    assert (await api.get(ONE)).json["connected"] is False
    (listed,) = (await api.get("/charge-points?connected=false")).json["items"]
    assert listed["connected"] is False
    assert (await api.get("/charge-points?connected=true")).json["items"] == []
    assert (await read_station_state(api.bus, CP)).connected is False


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("cursor=nonsense", "cursor"), ("limit=1&limit=2", "limit"), ("colour=red", "colour")],
)
async def test_the_wrong_parameter_is_named(api: ApiWorld, query: str, parameter: str) -> None:
    told = await api.get(f"/charge-points?{query}")
    refused(told, 422)
    assert [each["parameter"] for each in told.json["errors"]] == [parameter]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "cursor=nonsense", "connected=maybe", "nothing=1"],
)
async def test_bad_queries_are_422(api: ApiWorld, query: str) -> None:
    refused(await api.get(f"/charge-points?{query}"), 422)


async def test_transactions_newest_first_and_filtered(api: ApiWorld, point: Point) -> None:
    await IdTags(api.bus).add(IdTagEntry(tag="ABC"))
    ids: list[int] = []
    for connector_id in (1, 2, 1):
        transaction_id = (await point.start("ABC", connector_id, meterStart=len(ids)))[
            "transactionId"
        ]
        ids.append(transaction_id)
        if len(ids) < 3:
            await point.stop(transaction_id, 600)
    page = promised("list_transactions", await api.get(f"{ONE}/transactions?limit=2"))
    assert [each["transaction_id"] for each in page["items"]] == ids[:0:-1]
    rest = await api.get(f"{ONE}/transactions?limit=2&cursor={page['next_cursor']}")
    assert [each["transaction_id"] for each in rest.json["items"]] == ids[:1]
    assert rest.json["items"][0]["energy_wh"] == 600

    async def found(query: str) -> list[int]:
        told = await api.get(f"{ONE}/transactions?{query}")
        return [each["transaction_id"] for each in told.json["items"]]

    assert await found("open=true") == [ids[2]]
    assert await found("connector_id=2") == [ids[1]]
    assert await found("id_tag=abc&open=false") == [ids[1], ids[0]]
    assert await found("from=2099-01-01T00:00:00Z") == []
    refused(await api.get(f"{ONE}/transactions?id_tag=ABC", role="viewer"), 403)
    begin, end = "2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z"
    refused(await api.get(f"{ONE}/transactions?from={begin}&to={end}"), 422)
    one = promised("get_transaction", await api.get(f"{ONE}/transactions/{ids[0]}"))
    assert one["stopped_at"] is not None
    refused(await api.get(f"{ONE}/transactions/99999"), 404)


async def test_a_page_with_few_hits_leads_on(api: ApiWorld) -> None:
    numbers = range(1, 1_106)
    fields = {
        "id_tag": "T",
        "meter_start_wh": "0",
        "started_at": "2026-11-14T12:00:00+00:00",
    }
    writes = [
        StateWrite(keys.transaction(CP, each), {**fields, "connector_id": str(1 + (each == 3))})
        for each in numbers
    ]
    told = {keys.transaction_ids(CP): b"".join(map(written_id, numbers))}
    commit = Commit(CP, new_event_id(), writes=writes, appends=told)
    assert await api.bus.apply(commit) is Outcome.APPLIED
    await api.bus.write(keys.transaction(CP, 2), {"meter_start_wh": "damaged"})
    path = f"{ONE}/transactions?connector_id=2"
    first = await api.get(path)
    assert (first.json["items"], "Link" in first.headers) == ([], True)
    rest = (await api.get(f"{path}&cursor={first.json['next_cursor']}")).json
    assert [each["transaction_id"] for each in rest["items"]] == [3]
    assert rest["next_cursor"] is None
    last = (await api.get(f"{ONE}/transactions?to=2026-11-15T00:00:00Z&limit=200")).json
    assert [each["transaction_id"] for each in last["items"]] == list(range(1_105, 905, -1))
    refused(await api.get(f"{ONE}/transactions/2"), 404)


async def test_signed_samples_are_for_operators(api: ApiWorld, point: Point) -> None:
    sample = {"value": "OCMF-OF-SOMEBODY", "format": "SignedData"}
    value = {"timestamp": "2026-11-14T12:00:00Z", "sampledValue": [sample, {"value": "5"}]}
    await point.tell("MeterValues", {"connectorId": 1, "meterValue": [value]})
    for path in (f"{ONE}/meter-values", f"{ONE}/messages?action=MeterValues"):
        await _until(api, path, lambda page: bool(page["items"]))
        assert "OCMF" in (await api.get(path, role="operator")).text
        viewed = (await api.get(path, role="viewer")).text
        assert "OCMF" not in viewed
        assert "SignedData" in viewed


async def test_meter_values_as_they_were_sent(api: ApiWorld, point: Point) -> None:
    transaction_id = await _charged(api, point)
    data = [{"timestamp": "2026-11-14T13:00:00Z", "sampledValue": [{"value": "600"}]}]
    await point.stop(transaction_id, 600, transactionData=data)
    path = f"{ONE}/meter-values"
    await _until(api, path, lambda page: len(page["items"]) == 2)
    stop, meter = promised("list_meter_values", await api.get(path))["items"]
    assert (stop["action"], stop["connector_id"]) == ("StopTransaction", None)
    assert stop["samples"][0]["value"] == "600"
    assert (meter["transaction_id"], meter["sampled_at"]) == (
        transaction_id,
        "2026-11-14T12:00:00Z",
    )
    voltage, temperature, energy = meter["samples"]
    assert (voltage["measurand"], voltage["phase"], voltage["unit"]) == ("Voltage", "L1-N", "V")
    assert (temperature["unit"], temperature["location"]) == (None, "Body")
    assert (energy["measurand"], energy["unit"]) == ("Energy.Active.Import.Register", "Wh")
    only = (await api.get(f"{path}?measurand=Voltage&connector_id=1")).json["items"]
    assert [each["samples"] for each in only] == [[voltage]]
    first = (await api.get(f"{path}?limit=1")).json
    rest = (await api.get(f"{path}?limit=1&cursor={first['next_cursor']}")).json
    assert [*first["items"], *rest["items"]] == [stop, meter]
    assert rest["next_cursor"] is None


async def test_messages_newest_first(api: ApiWorld, point: Point) -> None:
    await _charged(api, point, tag="SECRETTAG")
    path = f"{ONE}/messages"
    page = await _until(
        api, path, lambda found: any(it["action"] == "StartTransaction" for it in found["items"])
    )
    told = await api.get(path)
    assert "SECRETTAG" not in told.text
    promised("list_messages", told)
    actions = [each["action"] for each in page["items"]]
    assert actions[-1] == "BootNotification"
    only = (await api.get(f"{path}?action=StatusNotification&direction=received")).json["items"]
    assert [each["action"] for each in only] == ["StatusNotification"] * 3
    assert (await api.get(f"{path}?outcome=timeout")).json["items"] == []
    first = (await api.get(f"{path}?limit=4")).json
    rest = (await api.get(f"{path}?limit=200&cursor={first['next_cursor']}")).json
    joined = [each["action"] for each in (*first["items"], *rest["items"])]
    assert joined[-len(actions) :] == actions
    counts = promised("count_messages", await api.get(f"{path}/counts"))
    assert counts["counts"]["malformed"] == 0


async def test_what_a_charge_point_keeps(api: ApiWorld, point: Point) -> None:
    promised("list_reservations", await api.get(f"{ONE}/reservations"))
    promised("list_charging_profiles", await api.get(f"{ONE}/charging-profiles"))
    promised("list_certificates", await api.get(f"{ONE}/certificates"))
    assert promised("get_local_list", await api.get(f"{ONE}/local-list"))["items"] == []
    await point.tell("FirmwareStatusNotification", {"status": "Installed"})
    maintenance = promised("get_maintenance", await api.get(f"{ONE}/maintenance"))
    assert maintenance["items"][0]["told"]["status"] == "Installed"


async def test_a_new_request_is_not_read_as_the_end_of_the_old_one(
    api: ApiWorld, point: Point
) -> None:
    await point.tell("FirmwareStatusNotification", {"status": "Installed"})
    (found,) = (await api.get(f"{ONE}/maintenance")).json["items"]
    assert (found["status"], found["asked"]) == ("Installed", None)
    asked = MaintenanceRequest(operation="UpdateFirmware", location="x:/", asked_at=utc_now())
    await api.bus.write(keys.maintenance(CP), {"firmware": asked.model_dump_json()})
    (found,) = (await api.get(f"{ONE}/maintenance")).json["items"]
    assert (found["status"], found["told"]["status"]) == ("requested", "Installed")


async def test_reservations_that_lapsed_do_not_hold(api: ApiWorld) -> None:
    now = utc_now()
    for number, seconds in ((1, -1), (2, 600)):
        reservation = Reservation(
            reservation_id=number,
            connector_id=1,
            id_tag="T",
            expires_at=now + timedelta(seconds=seconds),
            made_at=now - timedelta(seconds=60),
        )
        kept = {str(number): reservation.model_dump_json()}
        await api.bus.write(keys.reservations(CP), kept)
    page = promised("list_reservations", await api.get(f"{ONE}/reservations"))
    assert [each["reservation_id"] for each in page["items"]] == [2]


async def test_what_is_the_same_is_not_sent_again(api: ApiWorld) -> None:
    for path in ("/configuration", "/reservations", "/config", "/local-list"):
        told = await api.get(ONE + path)
        tag = told.headers["ETag"]
        again = await api.get(ONE + path, headers={"If-None-Match": tag})
        assert (again.status, again.text, again.headers["ETag"]) == (304, "", tag)
        other = await api.get(ONE + path, headers={"If-None-Match": '"other"'})
        assert other.status == 200


async def test_configuration_is_wanted_and_forgotten(api: ApiWorld) -> None:
    path = f"{ONE}/configuration/desired/HeartbeatInterval"
    promised("want_configuration", await api.call("PUT", path, {"value": "300"}))
    found = promised("get_configuration", await api.get(f"{ONE}/configuration"))
    assert found["desired"] == [{"key": "HeartbeatInterval", "value": "300"}]
    refused(await api.call("PUT", path, {"value": "300"}, role="viewer"), 403)
    never = path.replace("HeartbeatInterval", "AuthorizationKey")
    refused(await api.call("PUT", never, {"value": "0" * 20}), 422)
    assert (await api.call("DELETE", path)).status == 204
    refused(await api.call("DELETE", path), 404)


async def test_secret_values_are_not_shown(api: ApiWorld) -> None:
    path = f"{ONE}/configuration/desired/WifiPassword"
    assert "hunter2" not in (await api.call("PUT", path, {"value": "hunter2"})).text
    assert "hunter2" not in (await api.get(f"{ONE}/configuration")).text


async def test_ended_sessions_and_their_records(api: ApiWorld, redis_bus: RedisBus) -> None:
    ended = []
    for number in range(5):
        record = ended_sessions.record(curve=ended_sessions.readings(4))
        row = ended_sessions.row(record)
        row = row._replace(ended_ms=row.ended_ms + number * 86_400_000 * 10)
        await ended_sessions.store(redis_bus, record, row)
        ended.append(record.session_id)
    seen: list[str] = []
    cursor = ""
    while True:
        told = await api.get(f"/sessions?limit=2{cursor}")
        page = promised("list_sessions", told)
        seen += [each["session_id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ended[::-1]
    november = await api.get(f"{ONE}/sessions?month=2026-11")
    assert [each["session_id"] for each in november.json["items"]] == ended[1::-1]
    assert (await api.get("/sessions?outcome=rejected")).json["items"] == []
    refused(await api.get("/sessions?month=2026-11&from=2026-11-01T00:00:00Z"), 422)
    path = f"/sessions/{CP}/{ended[0]}"
    told = await api.get(path)
    record = promised("get_session", told)
    assert len(record["readings"]) == 4
    assert "peer_id" not in record
    again = await api.get(path, headers={"If-None-Match": told.headers["ETag"]})
    assert again.status == 304
    refused(await api.get(f"/sessions/{CP}/0x{'1' * 64}"), 404)


async def test_damaged_rows_are_a_problem_of_ours(api: ApiWorld) -> None:
    kept = ended_sessions.record()
    await ended_sessions.store(api.bus, kept, ended_sessions.row(kept))
    cut = {keys.rows(CP, "2026-11"): b"cut"}
    await api.bus.apply(Commit(CP, new_event_id(), appends=cut))
    assert "rows" in refused(await api.get("/sessions"), 500)


async def test_a_record_names_no_driver_to_viewers(api: ApiWorld, redis_bus: RedisBus) -> None:
    kept = ended_sessions.record()
    await ended_sessions.store(redis_bus, kept, ended_sessions.row(kept))
    path = f"/sessions/{CP}/{kept.session_id}"
    record = promised("get_session", await api.get(path, role="operator"))
    assert record["quoted"]["refund_account"] in record["quote"]["payload"]
    viewed = promised("get_session", await api.get(path, role="viewer"))
    hidden = ("quote", "quoted", "receipt", "receipt_check", "consumer_did")
    assert viewed == {**record, **dict.fromkeys(hidden), "transactions": []}


async def test_a_dispute_names_no_driver_to_viewers(api: ApiWorld) -> None:
    kept = ended_sessions.record()
    assert kept.quote is not None
    offered = json.loads(kept.quote.payload)
    status = kept.status.model_copy(
        update={"phase": "disputed", "flags": ("settlement_gas_account_low", "settlement_reverted")}
    )
    state = json.dumps({"quote": offered})
    fields = {"status": status.model_dump_json(), "state": state}
    await api.bus.write(keys.disputes(CP), {kept.session_id: "2026-11-14T12:00:00+00:00"})
    await api.bus.write(keys.disputed(CP, kept.session_id), fields)
    (whole,) = promised("list_disputes", await api.get("/disputes", role="operator"))["items"]
    assert offered["wallet"] in str(whole["advice"])
    assert whole["refund_account"] == offered["refund_account"]
    viewed = await api.get("/disputes", role="viewer")
    promised("list_disputes", viewed)
    assert whole["wallet"] not in viewed.text
    assert whole["refund_account"] not in viewed.text


async def test_running_sessions(api: ApiWorld) -> None:
    status = ended_sessions.record().status.model_copy(update={"phase": "charging"})
    fields = {"phase": "charging", "status": status.model_dump_json()}
    await api.bus.write(keys.session(CP, 2), fields)
    await api.bus.write(keys.session(CP, 1), {**fields, "phase": "settled"})
    page = promised("list_running_sessions", await api.get("/sessions/running"))
    assert [(each["connector_id"], each["phase"]) for each in page["items"]] == [(2, "charging")]
    assert (await api.get("/sessions/running?charge_point_id=OTHER")).json["items"] == []
    assert promised("list_disputes", await api.get("/disputes"))["items"] == []


async def test_no_key_no_answer(api: ApiWorld) -> None:
    for path in ("/charge-points", ONE, "/sessions", "/events", "/id-tags", "/quarantine"):
        refused(await api.get(path, role=None), 401)
