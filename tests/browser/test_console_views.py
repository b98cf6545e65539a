"""Every view of the console, over the demo's real services: light, dark, on a phone, in German.

Screenshots are `console/console-<view>-<light|dark|phone>.png`; those of the phone are in German.
"""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from catalogues import only_english
from console_look import faults
from demo_world import DemoWorld, Seat, demo_world
from playwright.async_api import Error, Page, expect

from sdk.bus import keys
from sdk.records.row import decode_rows

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

POINT = "DEMO-2"
SESSION = f"/sessions/{POINT}/<session>"
VIEWS = {
    "overview": "/",
    "charge-points": "/charge-points",
    "charge-point": f"/charge-points/{POINT}",
    "charge-point-messages": f"/charge-points/{POINT}/messages",
    "charge-point-configuration": f"/charge-points/{POINT}/configuration",
    "charge-point-lists": f"/charge-points/{POINT}/lists",
    "charge-point-commands": f"/charge-points/{POINT}/commands",
    "charge-point-settings": f"/charge-points/{POINT}/settings",
    "register": "/charge-points?register=new",
    "sessions": "/sessions",
    "session": SESSION,
    "find-by-receipt": "/sessions/find",
    "disputes": "/disputes",
    "reports": "/reports",
    "identities": "/identity",
    "identity": f"/identity/{POINT}",
    "chain": "/chain",
    "log": "/log",
    "settings": "/settings/service",
    "settings-accounts": "/settings/accounts",
    "settings-password": "/settings/password",
    "settings-api-keys": "/settings/api-keys",
    "settings-webhooks": "/settings/webhooks",
    "settings-alerts": "/settings/alerts",
    "settings-audit": "/settings/audit",
    "not-found": "/nowhere",
}
TEXTS = """() => {
  const told = 'pre, code, [lang=en], script, style'
  const shown = (element) => element.checkVisibility() && !element.closest(told)
  const texts = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (node.data.trim() && shown(node.parentElement)) texts.push(node.data.trim())
  for (const name of ['aria-label', 'placeholder', 'title'])
    for (const element of document.querySelectorAll(`[${name}]`))
      if (shown(element)) texts.push(element.getAttribute(name).trim())
  return texts
}"""
ACCOUNTS = {"viewer", "operator", "administrator"}
"""They are called like their roles."""
WIDER = "() => document.documentElement.scrollWidth - innerWidth"
STILL = "*, ::before, ::after { animation: none !important; transition: none !important; }"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, chromium: str
) -> AsyncIterator[DemoWorld]:
    async with demo_world(tmp_path_factory.mktemp("views"), chromium, days=14) as world:
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(world: DemoWorld) -> Seat:
    """An administrator at a desk, whose page axe may look at."""
    return await world.seat(role="administrator", bypass_csp=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phone(world: DemoWorld) -> Seat:
    """A German administrator with a phone; the page's own policy is in force."""
    return await world.seat(role="administrator", lang="de", phone=True)


async def address(world: DemoWorld, path: str) -> str:
    """Give the address of a view; of a session, that of the newest that charged."""
    if path != SESSION:
        return world.url + path
    months = sorted(await world.bus.read(keys.row_months(POINT)))
    blob = (await world.bus.read_blobs([keys.rows(POINT, months[-1])]))[0]
    charged = [row for row in decode_rows(POINT, blob) if row.energy_wh]
    return f"{world.url}/sessions/{POINT}/{charged[-1].session_id}"


async def settle(page: Page) -> None:
    """Wait until the view is there and what it asked for has come."""
    await expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=20_000)
    with contextlib.suppress(Error):  # a view that asks again and again is never idle
        await page.wait_for_load_state("networkidle", timeout=4_000)
    await expect(page.locator(".console-loading")).to_have_count(0)


@pytest.fixture
def shots(screenshots: Path) -> Path:
    """The folder of this console's screenshots."""
    folder = screenshots / "console"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("name", VIEWS)
async def test_a_view_is_fit_for_everybody_in_light_and_dark(
    world: DemoWorld, desk: Seat, shots: Path, name: str
) -> None:
    page = desk.page
    await page.emulate_media(color_scheme="light")
    await page.goto(await address(world, VIEWS[name]))
    await settle(page)
    await page.add_style_tag(content=STILL)
    await page.screenshot(path=shots / f"console-{name}-light.png", full_page=True)
    assert await faults(page) == []
    await page.emulate_media(color_scheme="dark")
    await page.screenshot(path=shots / f"console-{name}-dark.png", full_page=True)
    assert await faults(page) == []
    assert desk.troubles == []


@pytest.mark.parametrize("name", VIEWS)
async def test_a_view_fits_a_phone_and_is_german_in_german(
    world: DemoWorld, phone: Seat, shots: Path, name: str
) -> None:
    page = phone.page
    await page.goto(await address(world, VIEWS[name]))
    await settle(page)
    await page.screenshot(path=shots / f"console-{name}-phone.png", full_page=True)
    assert await page.evaluate(WIDER) <= 0
    texts = set(await page.evaluate(TEXTS))
    assert len(texts) > 5
    assert sorted((texts & only_english()) - ACCOUNTS) == []
    troubles, phone.troubles = phone.troubles, []
    assert troubles == []


async def test_no_tab_was_forgotten(world: DemoWorld, desk: Seat) -> None:
    page = desk.page
    known = {world.url + path.partition("?")[0] for path in VIEWS.values()}
    known |= {f"{world.url}/settings", f"{world.url}/api"}
    for path in ("/", f"/charge-points/{POINT}", "/settings"):
        await page.goto(world.url + path)
        await settle(page)
        links = page.locator("nav a")
        found = set(await links.evaluate_all("all => all.map((each) => each.href)"))
        assert len(found) >= 6
        assert {each.rstrip("/") for each in found} <= {each.rstrip("/") for each in known}


async def test_the_page_to_sign_in_at_is_fit_for_everybody(world: DemoWorld, shots: Path) -> None:
    seat = await world.seat(role=None, bypass_csp=True)
    await settle(seat.page)
    await seat.page.screenshot(path=shots / "console-sign-in-light.png")
    assert await faults(seat.page) == []
    await seat.page.emulate_media(color_scheme="dark")
    await seat.page.screenshot(path=shots / "console-sign-in-dark.png")
    assert await faults(seat.page) == []
    phone = await world.seat(role=None, lang="de", phone=True)
    await settle(phone.page)
    await phone.page.screenshot(path=shots / "console-sign-in-phone.png")
    assert await phone.page.evaluate(WIDER) <= 0
    assert sorted(set(await phone.page.evaluate(TEXTS)) & only_english()) == []
