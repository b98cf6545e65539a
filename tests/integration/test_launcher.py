"""The launcher over real child processes and its own private server."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sdk.bus.redis_bus import RedisBus
from sdk.child import ServiceSpec
from sdk.keeper import LauncherError
from sdk.launcher import Launcher

ROOT = Path(__file__).parents[2]
SOURCE = """
import asyncio, sys
from sdk.service import Context, run
from sdk.settings import Port, ServiceSettings, SettingsError

NAME = sys.argv[0].rpartition("/")[2].removesuffix(".py")

class Settings(ServiceSettings):
    lamp_port: Port = 0
    bell_port: Port = 0
    bell_side_port: Port = 0
    lamp_way: str = "good"

async def serve(settings: Settings, context: Context) -> None:
    if NAME == "lamp" and settings.lamp_way == "settings":
        raise SettingsError("LAMP_WAY: cannot be this")
    if settings.lamp_way == "fails":
        raise RuntimeError("broken")
    if settings.lamp_way == "long":
        print("x" * 3_000_000, file=sys.stderr, flush=True)
    port = settings.lamp_port if NAME == "lamp" else settings.bell_port
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
    context.log.info("side %s", settings.bell_side_port)
    context.ready(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await context.stopping.wait()
    context.log.info("out")
    server.close()

run(NAME, Settings, serve)
"""
LAMP = ServiceSpec("lamp", "lamp", "LAMP_PORT")
BELL = ServiceSpec("bell", "bell", "BELL_PORT", other_ports=("BELL_SIDE_PORT",))


class Heard:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.err: list[str] = []

    def count(self, text: str) -> int:
        return sum(text in line for line in self.err)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    for spec in (LAMP, BELL):
        (tmp_path / f"{spec.module}.py").write_text(SOURCE)
    return {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}",
        "DATA_DIR": str(tmp_path / "data"),
        "REDIS_URL": "",
        "LAMP_PORT": "0",
        "BELL_PORT": "0",
        "BELL_SIDE_PORT": "0",
    }


@asynccontextmanager
async def running(
    heard: Heard, environment: dict[str, str], *services: ServiceSpec
) -> AsyncIterator[Launcher]:
    launcher = Launcher(services, environment, out=heard.out.append, err=heard.err.append)
    async with launcher:
        yield launcher


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - other processes change it
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_all_are_ready_on_one_private_server(
    heard: Heard, environment: dict[str, str], tmp_path: Path
) -> None:
    async with running(heard, environment, LAMP, BELL) as launcher:
        assert sorted(heard.out) == [
            f"ready {name} {launcher.urls[name]}" for name in ("bell", "lamp")
        ]
        pids = launcher.pids
        assert all(is_alive(pid) for pid in pids.values())
        assert (tmp_path / "data" / "redis.url").read_text().strip() == launcher.redis_url
        await until(lambda: heard.count("side ") == 2)
    assert launcher.pids == {}
    assert not any(is_alive(pid) for pid in pids.values())
    assert heard.count('"out"') == 2
    assert not (tmp_path / "data" / "redis.url").exists()


async def test_a_killed_service_comes_back_at_its_place(
    heard: Heard, environment: dict[str, str]
) -> None:
    async with running(heard, environment, LAMP, BELL) as launcher:
        urls, pids = launcher.urls, launcher.pids
        side = next(line for line in heard.err if "side " in line and "bell" in line)
        for name, pid in pids.items():
            os.kill(pid, signal.SIGKILL)
            assert await launcher.wait_ready(name, after_pid=pid) == urls[name]
        assert launcher.urls == urls
        assert set(launcher.pids.values()).isdisjoint(pids.values())
        assert len(heard.out) == 2
        assert heard.count("lamp was ended by SIGKILL; starts again in 0.2 s") == 1
        await until(lambda: heard.count("side ") == 4)
        text = side[side.index("side ") : side.index("side ") + 10]
        assert heard.count(text) >= 2


async def test_the_private_server_comes_back_too(heard: Heard, environment: dict[str, str]) -> None:
    async with running(heard, environment, LAMP) as launcher:
        bus = RedisBus.from_url(launcher.redis_url)
        await bus.write("kept", {"a": "1"})
        server = launcher.server_pid
        assert server is not None
        await asyncio.sleep(1.1)  # appendfsync everysec
        os.kill(server, signal.SIGKILL)
        await until(lambda: launcher.server_pid not in (None, server))
        assert await bus.read("kept") == {"a": "1"}
        await bus.close()


async def test_wrong_settings_are_reported_and_end_the_start(
    heard: Heard, environment: dict[str, str]
) -> None:
    wrong = {**environment, "LAMP_WAY": "settings"}
    launcher = Launcher([LAMP, BELL], wrong, out=heard.out.append, err=heard.err.append)
    with pytest.raises(LauncherError, match=r"^lamp: LAMP_WAY: cannot be this$") as caught:
        await launcher.start()
    assert caught.value.exit_code == 2
    assert launcher.pids == {}
    assert heard.count("lamp is not started again: its settings are wrong") == 1
    assert heard.count("starts again") == 0


async def test_one_that_fails_is_started_later_each_time(
    heard: Heard, environment: dict[str, str]
) -> None:
    failing = {**environment, "LAMP_WAY": "fails"}
    launcher = Launcher([LAMP], failing, out=heard.out.append, err=heard.err.append)
    async with asyncio.TaskGroup() as group:
        starting = group.create_task(launcher.start())
        await until(lambda: heard.count("starts again in 0.5 s") == 1)
        starting.cancel()
    assert heard.count("lamp ended with exit code 1; starts again in 0.2 s") == 1
    assert launcher.pids == {}
    assert heard.out == []


async def test_an_endless_line_breaks_nothing(heard: Heard, environment: dict[str, str]) -> None:
    async with running(heard, {**environment, "LAMP_WAY": "long"}, LAMP):
        await until(lambda: heard.count("side ") == 1)
        assert heard.count("a line of more than 1 MiB was left out") >= 1


async def test_a_given_redis_is_used(
    heard: Heard, environment: dict[str, str], redis_url: str, tmp_path: Path
) -> None:
    async with running(heard, {**environment, "REDIS_URL": redis_url}, LAMP) as launcher:
        assert launcher.redis_url == redis_url
        assert not (tmp_path / "data").exists()


PARENT = """
import asyncio, sys
from sdk.child import ServiceSpec
from sdk.launcher import up

names = ("lamp", "bell")
asyncio.run(up([ServiceSpec(name, name, f"{name.upper()}_PORT") for name in names]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_it(environment: dict[str, str], number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        env={**os.environ, **environment, "REDIS_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert parent.stdout is not None
        ready = {parent.stdout.readline().split()[1] for _ in range(2)}
        assert ready == {"lamp", "bell"}
        children = [int(pid) for pid in _children(parent.pid)]
        assert len(children) == 3
        parent.send_signal(number)
        parent.communicate(timeout=20)
        assert parent.returncode == (-9 if number is signal.SIGKILL else 0)
        deadline = time.monotonic() + 15
        while any(map(is_alive, children)):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        parent.kill()
        parent.communicate()


def _children(pid: int) -> list[str]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [child for task in tasks for child in (task / "children").read_text().split()]
