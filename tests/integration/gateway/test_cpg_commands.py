"""What we ask: sent once at the most, always answered, and the local list follows the register."""

from typing import Any

import pytest
from cpg_world import Ear, Json, Point, World, soon
from operators_desk import answering

from cpg.register import read_entry
from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError, Commit, Outcome
from sdk.events import operations as ops
from sdk.events.charge_point import (
    ChargePointDisconnected,
)
from sdk.events.charging import (
    ChargingStarted,
    CommandOutcomeUnknown,
    IdTagAccepted,
    IdTagRefused,
    IdTagRevoked,
    StartRefused,
    StopRefused,
)

ACCEPTED = {"status": "Accepted"}
BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}

OPERATIONS: list[tuple[str, Json, Json, Json]] = [
    ("RemoteStartTransaction", {"id_tag": "A"}, ACCEPTED, ACCEPTED),
    (
        "RemoteStopTransaction",
        {"transaction_id": 3},
        {"status": "Rejected"},
        {"status": "Rejected"},
    ),
    ("SendLocalList", {"list_version": 1, "update_type": "Full"}, ACCEPTED, ACCEPTED),
    ("GetLocalListVersion", {}, {"listVersion": 4}, {"list_version": 4}),
    (
        "ChangeConfiguration",
        {"key": "k", "value": "v"},
        {"status": "RebootRequired"},
        {"status": "RebootRequired"},
    ),
    ("GetConfiguration", {"keys": ["k"]}, {"unknownKey": ["k"]}, {"unknown_keys": ("k",)}),
    ("TriggerMessage", {"requested_message": "Heartbeat"}, ACCEPTED, ACCEPTED),
    ("UnlockConnector", {}, {"status": "Unlocked"}, {"status": "Unlocked"}),
    ("Reset", {"kind": "Soft"}, ACCEPTED, ACCEPTED),
    (
        "DataTransfer",
        {"vendor_id": "v"},
        {"status": "Accepted", "data": "d"},
        {"status": "Accepted", "data": "d"},
    ),
]


async def authorize(world: World, cp: str, point: Point, ear: Ear, tag: str) -> IdTagAccepted:
    """Authorise a tag while the charge point answers by `point.answers`."""
    await world.command(cp, "AuthorizeIdTag", id_tag=tag, valid_until=soon(600))
    _, told = await answering(point, ear, IdTagAccepted)
    return told


@pytest.mark.parametrize(
    ("kind", "fields", "answer", "expected"), OPERATIONS, ids=[item[0] for item in OPERATIONS]
)
async def test_every_operation_is_answered_by_its_event(
    world: World, cp: str, kind: str, fields: Json, answer: Json, expected: Json
) -> None:
    ear = await world.ear(cp)
    event = getattr(ops, f"{kind}Answered")
    async with world.point(cp) as point:
        point.answers[kind] = answer
        asked = await world.command(cp, kind, **fields)
        envelope, body = await answering(point, ear, event)
        assert [action for action, _ in point.asked] == [kind]
        assert (envelope.caused_by, envelope.connector_id) == (asked, 1)
        assert body.outcome == "answered"
        assert {name: getattr(body, name) for name in expected} == expected
        point.answers[kind] = ["NotImplemented"]
        await world.command(cp, kind, **fields)
        _, body = await answering(point, ear, event)
        assert body.outcome == "not_supported"
        point.answers[kind] = {"wrong": 1}
        await world.command(cp, kind, **fields)
        _, body = await answering(point, ear, event)
        assert body.outcome == "unknown", "what it did nobody can say"
    assert not await world.bus.read(keys.commands(cp))


