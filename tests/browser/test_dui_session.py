"""An operator watches a real session in a real Chromium, and stops it there."""

from pathlib import Path

import pytest
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
        await page.goto(machine.launcher.urls["session_manager"])
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
        for amount in (receipt["spent"], receipt["refund"]):
            shown = format_amount(int(amount), places=18).rstrip("0").rstrip(".")
            await expect(session).to_contain_text(shown[:6])
        await expect(lines).to_contain_text("connector 1: settled")
        await page.screenshot(path=screenshots / "session-settled.png", full_page=True)
        await machine.check(station, receipt)
    assert (screenshots / "session-settled.png").stat().st_size > 10_000


async def _moves(session: Locator) -> None:
    """The energy shown rises while it charges."""
    seen = await session.inner_text()
    assert "kWh" in seen
    await expect(session).not_to_have_text(seen, timeout=WITHIN_MS)
