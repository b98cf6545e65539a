"""The local list: sent in parts, one version for operators and sessions, and put right again."""

from secrets import token_hex
from typing import Any

import pytest
from cpg_world import Ear, Json, Point, World, soon

from sdk.bus import keys
from sdk.events.charging import IdTagAccepted, IdTagRevoked
from sdk.events.operations import (
    GetLocalListVersionAnswered,
    SendLocalListAnswered,
    SynchroniseLocalListAnswered,
)
from sdk.id_tags import IdTagEntry, IdTags
from sdk.ids import utc_now

ACCEPTED = {"status": "Accepted"}


def limit(most: str) -> Json:
    """Give a report of how many entries go into one message."""
    item = {"key": "SendLocalListMaxLength", "readonly": True, "value": most}
    return {"configurationKey": [item]}


async def told(point: Point, ear: Ear, kind: type[Any]) -> Any:
    """Wait for an answer; the charge point is kept talking meanwhile."""
    while True:
        await point.tell("Heartbeat", {})
        for each in [envelope for envelope in ear.heard if isinstance(envelope.body, kind)]:
            ear.heard.clear()
            return each.body
        await ear.all_within(0.05)


def sent(point: Point) -> list[tuple[int, str, list[str]]]:
    """Give and forget the lists that it was sent: version, type and tags."""
    lists = [payload for action, payload in point.asked if action == "SendLocalList"]
    point.asked.clear()
    return [
        (
            each["listVersion"],
            each["updateType"],
            [entry["idTag"] for entry in each.get("localAuthorizationList", ())],
        )
        for each in lists
    ]


