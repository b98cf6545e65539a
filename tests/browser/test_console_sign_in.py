"""Signing in, in a real Chromium: refused, locked out, let in, and signed out from elsewhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from console_accounts import PASSWORD, account_of
from console_look import LOOKS, check_look
from console_world import ConsoleWorld, console_world
from playwright.async_api import Browser, Page, expect
from redis.asyncio import Redis

WRONG = "not the password at all"


@pytest.fixture
async def world(redis: Redis, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    assert redis is not None
    async with console_world(redis_url) as world:
        yield world


async def _try(page: Page, name: str, password: str) -> None:
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_label("Password").press("Enter")


async def test_without_an_account_it_says_how_the_first_is_made(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, role=None)
    await expect(page.get_by_text("noroam account add NAME --role administrator")).to_be_visible()
    await account_of(world.sign_ins, "administrator")
    world.sign_ins.forget()
    await page.reload()
    await expect(page.get_by_label("Name")).to_be_focused()
    await expect(page.get_by_text("noroam account add")).to_have_count(0)


async def test_it_goes_on_at_the_address_that_was_asked_for(
    world: ConsoleWorld, browser: Browser
) -> None:
    await account_of(world.sign_ins, "operator")
    page = await world.page(browser, role=None, path="/settings/audit?who=Ada")
    await expect(page.get_by_text("you go on at the page")).to_be_visible()
    await _try(page, "operator", WRONG)
    await expect(page.get_by_text("The name or the password is wrong.")).to_be_visible()
    await expect(page.get_by_label("Password")).to_have_value("")
    await _try(page, "operator", PASSWORD)
    await expect(page.get_by_role("searchbox", name="Who")).to_have_value("Ada")
    assert page.url == f"{world.url}/settings/audit?who=Ada"


async def test_what_was_typed_stays_while_the_page_asks_again(
    world: ConsoleWorld, browser: Browser
) -> None:
    await account_of(world.sign_ins, "operator")
    page = await world.page(browser, role=None, path="/favicon.svg")
    await page.clock.install()
    await page.goto(world.url)
    await page.get_by_label("Name").fill("opera")
    await page.get_by_label("Password").fill("half a pass")
    for _ in range(2):
        async with page.expect_response("**/api/v1/me") as told:
            await page.clock.run_for(61_000)
        assert (await told.value).status == 401
    await expect(page.get_by_label("Name")).to_have_value("opera")
    await expect(page.get_by_label("Password")).to_have_value("half a pass")
    await expect(page.get_by_label("Password")).to_be_focused()


async def test_too_many_wrong_passwords_lock_out_for_a_while(
    world: ConsoleWorld, browser: Browser
) -> None:
    await account_of(world.sign_ins, "operator")
    client = await world.client(None)
    for _ in range(5):
        body = {"name": "operator", "password": WRONG}
        await client.post(f"{world.url}/api/v1/sign-in", json=body)
    page = await world.page(browser, role=None)
    button = page.get_by_role("button", name="Sign in")
    await expect(button).to_be_disabled()
    for _ in range(8):
        await _try(page, "operator", WRONG)
        if await page.get_by_text("Too many wrong passwords.").count():
            break
        await expect(page.get_by_label("Password")).to_have_value("")
    waiting = page.get_by_role("button", name="Possible again in")
    await expect(waiting).to_be_disabled()
    await page.get_by_label("Password").fill(PASSWORD)
    await expect(button).to_be_enabled(timeout=20_000)


async def test_whoever_is_signed_out_elsewhere_signs_in_where_it_was(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await world.page(browser, role="administrator", path="/settings/accounts")
    await expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    own = await account_of(world.sign_ins, "administrator")
    await world.sign_ins.accounts.change(own.id, password="quite another password")
    world.sign_ins.forget()
    await page.get_by_role("link", name="API keys").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=15_000)
    assert page.url == f"{world.url}/settings/api-keys"
    await _try(page, "administrator", "quite another password")
    await expect(page.get_by_role("heading", name="Make a key")).to_be_visible()
    menu = page.get_by_role("button", name="Account of administrator")
    await menu.click()
    await page.get_by_role("link", name="Change password").click()
    await expect(page.get_by_label("Current password")).to_be_visible()
    await expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    await menu.click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.url == f"{world.url}/"


@pytest.mark.parametrize("look", LOOKS)
async def test_it_is_fit_for_everybody(
    world: ConsoleWorld, browser: Browser, screenshots: Path, look: str
) -> None:
    page = await world.page(browser, role=None, path="/log", bypass_csp=True, **LOOKS[look])
    await expect(page.get_by_text("noroam account add")).to_be_visible()
    await check_look(page, screenshots / f"console-sign-in-{look}.png")
