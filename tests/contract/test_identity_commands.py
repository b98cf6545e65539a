"""An operator's word about a station's DID reaches its desk, and is answered."""

from typing import Any

from sdk.bus.interface import Bus
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID
from sdk.events.station import DidDeactivated, DidDeactivateRequested, DidPublishRequested
from session_manager.station_desk import ChainDesk
from tests.session_kit import DRIVER, STATION, station_config
from tests.station_kit import open_house


async def test_giving_up_is_answered_by_the_desk(bus: Bus) -> None:
    did = station_config().did
    async with open_house(bus) as house:
        await house.drive()
        for body in (DidDeactivateRequested(did=did, by="Ada"), DidPublishRequested(by="Ada")):
            sent = await house.send(body, n=None)
            while not house.answers(sent.id):
                await house.drain()
        (gone,) = house.told("DidDeactivated", None)
        assert gone.did == did
        (published,) = house.told("DidPublished", None)
        assert published.did == did


async def test_a_desk_gives_up_its_own_did_only() -> None:
    own, other = (f"did:ethr:{CHAIN_ID:#x}:{key.address}" for key in (STATION, DRIVER))
    asked: list[str] = []

    async def give_up() -> DidDeactivated:
        asked.append(own)
        return DidDeactivated(did=own, transaction="0x" + "1" * 64)

    nothing: Any = None
    client = ChainClient(["http://127.0.0.1:9"], CHAIN_ID)
    desk = ChainDesk(own, STATION, (client, nothing, nothing), nothing, nothing, give_up)
    refused: Any = await desk.deactivate(other)
    assert (refused.type, refused.reason, asked) == ("DidDeactivateFailed", "other_did", [])
    assert await desk.deactivate(own.lower()) == await give_up()
    await client.close()
