"""A page's socket for tests: what the console sent, put together as the page does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import socketio
from console_accounts import cookie_of

from sdk.bus.interface import Bus

Shown = dict[str, Any]


@dataclass
class PageSocket:
    """A connected page: what it was sent, in order, and the curves as increments made them."""

    client: socketio.AsyncClient
    hello: Shown | None = None
    objects: list[tuple[str, Shown]] = field(default_factory=list)
    packets: list[int] = field(default_factory=list)
    """How many objects came in each."""
    lines: list[Shown] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    curves: dict[tuple[str, int], tuple[str, list[Shown]]] = field(default_factory=dict)

    def newest(self, kind: str, connector_id: int | None = None) -> Shown | None:
        """Give the newest object of a kind."""
        found = [
            shown
            for name, shown in self.objects
            if name == kind and shown.get("connector_id") == connector_id
        ]
        return found[-1] if found else None

    def curve(self, charge_point_id: str, connector_id: int = 1) -> list[Shown]:
        """Give a connector's curve so far."""
        return self.curves.get((charge_point_id, connector_id), ("", []))[1]

    def shown(self) -> dict[tuple[str, str, str], Shown]:
        """Give what is on the page now; of what is told twice, what came last."""
        found: dict[tuple[str, str, str], Shown] = {}
        for kind, shown in self.objects:
            point = str(shown.get("charge_point_id", ""))
            if kind == "gone":
                found = {place: each for place, each in found.items() if place[1] != point}
            elif kind != "curve":
                found[kind, point, str(shown.get("connector_id", ""))] = shown
        return found

    def take(self, told: list[tuple[str, Shown]]) -> None:
        """Take a packet of objects."""
        self.packets.append(len(told))
        for kind, shown in told:
            self.objects.append((kind, shown))
            if kind == "curve":
                self._grow(shown)

    def _grow(self, shown: Shown) -> None:
        place = shown["charge_point_id"], shown["connector_id"]
        session_id, points = self.curves.get(place, ("", []))
        before = points[: shown["from"]] if session_id == shown["session_id"] else []
        assert len(before) == shown["from"], "an increment to what was never sent"
        self.curves[place] = shown["session_id"], [*before, *shown["points"]]


@asynccontextmanager
async def page_socket(
    bus: Bus, url: str, cookie: str | None = None, **auth: Any
) -> AsyncIterator[PageSocket]:
    """Connect as a page that is signed in; `auth`: since, epoch, watch. `cookie`: as whom."""
    client = socketio.AsyncClient(reconnection=False)
    page = PageSocket(client)

    def greet(hello: Shown) -> None:
        page.hello = hello

    def note(gap: Shown) -> None:
        page.gaps.append(gap["from"])

    client.on("hello", greet)
    client.on("objects", page.take)
    client.on("log", page.lines.extend)
    client.on("log_gap", note)
    headers = {"Cookie": cookie or await cookie_of(bus)}
    await client.connect(url, headers, auth=auth, transports=["websocket"])
    try:
        yield page
    finally:
        await client.disconnect()


async def until(condition: Callable[[], Any], seconds: float = 5.0) -> Any:
    """Wait until a condition holds and give what it gave."""
    async with asyncio.timeout(seconds):
        while not (found := condition()):  # noqa: ASYNC110 - a page is fed by callbacks
            await asyncio.sleep(0.01)
    return found
