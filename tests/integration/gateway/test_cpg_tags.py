"""idTags: who may start, who may stop whom, and until when."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cpg_world import Json, World, soon

from cpg.register import Entry
from sdk.bus import keys
from sdk.bus.interface import Commit
from sdk.events.charging import ChargingStarted, ChargingStopped
from sdk.ids import utc_now

HOUR = timedelta(hours=1)


async def test_a_parent_is_told_wherever_its_tag_is(world: World, cp: str) -> None:
    await world.permit(cp, "CHILD", Entry(parent="FAMILY"))
    async with world.point(cp) as point:
        info = {"status": "Accepted", "parentIdTag": "FAMILY"}
        assert (await point.tell("Authorize", {"idTag": "child"}))["idTagInfo"] == info
        assert (await point.start("CHILD"))["idTagInfo"] == info


async def test_tags_of_one_parent_may_stop_each_other(world: World, cp: str) -> None:
    for tag, parent in (("ONE", "FAMILY"), ("TWO", "FAMILY"), ("ALIEN", "OTHERS")):
        await world.permit(cp, tag, Entry(parent=parent))
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        number = (await point.start("ONE", timestamp=soon(-60)))["transactionId"]
        answer = await point.stop(number, idTag="TWO")
        assert answer == {"idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY"}}
        _, stopped = await ear.next(ChargingStopped)
        assert (stopped.transaction_id, stopped.id_tag) == (number, "TWO")


@pytest.mark.parametrize(
    ("tag", "status"),
    [("ALIEN", "Accepted"), ("NOBODY", "Invalid"), ("OLD", "Expired"), (None, None)],
)
async def test_a_stop_by_another_tag_is_told_nevertheless(
    world: World, cp: str, tag: str | None, status: str | None
) -> None:
    """The charge point has stopped already: what the register says of the tag is its answer."""
    await world.permit(cp, "ONE", Entry(parent="FAMILY"))
    await world.permit(cp, "ALIEN")
    await world.permit(cp, "OLD", Entry(utc_now() - HOUR))
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        number = (await point.start("ONE", timestamp=soon(-60)))["transactionId"]
        by: Json = {"idTag": tag} if tag else {}
        answer = await point.stop(number, **by)
        assert answer.get("idTagInfo", {}).get("status") == status
        _, stopped = await ear.next(ChargingStopped)
        assert (stopped.id_tag, stopped.meter_stop_wh) == (tag, 600)


@pytest.mark.parametrize(
    ("until", "status"),
    [
        (utc_now() - timedelta(seconds=1), "Expired"),
        ((utc_now() - HOUR).astimezone(timezone(timedelta(hours=14))), "Expired"),
        ((utc_now() + HOUR).astimezone(timezone(timedelta(hours=-11))), "Accepted"),
        ((utc_now() + HOUR).replace(tzinfo=None), "Accepted"),
        (datetime(9999, 12, 31, tzinfo=UTC), "Accepted"),
    ],
)
async def test_an_expiry_is_a_moment_whatever_its_offset(
    world: World, cp: str, until: datetime, status: str
) -> None:
    await world.permit(cp, "TAG", Entry(until))
    async with world.point(cp) as point:
        info = (await point.tell("Authorize", {"idTag": "TAG"}))["idTagInfo"]
        assert info["status"] == status
        told = datetime.fromisoformat(info["expiryDate"])
        expected = until if until.tzinfo else until.replace(tzinfo=UTC)
        assert abs(told - expected) < timedelta(milliseconds=1)
        assert info["expiryDate"].endswith("Z")
        assert (await point.start("TAG"))["idTagInfo"]["status"] == status


async def test_a_start_that_may_not_be_is_a_transaction_all_the_same(world: World, cp: str) -> None:
    """Invalid, Expired and ConcurrentTx: each has an id of its own, and is asked to stop."""
    await world.permit(cp, "OLD", Entry(utc_now() - HOUR))
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers["RemoteStopTransaction"] = {"status": "Accepted"}
        await point.start("TAG", 1)
        numbers: dict[int, str] = {}
        for tag, n in (("TAG", 2), ("OLD", 2), ("NOBODY", 2), ("TAG", 1000)):
            answer = await point.start(tag, n)
            numbers[answer["transactionId"]] = answer["idTagInfo"]["status"]
            stop = await point.until_asked("RemoteStopTransaction")
            assert stop == {"transactionId": answer["transactionId"]}
        assert list(numbers.values()) == ["ConcurrentTx", "Expired", "Invalid", "ConcurrentTx"]
        assert min(numbers) > 0
        for number, status in numbers.items():
            await point.stop(number, reason="DeAuthorized")
            kept = await world.bus.read(keys.transaction(cp, number))
            assert (kept["id_tag_status"], kept["stop_reason"]) == (status, "DeAuthorized")
        assert (await world.connector(cp, 1))["id_tag"] == "TAG", "the first one charges on"
    starts = [(await ear.next(ChargingStarted))[1].id_tag_status for _ in range(5)]
    assert starts == ["Accepted", *numbers.values()]


async def test_a_stop_gives_no_tag_a_trust_that_the_register_has_not(world: World, cp: str) -> None:
    """A charge point may keep the answer in its authorization cache."""
    await world.permit(cp, "REVOKED")
    async with world.point(cp) as point:
        unknown = await point.stop(999_999_999, idTag="NOBODY")
        assert unknown["idTagInfo"]["status"] == "Invalid"
        number = (await point.start("REVOKED", timestamp=soon(-60)))["transactionId"]
        await world.bus.apply(Commit(cp, removed_fields={keys.id_tags(cp): ["REVOKED"]}))
        answer = await point.stop(number, idTag="REVOKED")
        assert answer["idTagInfo"]["status"] == "Invalid"


async def test_a_lost_stop_does_not_lock_its_tag_out(world: World, cp: str) -> None:
    """A connector has one transaction: a new start on it is the end of the one before."""
    await world.permit(cp, "TAG", Entry(of_session=False))
    async with world.point(cp) as point:
        lost = (await point.start("TAG", timestamp=soon(-600)))["transactionId"]
        answer = await point.start("TAG", meterStart=200, timestamp=soon(-5))
        assert answer["idTagInfo"]["status"] == "Accepted"
        assert answer["transactionId"] != lost
        await point.stop(lost, 150, timestamp=soon(-500))
        connector = await world.connector(cp)
        assert connector["transaction_id"] == str(answer["transactionId"]), "a late stop of another"
