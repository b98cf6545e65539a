"""The console: the operators' page over HTTP, and what it shows and asks over socket.io."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import socketio
from aiohttp import web

from sdk.bus.interface import Bus, BusUnavailableError
from sdk.ids import Clock
from session_manager.console_board import Board
from session_manager.console_client import Clients
from session_manager.console_commands import Commands
from session_manager.console_log import LogRing, follow_log
from session_manager.console_page import ChainStatus
from session_manager.console_stations import RETRY_S, Stations
from session_manager.console_web import application, check_loopback

MOST_BYTES = 64 * 1024
"""The largest packet that a page may send."""


@dataclass(frozen=True, slots=True)
class ConsoleAddress:
    """Where the console listens (port 0: a free one), and the folder of the built page.

    `api_hosts` are the names by which the API may be asked for besides those of this machine.
    """

    host: str
    port: int
    static: Path
    api_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Api:
    """The HTTP API: its application, and what has to run meanwhile."""

    application: web.Application
    run: Callable[[], Coroutine[Any, Any, None]]


class Console:
    """Serves the page, and tells every page what the bus tells; it decides nothing itself.

    `await start()` binds and gives the URL, `run()` works until `stop()` or cancelled.
    """

    def __init__(
        self,
        bus: Bus,
        chain_status: Callable[[], ChainStatus],
        clock: Clock,
        address: ConsoleAddress,
        answer_timeout: float | None = None,
        *,
        api: Api | None = None,
    ) -> None:
        """Raises ConsoleHostError for a host that other machines could reach.

        `answer_timeout` (seconds) replaces how long each command waits for its answer; `api` is
        served on the same port.
        """
        check_loopback(address.host)
        self._address = address
        self._api = api
        self._bus = bus
        self._board = Board()
        self._ring = LogRing()
        self._commands = Commands(bus, clock, self._is_station, answer_timeout)
        self._stations = Stations(bus, self._board, chain_status, self._commands.notice)
        self._server = socketio.AsyncServer(
            async_mode="aiohttp", always_connect=True, max_http_buffer_size=MOST_BYTES
        )
        self._clients = Clients(self._server, self._board, self._ring)
        self._tasks: asyncio.TaskGroup | None = None
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()
        self._has_pages = asyncio.Event()

    async def start(self) -> str:
        """Listen and give the URL. Raises OSError when the port is taken."""
        api = self._api.application if self._api else None
        app = application(self._address.static, api, self._address.api_hosts)
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on("command", self._command)
        self._server.attach(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._runner = runner
        await web.TCPSite(runner, self._address.host, self._address.port).start()
        host, port = runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def run(self) -> None:
        """Follow the stations and the log, and serve the pages, until stopped."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                working = [tasks.create_task(self._follow_bus())]
                if self._api is not None:
                    working.append(tasks.create_task(self._api.run()))
                await self._stopping.wait()
                for task in working:
                    task.cancel()
        finally:
            self._tasks = None
            await self._close()

    async def stop(self) -> None:
        """Let every page go and stop listening; `run` returns."""
        self._stopping.set()
        await self._close()

    async def _close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is None:
            return
        for connection in list(self._server.eio.sockets.values()):
            connection.queue.put_nowait(None)
        await self._server.shutdown()
        await runner.cleanup()
        self._clients.remove_all()

    def _is_station(self, charge_point_id: str) -> bool:
        return charge_point_id in self._stations

    async def _follow_bus(self) -> None:
        await self._has_pages.wait()  # until then nobody sees it, and each reading would cost it
        while True:
            try:
                async with self._bus.follow() as follower, asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._stations.follow(follower))
                    tasks.create_task(follow_log(follower, self._ring, self._board))
            except* BusUnavailableError:
                await asyncio.sleep(RETRY_S)

    async def _connect(self, sid: str, _environ: object, auth: object = None) -> None:
        if self._tasks is None:
            raise socketio.exceptions.ConnectionRefusedError("the console is starting or stopping")
        self._has_pages.set()
        client = self._clients.add(sid, auth)
        self._tasks.create_task(self._clients.serve(client))

    async def _disconnect(self, sid: str, _reason: object = None) -> None:
        self._clients.remove(sid)

    async def _command(self, _sid: str, data: object = None) -> dict[str, Any]:
        return await self._commands.give(data)
