"""The connection of the simulated charge point to the central system, opened again and again."""

import asyncio
import contextlib
import random
from typing import Any

from ocpp.exceptions import OCPPError
from ocpp.v16 import call
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from simulated_outbox import Outbox, say
from simulated_parts import Parts
from simulated_station import Station

_SOON_S, _LATEST_S = 0.1, 5.0
_LAST_WORD_S = 1.0
"""How long a close waits for the answer to what is being told."""


class Uplink:
    """One connection at a time; `is_wanted` is cleared where there should be none."""

    def __init__(self, parts: Parts, outbox: Outbox) -> None:
        self._parts = parts
        self._outbox = outbox
        self._options = parts.state.options
        self._has_booted = False
        self._delay = _SOON_S
        self.connection: ClientConnection | None = None
        self._closing = asyncio.Event()
        self.is_wanted = asyncio.Event()
        self.is_wanted.set()
        self.refused: asyncio.Queue[int] = asyncio.Queue()
        """The HTTP status of each handshake that was turned away."""

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            await self.is_wanted.wait()
            try:
                async with connect(self._parts.security.url, **self._handshake()) as connection:
                    self._delay = _SOON_S
                    await self._live(connection)
            except InvalidStatus as error:
                say(f"refused with HTTP {error.response.status_code}")
                self.refused.put_nowait(error.response.status_code)
            except (OSError, InvalidHandshake, TimeoutError):
                say("no connection")
            spread = random.uniform(0.8, 1.2)  # noqa: S311 - so that not all come at once
            await asyncio.sleep(self._delay * spread)
            self._delay = min(self._delay * 2, _LATEST_S)

    def close(self, *, will_boot: bool = False) -> None:
        """Close the connection in good order, with what was answered already."""
        self._has_booted = self._has_booted and not will_boot
        if will_boot:
            self._parts.security.booted()
        self._closing.set()

    def cut(self) -> None:
        """Lose the connection without a word, and boot with the next one."""
        self._has_booted = False
        self._parts.security.booted()
        if self.connection is not None:
            self.connection.transport.abort()

    def _handshake(self) -> dict[str, Any]:
        return {
            "subprotocols": ["ocpp1.6"],
            "open_timeout": 5,
            "close_timeout": 1,
            "additional_headers": self._parts.security.credentials(),
            "ssl": self._parts.security.tls(),
        }

    async def _live(self, connection: ClientConnection) -> None:
        station = Station(self._parts, connection)
        self.connection = connection
        self._closing.clear()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(station.listen())
                tasks.create_task(self._work(station))
                tasks.create_task(self._close_when_asked(connection))
        except* ConnectionClosed:
            say(f"connection lost ({connection.close_code})")
        except* (OCPPError, TypeError, TimeoutError) as odd:
            say(f"connection given up: {type(odd.exceptions[0]).__name__}")
        finally:
            self.connection = None
            self._parts.state.is_online = False

    async def _work(self, station: Station) -> None:
        if not self._has_booted:
            await self._boot(station)
        say("connected")
        self._parts.state.is_online = True
        self._parts.state.tell_all()
        self._parts.maintenance.booted()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._outbox.tell(station.ask))
            tasks.create_task(self._beat(station))

    async def _beat(self, station: Station) -> None:
        while True:
            interval = self._parts.state.configuration.number("HeartbeatInterval")
            await asyncio.sleep(self._options.heartbeat or interval)
            if not self._options.mute:
                with contextlib.suppress(OCPPError):
                    await station.ask(call.Heartbeat())

    async def _boot(self, station: Station) -> None:
        while not self._has_booted:
            try:
                answer = await station.ask(self._parts.boot())
            except OCPPError as error:
                say(f"the boot was refused: {type(error).__name__}")
                await asyncio.sleep(2)
                continue
            self._has_booted = answer.status == "Accepted"
            if self._has_booted:
                self._parts.state.configuration.set("HeartbeatInterval", str(answer.interval))
                say(f"booted, heartbeat every {answer.interval} s")
            else:
                await asyncio.sleep(answer.interval or 5)

    async def _close_when_asked(self, connection: ClientConnection) -> None:
        await self._closing.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORD_S), self._outbox.turn:
                await connection.close()
        await connection.close()
