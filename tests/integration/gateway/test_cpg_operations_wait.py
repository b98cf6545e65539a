"""Operators' operations wait beside a session's commands: these wait for one call at the most."""

import asyncio
import json
from secrets import token_hex
from typing import Any

import pytest
from cpg_world import Json, Point, World, gateway_in_process, soon
from operators_desk import answering

from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError, Commit, Outcome
from sdk.events.charging import IdTagAccepted, IdTagRevoked
from sdk.events.operations import (
    ClearCacheAnswered,
    ResetAnswered,
    SendLocalListAnswered,
    SynchroniseLocalListAnswered,
)
from sdk.id_tags import IdTagEntry, IdTags

ACCEPTED = {"status": "Accepted"}
ENTRIES = [{"id_tag": name} for name in "ABCDE"]
PARTS_OF_TWO = {
    "configurationKey": [{"key": "SendLocalListMaxLength", "readonly": True, "value": "2"}]
}
COMMANDS: list[tuple[str, Json, str]] = [
    ("StartCharging", {"id_tag": "TAG"}, "RemoteStartTransaction"),
    ("StopCharging", {"transaction_id": 10**6}, "RemoteStopTransaction"),
    ("AuthorizeIdTag", {"id_tag": "TAG", "valid_until": soon(600)}, "GetLocalListVersion"),
]


async def reply(point: Point, frame: list[Any], payload: Json) -> None:
    await point.socket.send(json.dumps([3, frame[1], payload]))


async def asked(point: Point, action: str) -> list[Any]:
    """Take the next call, which has to be this one; give it without an answer."""
    frame: list[Any] = json.loads(await point.socket.recv())
    assert frame[2] == action
    return frame


async def noted(world: World, cp: str, number: int) -> None:
    """Wait until so many commands are written down."""
    async with asyncio.timeout(5):
        while len(await world.bus.read(keys.commands(cp))) < number:  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.01)
    for _ in range(2):  # answered in their order: what the gateway reads for it, it has by then
        await world.bus.read(keys.commands(cp))


