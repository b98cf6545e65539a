"""The console's world for tests: signed in, or not."""

from collections.abc import AsyncIterator

import pytest
from console_world import ConsoleWorld, console_world
from playwright.async_api import Browser
from redis.asyncio import Redis


@pytest.fixture
async def world(redis: Redis, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    assert redis is not None
    async with console_world(redis_url) as world:
        yield world


async def test_a_page_is_signed_in_on_any_path(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser, role="viewer", path="/charge-points/CP-1")
    told = await page.evaluate("fetch('/api/v1/me').then(answer => answer.json())")
    assert (told["name"], told["role"], told["kind"]) == ("viewer", "viewer", "account")
    assert await page.evaluate("document.cookie") == "", "no script sees the session"


async def test_without_a_session_a_page_is_nobody_s(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser, role=None)
    status = await page.evaluate("fetch('/api/v1/me').then(answer => answer.status)")
    assert status == 401


async def test_the_world_stops_and_starts_at_the_same_url(world: ConsoleWorld) -> None:
    client = await world.client("administrator")
    url = world.url
    await world.stop()
    await world.start()
    assert world.url == url
    assert (await client.get(f"{url}/api/v1/accounts")).status == 200
