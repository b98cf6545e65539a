"""StatusNotification in all its variants, and what it says of a transaction."""

import pytest
from cpg_world import Json, Point, World, soon

from sdk.events.charge_point import (
    ConnectorStatusChanged,
)


def of(status: str, n: int = 1, **more: str) -> Json:
    return {"connectorId": n, "status": status, "errorCode": "NoError", **more}


async def status(point: Point, name: str, n: int = 1, **more: str) -> None:
    assert await point.tell("StatusNotification", of(name, n, **more)) == {}


async def test_connector_zero_is_the_charge_point_itself(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        for name in ("Available", "Unavailable", "Faulted"):
            await status(point, name, 0)
            envelope, told = await ear.next(ConnectorStatusChanged)
            assert (envelope.connector_id, told.status) == (0, name)
        for name in ("Charging", "Preparing", "Finishing", "Reserved", "SuspendedEV"):
            answer = await point.call("StatusNotification", of(name, 0))
            assert answer[2] == "PropertyConstraintViolation"
    assert (await world.connector(cp, 0))["status"] == "Faulted"
    assert await world.connector(cp, 1) == {}


async def test_a_connector_that_was_not_registered_is_there_once_it_is_told_of(
    world: World, cp: str
) -> None:
    async with world.point(cp) as point:
        await status(point, "Available", 7)
        await status(point, "Faulted", 1000)
        answer = await point.call("StatusNotification", of("Available", 1001))
        assert answer[2] == "PropertyConstraintViolation"
    assert (await world.connector(cp, 7))["status"] == "Available"
    assert (await world.connector(cp, 1000))["status"] == "Faulted"
    assert await world.connector(cp, 1001) == {}


async def test_a_status_without_its_time_is_of_now(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        await status(point, "Preparing")
        envelope, told = await ear.next(ConnectorStatusChanged)
        assert abs((envelope.at - told.changed_at).total_seconds()) < 1
        await status(point, "Available", timestamp=soon(-60))
    assert (await world.connector(cp))["status"] == "Preparing", "what is older is not taken"


async def test_the_same_status_again_is_told_once(world: World, cp: str) -> None:
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        for _ in range(20):
            await status(point, "Available")
        await status(point, "Available", vendorErrorCode="7", info="warm")
        await status(point, "Available", 2)
    told = await ear.all_within()
    assert told.count("ConnectorStatusChanged") == 3


@pytest.mark.parametrize("name", ["SuspendedEV", "SuspendedEVSE", "Finishing", "Faulted"])
async def test_no_status_ends_a_transaction(world: World, cp: str, name: str) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        number = (await point.start("TAG"))["transactionId"]
        await status(point, name)
        assert await point.hears_nothing(0.1), "nothing is asked"
    connector = await world.connector(cp)
    assert (connector["transaction_id"], connector["suspect_since"]) == (str(number), "")
    assert "ChargingStopped" not in await ear.all_within(0.1)


async def test_available_with_a_transaction_is_doubted_and_asked_about_once(
    world: World, cp: str
) -> None:
    await world.permit(cp, "TAG")
    ear = await world.ear(cp)
    async with world.point(cp) as point:
        point.answers["TriggerMessage"] = {"status": "Accepted"}
        number = (await point.start("TAG", timestamp=soon(-60)))["transactionId"]
        await status(point, "Available")
        asked = await point.until_asked("TriggerMessage")
        assert asked == {"requestedMessage": "StatusNotification", "connectorId": 1}
        doubted = await world.connector(cp)
        assert doubted["transaction_id"] == str(number)
        await status(point, "Available", info="still")
        assert await point.hears_nothing(), "it is asked once"
        assert (await world.connector(cp))["suspect_since"] == doubted["suspect_since"] != ""
        assert "ChargingStopped" not in await ear.all_within(0.1)
        await status(point, "Charging")
        assert (await world.connector(cp))["suspect_since"] == ""
        await status(point, "Available", info="again")
        await point.until_asked("TriggerMessage")
        await point.stop(number)
        connector = await world.connector(cp)
        assert (connector["transaction_id"], connector["suspect_since"]) == ("", "")


async def test_available_without_a_transaction_is_no_reason_to_ask(world: World, cp: str) -> None:
    async with world.point(cp) as point:
        number = (await point.start("NOBODY", 2))["transactionId"]
        await point.until_asked("RemoteStopTransaction")
        await point.stop(number)
        await status(point, "Available", 2)
        assert await point.hears_nothing()
    assert (await world.connector(cp, 2))["suspect_since"] == ""
