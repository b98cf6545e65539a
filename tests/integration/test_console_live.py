"""The console over a real Valkey, read by a real socket.io client."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from sdk.bus import keys
from sdk.bus.interface import Commit, StateWrite
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.chain.client import NodeStatus
from sdk.embedded import EmbeddedServer
from sdk.events.body import Body
from sdk.events.envelope import Envelope
from sdk.events.service import ChargingStatus
from sdk.events.station import PublicKeyReported
from sdk.ids import new_event_id, utc_now
from session_manager.console import Console, ConsoleAddress

POINT = "CP-1"
SESSION = "0x" + "ab" * 32
CHAIN = NodeStatus(url="http://127.0.0.1:8545", chain_id=31337, connected=True, block_number=7)


@dataclass
class Page:
    """A connected page: what it was sent, in order."""

    client: socketio.AsyncClient
    objects: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def newest(self, event: str, connector_id: int | None = None) -> dict[str, Any] | None:
        found = [
            shown
            for name, shown in self.objects
            if name == event and shown.get("connector_id") == connector_id
        ]
        return found[-1] if found else None


async def _until(condition: Callable[[], Any], seconds: float = 5.0) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := condition()):  # noqa: ASYNC110 - the page is fed by callbacks
            await asyncio.sleep(0.01)
    return found


def _envelope(body: Body, **fields: Any) -> Envelope:
    return Envelope.model_validate(
        {
            "id": new_event_id(),
            "charge_point_id": POINT,
            "at": utc_now(),
            "body": body.model_dump(),
            **fields,
        }
    )


def _status(energy_wh: int, second: int) -> ChargingStatus:
    return ChargingStatus.model_validate(
        {
            "session_id": SESSION,
            "phase": "charging",
            "energy_wh": energy_wh,
            "power_w": 11_000,
            "sampled_at": f"2026-03-01T10:00:{second:02}Z",
            "deposit": str(10**18),
            "cost": str(energy_wh * 10**12),
        }
    )


async def _show(bus: RedisBus, status: ChargingStatus) -> None:
    text = status.model_dump_json()
    fields = {"phase": status.phase, "status": text, "version": str(status.energy_wh)}
    await bus.apply(
        Commit(
            POINT,
            writes=[StateWrite(keys.session(POINT, 1), fields)],
            events=[(Lane.OUT, _envelope(status, connector_id=1, session_id=SESSION))],
        )
    )


@pytest.fixture
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServer]:
    server = await EmbeddedServer.start(tmp_path_factory.mktemp("console"))
    yield server
    await server.stop()


@pytest.fixture
async def bus(server: EmbeddedServer) -> AsyncIterator[RedisBus]:
    bus = RedisBus.from_url(server.url)
    await bus.write(keys.config(POINT), {"connectors": "2", "name": "Yard"})
    await bus.write(keys.state(POINT), {"connected": "1", "boot": json.dumps({"vendor": "V"})})
    await bus.write(keys.identity(POINT), {"did": "did:ethr:0x7a69:0x01", "state": "published"})
    await bus.add_member(keys.STATIONS, POINT)
    yield bus
    await bus.close()


@asynccontextmanager
async def _console(bus: RedisBus, static: Path, port: int = 0) -> AsyncIterator[str]:
    address = ConsoleAddress("127.0.0.1", port, static)
    console = Console(bus, lambda: CHAIN, utc_now, address, answer_timeout=1.0)
    async with asyncio.TaskGroup() as tasks:
        url = await console.start()
        tasks.create_task(console.run())
        try:
            yield url
        finally:
            await console.stop()


@pytest.fixture
async def url(bus: RedisBus, tmp_path: Path) -> AsyncIterator[str]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>page</title>")
    (tmp_path / "assets" / "index-abc.js").write_text("export {}")
    async with _console(bus, tmp_path) as url:
        yield url


@asynccontextmanager
async def _page(url: str, since: str | None = None) -> AsyncIterator[Page]:
    client = socketio.AsyncClient(reconnection=False)
    page = Page(client)
    for event in ("status", "session", "identity"):
        client.on(event, lambda shown, event=event: page.objects.append((event, shown)))
    client.on("log", page.lines.extend)
    await client.connect(url, auth={"since": since}, transports=["websocket"])
    try:
        yield page
    finally:
        await client.disconnect()


async def test_a_new_page_is_shown_everything(bus: RedisBus, url: str) -> None:
    await _show(bus, _status(100, 1))
    await bus.append_log([{"text": "hello", "level": "info", "service": "cpg", "at": "now"}])
    async with _page(url) as page:
        status = await _until(lambda: page.newest("status"))
        session = await _until(lambda: page.newest("session", 1))
        await _until(lambda: page.newest("session", 2))
        identity = await _until(lambda: page.newest("identity"))
        await _until(lambda: page.lines)

    assert (status["charge_point_id"], status["connected"]) == (POINT, True)
    assert status["chain"]["block_number"] == 7
    assert len(status["connectors"]) == 2
    assert (session["phase"], session["deposit"]) == ("charging", str(10**18))
    assert identity["did"] == "did:ethr:0x7a69:0x01"
    assert page.lines[0]["text"] == "hello"
    assert set(page.lines[0]) >= {"id", "at", "level", "service", "session_id", "text"}


async def test_readings_arrive_live_and_make_a_curve(bus: RedisBus, url: str) -> None:
    async with _page(url) as page:
        await _until(lambda: page.newest("session", 1))
        for second in range(1, 21):
            await _show(bus, _status(second * 10, second))
            await asyncio.sleep(0.01)
        await _until(lambda: (page.newest("session", 1) or {}).get("energy_wh") == 200)
        session = page.newest("session", 1)
        sent = [shown for event, shown in page.objects if event == "session"]

    assert session is not None
    assert session["curve"][-1]["energy_wh"] == 200
    assert len(session["curve"]) >= 15
    assert len(sent) < 20, "updates are coalesced"


async def test_the_curve_of_a_running_session_survives_a_restart(
    bus: RedisBus, tmp_path: Path
) -> None:
    for second in range(1, 11):
        await _show(bus, _status(second * 10, second))
    async with _console(bus, tmp_path) as url, _page(url) as page:
        await _until(lambda: len((page.newest("session", 1) or {"curve": []})["curve"]) == 10)
        session = page.newest("session", 1)

    assert session is not None
    assert [each["energy_wh"] for each in session["curve"]] == list(range(10, 101, 10))


async def test_it_says_that_redis_is_away_and_goes_on_when_it_is_back(
    server: EmbeddedServer, bus: RedisBus, url: str
) -> None:
    async with _page(url) as page, asyncio.TaskGroup() as tasks:
        await _until(lambda: (page.newest("status") or {}).get("bus_connected"))
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await _until(lambda: not (page.newest("status") or {})["bus_connected"], 15)
        keeping = tasks.create_task(server.keep())
        await _until(lambda: (page.newest("status") or {})["bus_connected"], 15)
        await _show(bus, _status(500, 5))
        await _until(lambda: (page.newest("session", 1) or {}).get("energy_wh") == 500, 15)
        await bus.append_log([{"text": "back", "level": "info", "service": "cpg", "at": "now"}])
        await _until(lambda: any(line["text"] == "back" for line in page.lines), 15)
        keeping.cancel()


async def test_a_new_station_appears_and_a_removed_one_is_forgotten(
    bus: RedisBus, url: str
) -> None:
    async with _page(url) as page:
        await _until(lambda: page.newest("status"))
        await bus.write(keys.config("CP-2"), {"connectors": "1"})
        await bus.add_member(keys.STATIONS, "CP-2")
        await _until(lambda: any(s["charge_point_id"] == "CP-2" for _, s in page.objects))
        await bus.remove_member(keys.STATIONS, POINT)
        await asyncio.sleep(2.5)
    async with _page(url) as later:
        await _until(lambda: later.newest("status"))
        assert {shown["charge_point_id"] for _, shown in later.objects} == {"CP-2"}


async def test_a_command_is_answered_by_whoever_drives_the_station(bus: RedisBus, url: str) -> None:
    answer = PublicKeyReported(did="did:ethr:0x7a69:0x01", address="0x" + "1" * 40, public_key="02")

    async def manage() -> Envelope:
        async with bus.follow() as follower:
            lane = await follower.subscribe(POINT, Lane.IN, after="0")
            command = (await anext(aiter(lane))).envelope
            await bus.publish(Lane.OUT, _envelope(answer, caused_by=command.id))
            await lane.close()
        return command

    async with _page(url) as page, asyncio.TaskGroup() as tasks:
        await _until(lambda: page.newest("status"))
        managing = tasks.create_task(manage())
        got = await page.client.call(
            "command", {"type": "PublicKeyRequested", "charge_point_id": POINT}
        )
        command = await managing

    assert got["type"] == "PublicKeyReported"
    assert got["address"] == answer.address
    assert command.type == "PublicKeyRequested"
    assert command.peer_id is None


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ({"type": "BalanceRequested", "charge_point_id": POINT}, "timeout"),
        ({"type": "BalanceRequested", "charge_point_id": "nobody"}, "unknown_station"),
        ({"type": "Explode", "charge_point_id": POINT}, "unknown_type"),
        (
            {"type": "SessionStopRequested", "charge_point_id": POINT, "connector_id": -1},
            "invalid",
        ),
        (None, "unknown_type"),
    ],
)
async def test_every_command_is_acknowledged(url: str, command: Any, reason: str) -> None:
    async with _page(url) as page:
        await _until(lambda: page.newest("status"))
        got = await page.client.call("command", command)

    assert (got["type"], got["reason"]) == ("StationCommandRefused", reason)


async def test_log_lines_are_replayed_without_gap_or_double(bus: RedisBus, url: str) -> None:
    async def write(first: int, last: int) -> None:
        for start in range(first, last, 50):
            await bus.append_log(
                [
                    {"text": str(number), "level": "info", "service": "cpg", "at": "now"}
                    for number in range(start, min(start + 50, last))
                ]
            )
            await asyncio.sleep(0.005)

    seen: list[str] = []
    ids: list[str] = []
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(write(0, 4000))
        while len(seen) < 4000:
            async with _page(url, since=ids[-1] if ids else None) as page:
                await _until(page.lines.copy)
                await asyncio.sleep(0.1)
                lines = list(page.lines)
            seen += [line["text"] for line in lines]
            ids += [line["id"] for line in lines]
        await writing

    assert seen == [str(number) for number in range(4000)]
    assert len(set(ids)) == 4000


async def test_a_page_that_does_not_read_is_cut_off(bus: RedisBus, tmp_path: Path) -> None:
    address = ConsoleAddress("127.0.0.1", 0, tmp_path)
    console = Console(bus, lambda: CHAIN, utc_now, address)
    line = {"text": "x" * 4000, "level": "info", "service": "cpg", "at": "now"}
    async with asyncio.TaskGroup() as tasks, aiohttp.ClientSession() as http:
        url = await console.start()
        tasks.create_task(console.run())
        stalled = await http.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket")
        await stalled.receive()
        await stalled.send_str("40")
        stalled._response.connection.transport.pause_reading()  # type: ignore[union-attr]
        for _ in range(60):
            await bus.append_log([line] * 200)
            await asyncio.sleep(0)
        sockets = console._server.eio.sockets
        queued = [0]
        async with asyncio.timeout(15):
            while console._clients._clients:
                queued += [connection.queue.qsize() for connection in sockets.values()]
                await asyncio.sleep(0.01)
        async with _page(url) as page:
            await _until(lambda: page.lines)
        await console.stop()

    assert 10 < max(queued) <= 20


async def test_the_page_is_served_locked_in_and_cached_by_name(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        page = await http.get(f"{url}/")
        asset = await http.get(f"{url}/assets/index-abc.js")
        missing = await http.get(f"{url}/assets/other.js")
        foreign = await http.get(f"{url}/", headers={"Host": "evil.example"})
        outside = await http.get(f"{url}/..%2f..%2fetc/passwd")

    assert page.status == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-cache"
    assert "immutable" in asset.headers["Cache-Control"]
    assert (missing.status, foreign.status) == (404, 421)
    assert outside.status in (403, 404)


async def test_a_page_of_another_origin_gets_no_socket(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        answer = await http.get(
            f"{url}/socket.io/?EIO=4&transport=polling", headers={"Origin": "http://evil.example"}
        )

    assert answer.status == 400


async def test_it_stops_at_once_although_pages_are_connected(bus: RedisBus, tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with _console(bus, tmp_path) as url:
        pages = [socketio.AsyncClient(reconnection=False) for _ in range(3)]
        for page in pages:
            await page.connect(url, transports=["websocket"])
        started = loop.time()
    assert loop.time() - started < 2.0
    for page in pages:
        await page.disconnect()


async def test_an_unbuilt_page_says_how_to_build_it(bus: RedisBus, tmp_path: Path) -> None:
    async with _console(bus, tmp_path / "nothing") as url, aiohttp.ClientSession() as http:
        answer = await http.get(f"{url}/")
        text = await answer.text()

    assert answer.status == 503
    assert "npm run build" in text
