"""Each tab of the settings in a real Chromium: fit for everybody, in each look."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from console_accounts import account_of
from console_look import LOOKS, check_look
from console_world import ConsoleWorld, console_world
from playwright.async_api import Browser, expect

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.ids import utc_now
from session_manager.api.own_process import OwnProcess

SETTINGS = {"CREDENTIAL_KEY": "***", "CHAIN_ID": "31337", "CONSOLE_ZONE": "Europe/Berlin"}
CONTENTS = {
    "service": "[data-figure=server]",
    "accounts": "[data-account=viewer]",
    "password": "form",
    "api-keys": "[data-key=dashboard]",
    "webhooks": "[data-webhook=duty]",
    "alerts": "form input",
    "audit": "[data-action=make_api_key]",
}
"""Of each tab, what is there once all of it is."""


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    await redis_bus.write(keys.GATEWAYS, {"gateway-1": utc_now().isoformat()})
    async with console_world(redis_url, process=OwnProcess("console-1", SETTINGS)) as world:
        yield world


async def _fill(world: ConsoleWorld) -> None:
    await account_of(world.sign_ins, "viewer")
    client, url = await world.client("administrator"), f"{world.url}/api/v1"
    await client.post(f"{url}/api-keys", json={"name": "dashboard", "role": "viewer"})
    hook = {"name": "duty", "url": "http://127.0.0.1:9/noroam", "kinds": ["offline"]}
    made = await (await client.post(f"{url}/webhooks", json=hook)).json()
    await client.post(f"{url}/webhooks/{made['id']}/test")


@pytest.mark.parametrize("look", LOOKS)
async def test_it_is_fit_for_everybody(
    world: ConsoleWorld, browser: Browser, screenshots: Path, look: str
) -> None:
    await _fill(world)
    options = {"role": "administrator", "bypass_csp": True, **LOOKS[look]}
    page = await world.page(browser, path="/settings", **options)
    for tab, content in CONTENTS.items():
        await page.locator(f'a[href="/settings/{tab}"]').last.click()
        await expect(page.locator(f'a[href="/settings/{tab}"][aria-current=page]')).to_be_visible()
        await expect(page.locator(content).first).to_be_visible()
        await check_look(page, screenshots / f"console-settings-{tab}-{look}.png")
