"""IdTags of operators: judged by Authorize, Start and Stop at every charge point, and counted."""

from datetime import timedelta
from secrets import token_hex

import pytest
from cpg_world import World, soon

from cpg.register import Entry
from sdk.bus import keys
from sdk.events.charging import ChargingStarted
from sdk.id_tags import IdTagEntry, IdTags
from sdk.ids import utc_now

HOUR = timedelta(hours=1)
ACCEPTED = {"status": "Accepted"}


@pytest.fixture
def tag() -> str:
    """An idTag that no other test has."""
    return f"Op{token_hex(4)}"


async def other(world: World) -> str:
    """Register one more charge point."""
    name = f"CP-{token_hex(4)}"
    await world.register(name)
    return name


async def test_what_operators_registered_is_told_with_parent_and_expiry(
    world: World, cp: str, tag: str
) -> None:
    until = utc_now() + HOUR
    await IdTags(world.bus).add(IdTagEntry(tag=tag, parent_id_tag="FLEET", expires_at=until))
    told = f"{until:%Y-%m-%dT%H:%M:%S}.{until.microsecond // 1000:03}Z"
    info = {"status": "Accepted", "parentIdTag": "FLEET", "expiryDate": told}
    async with world.point(cp) as point:
        assert (await point.tell("Authorize", {"idTag": tag.upper()}))["idTagInfo"] == info
        started = await point.start(tag.lower())
        assert started["idTagInfo"] == info
        assert (await world.connector(cp))["id_tag"] == tag, "it is told as it was registered"
        stopped = await point.stop(started["transactionId"], idTag=tag)
        assert stopped["idTagInfo"] == info


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": "Blocked"}, "Blocked"),
        ({"status": "Blocked", "expires_at": utc_now() - HOUR}, "Blocked"),
        ({"expires_at": utc_now() - HOUR}, "Expired"),
        ({"max_active": 0}, "Blocked"),
        (None, "Invalid"),
    ],
)
async def test_a_tag_that_may_not_charge_is_told_why(
    world: World, cp: str, tag: str, fields: dict[str, object] | None, status: str
) -> None:
    if fields is not None:
        await IdTags(world.bus).add(IdTagEntry.model_validate({"tag": tag, **fields}))
    async with world.point(cp) as point:
        point.answers["RemoteStopTransaction"] = ACCEPTED
        asked = await point.tell("Authorize", {"idTag": tag})
        assert asked["idTagInfo"]["status"] == status
        started = await point.start(tag)
        assert started["idTagInfo"]["status"] == status
        assert started["transactionId"] > 0
        assert await IdTags(world.bus).active(tag) == []


async def test_a_sessions_tag_is_judged_by_its_own_entry_alone(
    world: World, cp: str, tag: str
) -> None:
    await IdTags(world.bus).add(IdTagEntry(tag=tag))
    await world.permit(cp, tag, Entry(utc_now() - HOUR))
    elsewhere = await other(world)
    async with world.point(cp) as point, world.point(elsewhere) as second:
        for each, status in ((point, "Expired"), (second, "Accepted")):
            answer = await each.tell("Authorize", {"idTag": tag})
            assert answer["idTagInfo"]["status"] == status


async def test_active_transactions_are_counted_over_all_charge_points(
    world: World, cp: str, tag: str
) -> None:
    tags = IdTags(world.bus)
    await tags.add(IdTagEntry(tag=tag, max_active=2))
    elsewhere = await other(world)
    ear = await world.ear(elsewhere)
    async with world.point(cp) as point, world.point(elsewhere) as second:
        second.answers["RemoteStopTransaction"] = ACCEPTED
        first = await point.start(tag, 1)
        repeated = {"timestamp": soon(-9)}
        both = [await point.start(tag, 2, **repeated) for _ in range(2)]
        assert both[0] == both[1], "a repeat is counted once"
        too_many = await second.start(tag, 1)
        assert too_many["idTagInfo"]["status"] == "ConcurrentTx"
        assert too_many["transactionId"] > 0
        _, told = await ear.next(ChargingStarted)
        assert told.id_tag_status == "ConcurrentTx"
        kept = await world.bus.read(keys.transaction(elsewhere, too_many["transactionId"]))
        assert kept["id_tag_status"] == "ConcurrentTx"
        assert [each.charge_point_id for each in await tags.active(tag)] == [cp, cp]
        await point.stop(first["transactionId"])
        assert len(await tags.active(tag)) == 1
        assert (await second.start(tag, 2))["idTagInfo"] == ACCEPTED


async def test_two_starts_at_once_do_not_both_get_the_last_place(world: World, tag: str) -> None:
    await IdTags(world.bus).add(IdTagEntry(tag=tag, max_active=1))
    one, two = await other(world), await other(world)
    async with world.point(one) as first, world.point(two) as second:
        for point in (first, second):
            point.answers["RemoteStopTransaction"] = ACCEPTED
            payload = f'"connectorId":1,"idTag":"{tag}","meterStart":0,"timestamp":"{soon(0)}"'
            await point.socket.send(f'[2,"x","StartTransaction",{{{payload}}}]')
        answers = [(await point.answer_to("x"))[2] for point in (first, second)]
    assert sorted(answer["idTagInfo"]["status"] for answer in answers) == [
        "Accepted",
        "ConcurrentTx",
    ]


async def test_a_transaction_that_was_lost_does_not_block_its_tag(
    world: World, cp: str, tag: str
) -> None:
    tags = IdTags(world.bus)
    await tags.add(IdTagEntry(tag=tag, max_active=1))
    elsewhere = await other(world)
    async with world.point(cp) as point, world.point(elsewhere) as second:
        point.answers["RemoteStopTransaction"] = ACCEPTED
        lost = await point.start(tag, timestamp=soon(-600))
        again = await point.start(tag, meterStart=200)
        assert again["idTagInfo"] == ACCEPTED, "a connector has one transaction: the first is over"
        active = await tags.active(tag)
        assert [each.transaction_id for each in active] == [again["transactionId"]]
        assert lost["transactionId"] != again["transactionId"]
        await world.bus.delete(keys.config(cp))
        assert (await second.start(tag))["idTagInfo"] == ACCEPTED, "its charge point is gone"


async def test_a_tag_without_limit_may_charge_anywhere_at_once(
    world: World, cp: str, tag: str
) -> None:
    await IdTags(world.bus).add(IdTagEntry(tag=tag))
    async with world.point(cp) as point:
        for n in (1, 2):
            assert (await point.start(tag, n))["idTagInfo"] == ACCEPTED
    assert len(await IdTags(world.bus).active(tag)) == 2
