"""One service as a child process: started by module name, its output prefixed, its end awaited."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1
_LONGEST_LINE = 1 << 20


Hear = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """How a service is started, and which port its `ready` URL tells.

    `other_ports` are variables of ports that the URL does not tell.
    """

    name: str
    module: str
    port: str | None = None
    other_ports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit code, or minus the signal's number, and after how long."""

    code: int
    seconds: float

    @property
    def text(self) -> str:
        """Say it to a person."""
        if self.code < 0:
            return f"was ended by {signal.Signals(-self.code).name}"
        return f"ended with exit code {self.code}"


class Child:
    """A running service; its process never outlives ours."""

    def __init__(self, process: asyncio.subprocess.Process, started: float) -> None:
        self._process = process
        self._started = started

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @classmethod
    async def start(cls, module: str, environment: Mapping[str, str]) -> "Child":
        """Start `python -m <module>` in a session of its own, so that Ctrl-C reaches only us."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            start_new_session=True,
            preexec_fn=_end_with_parent(os.getpid()),
        )
        return cls(process, asyncio.get_running_loop().time())

    async def follow(self, out: Hear, err: Hear) -> Ended:
        """Hand over every line that it writes, until it ends."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_lines(self._process.stdout, out))
            group.create_task(_lines(self._process.stderr, err))
        code = await self._process.wait()
        return Ended(code, asyncio.get_running_loop().time() - self._started)

    def ask_to_stop(self) -> None:
        """Send SIGTERM, unless it ended already."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL, unless it ended already."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            self._process.send_signal(number)


def _end_with_parent(parent: int) -> Callable[[], None]:
    """Give what a child calls between fork and exec, where nothing may be imported any more."""

    def prepare() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # it died before the call above
                os._exit(0)

    return prepare


async def _lines(stream: asyncio.StreamReader | None, take: Hear) -> None:
    while stream is not None:
        try:
            line = await stream.readline()
        except ValueError:  # longer than the limit; what was read of it is gone
            await take("(a line of more than 1 MiB was left out)")
            continue
        if not line:
            return
        await take(line.decode("utf-8", "replace").rstrip("\r\n"))
