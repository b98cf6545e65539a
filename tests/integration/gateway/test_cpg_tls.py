"""The gateway's door that speaks TLS: what it speaks, who can't break it, and how it is renewed."""

import asyncio
import json
import logging
import ssl
import warnings
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from secrets import token_hex

import pytest
from certificates import Ca
from cpg_world import connected
from fuzz_socket import PING, TEXT, Ended, RawSocket, Received, frame
from tls_world import TlsWorld, came, outcome, tls_gateway, tls_gateway_process, tls_socket

from cpg.settings import CpgSettings
from cpg.tls import TlsFiles, server_context
from sdk.settings import SettingsError, read_settings

HEARTBEAT = b'[2,"%d","Heartbeat",{}]'
_KERNEL_MOST = 16_000_000
"""More than what the buffers of two sockets can hold between them."""
GARBAGE = {
    "HTTP": b"GET /CP1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "zeros": bytes(64),
    "text": b"[2,1,Heartbeat,{}]\n" * 9,
    "a huge record": b"\x16\x03\x01\xff\xff" + b"\x00" * 4000,
    "no client hello": b"\x16\x03\x01\x00\x04\x02\x00\x00\x00",
    "an alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "nothing": b"",
}
HALF = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
SUITES = {
    "ECDHE-ECDSA-AES128-GCM-SHA256": False,
    "ECDHE-ECDSA-AES256-GCM-SHA384": False,
    "ECDHE-RSA-AES128-GCM-SHA256": True,
    "ECDHE-RSA-AES256-GCM-SHA384": True,
    "AES128-GCM-SHA256": True,
    "AES256-GCM-SHA384": True,
}
"""Those that the whitepaper asks for -> whether they need an RSA key."""
WEAK = ("AES128-SHA", "AES128-SHA256", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384")


@pytest.fixture
def ca(tmp_path: Path) -> Ca:
    return Ca(tmp_path)


@pytest.fixture
async def tls(redis_url: str, ca: Ca) -> AsyncIterator[TlsWorld]:
    async with tls_gateway(redis_url, ca.files()) as world:
        yield world


@pytest.fixture
async def cp(tls: TlsWorld) -> str:
    name = f"CP-{token_hex(4)}"
    await tls.register(name)
    return name


@pytest.mark.parametrize("suite", SUITES)
async def test_the_suites_of_the_whitepaper_are_spoken(redis_url: str, ca: Ca, suite: str) -> None:
    async with tls_gateway(redis_url, ca.files(is_rsa=SUITES[suite])) as world:
        await world.register("SUITE")
        context = ca.client()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(suite)
        assert await outcome(world.wss, "SUITE", context) == 101


@pytest.mark.parametrize("suite", WEAK)
async def test_weaker_suites_are_not(redis_url: str, ca: Ca, suite: str) -> None:
    async with tls_gateway(redis_url, ca.files(is_rsa=True)) as world:
        await world.register("SUITE")
        context = ca.client()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{suite}:@SECLEVEL=0")
        assert await outcome(world.wss, "SUITE", context) == "tls"


async def test_tls_starts_at_1_2(tls: TlsWorld, ca: Ca, cp: str) -> None:
    for version, expected in (
        (ssl.TLSVersion.TLSv1_1, "tls"),
        (ssl.TLSVersion.TLSv1_2, 101),
        (ssl.TLSVersion.TLSv1_3, 101),
    ):
        context = ca.client()
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore"):  # Python's own, of 1.1
            context.minimum_version = context.maximum_version = version
        assert await outcome(tls.wss, cp, context) == expected


async def test_the_plain_door_stays_and_a_newer_socket_takes_over(
    tls: TlsWorld, ca: Ca, cp: str
) -> None:
    async with connected(f"{tls.url}/{cp}") as plain:
        assert await plain.tell("Heartbeat", {})
        async with came(tls.wss, cp, ca.client()) as encrypted:
            await plain.socket.wait_closed()
            assert await encrypted.tell("Heartbeat", {})
            async with connected(f"{tls.url}/{cp}"):
                async with asyncio.timeout(5):
                    await encrypted.socket.wait_closed()
                assert encrypted.socket.close_code is not None


async def test_a_charge_point_closes_and_is_answered(tls: TlsWorld, ca: Ca, cp: str) -> None:
    async with came(tls.wss, cp, ca.client()) as point:
        await point.socket.close(1000)
        assert (point.socket.close_code, point.socket.close_reason) == (1000, "")
    await tls.until(cp, lambda state: state["connected"] == "0")


async def test_one_that_just_goes_is_gone(tls: TlsWorld, ca: Ca, cp: str) -> None:
    raw = await tls_socket(tls.wss, f"/{cp}", ca.client())
    raw.abort()
    await tls.until(cp, lambda state: state["connected"] == "0")


@pytest.fixture(params=["asyncio", "uvloop"])
async def wss(request: pytest.FixtureRequest, redis_url: str, ca: Ca) -> AsyncIterator[str]:
    """A gateway in this process, then one as a process of its own, which takes messages at once.

    What the second one writes is looked at when it ends.
    """
    if request.param == "asyncio":
        async with tls_gateway(redis_url, ca.files(), messages_per_second=0) as world:
            yield world.wss
        return
    process = tls_gateway_process(redis_url, ca.files(), CPG_MESSAGES_PER_SECOND="0")
    async with process as (running, _, url):
        yield url
        assert await running.end() == 0
    assert running.count("disconnected")
    assert not running.count("Traceback")
    assert not running.count('"level":"error"')


async def test_garbage_ends_itself_alone_and_is_logged_in_a_line(
    tls: TlsWorld, ca: Ca, cp: str, wss: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert tls.wss != wss
    async with came(wss, cp, ca.client()) as good:
        for name, data in GARBAGE.items():
            raw = await RawSocket.connect(int(wss.rpartition(":")[2]))
            await raw.write(data)
            if name == "nothing":
                raw._writer.write_eof()
            _, closed = await raw.rest(5)
            assert closed, name
            raw.abort()
        assert await good.tell("Heartbeat", {})
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_half_handshakes_hold_up_nobody_and_are_dropped(
    tls: TlsWorld, ca: Ca, cp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpg.acceptor.HANDSHAKE_S", 1.0)
    halves = [await RawSocket.connect(tls.tls_port) for _ in range(200)]
    for half in halves:
        await half.write(HALF)
    async with asyncio.timeout(5), came(tls.wss, cp, ca.client()) as point:
        for _ in range(20):
            assert await point.tell("Heartbeat", {})
        for half in halves:
            assert (await half.rest(5))[1]
            half.abort()
        assert await point.tell("Heartbeat", {})


async def test_above_so_many_handshakes_the_oldest_goes(
    tls: TlsWorld, ca: Ca, cp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpg.acceptor._MOST_HANDSHAKES", 5)
    halves = [await RawSocket.connect(tls.tls_port) for _ in range(20)]
    for half in halves[:15]:
        assert (await half.rest(5))[1]
    assert await outcome(tls.wss, cp, ca.client()) == 101
    for half in halves:
        half.abort()


async def test_a_storm_of_real_handshakes_is_let_in(tls: TlsWorld, ca: Ca) -> None:
    names = [f"STORM-{number}" for number in range(60)]
    for name in names:
        await tls.register(name)
    context = ca.client()
    storm = await asyncio.gather(*(outcome(tls.wss, name, context) for name in names))
    assert storm == [101] * 60


async def test_who_never_reads_has_to_wait_and_is_answered_when_it_does(
    tls: TlsWorld, ca: Ca, cp: str, wss: str
) -> None:
    await tls.register("GOOD")
    numbers = count()
    async with came(wss, "GOOD", ca.client()) as good:
        raw = await tls_socket(wss, f"/{cp}", ca.client())
        sent = 0
        while sent < _KERNEL_MOST:
            part = b"".join(frame(TEXT, HEARTBEAT % next(numbers)) for _ in range(200))
            try:
                async with asyncio.timeout(0.5):
                    await raw.write(part)
            except TimeoutError:
                break
            sent += len(part)
        assert sent < _KERNEL_MOST, "all was taken, and its answers wait in memory"
        assert await good.tell("Heartbeat", {})
        for number in range(next(numbers)):
            answer = await raw.receive()
            assert isinstance(answer, Received)
            assert json.loads(answer.payload)[1] == str(number)
        raw.abort()


async def test_a_flood_holds_up_nobody_else(tls: TlsWorld, ca: Ca, cp: str, wss: str) -> None:
    await tls.register("GOOD")
    async with came(wss, "GOOD", ca.client()) as good:
        raw = await tls_socket(wss, f"/{cp}", ca.client())
        flood = frame(PING) * 100_000
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(raw.write(flood)), group.create_task(raw.rest(60))]
            for _ in range(20):
                async with asyncio.timeout(2):
                    assert await good.tell("Heartbeat", {})
                await asyncio.sleep(0.02)
            for task in tasks:
                task.cancel()
        raw.abort()


async def test_what_breaks_websocket_is_told_over_tls_too(tls: TlsWorld, ca: Ca, cp: str) -> None:
    raw = await tls_socket(tls.wss, f"/{cp}", ca.client())
    await raw.write(frame(3, b"x"))
    ended = await raw.receive()
    assert isinstance(ended, Ended)
    assert ended.code == 1002
    assert (await raw.rest(10))[1]
    raw.abort()


async def test_certificates_are_renewed_without_a_restart(redis_url: str, ca: Ca) -> None:
    files = ca.files()
    async with tls_gateway(redis_url, files) as world:
        await world.register("RENEWED")
        async with came(world.wss, "RENEWED", ca.client()) as before:
            first = serial_of(before.socket.transport)
            files.certificate.write_text("half a fi")
            assert await outcome(world.wss, "RENEWED", ca.client()) == 101
        ca.server()
        async with came(world.wss, "RENEWED", ca.client()) as after:
            assert serial_of(after.socket.transport) != first


async def test_the_process_opens_both_doors(tls: TlsWorld, redis_url: str, ca: Ca) -> None:
    await tls.register("BOTH", security_profile="3")
    await tls.register("OPEN")
    files = ca.files(revoked=True)
    async with tls_gateway_process(redis_url, files, CPO_NAME="Acme") as (running, ws, wss):
        own = ca.client(ca.charge_point("BOTH"))
        assert await outcome(wss, "BOTH", own) == 101
        assert await outcome(wss, "BOTH", ca.client()) == 401
        assert await outcome(ws, "OPEN") == 101
        ca.authority.revoke(ca.authority.issued()[-1].serial)
        async with asyncio.timeout(10):
            while await outcome(wss, "BOTH", own) != "tls":  # noqa: ASYNC110 - files tell nobody
                await asyncio.sleep(0.5)
        assert await running.end() == 0


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("CPG_TLS_CERT", "CPG_TLS_CERT"),
        ("CPG_TLS_KEY", "CPG_TLS_KEY"),
        ("CPG_TLS_CLIENT_CA", "CPG_TLS_CLIENT_CA"),
        ("CPG_TLS_CRL", "CPG_TLS_CRL"),
    ],
)
async def test_files_that_cannot_be_used_are_named(ca: Ca, wrong: str, named: str) -> None:
    files = ca.files(revoked=True)
    names = {
        "CPG_TLS_CERT": "certificate",
        "CPG_TLS_KEY": "key",
        "CPG_TLS_CLIENT_CA": "client_roots",
        "CPG_TLS_CRL": "revoked",
    }
    values = {name: getattr(files, name) for name in names.values()}
    for bad in (ca.folder / "missing.pem", ca.folder / "damaged.pem"):
        (ca.folder / "damaged.pem").write_text("no PEM")
        with pytest.raises(SettingsError, match=named):
            server_context(TlsFiles(**{**values, names[wrong]: bad}))


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"CPG_TLS_PORT": "0"}, "CPG_TLS_CERT"),
        ({"CPG_TLS_CRL": "crl.pem"}, "CPG_TLS_CLIENT_CA"),
        ({"CPG_TRUSTED_PROXIES": "10.0.0.0/8,somewhere"}, "somewhere"),
        ({"CPG_TRUSTED_PROXIES": "10.0.0.1/8"}, "10.0.0.1/8"),
    ],
)
def test_settings_that_make_no_sense_are_named(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    monkeypatch.setenv("CREDENTIAL_KEY", "k" * 32)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=named):
        read_settings(CpgSettings)


def serial_of(transport: asyncio.BaseTransport) -> str:
    return str(transport.get_extra_info("ssl_object").getpeercert()["serialNumber"])
