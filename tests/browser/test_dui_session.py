"""An operator watches a real session in a real Chromium, and stops it there."""

import asyncio
from pathlib import Path

import pytest
from console_browser import open_console
from machine import living
from playwright.async_api import Locator, Page, expect

from sdk.units import format_amount

WITHIN_MS = 20_000


async def test_an_operator_watches_and_stops_a_real_session(
    page: Page, screenshots: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with living(tmp_path_factory.mktemp("watched")) as machine:
        station = await machine.station()
        await machine.charge_point(station)
        await open_console(page, machine.bus, machine.launcher.urls["session_manager"])
        identity = page.get_by_role("region", name="Identity")
        await expect(identity).to_contain_text(station.did, timeout=WITHIN_MS)

        app = await machine.app(station, "--deposit", "5")
        await app.charging(300)
        session = page.get_by_role("region", name="Session")
        await expect(session).to_contain_text("Charging", timeout=WITHIN_MS)
        lines = page.get_by_role("region", name="Log lines")
        await expect(lines).to_contain_text("connector 1: charging", timeout=WITHIN_MS)
        await _moves(session)
        await page.screenshot(path=screenshots / "session-charging.png", full_page=True)

        await session.get_by_role("button", name="Stop the session").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Stop the session").click()
        receipt = await app.receipt()
        assert receipt["stop_reason"] == "operator"

        await expect(session).to_contain_text("Settled", timeout=WITHIN_MS)
        await expect(session).to_contain_text(receipt["transaction_hash"][-6:])
        for name in ("spent", "refund"):
            shown = session.locator(f"[data-figure=receipt-{name}]")
            await expect(shown).to_have_text(f"{_tokens(receipt[name])} ETH")
        await expect(lines).to_contain_text("connector 1: settled")
        await page.screenshot(path=screenshots / "session-settled.png", full_page=True)
        await machine.check(station, receipt)
    assert (screenshots / "session-settled.png").stat().st_size > 10_000


async def _moves(session: Locator) -> None:
    """The energy shown rises while it charges."""
    energy = session.locator("[data-figure=energy]")
    first = float(await energy.inner_text())
    async with asyncio.timeout(WITHIN_MS / 1000):
        while float(await energy.inner_text()) <= first:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


def _tokens(amount: str) -> str:
    return format_amount(int(amount), places=18).rstrip("0").rstrip(".")
