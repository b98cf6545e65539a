"""Operations over HTTP: to a charge point over a real gateway, and back."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from api_world import POINT, ApiWorld, Told, answering, api_and_gateway
from cpg_world import Json, Point, World

from sdk.api_keys import Role
from sdk.bus import keys
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.ids import utc_now
from session_manager.api.profiles import NAMES

OPERATIONS = f"/charge-points/{POINT}/operations"
SOFT = {"type": "Soft"}


@pytest.fixture
async def worlds(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[tuple[ApiWorld, World]]:
    del redis_bus  # it has emptied the server
    async with api_and_gateway(redis_url) as (api, gateway):
        await gateway.register(POINT)
        yield api, gateway


@pytest.fixture
def api(worlds: tuple[ApiWorld, World]) -> ApiWorld:
    return worlds[0]


@pytest.fixture
async def point(worlds: tuple[ApiWorld, World]) -> AsyncIterator[Point]:
    """A charge point that is connected, and answers by its `answers`."""
    async with worlds[1].point(POINT) as point:
        await point.tell("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        point.asked.clear()
        async with answering(point):
            yield point


async def _lane(api: ApiWorld) -> int:
    async with api.bus.follow() as follower:
        subscription = await follower.subscribe(POINT, Lane.OCPP, after="0")
        count = 0
        while await subscription.take() is not None:
            count += 1
        await subscription.close()
    return count


def _told(told: Told) -> dict[str, Any]:
    assert told.status == 200, told.text
    assert told.headers["X-Correlation-Id"] == told.json["correlation_id"]
    assert told.json["charge_point_id"] == POINT
    assert told.json["latency_ms"] > 0
    return {name: told.json[name] for name in ("operation", "outcome", "response", "error")}


async def test_the_charge_points_own_answer_comes_back(api: ApiWorld, point: Point) -> None:
    point.answers["Reset"] = {"status": "Rejected"}
    told = await api.ask("Reset", SOFT, role="operator")
    assert _told(told) == {
        "operation": "Reset",
        "outcome": "answered",
        "response": {"status": "Rejected"},
        "error": None,
    }
    assert point.asked == [("Reset", SOFT)]


async def test_a_long_answer_comes_back_by_ocpps_names(api: ApiWorld, point: Point) -> None:
    answer: Json = {
        "configurationKey": [
            {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
            {"key": "Odd", "readonly": True},
        ],
        "unknownKey": ["Nothing"],
    }
    point.answers["GetConfiguration"] = answer
    told = await api.ask("GetConfiguration", {"key": ["HeartbeatInterval", "Odd", "Nothing"]})
    assert _told(told)["response"] == answer
    point.answers["GetConfiguration"] = {}
    assert _told(await api.ask("GetConfiguration", {}))["response"] == {}


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("InternalError", "call_error"),
        ("NotSupported", "not_supported"),
        ("NotImplemented", "not_supported"),
    ],
)
async def test_an_error_comes_back(api: ApiWorld, point: Point, code: str, outcome: str) -> None:
    point.answers["ClearCache"] = [code]
    told = _told(await api.ask("ClearCache", {}))
    assert (told["outcome"], told["response"]) == (outcome, None)
    assert told["error"]["code"] == code


async def test_silence_is_a_timeout(api: ApiWorld, point: Point) -> None:
    point.answers["ClearCache"] = None
    told = _told(await api.ask("ClearCache", {}, params={"timeout": "1"}))
    assert (told["outcome"], told["response"]) == ("timeout", None)


async def test_a_socket_that_breaks_off_leaves_it_unknown(api: ApiWorld, point: Point) -> None:
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        asking = group.create_task(api.ask("Reset", SOFT))
        while not point.asked:  # noqa: ASYNC110 - it is fed by another task
            await asyncio.sleep(0.01)
        await point.socket.close()
    assert _told(asking.result())["outcome"] == "unknown"


async def test_who_is_away_is_offline_at_once_and_nothing_is_left(api: ApiWorld) -> None:
    told = await api.ask("Reset", SOFT)
    assert _told(told)["outcome"] == "offline"
    assert told.json["latency_ms"] < 1000
    assert await _lane(api) == 0


async def test_many_at_once_get_each_their_own(api: ApiWorld, point: Point) -> None:
    point.answers["DataTransfer"] = {"status": "Accepted"}
    point.answers["Reset"] = {"status": "Accepted"}
    bodies: list[tuple[str, Json]] = [("Reset", SOFT), ("DataTransfer", {"vendorId": "v"})] * 10
    told = await asyncio.gather(*(api.ask(name, body) for name, body in bodies))
    assert [_told(each)["operation"] for each in told] == [name for name, _ in bodies]
    assert len({each.json["correlation_id"] for each in told}) == len(bodies)


async def test_the_log_names_key_operation_and_correlation(
    api: ApiWorld, point: Point, capsys: pytest.CaptureFixture[str]
) -> None:
    point.answers["Reset"] = {"status": "Accepted"}
    told = await api.ask("Reset", SOFT, role="operator")
    logging.shutdown()
    shown = capsys.readouterr()
    line = next(
        line for line in (shown.out + shown.err).splitlines() if told.json["correlation_id"] in line
    )
    for part in ("Reset", "operator", "answered", POINT):
        assert part in line
    assert (await api.key("operator")).split("_")[2] not in shown.out + shown.err


@pytest.mark.parametrize(
    ("operation", "body", "pointer"),
    [
        ("Reset", {}, "/type"),
        ("Reset", {"type": "Cold"}, "/type"),
        ("Reset", {"type": "Soft", "why": 1}, "/why"),
        ("UnlockConnector", {"connectorId": "1"}, "/connectorId"),
        ("UnlockConnector", {"connectorId": 1.5}, "/connectorId"),
        ("UnlockConnector", {"connector_id": 1}, "/connectorId"),
        ("UnlockConnector", {"connectorId": 1_001}, "/connectorId"),
        ("RemoteStartTransaction", {"idTag": ""}, "/idTag"),
        ("RemoteStartTransaction", {"idTag": "x" * 21}, "/idTag"),
        ("CancelReservation", {"reservationId": 2**31}, "/reservationId"),
        ("ChangeConfiguration", {"key": "", "value": ""}, "/key"),
        ("SendLocalList", {"listVersion": 0, "updateType": "Full"}, "/listVersion"),
        ("ReplacePassword", {"password": "x"}, "/password"),
    ],
)
async def test_wrong_fields_are_refused_before_anything_is_sent(
    api: ApiWorld, point: Point, operation: str, body: Json, pointer: str
) -> None:
    before = await _lane(api)
    told = await api.ask(operation, body)
    assert told.status == 422
    assert told.headers["Content-Type"] == "application/problem+json"
    assert pointer in [fault["pointer"] for fault in told.json["errors"]]
    assert await _lane(api) == before
    assert point.asked == []


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"type": NaN}', "application/json", 400),
        (b'{"type": "\xff"}', "application/json", 400),
        (b'{"type": "\\ud800"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"null", "application/json", 422),
        (b"[]", "application/json", 422),
        (b'{"type": "Soft"}', "text/plain", 415),
        (b'{"type": "Soft"}', "application/x-www-form-urlencoded", 415),
        (b" " * 300_000, "application/json", 413),
    ],
)
async def test_what_is_no_json_is_refused(
    api: ApiWorld, data: bytes, kind: str, status: int
) -> None:
    headers = {"Content-Type": kind}
    told = await api.call("POST", f"{OPERATIONS}/Reset", data=data, headers=headers)
    assert (told.status, told.json["status"]) == (status, status)
    assert told.headers["Content-Type"] == "application/problem+json"


async def test_a_body_without_a_length_is_cut_off_as_well(api: ApiWorld) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 10_000

    headers = {"Content-Type": "application/json"}
    told = await api.call("POST", f"{OPERATIONS}/Reset", data=chunks(), headers=headers)
    assert told.status == 413


@pytest.mark.parametrize(
    ("params", "parameter"),
    [
        ([("timeout", "0")], "timeout"),
        ([("timeout", "121")], "timeout"),
        ([("timeout", "nan")], "timeout"),
        ([("timeout", "5_0")], "timeout"),
        ([("timeout", " 5")], "timeout"),
        ([("timeout", "+5")], "timeout"),
        ([("timeout", "x")], "timeout"),
        ([("wait", "1")], "wait"),
        ([("timeout", "1"), ("timeout", "2")], "timeout"),
    ],
)
async def test_wrong_parameters_are_refused(
    api: ApiWorld, params: list[tuple[str, str]], parameter: str
) -> None:
    told = await api.ask("Reset", SOFT, params=params)
    assert told.status == 422
    assert [fault["parameter"] for fault in told.json["errors"]] == [parameter]


async def test_nobody_knows_a_charge_point_that_is_not_registered(api: ApiWorld) -> None:
    assert (await api.ask("Reset", SOFT, "CP-9")).status == 404
    assert (await api.ask("Reset", SOFT, "CP 9%00")).status == 404
    assert (await api.ask("Explode", {})).status == 404


@pytest.mark.parametrize(
    ("operation", "body", "role", "status"),
    [
        ("Reset", SOFT, "viewer", 403),
        ("Reset", SOFT, "operator", 200),
        ("ReplacePassword", {}, "operator", 403),
        ("InstallCertificate", {}, "operator", 403),
        ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "60"}, "operator", 200),
        ("ChangeConfiguration", {"key": "SecurityProfile", "value": "1"}, "operator", 403),
        ("ChangeConfiguration", {"key": "securityPROFILE", "value": "1"}, "operator", 403),
        ("ChangeConfiguration", {"key": "AuthorizationKey", "value": "x" * 20}, "operator", 403),
        ("ChangeConfiguration", {"key": "SecurityProfile", "value": "1"}, "administrator", 200),
    ],
)
async def test_each_role_asks_for_what_it_may(
    api: ApiWorld, operation: str, body: Json, role: Role, status: int
) -> None:
    told = await api.ask(operation, body, role=role)
    assert told.status == status
    if status == 200:
        assert told.json["outcome"] == "offline"


async def test_operations_are_listed_with_role_and_profile(api: ApiWorld) -> None:
    told = await api.get("/operations", role="viewer")
    listed = {item["operation"]: item for item in told.json["items"]}
    assert set(listed) == set(NAMES)
    assert listed["Reset"] == {"operation": "Reset", "profile": "Core", "role": "operator"}
    again = await api.get("/operations", headers={"If-None-Match": told.headers["ETag"]})
    assert (again.status, again.text) == (304, "")


async def test_answers_are_heard_again_after_the_connection_was_lost(
    api: ApiWorld, point: Point, redis_bus: RedisBus
) -> None:
    point.answers["Reset"] = {"status": "Accepted"}
    assert _told(await api.ask("Reset", SOFT))["outcome"] == "answered"
    await redis_bus._line.read("CLIENT", "KILL", "TYPE", "pubsub")
    assert _told(await api.ask("Reset", SOFT))["outcome"] == "answered"


async def test_what_a_dead_gateway_held_is_offline(api: ApiWorld) -> None:
    await api.bus.write(keys.state(POINT), {"connected": "1", "gateway": "dead"})
    await api.bus.write(keys.GATEWAYS, {"dead": (utc_now() - timedelta(seconds=9)).isoformat()})
    assert _told(await api.ask("Reset", SOFT))["outcome"] == "offline"
    assert await _lane(api) == 0


async def test_a_charge_point_that_is_marked_connected_and_is_not_times_out(api: ApiWorld) -> None:
    await api.bus.write(keys.state(POINT), {"connected": "1"})
    told = await api.ask("Reset", SOFT, params={"timeout": "1"})
    assert _told(told)["outcome"] == "timeout"
