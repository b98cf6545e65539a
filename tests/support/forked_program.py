"""Programs as processes of their own that need not load their modules again.

Each run is forked from a process that has loaded them, and has done nothing else. It has its own
folder, streams, environment and exit code; nothing of the tests' process comes along.
"""

import atexit
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, CompletedProcess, Popen, TimeoutExpired
from tempfile import TemporaryFile
from threading import Lock
from typing import IO

import fork_server

ROOT = Path(__file__).parents[2]
SECONDS = 100
_READ_AT_START = ("PYTHON", "LC_", "LANG")


@dataclass(frozen=True, slots=True)
class ForkedProgram:
    """A console script: its `entry` as `module:function`, and what is `loaded` beforehand."""

    entry: str
    loaded: tuple[str, ...]
    _server: "list[_ForkServer]" = field(default_factory=list, compare=False, repr=False)
    _starting: Lock = field(default_factory=Lock, compare=False, repr=False)

    def run(
        self, argv: Sequence[str], variables: Mapping[str, str], folder: Path, stdin: str = ""
    ) -> CompletedProcess[str]:
        """Run it to its end; `argv` begins with its name. PYTHONPATH has this project at least.

        Raises ValueError for a variable that Python itself reads before a fork can change it, and
        TimeoutExpired.
        """
        early = [name for name in variables if name.startswith(_READ_AT_START)]
        if set(early) - {"PYTHONPATH"}:
            raise ValueError(f"a process of its own must be started for {early}")
        given = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **variables}
        asked = {"entry": self.entry, "argv": argv, "variables": given, "folder": str(folder)}
        with ExitStack() as stack:
            streams = [stack.enter_context(TemporaryFile()) for _ in range(3)]
            streams[0].write(stdin.encode())
            streams[0].seek(0)
            code = self._started().run(json.dumps(asked).encode(), streams)
            told, failed = map(_written, streams[1:])
        return CompletedProcess(list(argv), code, told, failed)

    def _started(self) -> "_ForkServer":
        with self._starting:
            if not self._server:
                self._server.append(_ForkServer(self))
            return self._server[0]


class _ForkServer:
    """The process that has the modules of one program."""

    def __init__(self, program: ForkedProgram) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = theirs.fileno()
        with theirs:
            self._process = Popen(
                [sys.executable, fork_server.__file__, str(number), *program.loaded],
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
                cwd=ROOT,
                stdin=DEVNULL,
                stdout=DEVNULL,
                pass_fds=[number],
            )
        atexit.register(self._end)
        if not self._control.recv(16):
            raise RuntimeError(f"{program} cannot be loaded")

    def run(self, asked: bytes, streams: Sequence[IO[bytes]]) -> int:
        """Give the exit code; below zero: the signal that ended it."""
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb", buffering=0) as report:
            with os.fdopen(writing, "wb") as theirs:
                given = [each.fileno() for each in (*streams, theirs)]
                socket.send_fds(self._control, [asked], given)
            number = _line(report)
            if not select.select([report], [], [], SECONDS)[0]:
                os.kill(number, signal.SIGKILL)
                _line(report)
                raise TimeoutExpired(asked.decode(), SECONDS)
            return _line(report)

    def _end(self) -> None:
        self._control.close()
        self._process.wait()


def _line(report: IO[bytes]) -> int:
    line = report.readline()
    if not line:
        raise RuntimeError("a run was lost: its parent has ended")
    return int(line)


def _written(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()
