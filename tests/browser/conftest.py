"""A real Chromium for the browser tests, and a folder for what it saw."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _chromium() -> str:
    """Find the Chromium: CHROMIUM, one on PATH, or what the finder script unpacks."""
    known = os.environ.get("CHROMIUM")
    found = known or shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    finder = ROOT / ".tools" / "chromium.sh"
    said = subprocess.run([str(finder)], capture_output=True, text=True, check=False)
    if said.returncode != 0:
        pytest.fail(f"no Chromium: {said.stderr.strip() or 'set CHROMIUM'}")
    return said.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the Chromium, for tests that keep one browser open."""
    return _chromium()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A fresh headless Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_chromium(), args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A desktop window; the page's own policy is in force."""
    context = await browser.new_context(viewport={"width": 1440, "height": 1000})
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    """An empty page in that window."""
    return await context.new_page()


@pytest.fixture
def screenshots() -> Path:
    """The folder where screenshots are kept to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
