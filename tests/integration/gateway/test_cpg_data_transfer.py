"""DataTransfer: brought to its vendor's handler, and answered whatever that does."""

import asyncio
import json
from collections.abc import AsyncIterator
from secrets import token_hex
from uuid import uuid4

import pytest
from cpg_world import World

from sdk.bus import keys
from sdk.events.charge_point import DataTransferReceived
from sdk.events.operations import ResetAnswered
from sdk.ids import utc_now
from sdk.vendors import DataTransfer, Reply, Vendor, VendorError, find_vendor, vendor_handler


@pytest.fixture
async def vendor(world: World) -> AsyncIterator[str]:
    """A vendor id that no other test has."""
    name = f"com.Example.{token_hex(4)}"
    yield name
    await world.bus.delete(keys.VENDORS)


async def test_a_handler_answers_for_all_charge_points(
    world: World, cp: str, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdk.vendors._LOOK_S", 0.1)
    seen: list[DataTransfer] = []

    async def handler(transfer: DataTransfer) -> Reply:
        seen.append(transfer)
        return Reply("Accepted", f"{transfer.data}!") if transfer.data else Reply("Rejected")

    late = f"CP-{token_hex(4)}"
    async with vendor_handler(world.bus, vendor, handler):
        async with world.point(cp) as point:
            sent = {"vendorId": vendor.upper(), "messageId": "Ping", "data": "x"}
            answer = await point.tell("DataTransfer", sent)
            assert answer == {"status": "Accepted", "data": "x!"}
            assert await point.tell("DataTransfer", {"vendorId": vendor}) == {"status": "Rejected"}
            other = await point.tell("DataTransfer", {"vendorId": "com.other"})
            assert other == {"status": "UnknownVendorId"}
        await world.register(late)
        await asyncio.sleep(0.5)
        async with world.point(late) as point:
            answer = await point.tell("DataTransfer", {"vendorId": vendor, "data": "y"})
            assert answer == {"status": "Accepted", "data": "y!"}
    assert [(each.charge_point_id, each.message_id) for each in seen] == [
        (cp, "Ping"),
        (cp, None),
        (late, None),
    ]
    async with world.point(cp) as point:
        gone = await point.tell("DataTransfer", {"vendorId": vendor, "data": "x"})
        assert gone == {"status": "UnknownVendorId"}


async def test_a_kind_of_message_that_it_does_not_take_is_unknown(
    world: World, cp: str, vendor: str
) -> None:
    async def handler(_: DataTransfer) -> Reply:
        return Reply()

    ear = await world.ear(cp)
    async with (
        vendor_handler(world.bus, vendor, handler, message_ids=("Ping",)),
        world.point(cp) as point,
    ):
        for message_id, status in (("Pong", "UnknownMessageId"), ("ping", "Accepted")):
            sent = {"vendorId": vendor, "messageId": message_id}
            assert await point.tell("DataTransfer", sent) == {"status": status}
        unnamed = await point.tell("DataTransfer", {"vendorId": vendor})
        assert unnamed == {"status": "UnknownMessageId"}
        heard = [(await ear.next(DataTransferReceived))[1].message_id for _ in range(3)]
        assert heard == ["Pong", "ping", None], "it is told to whoever follows"


async def test_a_handler_that_fails_has_rejected(world: World, cp: str, vendor: str) -> None:
    async def handler(transfer: DataTransfer) -> Reply:
        if transfer.data == "bad":
            raise ValueError(transfer.data)
        return Reply()

    async with vendor_handler(world.bus, vendor, handler), world.point(cp) as point:
        for data, status in (("bad", "Rejected"), ("good", "Accepted")):
            sent = {"vendorId": vendor, "data": data}
            assert await point.tell("DataTransfer", sent) == {"status": status}


async def test_nobody_waits_long_for_a_handler_that_died(
    world: World, cp: str, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpg.data_transfer.ANSWER_WITHIN_S", 0.3)
    registered = Vendor(vendor_id=vendor, registration_id=uuid4(), until=utc_now())
    held = registered.model_copy(update={"until": utc_now().replace(year=2099)})
    await world.bus.write(keys.VENDORS, {vendor.casefold(): held.model_dump_json()})
    async with world.point(cp) as point:
        assert await point.tell("DataTransfer", {"vendorId": vendor}) == {"status": "Rejected"}
        await world.bus.write(keys.VENDORS, {vendor.casefold(): registered.model_dump_json()})
        assert await find_vendor(world.bus, vendor, utc_now()) is None
        lapsed = await point.tell("DataTransfer", {"vendorId": vendor})
        assert lapsed == {"status": "UnknownVendorId"}
        await world.bus.write(keys.VENDORS, {vendor.casefold(): "damaged"})
        damaged = await point.tell("DataTransfer", {"vendorId": vendor})
        assert damaged == {"status": "UnknownVendorId"}


async def test_a_command_that_waits_for_its_answer_does_not_hold_it_up(
    world: World, cp: str, vendor: str
) -> None:
    """The answer of a command may stand behind the DataTransfer that the charge point sent."""

    async def handler(_: DataTransfer) -> Reply:
        return Reply()

    ear = await world.ear(cp)
    async with vendor_handler(world.bus, vendor, handler), world.point(cp) as point:
        await world.command(cp, "Reset", kind="Soft")
        asked = json.loads(await point.socket.recv())
        assert asked[2] == "Reset"
        await point.socket.send(json.dumps([2, "t", "DataTransfer", {"vendorId": vendor}]))
        await point.socket.send(json.dumps([3, asked[1], {"status": "Accepted"}]))
        assert (await point.answer_to("t"))[2] == {"status": "Accepted"}
        _, reset = await ear.next(ResetAnswered)
        assert reset.status == "Accepted"


async def test_what_is_sent_again_is_asked_once_and_answered_the_same(
    world: World, cp: str, vendor: str
) -> None:
    seen: list[DataTransfer] = []

    async def handler(transfer: DataTransfer) -> Reply:
        seen.append(transfer)
        return Reply(data=str(len(seen)))

    sent = {"vendorId": vendor, "data": "x"}
    async with vendor_handler(world.bus, vendor, handler), world.point(cp) as point:
        answers = [await point.tell("DataTransfer", sent, "same") for _ in range(2)]
        answers.append(await point.tell("DataTransfer", {**sent, "data": "y"}, "same"))
    assert [answer["data"] for answer in answers] == ["1", "1", "2"]


async def test_a_vendor_without_name_is_refused(world: World) -> None:
    async def handler(_: DataTransfer) -> Reply:
        return Reply()

    with pytest.raises(VendorError, match="vendor_id"):
        async with vendor_handler(world.bus, "", handler):
            pass


async def test_what_fails_in_the_block_is_raised_as_it_is(world: World, vendor: str) -> None:
    async def handler(_: DataTransfer) -> Reply:
        return Reply()

    with pytest.raises(KeyError):
        async with vendor_handler(world.bus, vendor, handler):
            raise KeyError(vendor)
    assert await find_vendor(world.bus, vendor, utc_now()) is None


async def test_a_socket_that_goes_waits_for_no_handler(world: World, cp: str, vendor: str) -> None:
    asked = asyncio.Event()

    async def handler(_: DataTransfer) -> Reply:
        asked.set()
        await asyncio.sleep(60)
        return Reply()

    async with vendor_handler(world.bus, vendor, handler):
        async with asyncio.timeout(5):
            async with world.point(cp) as point:
                await point.socket.send(json.dumps([2, "t", "DataTransfer", {"vendorId": vendor}]))
                await asked.wait()
            await world.until(cp, lambda state: state["connected"] == "0")
            async with world.point(cp) as point:
                await point.tell("Heartbeat", {})
