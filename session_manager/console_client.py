"""Brings pages up to date and keeps them so: each reads the board and the log at its own pace."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import socketio

from sdk.api_keys import Role
from sdk.bus.interface import BusUnavailableError
from session_manager.console_board import DETAILS, Board, Place
from session_manager.console_curve import Mark, SessionCurve
from session_manager.console_log import LogBook, line_number
from session_manager.console_page import PageObject
from session_manager.for_viewers import object_for_viewers

BATCH_S = 0.08
"""The shortest time between two batches to one page."""
MOST_OBJECTS = 200
"""Objects in one packet at most."""
MOST_QUEUED = 16
MOST_QUEUED_CHARACTERS = 512 * 1024
"""Packets that may wait for a page, and how much is in them before the last one; it is sent nothing
more until it has read some of them."""
STALLED_S = 5.0
"""A page that reads nothing for so long is cut off; it comes back by itself if it still lives."""
MOST_WATCHED = 64
_MOST_NUMBER = 2**63
_LONGEST_ID = 40


class StalledError(Exception):
    """A page reads nothing."""


@dataclass(slots=True)
class Client:
    """One connected page, and how far it got. `watched`: None as long as it never told."""

    sid: str
    transport: asyncio.WriteTransport | None = None
    last_line: str | None = None
    role: Role = "viewer"
    epoch: str | None = None
    watched: frozenset[str] | None = None
    revision: int = 0
    is_complete: bool = False
    fresh: set[str] = field(default_factory=set)
    """Charge points that it began to watch."""
    marks: dict[Place, Mark] = field(default_factory=dict)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def watch(self, charge_point_ids: frozenset[str]) -> None:
        """Send details of these charge points from now on, and of no others."""
        before = frozenset() if self.watched is None else self.watched
        self.fresh |= charge_point_ids - before
        self.watched = charge_point_ids
        self.marks = {
            p: mark for p, mark in self.marks.items() if p[1] in charge_point_ids & before
        }

    def see_as(self, role: Role) -> None:
        """Show everything again, as this role may see it."""
        if role != self.role:
            self.role, self.revision = role, 0

    def watches(self, charge_point_id: str, *, are_few: bool) -> bool:
        """Tell whether it wants a charge point's details; if it never told, those of few."""
        return are_few if self.watched is None else charge_point_id in self.watched


