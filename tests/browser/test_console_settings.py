"""Settings in a real Chromium: people, keys, webhooks, thresholds, and who did what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from console_accounts import PASSWORD
from console_world import ConsoleWorld, console_world
from playwright.async_api import Browser, Page, expect

from sdk.accounts import find
from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.ids import utc_now
from session_manager.api.own_process import OwnProcess

SETTINGS = {"CREDENTIAL_KEY": "***", "CHAIN_ID": "31337", "CONSOLE_ZONE": "Europe/Berlin"}
FRESH = "quite another password"


@pytest.fixture
async def world(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ConsoleWorld]:
    await redis_bus.write(keys.GATEWAYS, {"gateway-1": utc_now().isoformat()})
    async with console_world(redis_url, process=OwnProcess("console-1", SETTINGS)) as world:
        yield world


async def _open(world: ConsoleWorld, browser: Browser, tab: str) -> Page:
    return await world.page(browser, role="administrator", path=f"/settings/{tab}")


async def _sure(page: Page, name: str) -> None:
    await page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


async def test_each_role_sees_its_own_part(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser, role="viewer", path="/settings")
    tabs = page.get_by_role("navigation", name="Settings").get_by_role("link")
    await expect(tabs).to_have_text(["My password"])
    await page.goto(f"{world.url}/settings/accounts")
    await expect(page.get_by_text("Your role does not allow this")).to_be_visible()
    await expect(page.get_by_label("Password")).to_have_count(0)
    page = await world.page(browser, role="operator", path="/settings")
    tabs = page.get_by_role("navigation", name="Settings").get_by_role("link")
    await expect(tabs).to_have_text(["This service", "My password", "Audit trail"])
    await expect(page.locator("[data-figure=server]")).to_have_text("console-1")
    await expect(page.locator("[data-figure=zone]")).to_have_text("Europe/Berlin")
    await expect(page.get_by_role("row", name="gateway-1")).to_contain_text("Alive")
    await page.get_by_label("Search settings").fill("credential")
    rows = page.get_by_role("grid", name="Settings").locator("tbody tr")
    await expect(rows).to_have_text(["CREDENTIAL_KEY*** secret"])


async def test_an_account_is_made_and_changed(world: ConsoleWorld, browser: Browser) -> None:
    page = await _open(world, browser, "accounts")
    form = page.get_by_role("form", name="Add an account")
    await form.get_by_label("Name").fill("Ada")
    await form.get_by_label("Password").fill("short")
    await form.get_by_role("button", name="Add").click()
    await expect(form.get_by_role("alert")).to_contain_text("12 to 200 characters")
    await form.get_by_label("Password").fill("a fine long word")
    await form.get_by_role("button", name="Add").click()
    row = page.locator("[data-account=Ada]")
    await expect(row).to_contain_text("Viewer")
    await row.get_by_role("button", name="Edit Ada").click()
    edit = page.get_by_role("region", name="Edit Ada")
    await edit.get_by_label("Role").select_option("operator")
    await edit.get_by_role("button", name="Change the role").click()
    await expect(row).to_contain_text("Operator")
    await edit.get_by_label("New password").fill(FRESH)
    await edit.get_by_role("button", name="Set the password").click()
    await expect(edit.get_by_text("The password is set")).to_be_visible()
    account, _ = await world.sign_ins.enter("Ada", FRESH, "127.0.0.1")
    assert account.role == "operator"


async def test_an_account_is_disabled_and_removed(world: ConsoleWorld, browser: Browser) -> None:
    accounts = world.sign_ins.accounts
    await accounts.add("Ada", "viewer", FRESH)
    page = await _open(world, browser, "accounts")
    row = page.locator("[data-account=Ada]")
    await row.get_by_role("button", name="Edit Ada").click()
    edit = page.get_by_role("region", name="Edit Ada")
    await edit.get_by_role("button", name="Disable").click()
    await _sure(page, "Disable")
    await expect(row).to_contain_text("Disabled")
    found = find(await accounts.stored(), "Ada")
    assert found is not None
    assert found.disabled_at is not None
    await edit.get_by_role("button", name="Remove").click()
    await _sure(page, "Remove")
    await expect(row).to_have_count(0)
    assert find(await accounts.stored(), "Ada") is None


async def test_one_changes_the_own_password(world: ConsoleWorld, browser: Browser) -> None:
    page = await world.page(browser, role="viewer", path="/settings/password")
    for wrong, new, again, said in (
        (PASSWORD, "short", "short", "at least 12 characters."),
        (PASSWORD, FRESH, f"{FRESH}!", "not the same"),
        ("not my password", FRESH, FRESH, "The current password is wrong."),
    ):
        await page.get_by_label("Current password").fill(wrong)
        await page.get_by_label("New password", exact=True).fill(new)
        await page.get_by_label("New password again").fill(again)
        await page.get_by_role("button", name="Change the password").click()
        await expect(page.get_by_text(said)).to_be_visible()
    await page.get_by_label("Current password").fill(PASSWORD)
    await page.get_by_role("button", name="Change the password").click()
    await expect(page.get_by_text("Your password is changed")).to_be_visible()
    account, _ = await world.sign_ins.enter("viewer", FRESH, "127.0.0.1")
    assert account.role == "viewer"


async def test_a_key_is_shown_once_opens_and_is_revoked(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await _open(world, browser, "api-keys")
    await expect(page.get_by_text("No keys yet")).to_be_visible()
    form = page.get_by_role("form", name="Make a key")
    await form.get_by_label("Name").fill("dashboard")
    await form.get_by_label("Role").select_option("operator")
    await form.get_by_label("Requests per minute").fill("600")
    await form.get_by_role("button", name="Make a key").click()
    shown = page.locator(".console-settings-secret code")
    await expect(shown).to_contain_text("nrm_")
    key = await shown.inner_text()
    client = await world.client(None)
    headers = {"Authorization": f"Bearer {key}"}
    me = await (await client.get(f"{world.url}/api/v1/me", headers=headers)).json()
    assert (me["name"], me["role"]) == ("dashboard", "operator")
    await page.get_by_role("button", name="I have it").click()
    await expect(page.get_by_text(key)).to_have_count(0)
    row = page.locator("[data-key=dashboard]")
    await expect(row).to_contain_text("600")
    await row.get_by_role("button", name="Revoke").click()
    await _sure(page, "Revoke")
    await expect(row).to_contain_text("Revoked")
    assert (await client.get(f"{world.url}/api/v1/me", headers=headers)).status == 401


async def test_a_webhook_is_added_and_shows_its_secret_once(
    world: ConsoleWorld, browser: Browser
) -> None:
    page = await _open(world, browser, "webhooks")
    form = page.get_by_role("form", name="Add a webhook")
    await form.get_by_label("Name").fill("duty")
    await form.get_by_label("Address (URL)").fill("ftp://127.0.0.1/hook")
    await form.get_by_label("Tell it of").select_option("some")
    await expect(form.get_by_role("button", name="Add")).to_be_disabled()
    await form.get_by_label("Charge point offline").check()
    await form.get_by_role("button", name="Add").click()
    await expect(form.get_by_role("alert")).to_contain_text("https://")
    await form.get_by_label("Address (URL)").fill("http://127.0.0.1:9/hook")
    await form.get_by_role("button", name="Add").click()
    secret = page.locator(".console-settings-secret code")
    await expect(secret).to_contain_text("whsec_")
    first = await secret.inner_text()
    await page.get_by_role("button", name="I have it").click()
    await expect(secret).to_have_count(0)
    hook = page.locator("[data-webhook=duty]")
    await expect(hook).to_contain_text("Charge point offline")
    await hook.get_by_role("button", name="New secret").click()
    await _sure(page, "New secret")
    await expect(secret).to_contain_text("whsec_")
    await expect(secret).not_to_have_text(first)


@asynccontextmanager
async def _receiver(taken: list[str]) -> AsyncIterator[str]:
    async def take(request: web.Request) -> web.Response:
        taken.append((await request.json())["type"])
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


async def test_a_webhook_is_tried_switched_off_and_removed(
    world: ConsoleWorld, browser: Browser
) -> None:
    taken: list[str] = []
    client = await world.client("administrator")
    async with _receiver(taken) as url:
        made = {"name": "duty", "url": url}
        await client.post(f"{world.url}/api/v1/webhooks", json=made)
        page = await _open(world, browser, "webhooks")
        hook = page.locator("[data-webhook=duty]")
        await hook.get_by_role("button", name="Send a test").click()
        await expect(hook.get_by_text("Received after")).to_be_visible()
        assert taken == ["test"]
    await hook.get_by_role("button", name="Send a test").click()
    await expect(hook.get_by_text("Not received")).to_be_visible()
    await hook.get_by_role("button", name="Deliveries").click()
    states = hook.locator("tbody td[data-label=State]")
    await expect(states).to_have_text(["Failed", "Delivered"])
    await hook.get_by_role("button", name="Switch off").click()
    await expect(page.get_by_role("region", name="duty")).to_contain_text("Off")
    await hook.get_by_role("button", name="Remove").click()
    await _sure(page, "Remove")
    await expect(page.get_by_text("No webhooks yet")).to_be_visible()


async def test_thresholds_are_checked_and_kept(world: ConsoleWorld, browser: Browser) -> None:
    page = await _open(world, browser, "alerts")
    offline = page.get_by_label("Charge point offline (s)")
    await expect(offline).to_have_value("120")
    await offline.fill("soon")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("A whole number of seconds")).to_be_visible()
    await offline.fill("300")
    await page.get_by_label("Gas account is low below").fill("0,5")
    await page.get_by_label("Dispute").uncheck()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("it holds within seconds")).to_be_visible()
    client = await world.client("administrator")
    kept = await (await client.get(f"{world.url}/api/v1/alert-settings")).json()
    assert (kept["offline_seconds"], kept["muted"]) == (300, ["dispute"])
    assert kept["gas_balance_below"] == str(5 * 10**17)
    await page.reload()
    await expect(page.get_by_label("Gas account is low below")).to_have_value("0.5")


async def test_the_trail_says_who_did_what(world: ConsoleWorld, browser: Browser) -> None:
    administrator = await world.client("administrator")
    url = f"{world.url}/api/v1"
    await administrator.post(f"{url}/api-keys", json={"name": "meter", "role": "viewer"})
    await administrator.delete(f"{url}/api-keys/000000000000")
    page = await _open(world, browser, "audit")
    made = page.locator("[data-action=make_api_key]")
    await expect(made).to_contain_text("administrator")
    await expect(made).to_contain_text("Made an API key")
    await expect(page.locator("[data-action=revoke_api_key]")).to_contain_text("refused")
    await page.get_by_label("Action").select_option("revoke_api_key")
    await expect(made).to_have_count(0)
    assert "action=revoke_api_key" in page.url
    await page.get_by_role("searchbox", name="Who").fill("nobody")
    await expect(page.get_by_text("Nothing was found")).to_be_visible()
    await page.get_by_role("button", name="Show all").click()
    await expect(made).to_be_visible()
