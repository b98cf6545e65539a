"""A process that has loaded what a program loads, and becomes that program in a fork of itself.

`forked_program` starts it: `fork_server.py SOCKET MODULE...`. Each message is a run as JSON,
with the descriptors of stdin, stdout, stderr and of the pipe that is told how it goes.
"""

import atexit
import gc
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

LARGEST = 1 << 17
"""Of a message in bytes."""


def main() -> None:
    """Serve until nobody can ask any more; in each fork, be the program."""
    ended: list[int] = []
    atexit.register(_leave, ended)  # the first one to come is the last one to go
    sys.path.pop(0)  # this folder: only for this file
    control = socket.socket(fileno=int(sys.argv[1]))
    for module in sys.argv[2:]:
        import_module(module)
    gc.freeze()  # else each fork copies it all, to collect what is no garbage
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control.send(b"ready")
    run = _in_a_fork(control)
    if run is not None:
        # as in a terminal, also where the tests run in the background, deaf to it
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            _become(run)
        except SystemExit as end:
            if end.code is None or isinstance(end.code, int):
                ended.append(end.code or 0)
            raise


def _in_a_fork(control: socket.socket) -> dict[str, Any] | None:
    """Wait for runs. Returns None at the end, and in each fork its run."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, LARGEST, 4)
        if not message:
            return None
        if os.fork() == 0:
            control.close()
            *streams, report = descriptors
            _keep(report)
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
            os.closerange(3, max(descriptors) + 1)
            return dict(json.loads(message))
        for descriptor in descriptors:
            os.close(descriptor)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                continue


def _keep(report: int) -> None:
    """Return in one more fork; tell of its number, and then of its exit code."""
    number = os.fork()
    if number == 0:
        return
    for standard in range(3):
        os.close(standard)
    os.write(report, f"{number}\n".encode())
    _, status = os.waitpid(number, 0)
    os.write(report, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(run: dict[str, Any]) -> NoReturn:
    """Run the program as its console script does, in the folder and environment that are given."""
    os.chdir(run["folder"])
    coerced = {name: value for name, value in os.environ.items() if name == "LC_CTYPE"}
    os.environ.clear()
    os.environ.update(coerced | run["variables"])
    time.tzset()
    own_path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [each for each in own_path if each and each not in sys.path]
    module, _, function = run["entry"].partition(":")
    sys.argv = run["argv"]
    program: Callable[[], object] = getattr(import_module(module), function)
    sys.exit(program())  # type: ignore[arg-type]


def _leave(ended: list[int]) -> None:
    """Leave what the server has loaded as it is: to take that down takes longer than most runs."""
    if ended:
        gc.collect()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended[0] & 0xFF)


if __name__ == "__main__":
    main()
