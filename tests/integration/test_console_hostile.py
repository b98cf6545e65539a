"""The console as a hostile outsider, and a page that may little, find it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import socketio
from console_accounts import account_of
from console_world import ConsoleWorld, console_world
from redis.asyncio import Redis
from yarl import URL

from sdk.api_keys import Role
from sdk.bus import keys
from sdk.log_stream import stream_fields
from sdk.redaction import redacted
from session_manager import console_door
from session_manager.api import bodies
from session_manager.sign_in_cookie import COOKIE

POINT, DRIVER = "CP-1", "did:ethr:0x7a69:0x0000000000000000000000000000000000000042"
WITHIN_S = 10


@pytest.fixture
async def world(redis: Redis, redis_url: str, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    assert redis is not None
    (tmp_path / "index.html").write_text("<!doctype html><title>page</title>")
    async with console_world(redis_url, static=tmp_path) as world:
        await world.bus.write(keys.config(POINT), {"connectors": "1"})
        receipt = json.dumps({"payload": json.dumps({"consumer_did": DRIVER}), "signature": "0x"})
        await world.bus.write(keys.session(POINT, 1), {"receipt": receipt})
        await world.bus.add_member(keys.STATIONS, POINT)
        yield world


class Live:
    """A page's socket, and the receipts that came over it."""

    def __init__(self) -> None:
        self.socket = socketio.AsyncClient(reconnection=False)
        self.receipts: asyncio.Queue[Any] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.socket.on("objects", self._take)
        self.socket.on("disconnect", lambda *_: self.gone.set())

    async def connect(self, world: ConsoleWorld, role: Role, auth: object = None) -> None:
        cookie = {"Cookie": f"{COOKIE}={await world.token(role)}"}
        await self.socket.connect(world.url, cookie, auth=auth, transports=["websocket"])

    async def receipt(self) -> Any:
        async with asyncio.timeout(WITHIN_S):
            return await self.receipts.get()

    def _take(self, batch: list[tuple[str, dict[str, Any]]]) -> None:
        for kind, shown in batch:
            if kind == "session":
                self.receipts.put_nowait(shown["receipt"])


@pytest.mark.parametrize(("role", "expected"), [("viewer", None), ("operator", DRIVER)])
async def test_viewers_are_not_told_live_who_charged(
    world: ConsoleWorld, role: Role, expected: str | None
) -> None:
    page = Live()
    await page.connect(world, role)
    receipt = await page.receipt()
    assert (receipt and receipt["consumer_did"]) == expected
    await page.socket.disconnect()


async def test_an_open_page_is_shown_what_its_new_role_may_see(world: ConsoleWorld) -> None:
    account = await account_of(world.sign_ins, "operator")
    page = Live()
    await page.connect(world, "operator")
    assert (await page.receipt())["consumer_did"] == DRIVER
    await world.sign_ins.accounts.change(account.id, role="viewer")
    assert await page.receipt() is None
    await page.socket.disconnect()


@pytest.mark.parametrize("since", ["9" * 5_000, "1-" + "9" * 5_000])
async def test_what_is_no_line_s_id_is_no_fault(world: ConsoleWorld, since: str) -> None:
    page = Live()
    await page.connect(world, "viewer", {"since": since})
    assert await page.receipt() is None
    await page.socket.disconnect()


async def test_an_account_has_so_many_pages(
    world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_door, "MOST_PAGES", 2)
    pages = [Live() for _ in range(4)]
    for page in pages[:2]:
        await page.connect(world, "viewer")
    await pages[2].connect(world, "viewer")
    async with asyncio.timeout(WITHIN_S):
        await pages[2].gone.wait()
    await pages[3].connect(world, "operator")
    await pages[3].receipt()
    assert not any(page.gone.is_set() for page in (*pages[:2], pages[3]))
    for page in (*pages[:2], pages[3]):
        await page.socket.disconnect()


async def test_an_account_gives_so_many_commands_on_all_its_pages(
    world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_door, "COMMANDS", 3)
    monkeypatch.setattr(console_door, "COMMANDS_PER_S", 0.01)
    asked = {"type": "BalanceRequested", "charge_point_id": "nobody"}
    pages = [Live(), Live(), Live()]
    for page, role in zip(pages, ("viewer", "viewer", "operator"), strict=True):
        await page.connect(world, role)  # type: ignore[arg-type]
    told = [await pages[number % 2].socket.call("command", asked) for number in range(4)]
    assert [each["reason"] for each in told] == ["unknown_station"] * 3 + ["overloaded"]
    other = await pages[2].socket.call("command", asked)
    assert other["reason"] == "unknown_station"
    for page in pages:
        await page.socket.disconnect()


async def test_a_body_that_does_not_come_is_not_waited_for(
    world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_S", 0.3)
    url = URL(world.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = "POST /api/v1/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    async with asyncio.timeout(WITHIN_S):
        assert (await reader.readline()).split()[1] == b"408"
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    "said", ["garbage\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"]
)
async def test_what_is_no_http_fills_no_log(
    world: ConsoleWorld, caplog: pytest.LogCaptureFixture, said: str
) -> None:
    url = URL(world.url)
    for _ in range(3):
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(said.encode())
        async with asyncio.timeout(WITHIN_S):
            assert (await reader.readline()).split()[1] == b"400"
        writer.close()
        await writer.wait_closed()
    assert caplog.records == []


async def test_half_a_surrogate_pair_stops_no_log(world: ConsoleWorld) -> None:
    line = redacted({"event": "for \ud800 is asked", "level": "info", "list": ["\udfff"]})
    await world.bus.append_log([stream_fields(line)])
    (kept,) = await world.bus.read_log_back(None, 1)
    assert kept.fields["text"] == "for ? is asked list=['?']"


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/" + "a" * 300, "localhost", 404),
        ("/a%00b", "localhost", 404),
        ("//etc/passwd", "localhost", 404),
        ("/..%2f..%2fetc/passwd", "localhost", 404),
        ("/", "localhost:99999999", 400),
        ("/", "localhost:x", 400),
        ("/", "localhost.example.org", 421),
        ("/", "localhost", 200),
    ],
)
async def test_nothing_that_is_asked_for_is_our_fault(
    world: ConsoleWorld, path: str, host: str, status: int
) -> None:
    url = URL(world.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(WITHIN_S):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.close()
    await writer.wait_closed()
    assert head.split()[1] == str(status)
    assert status == 400 or "Cross-Origin-Resource-Policy: same-origin" in head
