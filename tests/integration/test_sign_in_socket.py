"""The live connection of the console: for who is signed in, as long as it is, and may."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio
from console_accounts import PASSWORD, account_of
from console_world import ConsoleWorld, console_world
from redis.asyncio import Redis
from structlog.testing import capture_logs

from sdk.api_keys import Role
from session_manager.console_door import least_role
from session_manager.sign_in_cookie import COOKIE

COMMANDS = {"type": "SessionStopRequested", "charge_point_id": "CP-1"}
WITHIN_S = 10


@pytest.fixture
async def world(redis: Redis, redis_url: str, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    assert redis is not None
    async with console_world(redis_url, static=tmp_path) as world:
        yield world


@asynccontextmanager
async def live(url: str, token: str) -> AsyncIterator[tuple[socketio.AsyncClient, asyncio.Event]]:
    """Connect; give the client, and what happens when it is put out."""
    client, gone = socketio.AsyncClient(reconnection=False), asyncio.Event()
    client.on("disconnect", lambda *_: gone.set())
    await client.connect(url, {"Cookie": f"{COOKIE}={token}"}, transports=["websocket"])
    try:
        yield client, gone
    finally:
        await client.disconnect()


async def refused(url: str, headers: dict[str, str], transport: str) -> None:
    """Try to connect, and be turned away."""
    async with aiohttp.ClientSession() as http:
        client = socketio.AsyncClient(reconnection=False, http_session=http)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(url, headers, transports=[transport])


async def test_there_is_none_without_a_session(world: ConsoleWorld) -> None:
    for cookie in ("", f"{COOKIE}={'A' * 43}", f"{COOKIE}=; x"):
        await refused(world.url, {"Cookie": cookie}, "websocket")
        await refused(world.url, {"Cookie": cookie}, "polling")
    async with aiohttp.ClientSession() as http:
        answer = await http.get(f"{world.url}/socket.io/?EIO=4&transport=polling")
        assert answer.status == 401


async def test_an_api_key_opens_none(world: ConsoleWorld) -> None:
    client = await world.client("administrator")
    made = await client.post(
        f"{world.url}/api/v1/api-keys", json={"name": "k", "role": "administrator"}
    )
    key = (await made.json())["key"]
    await refused(world.url, {"X-API-Key": key}, "websocket")


async def test_another_page_opens_none_with_the_browser_s_cookie(world: ConsoleWorld) -> None:
    cookie = {"Cookie": f"{COOKIE}={await world.token('operator')}"}
    async with aiohttp.ClientSession(headers=cookie) as http:
        path = f"{world.url}/socket.io/?EIO=4&transport=websocket"
        for origin in (
            "http://evil.example",
            "null",
            world.url.replace("127.0.0.1", "localhost"),
        ):
            with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
                await http.ws_connect(path, origin=origin)
            assert raised.value.status == 400, origin
        own = await http.ws_connect(path, origin=world.url)
        await own.close()


async def test_another_page_s_script_reads_nothing(world: ConsoleWorld) -> None:
    cookie = {"Cookie": f"{COOKIE}={await world.token('operator')}"}
    async with aiohttp.ClientSession(headers=cookie) as http:
        answer = await http.get(f"{world.url}/socket.io/?EIO=4&transport=polling&j=0")
        assert answer.status == 400
        assert "sid" not in await answer.text()
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("how", ["sign-out", "disabled", "removed", "password"])
async def test_it_is_closed_within_seconds_when_the_session_is_over(
    world: ConsoleWorld, redis_url: str, tmp_path: Path, how: str
) -> None:
    account = await account_of(world.sign_ins, "operator")
    token = await world.token("operator")
    told = asyncio.Event()
    async with (
        console_world(redis_url, static=tmp_path) as other,
        live(other.url, token) as (client, gone),
    ):
        client.on("signed_out", lambda *_: told.set())
        accounts = world.sign_ins.accounts
        if how == "sign-out":
            await world.sign_ins.leave(token)
        elif how == "disabled":
            await accounts.change(account.id, disabled=True)
        elif how == "removed":
            await accounts.remove(account.id)
        else:
            await accounts.change(account.id, password=PASSWORD + "!")
        async with asyncio.timeout(WITHIN_S):
            await told.wait()
            await gone.wait()


@pytest.mark.parametrize("role", ["viewer", "operator", "administrator"])
@pytest.mark.parametrize(
    "command",
    [
        "BalanceRequested",
        "PublicKeyRequested",
        "DidPublishRequested",
        "ChainReconnectRequested",
        "SessionStopRequested",
        "DisputeResolveRequested",
        "Explode",
    ],
)
async def test_commands_are_for_operators(world: ConsoleWorld, role: Role, command: str) -> None:
    data: dict[str, Any] = {"type": command, "charge_point_id": "nobody"}
    async with live(world.url, await world.token(role)) as (client, _):
        answer = await client.call("command", data)
    is_allowed = role != "viewer" or command in ("BalanceRequested", "PublicKeyRequested")
    reason = "unknown_type" if command == "Explode" else "unknown_station"
    assert answer["reason"] == (reason if is_allowed else "forbidden")


def test_what_is_not_known_is_for_operators() -> None:
    assert least_role("DidDeactivateRequested") == "operator"
    assert least_role("") == "operator"


async def test_a_lowered_role_holds_for_the_open_page(world: ConsoleWorld) -> None:
    account = await account_of(world.sign_ins, "operator")
    async with live(world.url, await world.token("operator")) as (client, _):
        assert (await client.call("command", COMMANDS))["reason"] == "unknown_station"
        await world.sign_ins.accounts.change(account.id, role="viewer")
        world.sign_ins.forget()
        assert (await client.call("command", COMMANDS))["reason"] == "forbidden"


async def test_the_log_says_who_gave_a_command(world: ConsoleWorld) -> None:
    account = await account_of(world.sign_ins, "operator")
    with capture_logs() as lines:
        async with live(world.url, await world.token("operator")) as (client, _):
            await client.call("command", {**COMMANDS, "by": "somebody else"})
    said = [line["event"] for line in lines if "asked for" in line["event"]]
    assert said == [f"SessionStopRequested for CP-1 is asked for by operator ({account.id})"]
