"""Who a console lets near: beyond loopback, by which names, and whom a proxy forwards."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from api_world import CHAIN, made_api
from console_accounts import PASSWORD, account_of

from sdk.bus.redis_bus import RedisBus
from sdk.ids import utc_now
from session_manager.api import event_streams
from session_manager.console import Console, ConsoleAddress
from session_manager.console_web import ConsoleHostError
from session_manager.sign_in_attempts import OF_A_NETWORK, OF_AN_ACCOUNT
from session_manager.sign_ins import SignIns

ROOT = Path(__file__).parents[2]
GUESSING = """
import asyncio, sys
from console_accounts import quick_sign_ins
from sdk.bus.redis_bus import RedisBus
from session_manager.sign_in_attempts import SignInWaitError
from session_manager.sign_ins import WrongPasswordError

async def main():
    bus = RedisBus.from_url(sys.argv[1])
    sign_ins, told = quick_sign_ins(bus), []
    for number in range(10):
        try:
            await sign_ins.enter("administrator", f"guess {number}", "192.0.2.1")
        except WrongPasswordError:
            told.append("wrong")
        except SignInWaitError:
            told.append("wait")
    await bus.close()
    print(*told)

asyncio.run(main())
"""
EVERYWHERE = "0.0.0.0"  # noqa: S104 - that it is refused is what is tested


@asynccontextmanager
async def console(
    bus: RedisBus, static: Path, host: str = "127.0.0.1", proxies: tuple[str, ...] = ()
) -> AsyncIterator[tuple[str, SignIns]]:
    """Run a console with its API; gives its port's URL on loopback."""
    _, api = made_api(bus)
    address = ConsoleAddress(host, 0, static, ("cpo.example.com",), proxies)
    made = Console(bus, lambda: CHAIN, utc_now, address, api=api)
    async with asyncio.TaskGroup() as tasks:
        url = await made.start()
        tasks.create_task(made.run())
        try:
            yield f"http://127.0.0.1:{url.rsplit(':', 1)[1]}", api.sign_ins
        finally:
            await made.stop()


async def test_beyond_loopback_there_has_to_be_an_administrator(
    redis_bus: RedisBus, tmp_path: Path
) -> None:
    _, api = made_api(redis_bus)
    await account_of(api.sign_ins, "operator")
    closed = Console(
        redis_bus, lambda: CHAIN, utc_now, ConsoleAddress(EVERYWHERE, 0, tmp_path), api=api
    )
    with pytest.raises(ConsoleHostError, match="noroam account add NAME --role administrator"):
        await closed.start()
    await account_of(api.sign_ins, "administrator")
    (tmp_path / "index.html").write_text("page")
    async with (
        console(redis_bus, tmp_path, EVERYWHERE) as (url, _),
        aiohttp.ClientSession() as http,
    ):
        for host, status in (("CPO.example.com", 200), ("other.example.com", 421)):
            answer = await http.get(f"{url}/", headers={"Host": host})
            assert answer.status == status, host


async def _guess(http: aiohttp.ClientSession, url: str, number: int, forwarded: str) -> int:
    body = {"name": f"n{number}", "password": PASSWORD}
    headers = {"X-Forwarded-For": forwarded}
    async with http.post(f"{url}/api/v1/sign-in", json=body, headers=headers) as answer:
        return answer.status


async def test_a_forwarded_address_is_believed_from_trusted_proxies_alone(
    redis_bus: RedisBus, tmp_path: Path
) -> None:
    async with (
        console(redis_bus, tmp_path, proxies=("127.0.0.0/8",)) as (url, _),
        aiohttp.ClientSession() as http,
    ):
        for number in range(OF_A_NETWORK.free):
            faked = f"203.0.113.{number}, 192.0.2.1"
            assert await _guess(http, url, number, faked) == 401
        assert await _guess(http, url, 1_000, "203.0.113.9, 192.0.2.1") == 429
        assert await _guess(http, url, 1_001, "192.0.2.2") == 401
    async with console(redis_bus, tmp_path) as (url, _), aiohttp.ClientSession() as http:
        for number in range(OF_A_NETWORK.free):
            assert await _guess(http, url, 2_000 + number, f"198.51.100.{number}") == 401
        assert await _guess(http, url, 3_000, "198.51.100.99") == 429


async def test_processes_count_wrong_passwords_together(
    redis_bus: RedisBus, redis_url: str
) -> None:
    _, api = made_api(redis_bus)
    await account_of(api.sign_ins, "administrator")
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", GUESSING, redis_url),
            env={"PATH": os.environ["PATH"], "PYTHONPATH": path},
            stdout=PIPE,
        )
        for _ in range(3)
    ]
    said = [(await process.communicate())[0].decode().split() for process in processes]
    assert [len(each) for each in said] == [10] * 3
    # the first wait is a second: a slow machine lets one or two more through after it
    wrong = sum(each.count("wrong") for each in said)
    assert OF_AN_ACCOUNT.free <= wrong <= OF_AN_ACCOUNT.free + 3


async def test_a_stream_s_caller_is_whom_the_proxy_forwards(
    redis_bus: RedisBus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "FRESH_S", 0.1)
    services, api = made_api(redis_bus)
    assert services.api_keys is not None
    key, text = await services.api_keys.make("app", "viewer")
    address = ConsoleAddress("127.0.0.1", 0, tmp_path, proxies=("127.0.0.1",))
    made = Console(redis_bus, lambda: CHAIN, utc_now, address, api=api)
    headers = {"X-API-Key": text, "X-Forwarded-For": "192.0.2.7"}
    async with asyncio.TaskGroup() as tasks, aiohttp.ClientSession(headers=headers) as http:
        url = await made.start()
        tasks.create_task(made.run())
        async with http.get(f"{url}/api/v1/events") as stream:
            assert stream.status == 200
            await services.api_keys.revoke(key.id)
            services.access.forget()
            async with asyncio.timeout(10):
                await stream.read()
        await made.stop()
    assert list(services.access._wrong._counts) == ["192.0.2.7"]
