"""Sockets: who gets one, which one counts, and what ends it."""

import asyncio
import base64
import json
from contextlib import AsyncExitStack

import pytest
from cpg_world import World, gateway_in_process, soon
from ocpp.v16 import ChargePoint as OcppChargePoint
from ocpp.v16 import call
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sdk.bus import keys
from sdk.events.charge_point import (
    ChargePointConnected,
    ChargePointDisconnected,
)
from sdk.events.charging import StartRefused

HANDSHAKE = (
    "GET /{} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
)


async def refusal(world: World, path: str, subprotocols: list[str], user: str | None = None) -> int:
    """Give the HTTP status that a handshake is refused with; 101 where it is not."""
    headers = {}
    if user is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:x".encode()).decode()
    try:
        async with connect(
            world.url + path,
            subprotocols=subprotocols,  # type: ignore[arg-type]
            additional_headers=headers,
        ) as socket:
            assert socket.subprotocol == "ocpp1.6"
            return 101
    except InvalidStatus as error:
        return error.response.status_code


async def test_refusals_come_before_the_upgrade(world: World, cp: str) -> None:
    await world.register("LOCKED", password_hash="0" * 64)
    assert await refusal(world, f"/{cp}", ["ocpp0.1", "ocpp1.6"]) == 101
    assert await refusal(world, f"/{cp}", ["ocpp2.0.1"]) == 400
    assert await refusal(world, f"/{cp}", []) == 400
    assert await refusal(world, f"/{cp}/", ["ocpp1.6"]) == 400
    assert await refusal(world, "/never-registered", ["ocpp1.6"]) == 404
    assert await refusal(world, "/LOCKED", ["ocpp1.6"]) == 401
    assert await refusal(world, "/LOCKED", ["ocpp1.6"], user="LOCKED") == 401
    assert await refusal(world, f"/{cp}", ["ocpp1.6"], user="other") == 401
    assert await world.state("LOCKED") == {}


async def test_the_packages_own_client_gets_along(world: World, cp: str) -> None:
    url = f"{world.url}/{cp}"
    async with connect(url, subprotocols=["ocpp1.6"]) as socket:  # type: ignore[list-item]
        client = OcppChargePoint(cp, socket, response_timeout=5)  # type: ignore[no-untyped-call]
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(client.start())  # type: ignore[no-untyped-call]
            requests = (
                call.BootNotification("M", "V"),
                call.Heartbeat(),
                call.Authorize("NOBODY"),
                call.StopTransaction(meter_stop=5, timestamp=soon(0), transaction_id=1),
                call.DataTransfer("v"),
            )
            answers = [await client.call(item, suppress=False) for item in requests]  # type: ignore[no-untyped-call]
            listening.cancel()
    assert answers[0].status == "Accepted"
    assert answers[2].id_tag_info == {"status": "Invalid"}


