"""Stations hear of it when the chain can be reached otherwise than before, over either bus."""

import asyncio

import pytest

from sdk.bus.interface import Bus, Follower, Subscription
from sdk.bus.keys import Lane
from sdk.chain.nodes import NodeStatus
from sdk.ids import utc_now
from sdk.logs import get_logger
from session_manager.chain_news import ChainNews
from session_manager.chain_watch import ChainHealth

GOOD = NodeStatus("ws://one", 1, connected=True, state="up")
DOWN = NodeStatus("ws://two", 1, connected=False, state="down")
WRONG = NodeStatus("ws://three", 1, connected=False, state="wrong_chain")

CASES = [
    (ChainHealth("up", (GOOD,)), ("available", "ws://one", "")),
    (ChainHealth("degraded", (DOWN, GOOD), "two is down"), ("degraded", "ws://one", "two is down")),
    (ChainHealth("down", (DOWN,), "no answer"), ("unavailable", "", "no answer")),
    (ChainHealth("down", (DOWN, WRONG), "no answer"), ("unavailable", "", "no answer")),
    (ChainHealth("down", (WRONG,), "chain 5"), ("wrong_chain", "", "chain 5")),
]


async def told(subscription: Subscription) -> tuple[str, str, str]:
    async with asyncio.timeout(5):
        delivery = await anext(aiter(subscription))
    body = delivery.envelope.body
    assert body.type == "ChainStatusChanged"
    return body.status, body.node, body.detail


@pytest.mark.parametrize(("health", "expected"), CASES)
async def test_a_change_is_told_to_each_station_that_is_driven(
    bus: Bus, health: ChainHealth, expected: tuple[str, str, str]
) -> None:
    news = ChainNews(bus, utc_now, get_logger("test"))
    for charge_point_id in ("CP-1", "CP-2", "CP-3"):
        news.add(charge_point_id)
    news.remove("CP-3")
    async with bus.follow() as follower, asyncio.TaskGroup() as group:
        one, two, three = [await _out(follower, n) for n in (1, 2, 3)]
        running = group.create_task(news.run())
        news.hear(health)
        assert await told(one) == await told(two) == expected
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await anext(aiter(three))
        running.cancel()


async def _out(follower: Follower, n: int) -> Subscription:
    return await follower.subscribe(f"CP-{n}", Lane.OUT, after=None)
