"""The console over a real Valkey, read by a real socket.io client."""

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
import socketio
from console_accounts import cookie_of
from console_socket import page_socket, until

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
from sdk.records.curve import Reading
from sdk.records.ending import reading_append
from sdk.records.moments import to_ms
from session_manager.console import Console, ConsoleAddress

POINT = "CP-1"
SESSION = "0x" + "ab" * 32
METER_START = 70_000
CHAIN = NodeStatus(url="http://127.0.0.1:8545", chain_id=31337, connected=True, block_number=7)


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
            "meter_start_wh": METER_START,
            "energy_wh": energy_wh,
            "power_w": 11_000,
            "sampled_at": f"2026-03-01T10:00:{second:02}Z",
            "deposit": str(10**18),
            "cost": str(energy_wh * 10**12),
        }
    )


def _reading(status: ChargingStatus) -> Reading:
    assert status.sampled_at is not None
    return Reading(to_ms(status.sampled_at), METER_START + status.energy_wh, status.power_w)


async def _show(bus: RedisBus, status: ChargingStatus) -> None:
    text = status.model_dump_json()
    fields = {"phase": status.phase, "status": text, "version": str(status.energy_wh)}
    await bus.apply(
        Commit(
            POINT,
            cause=new_event_id(),
            writes=[StateWrite(keys.session(POINT, 1), fields)],
            appends=reading_append(POINT, SESSION, _reading(status)),
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


async def test_a_new_page_is_shown_everything(bus: RedisBus, url: str) -> None:
    await _show(bus, _status(100, 1))
    await bus.append_log([{"text": "hello", "level": "info", "service": "cpg", "at": "now"}])
    async with page_socket(bus, url) as page:
        status = await until(lambda: page.newest("status"))
        session = await until(lambda: page.newest("session", 1))
        await until(lambda: page.newest("session", 2))
        identity = await until(lambda: page.newest("identity"))
        await until(lambda: page.lines)
        await until(lambda: ("complete", {}) in page.objects)

    assert (status["charge_point_id"], status["connected"]) == (POINT, True)
    assert (page.newest("chain") or {})["block_number"] == 7
    assert page.newest("bus") == {"connected": True}
    assert page.objects[-1] == ("complete", {})
    assert page.hello is not None
    assert page.hello["epoch"]
    assert len(status["connectors"]) == 2
    assert (session["phase"], session["deposit"]) == ("charging", str(10**18))
    assert identity["did"] == "did:ethr:0x7a69:0x01"
    assert page.lines[0]["text"] == "hello"
    assert set(page.lines[0]) >= {"id", "at", "level", "service", "session_id", "text"}


async def test_readings_arrive_live_and_make_a_curve(bus: RedisBus, url: str) -> None:
    async with page_socket(bus, url) as page:
        await until(lambda: page.newest("session", 1))
        for second in range(1, 21):
            await _show(bus, _status(second * 10, second))
            await asyncio.sleep(0.01)
        await until(lambda: (page.newest("session", 1) or {}).get("energy_wh") == 200)
        await until(lambda: page.curve(POINT)[-1]["energy_wh"] == 200)
        sent = [shown for kind, shown in page.objects if kind == "session"]
        points = [shown["points"] for kind, shown in page.objects if kind == "curve"]

    assert [point["energy_wh"] for point in page.curve(POINT)] == list(range(10, 201, 10))
    assert len(sent) < 20, "updates are coalesced"
    assert sum(map(len, points)) < 60, "of a curve only the new is sent"


async def test_the_curve_of_a_running_session_survives_a_restart(
    bus: RedisBus, tmp_path: Path
) -> None:
    for second in range(1, 11):
        await _show(bus, _status(second * 10, second))
    async with _console(bus, tmp_path) as url, page_socket(bus, url) as page:
        await until(lambda: len(page.curve(POINT)) == 10)
        await _show(bus, _status(110, 11))
        await until(lambda: len(page.curve(POINT)) == 11)

    assert [each["energy_wh"] for each in page.curve(POINT)] == list(range(10, 111, 10))


async def test_it_says_that_redis_is_away_and_goes_on_when_it_is_back(
    server: EmbeddedServer, bus: RedisBus, url: str
) -> None:
    async with page_socket(bus, url) as page, asyncio.TaskGroup() as tasks:
        await until(lambda: (page.newest("bus") or {}).get("connected"))
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await until(lambda: not (page.newest("bus") or {})["connected"], 15)
        keeping = tasks.create_task(server.keep())
        await until(lambda: (page.newest("bus") or {})["connected"], 15)
        await _show(bus, _status(500, 5))
        await until(lambda: (page.newest("session", 1) or {}).get("energy_wh") == 500, 15)
        await bus.append_log([{"text": "back", "level": "info", "service": "cpg", "at": "now"}])
        await until(lambda: any(line["text"] == "back" for line in page.lines), 15)
        keeping.cancel()


async def test_a_new_station_appears_and_a_removed_one_is_forgotten(
    bus: RedisBus, url: str
) -> None:
    async with page_socket(bus, url) as page:
        await until(lambda: page.newest("status"))
        await bus.write(keys.config("CP-2"), {"connectors": "1"})
        await bus.add_member(keys.STATIONS, "CP-2")
        await until(lambda: ("status", "CP-2", "") in page.shown())
        await bus.remove_member(keys.STATIONS, POINT)
        await until(lambda: ("gone", {"charge_point_id": POINT}) in page.objects)
        await bus.add_member(keys.STATIONS, POINT)
        await until(lambda: ("status", POINT, "") in page.shown())
        await bus.remove_member(keys.STATIONS, POINT)
        await until(lambda: ("status", POINT, "") not in page.shown())
    async with page_socket(bus, url) as later:
        await until(lambda: later.newest("status"))
        points = {shown.get("charge_point_id") or "CP-2" for _, shown in later.objects}
        assert points == {"CP-2"}


async def test_a_command_is_answered_by_whoever_drives_the_station(bus: RedisBus, url: str) -> None:
    answer = PublicKeyReported(did="did:ethr:0x7a69:0x01", address="0x" + "1" * 40, public_key="02")

    async def manage() -> Envelope:
        async with bus.follow() as follower:
            lane = await follower.subscribe(POINT, Lane.IN, after="0")
            command = (await anext(aiter(lane))).envelope
            await bus.publish(Lane.OUT, _envelope(answer, caused_by=command.id))
            await lane.close()
        return command

    async with page_socket(bus, url) as page, asyncio.TaskGroup() as tasks:
        await until(lambda: page.newest("status"))
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
async def test_every_command_is_acknowledged(
    bus: RedisBus, url: str, command: Any, reason: str
) -> None:
    async with page_socket(bus, url) as page:
        await until(lambda: page.newest("status"))
        got = await page.client.call("command", command)

    assert (got["type"], got["reason"]) == ("StationCommandRefused", reason)


async def test_a_page_gets_details_of_what_it_watches_only(bus: RedisBus, url: str) -> None:
    await bus.write(keys.identity(POINT), {"document": '{"id": "x"}'})
    await _show(bus, _status(100, 1))
    async with page_socket(bus, url, watch=[]) as page:
        await until(lambda: ("complete", {}) in page.objects)
        await _show(bus, _status(110, 2))
        await until(lambda: (page.newest("session", 1) or {}).get("energy_wh") == 110)
        assert page.newest("curve", 1) is page.newest("document") is None
        await page.client.emit("watch", [POINT])
        await until(lambda: len(page.curve(POINT)) == 2)
        document = await until(lambda: page.newest("document"))
        await page.client.emit("watch", [])
        await asyncio.sleep(0.2)
        seen = len([kind for kind, _ in page.objects if kind == "curve"])
        await _show(bus, _status(120, 3))
        await until(lambda: (page.newest("session", 1) or {}).get("energy_wh") == 120)
        assert len([kind for kind, _ in page.objects if kind == "curve"]) == seen
        await page.client.emit("watch", [POINT])
        await until(lambda: len(page.curve(POINT)) == 3)

    assert document["document"] == {"id": "x"}


async def test_what_a_dead_gateway_held_is_shown_as_gone(bus: RedisBus, url: str) -> None:
    await bus.write(keys.GATEWAYS, {"g1": utc_now().isoformat()})
    await bus.write(keys.state(POINT), {"connected": "1", "gateway": "g1"})
    async with page_socket(bus, url) as page:
        await until(lambda: (page.newest("status") or {}).get("connected"))
        await bus.write(keys.GATEWAYS, {"g1": "2026-01-01T00:00:00+00:00"})
        await until(lambda: not (page.newest("status") or {})["connected"], 8)


async def test_a_page_that_does_not_read_is_cut_off(bus: RedisBus, tmp_path: Path) -> None:
    address = ConsoleAddress("127.0.0.1", 0, tmp_path)
    console = Console(bus, lambda: CHAIN, utc_now, address)
    line = {"text": "x" * 4000, "level": "info", "service": "cpg", "at": "now"}
    async with asyncio.TaskGroup() as tasks, aiohttp.ClientSession() as http:
        url = await console.start()
        tasks.create_task(console.run())
        stalled = await http.ws_connect(
            f"{url}/socket.io/?EIO=4&transport=websocket",
            headers={"Cookie": await cookie_of(bus)},
        )
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
        async with page_socket(bus, url) as page:
            await until(lambda: page.lines)
        await console.stop()

    assert 0 < max(queued) <= 20


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


async def test_a_page_of_another_origin_gets_no_socket(bus: RedisBus, url: str) -> None:
    async with aiohttp.ClientSession(headers={"Cookie": await cookie_of(bus)}) as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(
                f"{url}/socket.io/?EIO=4&transport=websocket", origin="http://evil.example"
            )

    assert refused.value.status == 400


async def test_it_stops_at_once_although_pages_are_connected(bus: RedisBus, tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with _console(bus, tmp_path) as url:
        pages = [socketio.AsyncClient(reconnection=False) for _ in range(3)]
        for page in pages:
            await page.connect(url, {"Cookie": await cookie_of(bus)}, transports=["websocket"])
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