class Clients:
    """All connected pages."""

    def __init__(
        self,
        server: socketio.AsyncServer,
        board: Board,
        book: LogBook,
        name: str,
        station_count: Callable[[], int],
    ) -> None:
        """`name` tells this console from others over the same Redis."""
        self._station_count = station_count
        self._server = server
        self._board = board
        self._book = book
        self._name = name
        self._clients: dict[str, Client] = {}

    def __len__(self) -> int:
        return len(self._clients)

    def add(
        self, sid: str, auth: object, role: Role, transport: asyncio.WriteTransport | None = None
    ) -> Client:
        """Take a new page; `auth` may say which log line it saw last, of which log: since, epoch.

        And in `watch`, of which charge points it wants details. `transport` is what it came by.
        """
        said = auth if isinstance(auth, dict) else {}
        client = Client(sid, transport, _line_id(said.get("since")), role)
        epoch = said.get("epoch")
        client.epoch = epoch if isinstance(epoch, str) else None
        if isinstance(said.get("watch"), list):
            client.watched = _names(said["watch"])
        self._clients[sid] = client
        return client

    def watch(self, sid: str, charge_point_ids: object) -> frozenset[str]:
        """Let a page watch other charge points; gives those that are watched now."""
        client, names = self._clients.get(sid), _names(charge_point_ids)
        if client is not None:
            client.watch(names)
            self._board.wake()
        return names

    def see_as(self, sid: str, role: Role) -> None:
        """Show a page what its role may see from now on."""
        client = self._clients.get(sid)
        if client is not None:
            client.see_as(role)
            self._board.wake()

    def watches(self, charge_point_id: str) -> bool:
        """Tell whether a page wants a charge point's details."""
        are_few = self._are_few
        return any(
            client.watches(charge_point_id, are_few=are_few) for client in self._clients.values()
        )

    @property
    def _are_few(self) -> bool:
        return self._station_count() <= MOST_WATCHED

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
        with suppress(StalledError):
            await self._greet(client)
            while not client.gone.is_set():
                await self._wait_for_room(client)
                changed = self._board.changed()
                await self._send_objects(client)
                has_all = await self._send_log(client)
                await asyncio.sleep(BATCH_S)
                if has_all:
                    await changed.wait()
            return
        await self._cut_off(client)

    async def _greet(self, client: Client) -> None:
        epoch = await self._epoch()
        await self._emit(client, "hello", {"epoch": epoch, "server": self._name})
        if None not in (epoch, client.epoch) and epoch != client.epoch:
            client.last_line = None  # its lines are of another log

    async def _epoch(self) -> str | None:
        try:
            return await self._book.name()
        except BusUnavailableError:
            return None

    async def _send_objects(self, client: Client) -> None:
        board = self._board
        newer = board.newer_than(client.revision)
        is_complete = board.is_complete and not client.is_complete
        fresh, client.fresh = client.fresh, set()
        details = board.details(fresh) if fresh else []
        client.revision = board.revision
        sent = {place for place, _ in newer}
        found = [*newer, *(each for each in details if each[0] not in sent)]
        objects = _objects(client, found, are_few=self._are_few)
        while batch := list(islice(objects, MOST_OBJECTS)):
            await self._emit(client, "objects", batch)
        if is_complete:
            client.is_complete = True
            await self._emit(client, "objects", [["complete", {}]])

    async def _send_log(self, client: Client) -> bool:
        """Send the lines that a page has not seen; False if they are too many for one batch."""
        while True:
            try:
                missed = await self._book.after(client.last_line)
            except BusUnavailableError:
                return False
            if missed.gap:
                await self._emit(client, "log_gap", {"from": client.last_line})
                client.last_line = None
            if not missed.lines:
                return True
            if self._is_full(client):
                return False
            client.last_line = str(missed.lines[-1]["id"])
            await self._emit(client, "log", missed.lines)

    async def _emit(self, client: Client, event: str, data: object) -> None:
        """Send a packet as soon as the page has room for it. Raises StalledError."""
        await self._wait_for_room(client)
        await self._server.emit(event, data, to=client.sid)

    async def _wait_for_room(self, client: Client) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(STALLED_S):
                while self._is_full(client):  # noqa: ASYNC110 - the queue can't tell
                    await asyncio.sleep(BATCH_S)
        if self._is_full(client):
            raise StalledError

    async def _cut_off(self, client: Client) -> None:
        connection = self._connection(client.sid)
        if connection is None:
            return
        while not connection.queue.empty():
            connection.queue.get_nowait()
            connection.queue.task_done()
        await connection.close(wait=False)
        if client.transport is not None:  # what is half written would be kept for ever
            client.transport.abort()

    def _is_full(self, client: Client) -> bool:
        connection = self._connection(client.sid)
        if connection is None:
            return False
        waiting = connection.queue._queue  # noqa: SLF001 - asyncio's has no other way to look
        if len(waiting) > MOST_QUEUED:
            return True
        sizes = [len(packet.data or "") for packet in waiting if packet is not None]
        return sum(sizes) > MOST_QUEUED_CHARACTERS

    def _connection(self, sid: str) -> Any:  # noqa: ANN401 - engine.io's socket has no type
        return self._server.eio.sockets.get(self._server.manager.eio_sid_from_sid(sid, "/"))


def _objects(
    client: Client, found: Sequence[tuple[Place, PageObject | SessionCurve]], *, are_few: bool
) -> Iterator[tuple[str, PageObject]]:
    """Give what a page takes, as it reads it; of curves only what it lacks."""
    for place, shown in found:
        if place[0] in DETAILS and not client.watches(place[1], are_few=are_few):
            continue
        if isinstance(shown, SessionCurve):
            increment, client.marks[place] = shown.increment(client.marks.get(place))
            yield place[0], increment
        elif client.role == "viewer":
            yield place[0], object_for_viewers(place[0], shown)
        else:
            yield place[0], shown


def _names(said: object) -> frozenset[str]:
    names = said if isinstance(said, list) else []
    return frozenset(name for name in names[:MOST_WATCHED] if isinstance(name, str))


def _line_id(said: object) -> str | None:
    """Read what a page says of its last line: None unless Redis would take it for an id."""
    if not isinstance(said, str) or len(said) > _LONGEST_ID:
        return None
    first, second = line_number(said)
    return f"{first}-{second}" if 0 < first < _MOST_NUMBER and second < _MOST_NUMBER else None
