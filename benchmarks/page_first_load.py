"""What a browser fetches before the overview stands: from an empty cache, as it is on the wire.

Chromium is let accept gzip alone, as it would from a console that it reaches by plain HTTP. Counted
is all that comes over HTTP, headers included: the page, scripts, styles, fonts, pictures, and the
API's answers. Not counted is what the live connection brings, which grows with the stations.
"""

from collections import Counter
from typing import Any

from playwright.async_api import CDPSession

from benchmarks.figures import tell
from benchmarks.page_browser import STATIONS, watched, write_reading
from benchmarks.parts import Part, Values

CHARGING = 10
_LINES = 1_000


class Wire:
    """The bytes of all responses, by what they are for."""

    def __init__(self) -> None:
        """Count nothing yet."""
        self.bytes: Counter[str] = Counter()
        self.compressed: Counter[str] = Counter()
        self._answers: dict[str, dict[str, Any]] = {}

    async def listen(self, session: CDPSession) -> None:
        """Count what is fetched from now on."""
        session.on("Network.responseReceived", self._received)
        session.on("Network.loadingFinished", self._finished)
        await session.send("Network.enable")
        await session.send("Network.setAcceptedEncodings", {"encodings": ["gzip"]})

    def told(self) -> str:
        """Say what the bytes are of."""
        parts = (f"{kind} {size / 1e3:.1f}" for kind, size in self.bytes.most_common())
        return f"kB: {', '.join(parts)}; {self.compressed.total()} answers came compressed"

    def _received(self, event: dict[str, Any]) -> None:
        self._answers[event["requestId"]] = event

    def _finished(self, event: dict[str, Any]) -> None:
        answer = self._answers[event["requestId"]]
        kind, headers = answer["type"], answer["response"]["headers"]
        self.bytes[kind] += event["encodedDataLength"]
        encoded = {name.lower(): value for name, value in headers.items()}.get("content-encoding")
        self.compressed[kind] += encoded == "gzip"


async def first_load() -> Values:
    """Open the overview for the first time, with sessions that run."""
    async with watched(_LINES) as stage:
        for number in range(CHARGING):
            await write_reading(stage.bus, number)
        wire, page = Wire(), stage.page
        await wire.listen(await page.context.new_cdp_session(page))
        await page.goto(stage.url, wait_until="networkidle")
        online = page.locator("[data-figure=online]")
        await online.get_by_text(f"of {STATIONS}").wait_for()
        await page.locator("[data-figure=power]").get_by_text("kW").wait_for()
        await page.wait_for_load_state("networkidle")
        await page.evaluate("document.fonts.ready.then(() => null)")
        tell(f"  {wire.told()}")
    return {"dui.first_load.kb_gzip": wire.bytes.total() / 1e3}


FIRST_LOAD = Part(
    ("dui.first_load.kb_gzip",),
    f"the overview of {STATIONS} stations, {CHARGING} sessions, empty cache, in Chromium",
    first_load,
)
