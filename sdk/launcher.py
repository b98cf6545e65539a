"""The launcher: all services of one machine as child processes, started, watched, stopped.

It owns the private Redis of a machine that has none. It starts services by module name and imports
none of them.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from sdk.child import ServiceSpec
from sdk.embedded import EmbeddedServer
from sdk.embedded_engine import EmbeddedServerError
from sdk.errors import NoroamError
from sdk.keeper import Keeper, LauncherError, Output, Say

SERVICES = (
    ServiceSpec("cpg", "cpg", "CPG_PORT"),
    ServiceSpec("session_manager", "session_manager", "CONSOLE_PORT"),
    ServiceSpec("p2p_server", "p2p_server", "P2P_PORT", other_ports=("P2P_WS_PORT",)),
)
"""Stopped from last to first: the consumers' door closes before what is behind it."""

READY_WITHIN_S = 60.0


class Launcher:
    """Starts `services` and keeps them running.

    `env` is laid over this process's environment. Without REDIS_URL in either, a private server is
    started in DATA_DIR. A service that ends is started again, later each time, at the port that it
    had; one that ends with EXIT_SETTINGS is reported and left alone.
    `out` gets each service's first `ready` line, `err` everything else with the service's name.
    """

    def __init__(
        self,
        services: Sequence[ServiceSpec] = SERVICES,
        env: Mapping[str, str] | None = None,
        *,
        out: Say | None = None,
        err: Say | None = None,
    ) -> None:
        self._environment = {**os.environ, **(env or {})}
        self._folder = Path(self._environment.get("DATA_DIR") or ".noroam").absolute()
        self._environment["DATA_DIR"] = str(self._folder)
        self._output = Output(out or _to_stdout, err or _to_stderr)
        self._keepers = {
            spec.name: Keeper(spec, self._environment, self._output) for spec in services
        }
        self._group: asyncio.TaskGroup | None = None
        self._server: EmbeddedServer | None = None
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def urls(self) -> dict[str, str]:
        """The URL that each service told in its `ready` line."""
        return {name: keeper.url for name, keeper in self._keepers.items() if keeper.url}

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each service that runs now."""
        return {name: k.child.pid for name, k in self._keepers.items() if k.child is not None}

    @property
    def server_pid(self) -> int | None:
        """The process id of the private server, where there is one and it runs."""
        return self._server.pid if self._server else None

    @property
    def environment(self) -> dict[str, str]:
        """What the services are started with; right for command lines beside them, too."""
        return dict(self._environment)

    @property
    def redis_url(self) -> str:
        """The Redis that all of them use; "" before `start`."""
        return self._server.url if self._server else self._environment.get("REDIS_URL", "")

    async def start(self) -> None:
        """Start everything, and return when every service is ready.

        Raises LauncherError and EmbeddedServerError, after stopping what was started.
        """
        self._group = group = asyncio.TaskGroup()
        await group.__aenter__()
        try:
            if not self._environment.get("REDIS_URL"):
                self._server = await EmbeddedServer.start(self._folder)
                self._watching = group.create_task(self._server.keep())
            for keeper in self._keepers.values():
                group.create_task(keeper.run())
            for name in self._keepers:
                await self.wait_ready(name)
        except BaseException:
            await self.stop()
            raise

    async def wait_ready(self, name: str, *, after_pid: int | None = None) -> str:
        """Give the URL of a service once it is ready; with `after_pid`, in a later process.

        Raises LauncherError when it can't be started, or isn't ready within READY_WITHIN_S.
        """
        try:
            return await asyncio.wait_for(self._keepers[name].ready(after_pid), READY_WITHIN_S)
        except TimeoutError:
            raise LauncherError(f"{name} was not ready in {READY_WITHIN_S:g} s") from None

    async def stop(self) -> None:
        """Stop all services one after the other, and Redis last; again: nothing happens."""
        for keeper in reversed(self._keepers.values()):
            await keeper.stop()
        if self._watching is not None:
            self._watching.cancel()
        if self._group is not None:
            group, self._group = self._group, None
            await group.__aexit__(None, None, None)
        if self._server is not None:
            server, self._server = self._server, None
            await server.stop()


async def up(services: Sequence[ServiceSpec] = SERVICES) -> None:
    """Run all services until SIGINT or SIGTERM. Raises what `Launcher.start` raises."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    env = {"LOG_FORMAT": "text"} if sys.stderr.isatty() and "LOG_FORMAT" not in os.environ else {}
    launcher = Launcher(services, env)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(asked.wait())
        starting = group.create_task(_start(launcher))
        await asyncio.wait({waiting, starting}, return_when=asyncio.FIRST_COMPLETED)
        if asked.is_set():
            starting.cancel()
        elif starting.result() is not None:
            waiting.cancel()
    await launcher.stop()
    error = None if starting.cancelled() else starting.result()
    if error is not None:
        raise error


async def _start(launcher: Launcher) -> NoroamError | None:
    try:
        await launcher.start()
    except (LauncherError, EmbeddedServerError) as error:
        return error
    return None


def _to_stdout(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - its callers wait for it


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the services' logs
