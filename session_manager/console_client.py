"""Brings pages up to date and keeps them so: each reads the board and the log at its own pace."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import socketio

from session_manager.console_board import Board
from session_manager.console_log import LogRing

BATCH_S = 0.08
"""The shortest time between two batches to one page."""
LOG_CHUNK = 500
MOST_QUEUED = 16
"""Packets that may wait for a page; it is sent nothing more until it has read some of them."""
STALLED_S = 5.0
"""A page that reads nothing for so long is cut off; it comes back by itself if it still lives."""


@dataclass(slots=True)
class Client:
    """One connected page, and how far it got."""

    sid: str
    last_line: str = "0"
    revision: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Clients:
    """All connected pages."""

    def __init__(self, server: socketio.AsyncServer, board: Board, ring: LogRing) -> None:
        self._server = server
        self._board = board
        self._ring = ring
        self._clients: dict[str, Client] = {}

    def add(self, sid: str, auth: object) -> Client:
        """Take a new page; `auth` may say in `since` which log line it saw last."""
        since = auth.get("since") if isinstance(auth, dict) else None
        client = Client(sid, last_line=since if isinstance(since, str) else "0")
        self._clients[sid] = client
        return client

    def remove(self, sid: str) -> None:
        """Let a page go."""
        client = self._clients.pop(sid, None)
        if client is not None:
            client.gone.set()
            self._board.wake()

    def remove_all(self) -> None:
        """Let all pages go."""
        for sid in list(self._clients):
            self.remove(sid)

    async def serve(self, client: Client) -> None:
        """Send a page everything, then what changes, until it is gone."""
        while not client.gone.is_set():
            if not await self._reads(client):
                await self._cut_off(client)
                return
            changed = self._board.changed()
            await self._send_objects(client)
            has_all = await self._send_log(client)
            await asyncio.sleep(BATCH_S)
            if has_all:
                await changed.wait()

    async def _send_objects(self, client: Client) -> None:
        newer = self._board.newer_than(client.revision)
        client.revision = self._board.revision
        for event, shown in newer:
            await self._server.emit(event, shown, to=client.sid)

    async def _send_log(self, client: Client) -> bool:
        """Send the lines that a page has not seen; False if they are too many for one batch."""
        while lines := self._ring.after(client.last_line, LOG_CHUNK):
            if self._queued(client) > MOST_QUEUED:
                return False
            client.last_line = lines[-1]["id"]
            await self._server.emit("log", lines, to=client.sid)
        return True

    async def _reads(self, client: Client) -> bool:
        """Wait until a page has room for more; False if it reads nothing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STALLED_S):
                while self._queued(client) > MOST_QUEUED:  # noqa: ASYNC110 - the queue can't tell
                    await asyncio.sleep(BATCH_S)
        return self._queued(client) <= MOST_QUEUED

    async def _cut_off(self, client: Client) -> None:
        connection = self._connection(client.sid)
        if connection is None:
            return
        while not connection.queue.empty():
            connection.queue.get_nowait()
            connection.queue.task_done()
        await connection.close(wait=False)

    def _queued(self, client: Client) -> int:
        connection = self._connection(client.sid)
        return connection.queue.qsize() if connection else 0

    def _connection(self, sid: str) -> Any:  # noqa: ANN401 - engine.io's socket has no type
        return self._server.eio.sockets.get(self._server.manager.eio_sid_from_sid(sid, "/"))