async def test_a_long_list_goes_in_parts_that_the_charge_point_takes(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {"SendLocalList": ACCEPTED, "GetConfiguration": limit("2")}
        entries = [{"id_tag": name} for name in "ABCDE"]
        full = {"list_version": 3, "update_type": "Full", "entries": entries}
        await world.command(cp, "SendLocalList", None, **full)
        answered = await told(point, ear, SendLocalListAnswered)
        assert (answered.outcome, answered.status, answered.list_version) == (
            "answered",
            "Accepted",
            5,
        )
        assert answered.response == ACCEPTED
        assert answered.reason == "it went in 3 messages; the list's version is 5"
        assert point.asked[0] == ("GetConfiguration", {"key": ["SendLocalListMaxLength"]})
        assert sent(point) == [
            (3, "Full", ["A", "B"]),
            (4, "Differential", ["C", "D"]),
            (5, "Differential", ["E"]),
        ]
        change = [{"id_tag": "b", "removed": True}, {"id_tag": "e", "status": "Blocked"}]
        more = {"list_version": 6, "update_type": "Differential", "entries": change}
        await world.command(cp, "SendLocalList", None, **more)
        assert (await told(point, ear, SendLocalListAnswered)).list_version == 6
        assert sent(point) == [(6, "Differential", ["b", "e"])], "the limit is not asked again"
        kept = await world.bus.read(keys.local_list(cp))
        assert set(kept) == {"A", "C", "D", "e"}
        assert '"Blocked"' in kept["e"]
        state = await world.state(cp)
        assert (state["local_list"], state["local_list_version"]) == ("yes", "6")


@pytest.mark.parametrize(
    ("answer", "outcome", "status", "support"),
    [
        ({"status": "NotSupported"}, "answered", "NotSupported", "no"),
        (["NotImplemented"], "not_supported", None, "no"),
        ({"status": "Failed"}, "answered", "Failed", "unknown"),
    ],
)
async def test_what_it_says_is_told_as_it_is(
    world: World, cp: str, answer: Any, outcome: str, status: str | None, support: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers["SendLocalList"] = answer
        full = {"list_version": 1, "update_type": "Full", "entries": [{"id_tag": "A"}]}
        await world.command(cp, "SendLocalList", None, **full)
        answered = await told(point, ear, SendLocalListAnswered)
        assert (answered.outcome, answered.status, answered.list_version) == (outcome, status, None)
        assert len(sent(point)) == 1
        assert await world.bus.read(keys.local_list(cp)) == {}
        assert (await world.state(cp))["local_list"] == support
        lacking = set(await world.bus.read(keys.unsupported(cp)))
        assert lacking == ({"SendLocalList"} if outcome == "not_supported" else set())


async def test_after_a_mismatch_the_version_is_what_the_charge_point_says(
    world: World, cp: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {
            "SendLocalList": {"status": "VersionMismatch"},
            "GetLocalListVersion": {"listVersion": 40},
        }
        change = {"list_version": 2, "update_type": "Differential", "entries": [{"id_tag": "A"}]}
        await world.command(cp, "SendLocalList", None, **change)
        answered = await told(point, ear, SendLocalListAnswered)
        assert (answered.status, answered.list_version) == ("VersionMismatch", 40)
        point.asked.clear()
        point.answers["SendLocalList"] = ACCEPTED
        await world.command(cp, "AuthorizeIdTag", id_tag="TAG", valid_until=soon(600))
        assert (await told(point, ear, IdTagAccepted)).local_list
        assert sent(point) == [(41, "Differential", ["TAG"])], "one version for both"


async def test_sessions_leave_the_operators_entries(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {"SendLocalList": ACCEPTED, "GetConfiguration": ["NotSupported"]}
        entries = [{"id_tag": "OWN", "parent_id_tag": "P"}, {"id_tag": "BOTH", "status": "Blocked"}]
        full = {"list_version": 1, "update_type": "Full", "entries": entries}
        await world.command(cp, "SendLocalList", None, **full)
        await told(point, ear, SendLocalListAnswered)
        await world.command(cp, "AuthorizeIdTag", id_tag="both", valid_until=soon(600))
        await told(point, ear, IdTagAccepted)
        point.asked.clear()
        await world.command(cp, "RevokeIdTag", id_tag="both")
        await told(point, ear, IdTagRevoked)
        assert point.asked[0][1]["localAuthorizationList"] == [
            {"idTag": "BOTH", "idTagInfo": {"status": "Blocked"}}
        ]
        assert sent(point) == [(3, "Differential", ["BOTH"])], "the operators' own comes back"
        point.answers |= {
            "SendLocalList": {"status": "Failed"},
            "GetLocalListVersion": {"listVersion": 9},
        }
        await world.command(cp, "AuthorizeIdTag", id_tag="TAG", valid_until=soon(600))
        assert not (await told(point, ear, IdTagAccepted)).local_list
        assert sent(point) == [
            (4, "Differential", ["TAG"]),
            (10, "Full", ["BOTH", "OWN", "TAG"]),
        ], "the whole list is sent once, with all of both"


async def test_a_list_that_is_full_loses_nothing_to_a_session(world: World, cp: str) -> None:
    """In parts, what the last one holds would be gone once that one fails."""
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {"SendLocalList": ACCEPTED, "GetConfiguration": limit("2")}
        entries = [{"id_tag": name} for name in ("W", "X", "Y", "Z")]
        full = {"list_version": 1, "update_type": "Full", "entries": entries}
        await world.command(cp, "SendLocalList", None, **full)
        await told(point, ear, SendLocalListAnswered)
        point.asked.clear()
        point.answers["SendLocalList"] = {"status": "Failed"}
        await world.command(cp, "AuthorizeIdTag", id_tag="A", valid_until=soon(600))
        assert not (await told(point, ear, IdTagAccepted)).local_list
        assert sent(point) == [(3, "Differential", ["A"])]


async def test_a_list_that_is_not_ours_is_replaced(world: World, cp: str) -> None:
    """After a boot it has another version than the one that we left: another charge point."""
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {"SendLocalList": ACCEPTED, "GetConfiguration": ["NotSupported"]}
        full = {"list_version": 5, "update_type": "Full", "entries": [{"id_tag": "OWN"}]}
        await world.command(cp, "SendLocalList", None, **full)
        await told(point, ear, SendLocalListAnswered)
        boot = {"chargePointVendor": "V", "chargePointModel": "M"}
        await point.tell("BootNotification", boot)
        point.answers["GetLocalListVersion"] = {"listVersion": 0}
        point.asked.clear()
        await world.command(cp, "AuthorizeIdTag", id_tag="TAG", valid_until=soon(600))
        assert (await told(point, ear, IdTagAccepted)).local_list
        assert sent(point) == [(1, "Full", ["OWN", "TAG"])]


async def test_it_is_made_what_the_registers_say(world: World, cp: str) -> None:
    tags, names = IdTags(world.bus), [f"S{token_hex(3)}{n}" for n in range(3)]
    await tags.add(IdTagEntry(tag=names[0], parent_id_tag="P"))
    await tags.add(IdTagEntry(tag=names[1], status="Blocked"))
    await tags.add(IdTagEntry(tag=names[2], expires_at=utc_now()))
    await world.permit(cp, "SESSION")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {
            "GetLocalListVersion": {"listVersion": 6},
            "SendLocalList": ACCEPTED,
            "GetConfiguration": ["NotSupported"],
        }
        await world.command(cp, "SynchroniseLocalList", None)
        answered = await told(point, ear, SynchroniseLocalListAnswered)
        lists = [payload for action, payload in point.asked if action == "SendLocalList"]
        infos = {
            entry["idTag"]: entry["idTagInfo"]
            for each in lists
            for entry in each["localAuthorizationList"]
        }
        assert infos[names[0]] == {"status": "Accepted", "parentIdTag": "P"}
        assert infos[names[1]] == {"status": "Blocked"}
        assert infos["SESSION"]["status"] == "Accepted"
        assert names[2] not in infos
        assert (answered.status, answered.entries) == ("Accepted", len(infos))
        assert answered.list_version == lists[-1]["listVersion"] == 6 + len(lists)
        kept = await world.bus.read(keys.local_list(cp))
        assert set(kept) == set(infos) - {"SESSION"}
    for name in names:
        await tags.remove(name)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [({"listVersion": -1}, "not_supported"), (["NotImplemented"], "not_supported")],
)
async def test_where_there_are_no_lists_nothing_is_sent(
    world: World, cp: str, answer: Any, outcome: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers["GetLocalListVersion"] = answer
        await world.command(cp, "SynchroniseLocalList", None)
        answered = await told(point, ear, SynchroniseLocalListAnswered)
        assert (answered.outcome, answered.list_version, answered.entries) == (outcome, None, None)
        assert sent(point) == []


async def test_a_part_that_is_not_taken_hides_nothing_of_those_before(
    world: World, cp: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {"SendLocalList": ACCEPTED, "GetConfiguration": limit("2")}
        entries = [{"id_tag": name} for name in "ABCDE"]
        full = {"list_version": 3, "update_type": "Full", "entries": entries}
        await world.command(cp, "SendLocalList", None, **full)
        await point.until_asked("SendLocalList")
        await point.until_asked("SendLocalList")
        point.answers["SendLocalList"] = {"status": "Failed"}
        answered = await told(point, ear, SendLocalListAnswered)
        assert (answered.outcome, answered.status) == ("answered", "Failed")
        assert answered.response == {"status": "Failed"}
        assert answered.reason == "2 of 3 parts were accepted; the list's version is 4"
        assert answered.list_version == 4
        assert set(await world.bus.read(keys.local_list(cp))) == set("ABCD")


@pytest.mark.parametrize(("version", "tags"), [(2**31, "A"), (2**31 - 2, "ABCDE")])
async def test_a_version_that_is_no_integer_to_a_charge_point_is_not_sent(
    world: World, cp: str, version: int, tags: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {"SendLocalList": ACCEPTED, "GetConfiguration": limit("2")}
        entries = [{"id_tag": name} for name in tags]
        full = {"list_version": version, "update_type": "Full", "entries": entries}
        await world.command(cp, "SendLocalList", None, **full)
        answered = await told(point, ear, SendLocalListAnswered)
        assert (answered.outcome, answered.status) == ("refused", None)
        assert answered.reason == "a version above 2147483647"
        assert sent(point) == []


async def test_of_the_last_version_no_session_sends_another(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers |= {"GetLocalListVersion": {"listVersion": 2**31 - 1}}
        await world.command(cp, "AuthorizeIdTag", id_tag="TAG", valid_until=soon(600))
        assert not (await told(point, ear, IdTagAccepted)).local_list
        assert sent(point) == []


@pytest.mark.parametrize(
    ("answer", "support"), [({"listVersion": -1}, "no"), (["NotImplemented"], "no")]
)
async def test_who_asks_for_the_version_puts_right_what_is_known(
    world: World, cp: str, answer: Any, support: str
) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        for version in (7, 4):
            point.answers["GetLocalListVersion"] = {"listVersion": version}
            await world.command(cp, "GetLocalListVersion", None)
            answered = await told(point, ear, GetLocalListVersionAnswered)
            assert (answered.outcome, answered.list_version) == ("answered", version)
            state = await world.state(cp)
            assert (state["local_list"], state["local_list_version"]) == ("yes", str(version))
        point.answers |= {"SendLocalList": ACCEPTED}
        await world.command(cp, "AuthorizeIdTag", id_tag="TAG", valid_until=soon(600))
        assert (await told(point, ear, IdTagAccepted)).local_list
        assert sent(point) == [(5, "Differential", ["TAG"])], "it goes on from what was told"
        point.answers["GetLocalListVersion"] = answer
        await world.command(cp, "GetLocalListVersion", None)
        await told(point, ear, GetLocalListVersionAnswered)
        assert (await world.state(cp))["local_list"] == support
        point.asked.clear()
        await world.command(cp, "AuthorizeIdTag", id_tag="NEXT", valid_until=soon(600))
        assert not (await told(point, ear, IdTagAccepted)).local_list
        assert point.asked == []
