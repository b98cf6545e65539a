"""What a Session Manager answers of a station's identity, on a real chain."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from os import environ
from typing import Any

from identity_world import POINT, IdentityWorld

from sdk.bus.keys import Lane
from sdk.chain.addresses import Deployment
from sdk.chain.dev_node import DevNode
from sdk.did.registry import DidRegistry
from sdk.events.envelope import Envelope
from sdk.events.station import DidDeactivateRequested, DidPublishRequested
from sdk.ids import new_event_id, utc_now
from session_manager.deactivation import give_up


@contextmanager
def running_node() -> Iterator[DevNode]:
    """Run a local chain, for tests of whatever event loop."""
    node = DevNode(program=environ.get("ANVIL"))
    asyncio.run(node.start())
    try:
        yield node
    finally:
        asyncio.run(node.stop())


@asynccontextmanager
async def managed(world: IdentityWorld) -> AsyncIterator[None]:
    """Answer as the Session Manager that holds the charge point, until the block ends."""
    bus, registry = world.api.bus, DidRegistry(world.client, Deployment())
    onboarding = world.onboarding()

    async def answer(asked: Envelope) -> None:
        match asked.body:
            case DidPublishRequested():
                body: Any = await onboarding.publish(POINT)
            case DidDeactivateRequested():
                body = await give_up(registry, world.did, world.key, world.sender)
            case _:
                return
        reply = Envelope(
            id=new_event_id(), charge_point_id=POINT, at=utc_now(), caused_by=asked.id, body=body
        )
        await bus.publish(Lane.OUT, reply)

    async def work() -> None:
        async with bus.follow() as follower:
            async for delivery in await follower.subscribe(POINT, Lane.IN, after="0"):
                await answer(delivery.envelope)

    assert await bus.acquire_lease(POINT, "manager", 60)
    async with asyncio.TaskGroup() as group:
        working = group.create_task(work())
        yield
        working.cancel()
