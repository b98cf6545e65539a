"""What a browser fetches of the page at first: compressed, one font, and no more than it may be."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from console_world import ConsoleWorld, console_world
from playwright.async_api import Browser, expect

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus

MOST_BYTES = 250_000
LEAST_COMPRESSED = 2_000
"""With its headers; a file below 1,000 bytes is sent as it is."""


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    del redis_bus  # it has emptied the server
    async with console_world(redis_url) as world:
        yield world


async def test_the_overview_stands_after_few_compressed_files(
    world: ConsoleWorld, browser: Browser
) -> None:
    await world.bus.add_member(keys.STATIONS, "CP-1")
    page = await world.page(browser, path="/favicon.svg")
    answers: dict[str, dict[str, Any]] = {}
    sizes: dict[str, int] = {}
    session = await page.context.new_cdp_session(page)
    session.on("Network.responseReceived", lambda e: answers.update({e["requestId"]: e}))
    session.on(
        "Network.loadingFinished",
        lambda e: sizes.update({e["requestId"]: int(e["encodedDataLength"])}),
    )
    await session.send("Network.enable")
    await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await session.send("Network.setAcceptedEncodings", {"encodings": ["gzip"]})
    await page.goto(world.url, wait_until="networkidle")
    await expect(page.locator("[data-figure=online]")).to_have_text("0 of 1")
    await page.evaluate("document.fonts.ready.then(() => null)")

    assert sum(sizes.values()) <= MOST_BYTES
    kinds = [answers[number]["type"] for number in sizes]
    assert kinds.count("Font") == 1
    plain = [
        answers[number]["response"]["url"]
        for number, size in sizes.items()
        if size > LEAST_COMPRESSED
        and answers[number]["type"] in {"Document", "Script", "Stylesheet"}
        and "content-encoding" not in {n.lower() for n in answers[number]["response"]["headers"]}
    ]
    assert plain == []
