"""Alert desks over a real bus, and a receiver of webhooks that does what it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from cpg_world import CREDENTIAL_KEY

from sdk import logs
from sdk.alerts.alert import AlertSettings
from sdk.alerts.store import write_settings
from sdk.bus.redis_bus import RedisBus
from sdk.gateways import LiveGateways
from sdk.ids import utc_now
from sdk.webhooks.addresses import networks_of
from sdk.webhooks.post import Poster
from sdk.webhooks.register import Webhooks
from session_manager.alert_desk import AlertDesk
from session_manager.alert_evaluator import AlertEvaluator
from session_manager.alert_look import AlertLook
from session_manager.roster import Roster
from session_manager.webhook_desk import WebhookDesk

LOOPBACK = networks_of(["127.0.0.0/8"])
AT_ONCE = AlertSettings(offline_seconds=0, faulted_seconds=0, chain_down_seconds=0, clear_seconds=0)
LEASE_S = 0.6
TIMEOUT_S = 0.5


def webhooks_of(
    bus: RedisBus, networks: Sequence[Any] = LOOPBACK, timeout_s: float = TIMEOUT_S
) -> Webhooks:
    return Webhooks(bus, CREDENTIAL_KEY, Poster(utc_now, networks, timeout_s), utc_now)


@asynccontextmanager
async def alert_desk(
    redis_url: str,
    owner: str = "one",
    *,
    retries: Sequence[float] = (0.1, 0.1, 0.1),
    timeout_s: float = TIMEOUT_S,
) -> AsyncIterator[asyncio.Task[None]]:
    """Run a desk of its own connection, until the block ends; its task may be cancelled before."""
    bus, log = RedisBus.from_url(redis_url), logs.get_logger("alerts")
    look = AlertLook(bus, Roster(bus, log), LiveGateways(bus, utc_now), utc_now)
    sending = WebhookDesk(bus, webhooks_of(bus, timeout_s=timeout_s), utc_now, log, retries)
    evaluator = AlertEvaluator(bus, look, sending.wake, log, pause_s=0.05)
    desk = AlertDesk(bus, owner, (evaluator, sending), log, LEASE_S)
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(desk.run())
            yield task
            task.cancel()
    finally:
        await bus.close()


async def all_at_once(bus: RedisBus) -> None:
    """Let nothing be held before it is an alert, and be over at once."""
    await write_settings(bus, AT_ONCE)


async def until(is_so: Callable[[], Awaitable[object]], seconds: float = 15) -> Any:
    """Wait until something is so, and give what was found."""
    async with asyncio.timeout(seconds):
        while not (found := await is_so()):  # noqa: ASYNC110 - it is so elsewhere
            await asyncio.sleep(0.02)
    return found


@dataclass
class Receiver:
    """What came, as (headers, body); `answers` are statuses to come, the last one for ever.

    Status 0: it hangs.
    """

    url: str = ""
    answers: list[int] = field(default_factory=lambda: [204])
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    elsewhere: int = 0
    release: asyncio.Event = field(default_factory=asyncio.Event)

    def ids(self) -> list[str]:
        return [headers["Noroam-Event-Id"] for headers, _ in self.came]

    async def have(self, count: int) -> list[tuple[dict[str, str], bytes]]:
        """Wait until so many came."""

        async def enough() -> bool:
            return len(self.came) >= count

        await until(enough)
        return self.came

    async def take(self, request: web.Request) -> web.Response:
        self.came.append((dict(request.headers), await request.read()))
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not status:
            await self.release.wait()
            status = 204
        headers = {"Location": "/elsewhere"} if status in range(300, 400) else {}
        return web.Response(status=status, headers=headers)

    async def redirected(self, _: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response()


@asynccontextmanager
async def receiver(*answers: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Serve a receiver on loopback."""
    it = Receiver(answers=list(answers) or [204])
    app = web.Application()
    app.router.add_post("/hook", it.take)
    app.router.add_route("*", "/elsewhere", it.redirected)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    host = "https://localhost" if tls else "http://127.0.0.1"
    it.url = f"{host}:{runner.addresses[0][1]}/hook"
    try:
        yield it
    finally:
        it.release.set()
        await runner.cleanup()
