"""The console: the operators' page over HTTP, and what it shows and asks over socket.io."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import socketio
from aiohttp import web

from sdk.accounts import Accounts
from sdk.audit import Audit
from sdk.bus.interface import Bus, BusUnavailableError
from sdk.events.station import StationCommandRefused
from sdk.ids import Clock
from sdk.logs import get_logger
from session_manager.alert_board import show_alerts
from session_manager.caller import Proxies
from session_manager.console_audit import command_note, is_noted
from session_manager.console_board import Board
from session_manager.console_client import Clients
from session_manager.console_commands import Commands
from session_manager.console_door import Door, is_own_page
from session_manager.console_listening import listen
from session_manager.console_log import LogBook
from session_manager.console_page import ChainStatus, chain_object
from session_manager.console_stations import RETRY_S, Stations
from session_manager.console_web import Front, application, check_reach
from session_manager.sign_ins import SignIns

CHAIN_S = 1.0
"""How often the chain's node is looked at."""
MOST_BYTES = 64 * 1024
"""The largest packet that a page may send."""


@dataclass(frozen=True, slots=True)
class ConsoleAddress:
    """Where the console listens (port 0: a free one), and the folder of the built page.

    `hosts` are the names by which it may be asked for besides those of this machine; `proxies` the
    addresses and networks of proxies that are believed whom they forward.
    """

    host: str
    port: int
    static: Path
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Api:
    """The HTTP API: its application, what has to run meanwhile, and who is signed in."""

    application: web.Application
    run: Callable[[], Coroutine[Any, Any, None]]
    sign_ins: SignIns


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
        """`answer_timeout` (seconds) replaces how long each command waits for its answer.

        `api` is served on the same port; without one nobody can sign in, but sessions are known.
        """
        self._address = address
        self._api = api
        self._bus = bus
        self._chain_status = chain_status
        self._board = Board()
        self._book = LogBook(bus, self._board)
        self._commands = Commands(bus, clock, self._is_station, answer_timeout)
        self._server = socketio.AsyncServer(
            async_mode="aiohttp",
            always_connect=True,
            transports=["websocket"],  # what polls can be had by another page's <script>, too
            max_http_buffer_size=MOST_BYTES,
            cors_allowed_origins=is_own_page,
        )
        self._sign_ins = api.sign_ins if api else SignIns(bus, Accounts(bus), clock)
        self._clock = clock
        self._audit = Audit(bus, get_logger("console"))
        self._clients = Clients(
            self._server, self._board, self._book, token_hex(4), lambda: len(self._stations)
        )
        self._door = Door(self._server, self._sign_ins, get_logger("console"), self._clients.see_as)
        self._stations = Stations(
            bus, self._board, clock, self._clients.watches, self._commands.notice
        )
        self._tasks: asyncio.TaskGroup | None = None
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()
        self._has_pages = asyncio.Event()

    async def start(self) -> str:
        """Listen and give the URL.

        Raises OSError when the port is taken, ConsoleHostError where other machines could reach
        it and nobody could sign in, BusUnavailableError where that can't be read.
        """
        address = self._address
        await check_reach(address.host, self._sign_ins)
        hosts = (*address.hosts, address.host)
        front = Front(address.static, hosts, self._sign_ins, Proxies(address.proxies))
        app = application(front, self._api.application if self._api else None)
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on("command", self._command)
        self._server.on("watch", self._watch)
        self._server.attach(app)
        self._runner = runner = await listen(app, address.host, address.port)
        host, port = runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def run(self) -> None:
        """Follow the stations and the log, and serve the pages, until stopped."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                working = [
                    tasks.create_task(self._follow_bus()),
                    tasks.create_task(self._show_chain()),
                    tasks.create_task(self._door.watch()),
                    tasks.create_task(self._audit.run()),
                ]
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
                    tasks.create_task(self._book.follow(follower))
                    tasks.create_task(show_alerts(self._bus, self._board))
            except* BusUnavailableError:
                self._stations.tell_bus(connected=False)
                await asyncio.sleep(RETRY_S)

    async def _show_chain(self) -> None:
        while True:
            self._board.put("chain", chain_object(self._chain_status()))
            await asyncio.sleep(CHAIN_S)

    async def _connect(self, sid: str, environ: object, auth: object = None) -> None:
        if self._tasks is None:
            raise socketio.exceptions.ConnectionRefusedError("the console is starting or stopping")
        role = await self._door.let_in(sid, environ)
        self._has_pages.set()
        client = self._clients.add(sid, auth, role, _transport_of(environ))
        self._stations.look()
        self._tasks.create_task(self._clients.serve(client))

    async def _disconnect(self, sid: str, _reason: object = None) -> None:
        self._door.let_out(sid)
        self._clients.remove(sid)
        if not self._clients:
            self._stations.rest()

    async def _watch(self, sid: str, charge_point_ids: object = None) -> None:
        self._stations.look(self._clients.watch(sid, charge_point_ids))

    async def _command(self, sid: str, data: object = None) -> dict[str, Any]:
        admitted = await self._door.admit(sid, data)
        if isinstance(admitted, StationCommandRefused):
            return admitted.model_dump(mode="json")
        who = await self._door.who(sid)
        answer = await self._commands.give(admitted)
        if who is not None and is_noted(admitted, answer):
            await self._audit.take(command_note(who, admitted, answer, self._clock()))
        return answer


def _transport_of(environ: object) -> asyncio.WriteTransport | None:
    request = environ.get("aiohttp.request") if isinstance(environ, dict) else None
    transport = request.transport if isinstance(request, web.Request) else None
    return transport if isinstance(transport, asyncio.WriteTransport) else None
