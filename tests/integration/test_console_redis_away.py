"""Redis dies, or hangs, and comes back under a console that is in use."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from alert_world import alert_desk, all_at_once, receiver
from console_accounts import PASSWORD
from console_socket import page_socket, until
from console_world import ConsoleWorld, console_world

from sdk import audit
from sdk.bus import keys
from sdk.embedded import EmbeddedServer
from session_manager.sign_in_cookie import COOKIE

WITHIN_S = 30
NAME = {"name": "administrator", "password": PASSWORD}
NEW = {"name": "Ada", "role": "viewer", "password": "a long enough one"}
ASKED: tuple[tuple[str, str, object], ...] = (
    ("GET", "/me", None),
    ("POST", "/sign-in", NAME),
    ("GET", "/accounts", None),
    ("POST", "/accounts", NEW),
    ("GET", "/audit", None),
    ("GET", "/alerts", None),
    ("GET", "/alerts/history", None),
    ("GET", "/alert-settings", None),
    ("PUT", "/alert-settings", {}),
    ("GET", "/webhooks", None),
    ("POST", "/webhooks", {"name": "x", "url": "http://127.0.0.1:1/"}),
    ("GET", "/log", None),
    ("GET", "/log/lines.txt", None),
    ("GET", "/events", None),
    ("POST", "/sign-out", None),
)


class Outage:
    """A Redis of our own that can be taken away, and given back."""

    def __init__(self, server: EmbeddedServer, how: str) -> None:
        self.server = server
        self._how = how

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        pid = self.server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL if self._how == "dies" else signal.SIGSTOP)
        await asyncio.to_thread(os.waitid, os.P_PID, pid, os.WEXITED | os.WSTOPPED | os.WNOWAIT)
        try:
            yield
        finally:
            if self._how == "hangs":
                os.kill(pid, signal.SIGCONT)
            else:
                assert self.server.pid is None
                await self.server.restart()


@pytest.fixture(params=["dies", "hangs"])
async def outage(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Outage]:
    server = await EmbeddedServer.start(tmp_path / "redis")
    yield Outage(server, request.param)
    await server.stop()


@pytest.fixture
async def world(outage: Outage, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    async with console_world(outage.server.url, static=tmp_path) as world:
        await all_at_once(world.bus)
        point = {"did": f"did:ethr:0x7a69:0x{'1' * 40}", "tariff": '{"per_kwh": "1"}'}
        await world.bus.write(keys.config("CP-1"), {**point, "connectors": "1"})
        await world.bus.add_member(keys.STATIONS, "CP-1")
        yield world


async def _ask(
    world: ConsoleWorld, client: aiohttp.ClientSession, method: str, path: str, body: object = None
) -> tuple[int, Any]:
    url = f"{world.url}/api/v1{path}"
    async with asyncio.timeout(WITHIN_S), client.request(method, url, json=body) as answer:
        is_json = "json" in answer.content_type
        if answer.status == 503:
            assert answer.content_type == "application/problem+json"
            assert answer.headers["Retry-After"] == "1"
        return answer.status, await answer.json(content_type=None) if is_json else None


async def test_all_say_so_and_go_on_when_it_is_back(world: ConsoleWorld, outage: Outage) -> None:
    root, operator = await world.client("administrator"), await world.client("operator")
    token = await world.token("operator")
    cookie = f"{COOKIE}={token}"
    made = await _ask(world, root, "POST", "/accounts", {**NEW, "name": "Bob"})
    assert made[0] == 201
    async with page_socket(world.bus, world.url, cookie) as page:
        await until(lambda: page.newest("bus") == {"connected": True})
        async with outage.away():
            await until(lambda: page.newest("bus") == {"connected": False}, WITHIN_S)
            await asyncio.sleep(2)  # what is known of sessions is as old as it may be
            told = await asyncio.gather(*(_ask(world, root, *each) for each in ASKED))
            assert [status for status, _ in told] == [503] * len(ASKED)
            assert {body["detail"] for _, body in told} == {"Redis does not answer; try again."}
            command = {"type": "SessionStopRequested", "charge_point_id": "CP-1"}
            refused = await page.client.call("command", command, timeout=WITHIN_S)
            assert (refused["reason"], refused["detail"]) == ("timeout", "Redis does not answer")
            live = await root.get(
                f"{world.url}/socket.io/?EIO=4&transport=polling", headers={"Cookie": cookie}
            )
            assert live.status == 503
        await until(lambda: page.newest("bus") == {"connected": True}, WITHIN_S)
        assert page.client.connected
        await world.bus.append_log([{"text": "after", "level": "info"}])
        await until(lambda: page.lines and page.lines[-1]["text"] == "after", WITHIN_S)
    assert (await _ask(world, operator, "GET", "/me"))[0] == 200, "who was in still is"
    newcomer = await world.client(None)
    assert (await _ask(world, newcomer, "POST", "/sign-in", NAME))[0] == 200
    accounts = (await _ask(world, newcomer, "GET", "/accounts"))[1]["items"]
    assert "Bob" in [each["name"] for each in accounts]


async def test_what_was_done_before_is_in_the_trail_and_the_news_arrives(
    world: ConsoleWorld, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "AGAIN_S", 0.2)
    root = await world.client("administrator")
    async with alert_desk(outage.server.url), receiver(500, 500, 200) as hook:
        body = {"name": "ops", "url": hook.url}
        assert (await _ask(world, root, "POST", "/webhooks", body))[0] == 201
        await world.bus.write(keys.state("CP-1"), {"connected": "0"})
        await hook.have(1)
        path = "/alerts/offline:CP-1/acknowledge"
        assert (await _ask(world, root, "POST", path))[0] == 200
        async with outage.away():
            await asyncio.sleep(1)
        await world.bus.write(keys.state("CP-1"), {"connected": "1"})

        def delivered() -> list[str]:
            return [json.loads(body)["type"] for _, body in hook.came]

        await until(lambda: "alert.cleared" in delivered(), WITHIN_S)
    trail = (await _ask(world, root, "GET", "/audit"))[1]["items"]
    assert [each["action"] for each in trail] == ["acknowledge_alert", "make_webhook"]
    past = (await _ask(world, root, "GET", "/alerts/history"))[1]["items"]
    assert [each["acknowledged_by"] for each in past] == ["administrator"]
    assert len(set(hook.ids())) == 2, "each event under one id, however often it was sent"
