"""A service as a real process: its start, its end, its exit code."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from forked_program import ROOT, ForkedProgram

from sdk.bus.redis_bus import RedisBus
from sdk.embedded import EmbeddedServer

SOURCE = """
import asyncio
from sdk import logs
from sdk.service import Context, run
from sdk.settings import Port, ServiceSettings, SettingsError

class Settings(ServiceSettings):
    lamp_port: Port = 0
    lamp_way: str = "good"

async def serve(settings: Settings, context: Context) -> None:
    with logs.bind(charge_point_id="CP1", session_id="0x12"):
        context.log.info("the lamp shines", password="hush-hush")
    if settings.lamp_way == "settings":
        raise SettingsError("LAMP_WAY: cannot be this")
    if settings.lamp_way == "fails":
        raise RuntimeError("the lamp broke")
    context.ready("lamp://here")
    context.ready("lamp://again")
    await context.stopping.wait()
    if settings.lamp_way == "slow":
        await asyncio.sleep(60)
    if settings.lamp_way == "stubborn":
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                pass
    context.log.info("the lamp is out")

def main() -> None:
    run("lamp", Settings, serve)

if __name__ == "__main__":
    main()
"""
LAMP = ForkedProgram("lamp:main", ("sdk.service",))

Process = subprocess.Popen[str]


class Lamp:
    def __init__(self, folder: Path) -> None:
        (folder / "lamp.py").write_text(SOURCE)
        self._folder = folder
        self._processes: list[Process] = []

    def start(self, **variables: str) -> Process:
        process = subprocess.Popen(
            [sys.executable, "-m", "lamp"],
            cwd=self._folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        return process

    def ended(self, **variables: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join((str(self._folder), str(ROOT)))
        return LAMP.run(["lamp"], {"PYTHONPATH": path, **variables}, self._folder)

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()


@pytest.fixture
def lamp(tmp_path: Path) -> Iterator[Lamp]:
    lamp = Lamp(tmp_path)
    yield lamp
    lamp.end()


def ready(process: Process) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_ready_once_and_stops_when_asked(
    lamp: Lamp, redis_url: str, redis_bus: RedisBus, number: signal.Signals
) -> None:
    process = lamp.start(REDIS_URL=redis_url)
    assert ready(process) == "ready lamp lamp://here"
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert out == ""
    lines = [json.loads(line) for line in err.splitlines()]
    assert [line["event"] for line in lines][1:] == [
        "the lamp shines",
        f"stops: {number.name}",
        "the lamp is out",
    ]
    assert "LAMP_PORT=0" in lines[0]["event"]
    assert "REDIS_URL=redis://:***@127.0.0.1" in lines[0]["event"]
    assert "hush" not in err

    stored = [line.fields for line in await redis_bus.read_log()]
    shines = next(fields for fields in stored if "shines" in fields["text"])
    assert shines["text"] == "the lamp shines password=***"
    assert shines["charge_point_id"] == "CP1"
    assert shines["session_id"] == "0x12"
    assert shines["service"] == "lamp"
    assert stored[-1]["text"] == "the lamp is out"


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"LAMP_PORT": "many"}, "lamp: LAMP_PORT: should be a valid integer"),
        ({"LAMP_WAY": "settings"}, "lamp: LAMP_WAY: cannot be this"),
        ({"REDIS_URL": "redis://127.0.0.1:port"}, "lamp: REDIS_URL: is no URL of a Redis server"),
        ({"REDIS_URL": ""}, "lamp: REDIS_URL: is not set and "),
    ],
)
def test_wrong_settings_end_it_with_one_line(
    lamp: Lamp, redis_url: str, variables: dict[str, str], line: str
) -> None:
    result = lamp.ended(**{"REDIS_URL": redis_url, **variables})
    assert result.returncode == 2
    assert result.stdout == ""
    plain = [text for text in result.stderr.splitlines() if not text.startswith("{")]
    assert len(plain) == 1
    assert plain[0].startswith(line)
    assert "Traceback" not in result.stderr


def test_a_refused_password_ends_it(lamp: Lamp, redis_server: EmbeddedServer) -> None:
    port = redis_server.url.rpartition(":")[2]
    result = lamp.ended(REDIS_URL=f"redis://:wrong-one@127.0.0.1:{port}")
    assert result.returncode == 2
    assert "lamp: REDIS_URL: redis://:***@127.0.0.1" in result.stderr
    assert "wrong-one" not in result.stderr


async def test_a_failure_is_logged_and_told_by_the_exit_code(
    lamp: Lamp, redis_url: str, redis_bus: RedisBus
) -> None:
    result = lamp.ended(REDIS_URL=redis_url, LAMP_WAY="fails")
    assert result.returncode == 1
    last = json.loads(result.stderr.splitlines()[-1])
    assert "RuntimeError: the lamp broke" in last["exception"]
    stored = [line.fields["text"] for line in await redis_bus.read_log()]
    assert "RuntimeError: the lamp broke" in stored[-1]


def test_a_slow_one_is_cancelled_after_its_grace(lamp: Lamp, redis_url: str) -> None:
    process = lamp.start(REDIS_URL=redis_url, LAMP_WAY="slow", STOP_GRACE="0.3")
    ready(process)
    process.terminate()
    _, err = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "still busy after 0.3 s: cancelling" in err


def test_a_stubborn_one_is_ended_hard(lamp: Lamp, redis_url: str) -> None:
    process = lamp.start(REDIS_URL=redis_url, LAMP_WAY="stubborn", STOP_GRACE="0.3")
    ready(process)
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "ending hard" in err


async def test_it_waits_for_redis(lamp: Lamp, tmp_path: Path) -> None:
    server = await EmbeddedServer.start(tmp_path / "data")
    try:
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        while server.pid is not None:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.01)
        process = lamp.start(DATA_DIR=str(tmp_path / "data"))
        assert process.stderr is not None
        process.stderr.readline()
        waiting = json.loads(process.stderr.readline())
        assert waiting["level"] == "warning"
        assert waiting["event"].startswith("waiting for Redis at redis://:***@127.0.0.1")
        await server.restart()
        assert ready(process) == "ready lamp lamp://here"
        process.terminate()
        assert process.wait(10) == 0
    finally:
        await server.stop()


def test_it_can_be_stopped_while_it_waits_for_redis(lamp: Lamp) -> None:
    process = lamp.start(REDIS_URL="redis://127.0.0.1:1/0")
    assert process.stderr is not None
    assert "waiting" not in process.stderr.readline()
    assert "waiting for Redis" in process.stderr.readline()
    process.terminate()
    assert process.wait(10) == 0
