"""The P2P server as a process: its ready line, settings that are wrong, and a stop."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from forked_program import ForkedProgram

from sdk.p2p.keys import load_key

P2P_SERVER = ForkedProgram("p2p_server.__main__:main", ("p2p_server.__main__",))


def variables(redis_url: str, folder: Path) -> dict[str, str]:
    return {
        "REDIS_URL": redis_url,
        "DATA_DIR": str(folder),
        "P2P_PORT": "0",
        "P2P_WS_PORT": "0",
    }


async def start(redis_url: str, folder: Path) -> Process:
    inherited = {it: value for it, value in os.environ.items() if not it.startswith("P2P_")}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "p2p_server"),
        env=inherited | variables(redis_url, folder),
        stdout=PIPE,
        stderr=PIPE,
    )


async def ended(redis_url: str, folder: Path, **settings: str) -> CompletedProcess[str]:
    given = variables(redis_url, folder) | {"LOG_LEVEL": "ERROR"} | settings
    return await asyncio.to_thread(P2P_SERVER.run, ["noroam-p2p-server"], given, folder)


async def test_a_real_process_says_where_it_is_and_stops_when_asked(
    redis_url: str, tmp_path: Path
) -> None:
    process = await start(redis_url, tmp_path)
    assert process.stdout is not None
    words = (await process.stdout.readline()).decode().split()
    peer_id = load_key(tmp_path / "p2p.key").peer_id
    assert words[:2] == ["ready", "p2p_server"]
    assert words[2].startswith("/ip4/127.0.0.1/tcp/")
    assert words[2].endswith(f"/p2p/{peer_id}")
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        assert await process.wait() == 0


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"P2P_PORT": "70000"}, "P2P_PORT"),
        ({"P2P_PORT": "4001", "P2P_WS_PORT": "4001"}, "P2P_WS_PORT"),
        ({"P2P_HOST": "0.0.0.0"}, "P2P_ANNOUNCE"),  # noqa: S104 - it is refused
        ({"P2P_HOST": "nowhere"}, "P2P_"),
        ({"P2P_KEY_FILE": "/"}, "P2P_KEY_FILE"),
        ({"P2P_REQUEST_BURST": "0"}, "P2P_REQUEST_BURST"),
    ],
)
async def test_wrong_settings_end_it_with_one_line_that_names_them(
    redis_url: str, tmp_path: Path, settings: dict[str, str], named: str
) -> None:
    result = await ended(redis_url, tmp_path, **settings)
    assert result.returncode == 2
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert named in lines[0]


async def test_a_port_in_use_is_told(redis_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = await ended(redis_url, tmp_path, P2P_PORT=port)
    assert result.returncode == 1
    assert f"{port}: in use" in result.stderr
