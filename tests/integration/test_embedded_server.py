"""The private server: private, durable, one per data directory, gone with its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from sdk.bus.redis_bus import RedisBus
from sdk.data_folder import lock_folder
from sdk.embedded import EmbeddedServer
from sdk.embedded_engine import EmbeddedServerError, Engine, find_engine

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(tmp_path)
    server.open()
    yield server
    server.close()


def client(url: str) -> "Redis":
    return Redis.from_url(url, decode_responses=True)


def test_it_is_private(server: EmbeddedServer, tmp_path: Path) -> None:
    file = tmp_path / "redis.url"
    assert file.read_text().strip() == server.url
    assert file.stat().st_mode & 0o777 == 0o600
    _, _, place = server.url.partition("@")
    assert place.startswith("127.0.0.1:")
    with client(f"redis://{place}") as stranger, pytest.raises(AuthenticationError):
        stranger.ping()
    password = server.url.split("@")[0].rpartition(":")[2]
    arguments = Path(f"/proc/{server.pid}/cmdline")
    if arguments.exists():
        assert password not in arguments.read_text()
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path != file]
    assert not [path for path in kept if password in path.read_text(errors="replace")]


def test_it_is_durable_and_never_evicts(server: EmbeddedServer) -> None:
    with client(server.url) as redis:
        told = {
            name: redis.config_get(name)[name]
            for name in ("appendonly", "appendfsync", "save", "maxmemory-policy")
        }
    assert told == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }


def test_data_and_port_outlive_a_stop(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path)
    server.open()
    with client(server.url) as redis:
        redis.set("kept", "yes")
    place = server.url.partition("@")[2]
    server.close()
    assert not (tmp_path / "redis.url").exists()
    assert server.pid is None
    again = EmbeddedServer(tmp_path)
    again.open()
    with client(again.url) as redis:
        assert redis.get("kept") == "yes"
    assert again.url.partition("@")[2] == place
    again.close()


def test_the_folder_tells_engine_and_version(server: EmbeddedServer, tmp_path: Path) -> None:
    engine = find_engine()
    assert server.pid is not None
    assert (tmp_path / f"{engine.name}-{engine.major}" / "appendonlydir").is_dir()


def test_a_data_directory_has_one_server(
    server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdk.embedded.lock_folder", lambda folder: lock_folder(folder, 0.1))
    second = EmbeddedServer(tmp_path)
    with pytest.raises(EmbeddedServerError, match="in use"):
        second.open()
    assert (tmp_path / "redis.url").read_text().strip() == server.url
    with client(server.url) as redis:
        assert redis.ping()


async def test_a_dead_server_is_started_again_at_the_same_url(tmp_path: Path) -> None:
    server = await EmbeddedServer.start(tmp_path)
    url, first = server.url, server.pid
    assert first is not None
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.keep())
        with client(url) as redis:
            redis.set("kept", "yes")
        os.kill(first, signal.SIGKILL)
        bus = RedisBus.from_url(url)
        await bus.ping()
        await bus.close()
        with client(url) as redis:
            assert redis.get("kept") == "yes"
        assert server.pid not in (None, first)
        assert server.url == url
        await server.stop()
    assert server.pid is None


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("the death signal is Linux's")
    code = (
        "import sys, time; from sdk.embedded import EmbeddedServer; "
        "server = EmbeddedServer(sys.argv[1]); server.open(); "
        "print(server.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while _is_alive(pid):
        assert time.monotonic() < deadline, "the server outlived its parent"
        time.sleep(0.02)
    after = EmbeddedServer(tmp_path)
    after.open()
    after.close()


def test_a_server_that_does_not_run_tells_why(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServerError, match="does not run"):
        EmbeddedServer(tmp_path, Engine(Path("/bin/false"), "valkey", 9)).open()
    assert not (tmp_path / "redis.url").exists()


def test_no_engine_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=6.2.1 sha=0'\n")
    old.chmod(0o755)
    monkeypatch.setattr("sdk.embedded_engine.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedServerError, match=r"REDIS_URL.*redis 6"):
        find_engine()


def test_a_server_on_the_path_is_taken_without_the_wheel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wheel = find_engine()
    (tmp_path / "valkey-server").symlink_to(wheel.program)
    monkeypatch.setattr("sdk.embedded_engine.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_engine() == Engine(tmp_path / "valkey-server", wheel.name, wheel.major)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