async def test_a_charge_point_without_local_lists_asks_for_itself(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers["GetLocalListVersion"] = {"listVersion": -1}
        told = await authorize(world, cp, point, ear, "TAG")
        assert not told.local_list
        assert [action for action, _ in point.asked] == ["GetLocalListVersion"]
        assert (await world.state(cp))["local_list"] == "no"
        answer = await point.tell("Authorize", {"idTag": "TAG"})
        assert answer["idTagInfo"]["status"] == "Accepted"
        entry = read_entry((await world.bus.read(keys.id_tags(cp)))["TAG"])
        assert entry is not None
        assert entry.connector_id == 1
    async with world.point(cp) as point:
        await authorize(world, cp, point, ear, "TAG2")
        assert not point.asked, "it is not asked again by the next socket"
        await point.tell("BootNotification", BOOT)
        assert (await world.state(cp))["local_list"] == "unknown", "whoever comes next asks, too"
        point.answers["GetLocalListVersion"] = ["NotImplemented"]
        assert not (await authorize(world, cp, point, ear, "TAG3")).local_list
        assert [action for action, _ in point.asked] == ["GetLocalListVersion"]


async def test_the_local_list_follows_the_register(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {"GetLocalListVersion": {"listVersion": 6}, "SendLocalList": ACCEPTED}
        assert (await authorize(world, cp, point, ear, "TAG")).local_list
        actions, sent = zip(*point.asked, strict=True)
        assert actions == ("GetLocalListVersion", "SendLocalList")
        assert (sent[1]["listVersion"], sent[1]["updateType"]) == (7, "Differential")
        entry = sent[1]["localAuthorizationList"][0]
        assert (entry["idTag"], entry["idTagInfo"]["status"]) == ("TAG", "Accepted")
    async with world.point(cp) as point:
        point.answers["SendLocalList"] = ACCEPTED
        await world.command(cp, "RevokeIdTag", id_tag="TAG")
        await answering(point, ear, IdTagRevoked)
        assert point.asked == [
            (
                "SendLocalList",
                {
                    "listVersion": 8,
                    "updateType": "Differential",
                    "localAuthorizationList": [{"idTag": "TAG"}],
                },
            )
        ]
        assert await world.bus.read(keys.id_tags(cp)) == {}
        assert (await world.state(cp))["local_list_version"] == "8"


async def test_a_version_mismatch_sends_the_whole_list(world: World, cp: str) -> None:
    await world.permit(cp, "OPERATOR")
    await world.bus.write(keys.id_tags(cp), {"BAD": "not json"})
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {
            "GetConfiguration": ["NotSupported"],
            "GetLocalListVersion": {"listVersion": 2},
            "SendLocalList": {"status": "VersionMismatch"},
        }
        assert not (await authorize(world, cp, point, ear, "TAG")).local_list
        whole = point.asked[-1][1]
        assert whole["updateType"] == "Full"
        tags = [entry["idTag"] for entry in whole["localAuthorizationList"]]
        assert tags == ["OPERATOR", "TAG"]


async def test_a_refused_start_or_stop_is_told(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {"RemoteStartTransaction": {"status": "Rejected"}}
        asked = await world.command(cp, "StartCharging", connector_id=2, id_tag="TAG")
        envelope, refused = await answering(point, ear, StartRefused)
        assert point.asked[0][1] == {"connectorId": 2, "idTag": "TAG"}
        assert (envelope.caused_by, envelope.connector_id) == (asked, 2)
        assert (refused.id_tag, refused.reason) == ("TAG", "rejected")
        point.answers["RemoteStopTransaction"] = ["GenericError"]
        await world.command(cp, "StopCharging", transaction_id=4)
        _, stop = await answering(point, ear, StopRefused)
        assert (stop.transaction_id, stop.reason) == (4, "call_error")


async def test_an_accepted_start_is_told_by_the_charge_point_itself(world: World, cp: str) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers["RemoteStartTransaction"] = ACCEPTED
        await world.command(cp, "StartCharging", id_tag="TAG")
        await point.until_asked("RemoteStartTransaction")
        assert await ear.all_within() == ["ChargePointConnected"]
        await point.start("TAG")
        _, started = await ear.next(ChargingStarted)
    assert started.id_tag == "TAG"


async def test_a_command_past_its_time_is_dropped_with_an_answer(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    past: Json = {"expires_at": soon(-1)}
    await world.command(cp, "StartCharging", id_tag="TAG", **past)
    await world.command(cp, "AuthorizeIdTag", id_tag="TAG", valid_until=soon(), **past)
    await world.command(cp, "Reset", **past)
    await world.command(cp, "RevokeIdTag", id_tag="TAG", **past)
    async with world.point(cp) as point:
        point.answers["GetLocalListVersion"] = {"listVersion": -1}
        _, start = await ear.next(StartRefused)
        _, tag = await ear.next(IdTagRefused)
        _, reset = await ear.next(ops.ResetAnswered)
        assert (start.reason, tag.reason, reset.outcome) == ("expired", "expired", "expired")
        await answering(point, ear, IdTagRevoked)
        assert [action for action, _ in point.asked] == ["GetLocalListVersion"]


async def test_a_command_without_an_answer_is_unknown(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await world.command(cp, "StartCharging", id_tag="TAG")
        await point.until_asked("RemoteStartTransaction")
        assert await point.tell("Heartbeat", {}), "its own calls are not held up"
        _, lost = await answering(point, ear, CommandOutcomeUnknown)
        assert lost.command == "StartCharging"
        await world.command(cp, "GetConfiguration")
        _, answered = await answering(point, ear, ops.GetConfigurationAnswered)
    assert answered.outcome == "timeout"


async def test_a_socket_that_closes_gives_the_command_its_outcome(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        asked = await world.command(cp, "StopCharging", transaction_id=4)
        await point.until_asked("RemoteStopTransaction")
    envelope, lost = await ear.next(CommandOutcomeUnknown)
    assert (envelope.caused_by, lost.command) == (asked, "StopCharging")
    _, gone = await ear.next(ChargePointDisconnected)
    assert gone.reason == "closed"
    async with world.point(cp) as point:
        assert await point.hears_nothing()
    assert not await world.bus.read(keys.commands(cp))


async def test_an_answer_outlives_a_short_failure_of_redis(
    world: World, cp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = await world.ear(cp)
    failures: list[Commit] = []
    apply = world.bus.apply

    async def fail_twice(commit: Commit) -> Outcome:
        if commit.removed_fields and len(failures) < 2:
            failures.append(commit)
            raise BusUnavailableError("away")
        return await apply(commit)

    monkeypatch.setattr(world.bus, "apply", fail_twice)
    async with world.point(cp) as point:
        point.answers["RemoteStartTransaction"] = {"status": "Rejected"}
        await world.command(cp, "StartCharging", id_tag="TAG")
        _, refused = await answering(point, ear, StartRefused)
        assert refused.reason == "rejected"
        assert len(point.asked) == 1
    assert len(failures) == 2


async def test_a_commit_whose_answer_was_lost_is_not_sent(
    world: World, cp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = await world.ear(cp)
    failures: list[Commit] = []
    apply = world.bus.apply

    async def lose_the_first(commit: Commit) -> Outcome:
        outcome = await apply(commit)
        if commit.stream_id and not failures:
            failures.append(commit)
            raise BusUnavailableError("the answer is lost")
        return outcome

    monkeypatch.setattr(world.bus, "apply", lose_the_first)
    async with world.point(cp) as point:
        await world.command(cp, "StartCharging", id_tag="TAG")
        _, lost = await ear.next(CommandOutcomeUnknown)
        assert lost.command == "StartCharging"
        assert await point.hears_nothing()


async def test_a_command_that_we_can_not_carry_out_is_buried_and_the_next_goes_on(
    world: World, cp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = await world.ear(cp)

    def broken(*_: Any) -> Any:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("cpg.asking.request_of", broken)
    async with world.point(cp) as point:
        await world.command(cp, "Reset")
        _, answered = await ear.next(ops.ResetAnswered)
        assert answered.outcome == "unknown"
        point.answers["RemoteStartTransaction"] = {"status": "Rejected"}
        await world.command(cp, "StartCharging", id_tag="TAG")
        await answering(point, ear, StartRefused)
    letters = await world.bus.dead_letters(cp)
    assert [letter.reason for letter in letters] == ["RuntimeError: a fault of ours"]


async def test_what_breaks_a_rule_of_ocpp_is_not_sent(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await world.command(cp, "UnlockConnector", 0)
        _, answered = await ear.next(ops.UnlockConnectorAnswered)
        assert (answered.outcome, answered.status) == ("refused", None)
        assert answered.reason == "connectorId has to be above 0"
        assert await point.hears_nothing()
        assert point.asked == []
