"""An operator watches a real session in a real Chromium, and stops it there."""

import asyncio
from pathlib import Path

import pytest
from console_world import console_world
from machine import living
from playwright.async_api import Browser, Locator, expect

from sdk.units import format_amount

WITHIN_MS = 20_000


async def test_an_operator_watches_and_stops_a_real_session(
    browser: Browser, screenshots: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with (
        living(tmp_path_factory.mktemp("watched")) as machine,
        console_world(machine.launcher.redis_url, answer_timeout=15) as world,
    ):
        station = await machine.station()
        await machine.charge_point(station)
        page = await world.page(browser, path=f"/charge-points/{station.id}")
        session = page.get_by_role("region", name="Connector 1")
        await expect(session).to_contain_text("Nobody is charging here", timeout=WITHIN_MS)

        app = await machine.app(station, "--deposit", "5")
        await app.charging(300)
        await expect(session).to_contain_text("Energy flows", timeout=WITHIN_MS)
        await _moves(session)
        await page.screenshot(path=screenshots / "session-charging.png", full_page=True)

        await session.get_by_role("button", name="Stop the session").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Stop the session").click()
        receipt = await app.receipt()
        assert receipt["stop_reason"] == "operator"

        await expect(session).to_contain_text("Settled", timeout=WITHIN_MS)
        await expect(session).to_contain_text(receipt["transaction_hash"][-6:])
        await expect(session).to_contain_text("Stopped by operator", timeout=WITHIN_MS)
        for name in ("spent", "refund"):
            shown = session.locator(f"[data-figure=receipt-{name}]")
            await expect(shown).to_have_text(f"{_tokens(receipt[name])} ETH")
        await page.screenshot(path=screenshots / "session-settled.png", full_page=True)
        await machine.check(station, receipt)
    assert (screenshots / "session-settled.png").stat().st_size > 10_000


async def _moves(session: Locator) -> None:
    """The energy shown rises while it charges."""
    energy = session.locator("[data-figure=energy]")
    first = await _kwh(energy)
    async with asyncio.timeout(WITHIN_MS / 1000):
        while await _kwh(energy) <= first:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


async def _kwh(energy: Locator) -> float:
    return float((await energy.inner_text()).split()[0])


def _tokens(amount: str) -> str:
    return format_amount(int(amount), places=18).rstrip("0").rstrip(".")
