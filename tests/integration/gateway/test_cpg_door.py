"""The door: raw HTTP requests that are let in or not, and what they are told."""

import asyncio
import base64
import json
import signal
from pathlib import Path
from time import monotonic

import pytest
from cpg_world import CREDENTIAL_KEY, World, gateway_in_process
from fuzz_socket import CLOSE, PING, TEXT, RawSocket, frame, handshake
from soak_gateway import SoakGateway

from sdk.bus import keys
from sdk.register import password_hash


def port_of(world: World) -> int:
    return int(world.url.rpartition(":")[2])


async def ask(world: World, request: bytes) -> tuple[int, str]:
    """Send a request; give the status and all that was said."""
    raw = await RawSocket.connect(port_of(world))
    try:
        await raw.write(request)
        if (head := await raw.http_answer(3)).startswith(b"HTTP/1.1 101"):
            return 101, head.decode()
        rest, is_over = await raw.rest(5)
        assert is_over, "who is refused is not kept"
        return int(head.split()[1]), (head + rest).decode()
    finally:
        raw.abort()


def knock(path: str, credentials: str | None = None) -> bytes:
    request = handshake("127.0.0.1", path)
    if credentials is None:
        return request
    secret = base64.b64encode(credentials.encode()).decode()
    return request.replace(b"\r\n\r\n", f"\r\nAuthorization: Basic {secret}\r\n\r\n".encode())


async def test_a_path_ends_in_an_id_or_is_refused(world: World, cp: str) -> None:
    for path, status in (
        (f"/{cp}", 101),
        (f"/ocpp/1.6/{cp}", 101),
        (f"//{cp}", 101),
        (f"/{cp}?token=1&a=/b", 101),
        (f"/{cp[:-1]}%{ord(cp[-1]):02x}", 101),
        ("/", 400),
        ("//", 400),
        (f"/{cp}/", 400),
        ("/%00", 400),
        (f"/{cp}%00", 400),
        ("/..%2f..%2fetc", 400),
        (f"/..%2f{cp}", 400),
        ("/%ff%fe", 400),
        ("/{CP}", 400),
        (f"/{'x' * 300}", 400),
        (f"/{'x' * 49}", 400),
        (f"/{'x' * 48}", 404),
        ("/..", 404),
        (f"/{cp.lower()}", 404),
        (f"/{cp}/other", 404),
    ):
        assert (await ask(world, knock(path)))[0] == status, path


async def test_the_subprotocol_is_agreed_on_or_refused(world: World, cp: str) -> None:
    line = b"Sec-WebSocket-Protocol: ocpp1.6"
    for offer, status in (
        (b"Sec-WebSocket-Protocol: ocpp0.1,ocpp1.6", 101),
        (b"Sec-WebSocket-Protocol: ocpp2.0.1\r\nSec-WebSocket-Protocol: ocpp1.6", 101),
        (b"Sec-WebSocket-Protocol: ocpp2.0.1", 400),
        (b"Sec-WebSocket-Protocol: ocpp1.6x, xocpp1.6", 400),
        (b"Sec-WebSocket-Protocol: ", 400),
        (b"X-None: 1", 400),
    ):
        found, text = await ask(world, knock(f"/{cp}").replace(line, offer))
        assert found == status, offer
        if status == 101:
            assert "sec-websocket-protocol: ocpp1.6\r\n" in text.lower()


async def test_a_wrong_password_is_told_as_little_as_a_missing_one(world: World, cp: str) -> None:
    await world.bus.write(
        keys.config(cp), {"password_hash": password_hash("secret", CREDENTIAL_KEY)}
    )
    said = set()
    for credentials in (None, f"{cp}:wrong", f"{cp}:", "other:secret", "no colon"):
        status, text = await ask(world, knock(f"/{cp}", credentials))
        assert status == 401
        said.add("\n".join(line for line in text.splitlines() if not line.startswith("Date")))
    assert len(said) == 1
    assert 'WWW-Authenticate: Basic realm="ocpp"' in said.pop()
    assert (await ask(world, knock(f"/{cp}", f"{cp}:secret")))[0] == 101


