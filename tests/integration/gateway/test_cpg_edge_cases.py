"""Calls of ours and the life of a socket: what docs/gateway.md says of the edge cases."""

import json
from typing import Any

import pytest
from cpg_world import Json, Point, World, gateway_in_process, soon
from fuzz_socket import PING, Ended, RawSocket
from websockets.exceptions import ConnectionClosed

from sdk.bus import keys
from sdk.events.charge_point import (
    ChargePointDisconnected,
)
from sdk.events.charging import ChargingStarted, ChargingStopped, IdTagAccepted
from sdk.events.operations import (
    GetConfigurationAnswered,
    RemoteStartTransactionAnswered,
    ResetAnswered,
    UnlockConnectorAnswered,
)

ACCEPTED = {"status": "Accepted"}
BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}


async def reply(point: Point, kind: int, message_id: str, *rest: Any) -> None:
    """Send an answer of our own making."""
    await point.socket.send(json.dumps([kind, message_id, *rest]))


async def test_a_newer_socket_ends_what_the_older_one_was_asked(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as old:
        asked = await world.command(cp, "Reset", kind="Soft")
        await old.until_asked("Reset")
        async with world.point(cp) as new:
            envelope, answered = await ear.next(ResetAnswered)
            assert (envelope.caused_by, answered.outcome) == (asked, "unknown")
            with pytest.raises(ConnectionClosed):
                await old.take()
            assert await new.hears_nothing(), "what was sent once is never sent again"
            new.answers["Reset"] = ACCEPTED
            again = await world.command(cp, "Reset", kind="Soft")
            await new.until_asked("Reset")
            envelope, answered = await ear.next(ResetAnswered)
            assert (envelope.caused_by, answered.outcome) == (again, "answered")


async def test_a_late_answer_is_dropped_and_the_next_call_gets_its_own(redis_url: str) -> None:
    async with gateway_in_process(redis_url, call_timeout=0.4) as world:
        await world.register("LATE")
        ear = await world.ear("LATE")
        async with world.point("LATE") as point:
            await world.command("LATE", "GetConfiguration")
            late = (await point.take())[1]
            _, first = await ear.next(GetConfigurationAnswered)
            assert (first.outcome, first.unknown_keys) == ("timeout", ())
            await world.command("LATE", "Reset", kind="Soft")
            current = (await point.take())[1]
            await reply(point, 3, late, {"unknownKey": ["stale"]})
            await reply(point, 4, late, "GenericError", "", {})
            assert await point.tell("Heartbeat", {}), "its own calls do not wait behind ours"
            await reply(point, 3, current, {"status": "Rejected"})
            await reply(point, 3, current, ACCEPTED)
            _, second = await ear.next(ResetAnswered)
            assert (second.outcome, second.status) == ("answered", "Rejected")
        assert await world.counted("LATE", "stray_answers", 3) == 3
        assert not await world.bus.read(keys.commands("LATE"))


async def test_one_call_of_ours_is_outstanding_at_a_time(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await world.command(cp, "Reset", kind="Hard")
        await world.command(cp, "GetConfiguration")
        first = await point.take()
        assert first[2:] == ["Reset", {"type": "Hard"}]
        assert await point.hears_nothing(), "the second waits for the first"
        point.answers["GetConfiguration"] = {"configurationKey": []}
        await reply(point, 3, first[1], ACCEPTED)
        await point.until_asked("GetConfiguration")
        await ear.next(ResetAnswered)
        _, answered = await ear.next(GetConfigurationAnswered)
        assert answered.outcome == "answered"


async def test_a_boot_closes_no_transaction(world: World, cp: str) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        number = (await point.start("TAG", timestamp=soon(-60)))["transactionId"]
        await ear.next(ChargingStarted)
    async with world.point(cp) as point:
        assert (await point.tell("BootNotification", BOOT))["status"] == "Accepted"
        assert "ChargingStopped" not in await ear.all_within()
        assert (await world.connector(cp))["transaction_id"] == str(number)
        await point.stop(number, reason="PowerLoss")
        _, stopped = await ear.next(ChargingStopped)
        assert (stopped.transaction_id, stopped.reason) == (number, "PowerLoss")


async def test_a_socket_without_a_boot_goes_on_where_the_last_one_ended(
    world: World, cp: str
) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await point.tell("BootNotification", {**BOOT, "firmwareVersion": "7"})
        number = (await point.start("TAG", timestamp=soon(-60)))["transactionId"]
        before = await world.state(cp)
    async with world.point(cp) as point:
        await point.meter((soon(-5), 400), transaction_id=number)
        assert await point.hears_nothing(), "it is asked for no boot"
        after = await world.state(cp)
        assert (after["boot"], after["booted_at"]) == (before["boot"], before["booted_at"])
        assert int(after["generation"]) > int(before["generation"])
        await point.stop(number, 500)
        _, stopped = await ear.next(ChargingStopped)
        assert stopped.meter_stop_wh == 500


async def test_any_message_is_a_sign_of_life(redis_url: str) -> None:
    async with gateway_in_process(redis_url, silence=0.6) as world:
        await world.register("LIVELY")
        ear = await world.ear("LIVELY")
        async with world.point("LIVELY") as point:
            for text in ("rubbish", '[3,"nobody asked",{}]', '[2,"a","Foo",{}]', "rubbish"):
                assert await point.hears_nothing(0.25) or text == "rubbish"
                await point.socket.send(text)
            assert await point.tell("Heartbeat", {})
        _, gone = await ear.next(ChargePointDisconnected)
        assert gone.reason == "closed"


async def test_a_quiet_socket_is_pinged_and_one_that_gives_no_pong_is_dropped(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpg.connection.PING_S", 0.4)
    async with gateway_in_process(redis_url, silence=2) as world:
        await world.register("DEAD")
        await world.register("ALIVE")
        ear = await world.ear("DEAD")
        async with world.point("ALIVE") as alive:
            dead = await RawSocket.open(int(world.url.rpartition(":")[2]), "/DEAD")
            assert await dead._frame() == (PING, b"")
            assert isinstance(await dead.receive(), Ended)
            dead.abort()
            _, gone = await ear.next(ChargePointDisconnected)
            assert gone.reason == "silent"
            assert await alive.tell("Heartbeat", {}), "its client answers pings by itself"


async def test_a_remote_start_may_leave_the_connector_open(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {"GetLocalListVersion": {"listVersion": -1}}
        await world.command(cp, "AuthorizeIdTag", None, id_tag="TAG", valid_until=soon(600))
        await point.until_asked("GetLocalListVersion")
        await ear.next(IdTagAccepted)
        point.answers["RemoteStartTransaction"] = ACCEPTED
        await world.command(cp, "RemoteStartTransaction", None, id_tag="TAG")
        assert await point.until_asked("RemoteStartTransaction") == {"idTag": "TAG"}
        await ear.next(RemoteStartTransactionAnswered)
        asked = await point.tell("Authorize", {"idTag": "TAG"})
        assert asked["idTagInfo"]["status"] == "Accepted", "AuthorizeRemoteTxRequests"
        await point.start("TAG", 2)
        envelope, started = await ear.next(ChargingStarted)
        assert (envelope.connector_id, started.id_tag) == (2, "TAG")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (["NotImplemented", "", {}], "not_supported"),
        (["NotSupported"], "not_supported"),
        (["GenericError", "x" * 10_000, {"a": [1]}], "call_error"),
        (["SomethingNobodyKnows", "", {}], "call_error"),
        ([5, None], "call_error"),
        ([{"code": []}, [], 7], "call_error"),
    ],
)
async def test_a_refusal_of_any_kind_is_an_outcome(
    world: World, cp: str, error: list[Any], outcome: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        for _ in range(2):
            await world.command(cp, "Reset", kind="Soft")
            await reply(point, 4, (await point.take())[1], *error)
            _, answered = await ear.next(ResetAnswered)
            assert (answered.outcome, answered.status) == (outcome, None)


async def test_what_a_charge_point_lacks_is_known_until_it_boots(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        for action, code in (("Reset", "NotImplemented"), ("UnlockConnector", "InternalError")):
            await world.command(cp, action)
            await reply(point, 4, (await point.take())[1], code, "", {})
        await ear.next(UnlockConnectorAnswered)
        assert set(await world.bus.read(keys.unsupported(cp))) == {"Reset"}
        boot = {"chargePointVendor": "V", "chargePointModel": "M"}
        assert (await point.tell("BootNotification", boot))["status"] == "Accepted"
        assert await world.bus.read(keys.unsupported(cp)) == {}


async def test_a_long_local_list_comes_in_parts_of_rising_version(world: World, cp: str) -> None:
    tags = [f"TAG{number:03}" for number in range(250)]
    for tag in tags:
        await world.permit(cp, tag)
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers["GetConfiguration"] = ["NotSupported"]
        point.answers["GetLocalListVersion"] = {"listVersion": 4}
        point.answers["SendLocalList"] = {"status": "VersionMismatch"}
        await world.command(cp, "AuthorizeIdTag", id_tag="ZZZ", valid_until=soon(600))
        assert (await point.until_asked("SendLocalList"))["listVersion"] == 5
        point.answers |= {"GetLocalListVersion": {"listVersion": 9}, "SendLocalList": ACCEPTED}
        sent: list[Json] = [await point.until_asked("SendLocalList") for _ in range(3)]
        _, told = await ear.next(IdTagAccepted)
    assert told.local_list
    assert [part["listVersion"] for part in sent] == [10, 11, 12]
    assert [part["updateType"] for part in sent] == ["Full", "Differential", "Differential"]
    parts = [[entry["idTag"] for entry in part["localAuthorizationList"]] for part in sent]
    assert [len(part) for part in parts] == [100, 100, 51]
    assert parts[0] + parts[1] + parts[2] == [*tags, "ZZZ"]