async def test_the_newest_socket_wins(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as old:
        _, first = await ear.next(ChargePointConnected)
        async with world.point(cp) as new:
            with pytest.raises(ConnectionClosed):
                await old.take()
            assert old.socket.close_code == 1001
            _, second = await ear.next(ChargePointConnected)
            assert second.generation > first.generation
            assert await new.tell("Heartbeat", {})
            new.answers["RemoteStartTransaction"] = {"status": "Rejected"}
            await world.command(cp, "StartCharging", id_tag="TAG")
            await new.until_asked("RemoteStartTransaction")
            await ear.next(StartRefused, 15)
            state = await world.state(cp)
            assert (state["connected"], state["generation"]) == ("1", str(second.generation))
    _, gone = await ear.next(ChargePointDisconnected)
    assert (gone.generation, gone.reason) == (second.generation, "closed")
    assert [item.type for item in ear.heard].count("ChargePointDisconnected") == 1


async def test_a_half_open_predecessor_holds_nobody_up(world: World, cp: str) -> None:
    port = int(world.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HANDSHAKE.format(cp).encode())
    await reader.readuntil(b"\r\n\r\n")
    async with asyncio.timeout(1), world.point(cp) as point:
        assert await point.tell("Heartbeat", {})
    writer.close()


async def test_two_gateways_one_charge_point(world: World, cp: str, redis_url: str) -> None:
    ear = await world.ear(cp)
    async with gateway_in_process(redis_url) as other, world.point(cp) as old:
        await ear.next(ChargePointConnected)
        async with other.point(cp) as new:
            await ear.next(ChargePointConnected)
            status = {"connectorId": 1, "status": "Available", "errorCode": "NoError"}
            await old.socket.send(json.dumps([2, "late", "StatusNotification", status]))
            with pytest.raises(ConnectionClosed):
                await old.answer_to("late")
            assert await new.tell("Heartbeat", {})
            assert (await world.state(cp))["connected"] == "1"
            assert await world.connector(cp) == {}, "what the old socket tells is not kept"


async def test_a_silent_charge_point_is_closed_and_reported_once(redis_url: str) -> None:
    async with gateway_in_process(redis_url, silence=0.6) as world:
        await world.register("SILENT")
        ear = await world.ear("SILENT")
        async with world.point("SILENT") as point:
            for _ in range(4):
                await asyncio.sleep(0.25)
                await point.tell("Heartbeat", {})
            with pytest.raises(ConnectionClosed):
                await point.take()
            assert point.socket.close_code == 1001
        _, gone = await ear.next(ChargePointDisconnected)
        assert gone.reason == "silent"
        assert "ChargePointDisconnected" not in await ear.all_within(0.8)
        assert (await world.state("SILENT"))["connected"] == "0"


async def test_a_stop_of_the_gateway_closes_and_tells(redis_url: str) -> None:
    async with gateway_in_process(redis_url) as watching:
        await watching.register("STOPPED")
        ear = await watching.ear("STOPPED")
        async with AsyncExitStack() as points:
            async with gateway_in_process(redis_url) as world:
                point = await points.enter_async_context(world.point("STOPPED"))
                await ear.next(ChargePointConnected)
            with pytest.raises(ConnectionClosed):
                await point.take()
        _, gone = await ear.next(ChargePointDisconnected)
        assert gone.reason == "gateway_stopped"
        assert point.socket.close_code == 1001


async def test_a_frame_too_large_closes_only_its_own_socket(world: World, cp: str) -> None:
    await world.register("OTHER")
    async with world.point(cp) as point, world.point("OTHER") as other:
        data = "x" * 65_000
        assert await point.tell("DataTransfer", {"vendorId": "v", "data": data})
        await point.socket.send(json.dumps([2, "1", "DataTransfer", {"data": data + "x" * 600}]))
        with pytest.raises(ConnectionClosed):
            await point.take()
        assert point.socket.close_code == 1009
        assert await other.tell("Heartbeat", {})
    async with world.point(cp) as point:
        assert await point.tell("Heartbeat", {})


@pytest.mark.parametrize(
    "data",
    [
        "hello",
        "null",
        "[" * 5000 + "]" * 5000,
        '[2,"x","Heartbeat",1' + "0" * 4400 + "]",
        '[2,5,"Heartbeat",{}]',
        '[2,"x",["Heartbeat"],{}]',
        '[2,"x","Heartbeat"]',
        '[9,"x",{}]',
        '[3,"nobody asked",{}]',
        '[4,"nobody asked","X","",{}]',
        b"\xff\xfe",
        b'[2,"x","Heartbeat",{}]',
        '[2,"x","Authorize",{"idTag":"\\ud800"}]',
        '[2,"x","StatusNotification",{"connectorId":1' + "0" * 400 + "}]",
    ],
)
async def test_no_malformed_frame_ends_a_socket(world: World, cp: str, data: str | bytes) -> None:
    async with world.point(cp) as point:
        await point.socket.send(data)
        assert await point.tell("Heartbeat", {})


async def test_answers_that_nobody_asked_for_pile_up_nowhere(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        for number in range(2000):
            await point.socket.send(json.dumps([3, f"stale{number}", {"status": "Accepted"}]))
        point.answers["RemoteStartTransaction"] = {"status": "Rejected"}
        await world.command(cp, "StartCharging", id_tag="TAG")
        await point.until_asked("RemoteStartTransaction")
        _, refused = await ear.next(StartRefused, 15)
    assert refused.reason == "rejected"


async def test_too_much_rubbish_at_once_ends_the_socket(world: World, cp: str) -> None:
    async with world.point(cp) as point:
        for _ in range(60):
            await point.socket.send("rubbish")
        with pytest.raises(ConnectionClosed):
            await point.take()
        assert point.socket.close_code == 1008


async def test_many_calls_at_once_are_answered_in_order(world: World, cp: str) -> None:
    async with world.point(cp) as point:
        for number in range(100):
            await point.socket.send(json.dumps([2, str(number), "Heartbeat", {}]))
        answers = [(await point.take())[1] for _ in range(100)]
    assert answers == [str(number) for number in range(100)]


async def test_of_many_calls_at_once_few_wait_in_memory(world: World, cp: str) -> None:
    many, of_one_read = 400, 4096 // len(json.dumps([2, "100", "Authorize", {"idTag": "T"}]))
    async with world.point(cp) as point:
        (wire,) = world.gateway._wires
        frames = [json.dumps([2, str(100 + n), "Authorize", {"idTag": "T"}]) for n in range(many)]
        for frame in frames:
            await point.socket.send(frame)
        most = 0
        for _ in range(many):
            most = max(most, len(wire.receiver._waiting))  # type: ignore[union-attr]
            await point.take()
    assert 0 < most <= 16 + of_one_read


async def test_a_heartbeat_does_not_write_each_time(world: World, cp: str) -> None:
    async with world.point(cp) as point:
        await point.tell("Heartbeat", {})
        before = (await world.state(cp))["last_seen_at"]
        for _ in range(20):
            await point.tell("Heartbeat", {})
        assert (await world.state(cp))["last_seen_at"] == before
    assert await world.bus.read(keys.commands(cp)) == {}