async def test_who_guesses_is_told_to_wait_and_others_are_not(world: World, cp: str) -> None:
    await world.bus.write(
        keys.config(cp), {"password_hash": password_hash("secret", CREDENTIAL_KEY)}
    )
    await world.register("NEIGHBOUR")
    guesses = [(await ask(world, knock(f"/{cp}", f"{cp}:{n}")))[0] for n in range(12)]
    assert guesses == [401] * 10 + [429] * 2
    status, text = await ask(world, knock(f"/{cp}", f"{cp}:secret"))
    assert status == 429
    assert "\r\nRetry-After: " in text
    assert (await ask(world, knock("/NEIGHBOUR")))[0] == 101


async def test_plain_security_is_not_taken_from_who_has_better(world: World, cp: str) -> None:
    fields = {"password_hash": password_hash("secret", CREDENTIAL_KEY)}
    for profile, status in (("1", 101), ("2", 401), ("3", 401)):
        await world.bus.write(keys.config(cp), {**fields, "security_profile": profile})
        assert (await ask(world, knock(f"/{cp}", f"{cp}:secret")))[0] == status


@pytest.mark.parametrize(
    "said", [b"", b"GET /SLOW HTTP/1.1\r\n", handshake("127.0.0.1", "/SLOW")[:-2]]
)
async def test_a_handshake_that_never_ends_is_dropped(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr("cpg.doorman.OPEN_S", 0.5)
    async with gateway_in_process(redis_url, silence=1) as world:
        raw = await RawSocket.connect(port_of(world))
        began = monotonic()
        await raw.write(said)
        async with asyncio.TaskGroup() as group:
            dripping = group.create_task(drip(raw))
            answer, is_over = await raw.rest(5)
            dripping.cancel()
        assert (answer, is_over) == (b"", True)
        assert 0.4 < monotonic() - began < 2
        raw.abort()


async def drip(raw: RawSocket) -> None:
    """Say a little, so that it looks alive."""
    while True:
        await raw.write(b"X")
        await asyncio.sleep(0.05)


async def test_a_handshake_that_is_too_long_is_dropped(world: World) -> None:
    raw = await RawSocket.connect(port_of(world))
    await raw.write(b"GET /" + b"x" * 40_000)
    answer, is_over = await raw.rest(5)
    assert is_over
    assert b" 101 " not in answer
    raw.abort()


@pytest.mark.parametrize(
    "request_line",
    ["GET /Säule HTTP/1.1", "GET /a b HTTP/1.1", "GET /CP HTTP/2", "CP", "\x16\x03\x01"],
    ids=["a path that is not ASCII", "a space", "another version", "no request", "TLS"],
)
async def test_what_can_not_be_read_is_told_so(world: World, request_line: str) -> None:
    _, _, headers = knock("/CP").partition(b"\r\n")
    assert (await ask(world, request_line.encode() + b"\r\n" + headers))[0] == 400


@pytest.mark.parametrize("header", ["no colon", "Content-Length: 3", "Transfer-Encoding: chunked"])
async def test_headers_that_can_not_be_are_told_so(world: World, cp: str, header: str) -> None:
    request = knock(f"/{cp}").replace(b"\r\n\r\n", f"\r\n{header}\r\n\r\n".encode())
    assert (await ask(world, request))[0] == 400


async def test_a_path_writes_nothing_to_the_log_that_a_terminal_obeys(
    redis_url: str, tmp_path: Path
) -> None:
    gateway = SoakGateway("door", redis_url, tmp_path)
    try:
        await gateway.start()
        raw = await RawSocket.connect(int(gateway.url.rpartition(":")[2]))
        await raw.write(knock("/\x1b[2J\x07X"))
        await raw.rest(5)
        raw.abort()
    finally:
        await gateway.end(signal.SIGTERM)
    told = [json.loads(line)["event"] for line in gateway.log_lines()]
    assert [text for text in told if text.startswith("turned away /[2JX from ")]


@pytest.mark.parametrize(
    "behind",
    [frame(TEXT, b"x"), frame(PING, b"x"), frame(CLOSE), frame(3, b"x"), frame(TEXT, masked=False)],
    ids=["text", "ping", "close", "unknown opcode", "unmasked"],
)
async def test_what_comes_behind_the_request_does_not_change_its_answer(
    world: World, cp: str, behind: bytes
) -> None:
    assert (await ask(world, knock("/nobody") + behind))[0] == 404
    assert (await ask(world, knock(f"/{cp}") + behind))[0] == 101
