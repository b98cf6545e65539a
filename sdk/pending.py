"""Commands that wait for their answers, told apart by the id of the command's envelope."""

import asyncio
from uuid import UUID

from sdk.bus.interface import Bus
from sdk.bus.keys import Lane
from sdk.events.body import Body
from sdk.events.envelope import Envelope


class Pending:
    """Publishes commands; whoever follows the lanes of answers brings what comes by `notice`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiting: dict[UUID, asyncio.Future[Body]] = {}

    def notice(self, envelope: Envelope) -> None:
        """Look at an event: it may be the answer that a command waits for."""
        if envelope.caused_by is None:
            return
        future = self._waiting.get(envelope.caused_by)
        if future is not None and not future.done():
            future.set_result(envelope.body)

    async def ask(self, lane: Lane, envelope: Envelope) -> Body:
        """Publish a command and wait for its answer, for as long as the caller wants to.

        Raises OverloadedError, BusUnavailableError.
        """
        future: asyncio.Future[Body] = asyncio.get_running_loop().create_future()
        self._waiting[envelope.id] = future
        try:
            await self._bus.publish(lane, envelope)
            return await future
        finally:
            del self._waiting[envelope.id]