@pytest.mark.parametrize(("kind", "fields", "action"), COMMANDS, ids=[each[0] for each in COMMANDS])
async def test_a_sessions_command_goes_before_operations_that_wait(
    world: World, cp: str, kind: str, fields: Json, action: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        first = await world.command(cp, "ClearCache", None)
        waiting = await asked(point, "ClearCache")
        later = [await world.command(cp, name, None) for name in ("ClearCache", "Reset")]
        await world.command(cp, kind, **fields)
        await noted(world, cp, 4)
        await reply(point, waiting, ACCEPTED)
        waiting = await asked(point, action)
        told, _ = await ear.next(ClearCacheAnswered)
        assert told.caused_by == first
        await reply(point, waiting, {"listVersion": -1} if "List" in action else ACCEPTED)
        await reply(point, await asked(point, "ClearCache"), ACCEPTED)
        await reply(point, await asked(point, "Reset"), ACCEPTED)
        told, _ = await ear.next(ClearCacheAnswered)
        assert told.caused_by == later[0], "operations keep their order"
        told, _ = await ear.next(ResetAnswered)
        assert told.caused_by == later[1]
    assert not await world.bus.read(keys.commands(cp))


@pytest.mark.parametrize(("kind", "fields", "action"), COMMANDS, ids=[each[0] for each in COMMANDS])
async def test_a_sessions_command_goes_before_calls_of_our_own(
    world: World, cp: str, kind: str, fields: Json, action: str
) -> None:
    async with world.point(cp) as point:
        await world.command(cp, "ClearCache", None)
        waiting = await asked(point, "ClearCache")
        intruder = await point.start("NOBODY")
        await world.command(cp, kind, **fields)
        await noted(world, cp, 2)
        await reply(point, waiting, ACCEPTED)
        frame = await asked(point, action)
        assert frame[3].get("transactionId") == fields.get("transaction_id")
        await reply(point, frame, {"listVersion": -1} if "List" in action else ACCEPTED)
        frame = await asked(point, "RemoteStopTransaction")
        assert frame[3] == {"transactionId": intruder["transactionId"]}


async def test_a_start_does_not_lapse_behind_operations_that_nobody_answers(redis_url: str) -> None:
    async with gateway_in_process(redis_url, call_timeout=0.5) as world:
        await world.register("MUTE")
        async with world.point("MUTE") as point:
            for _ in range(6):
                await world.command("MUTE", "ClearCache", None)
            await world.command("MUTE", "StartCharging", id_tag="T", expires_at=soon(2.5))
            assert await point.until_asked("RemoteStartTransaction") == {
                "connectorId": 1,
                "idTag": "T",
            }


async def test_what_waits_when_the_socket_goes_was_not_sent(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        for name in ("ClearCache", "Reset"):
            await world.command(cp, name, None)
        await asked(point, "ClearCache")
        await noted(world, cp, 2)
    _, sent = await ear.next(ClearCacheAnswered)
    _, waited = await ear.next(ResetAnswered)
    assert (sent.outcome, waited.outcome) == ("unknown", "offline")
    async with world.point(cp) as point:
        assert await point.hears_nothing()
    assert not await world.bus.read(keys.commands(cp))


async def test_a_newer_socket_answers_for_what_waited_at_the_older_one(
    world: World, cp: str, redis_url: str
) -> None:
    ear = await world.ear(cp)
    async with gateway_in_process(redis_url, owner="other") as other, world.point(cp) as old:
        for name in ("ClearCache", "Reset"):
            await world.command(cp, name, None)
        await asked(old, "ClearCache")
        await noted(world, cp, 2)
        async with other.point(cp) as new:
            _, waited = await ear.next(ResetAnswered)
            assert waited.outcome == "offline"
            new.answers["Reset"] = ACCEPTED
            await world.command(cp, "Reset", None)
            await new.until_asked("Reset")
            _, again = await ear.next(ResetAnswered)
            assert again.outcome == "answered"
    assert not await world.bus.read(keys.commands(cp))


@pytest.mark.parametrize("lost", [1, 2])
async def test_an_operation_whose_note_was_lost_is_sent_once(
    world: World, cp: str, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    """Both notes, that it waits and that it is sent, may be written while we hear of a failure."""
    ear = await world.ear(cp)
    notes: list[Commit] = []
    apply = world.bus.apply

    async def lose_one(commit: Commit) -> Outcome:
        outcome = await apply(commit)
        if any(write.key == keys.commands(cp) for write in commit.writes):
            notes.append(commit)
            if len(notes) == lost:
                raise BusUnavailableError("the answer is lost")
        return outcome

    monkeypatch.setattr(world.bus, "apply", lose_one)
    async with world.point(cp) as point:
        point.answers["Reset"] = ACCEPTED
        await world.command(cp, "Reset", None)
        _, told = await answering(point, ear, ResetAnswered)
        assert told.outcome == "answered"
        assert [action for action, _ in point.asked] == ["Reset"]
        assert await point.hears_nothing()
    assert len(notes) == 3


async def test_an_operation_that_may_have_been_sent_is_not_sent_again(
    world: World, cp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours behind the call, and a Redis that can't take the dead letter."""
    ear = await world.ear(cp)
    bury = world.bus.dead_letter
    failures: list[Any] = []

    def broken(*_: Any) -> Any:
        raise RuntimeError("a fault of ours")

    async def fail_once(*args: Any) -> None:
        if not failures:
            failures.append(args)
            raise BusUnavailableError("away")
        await bury(*args)

    monkeypatch.setattr("cpg.asking.answer_of", broken)
    monkeypatch.setattr(world.bus, "dead_letter", fail_once)
    async with world.point(cp) as point:
        point.answers["Reset"] = ACCEPTED
        await world.command(cp, "Reset", None)
        _, told = await answering(point, ear, ResetAnswered)
        assert told.outcome == "unknown"
        assert [action for action, _ in point.asked] == ["Reset"]
        assert await point.hears_nothing()
    assert len(failures) == 1


async def test_a_session_comes_between_the_parts_of_an_operators_list(
    world: World, cp: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        full = {"list_version": 3, "update_type": "Full", "entries": ENTRIES}
        await world.command(cp, "SendLocalList", None, **full)
        await reply(point, await asked(point, "GetConfiguration"), PARTS_OF_TWO)
        part = await asked(point, "SendLocalList")
        await world.command(cp, "AuthorizeIdTag", id_tag="TAG", valid_until=soon(600))
        await world.command(cp, "StopCharging", transaction_id=4)
        await noted(world, cp, 2)
        parts = [part[3]]
        await reply(point, part, ACCEPTED)
        for action in ["SendLocalList"] * 2 + ["RemoteStopTransaction", "SendLocalList"]:
            part = await asked(point, action)
            if action == "SendLocalList":
                parts.append(part[3])
            await reply(point, part, ACCEPTED)
        _, told = await ear.next(IdTagAccepted)
        assert told.local_list
        _, answered = await ear.next(SendLocalListAnswered)
    assert [each["listVersion"] for each in parts] == [3, 4, 5, 6]
    assert [tags(each) for each in parts] == [["A", "B"], ["TAG"], ["C", "D"], ["E"]]
    assert (answered.status, answered.list_version) == ("Accepted", 6)
    assert set(await world.bus.read(keys.local_list(cp))) == set("ABCDE")
    assert (await world.state(cp))["local_list_version"] == "6"


def tags(payload: Json) -> list[str]:
    """Give the idTags of a SendLocalList."""
    return [entry["idTag"] for entry in payload.get("localAuthorizationList", ())]


async def test_what_a_session_takes_off_does_not_come_back_with_a_later_part(
    world: World, cp: str
) -> None:
    register, names = IdTags(world.bus), [f"0{token_hex(3)}{n}" for n in range(2)]
    for name in names:
        await register.add(IdTagEntry(tag=name))
    await world.permit(cp, "ZZZ")
    try:
        ear = await world.ear(cp)
        async with world.point(cp) as point:
            await world.command(cp, "SynchroniseLocalList", None)
            await reply(point, await asked(point, "GetLocalListVersion"), {"listVersion": 0})
            await reply(point, await asked(point, "GetConfiguration"), PARTS_OF_TWO)
            part = await asked(point, "SendLocalList")
            await world.command(cp, "RevokeIdTag", id_tag="ZZZ")
            await noted(world, cp, 2)
            await reply(point, part, ACCEPTED)
            held, version = set(tags(part[3])), part[3]["listVersion"]
            point.answers["SendLocalList"] = ACCEPTED
            _, answered = await answering(point, ear, SynchroniseLocalListAnswered)
            for _, payload in point.asked:
                assert payload["listVersion"] == version + 1
                version += 1
                for entry in payload["localAuthorizationList"]:
                    change = set.add if "idTagInfo" in entry else set.discard
                    change(held, entry["idTag"])
            assert any(isinstance(each.body, IdTagRevoked) for each in ear.heard)
    finally:
        for name in names:
            await register.remove(name)
    assert "ZZZ" not in held
    assert set(names) <= held
    assert (answered.status, answered.list_version) == ("Accepted", version)
    assert set(await world.bus.read(keys.local_list(cp))) == held


async def test_what_it_answered_before_it_went_is_what_it_did(world: World, cp: str) -> None:
    """Its request is still being answered when its answer and the end of the socket are read."""
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await world.command(cp, "Reset", None)
        frame = await asked(point, "Reset")
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        await point.socket.send(json.dumps([2, "s", "StatusNotification", status]))
        await reply(point, frame, ACCEPTED)
        await point.socket.close()
    _, answered = await ear.next(ResetAnswered)
    assert (answered.outcome, answered.status) == ("answered", "Accepted")
