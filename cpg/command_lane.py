"""Follows the `{CP}:ocpp` lane of a connected charge point, and has each command carried out."""

import asyncio

from cpg.calls import Calls
from cpg.commands import READER, Commands
from cpg.peer import Peer, SupersededError
from sdk.bus.interface import BusUnavailableError, Delivery, Follower, Subscription
from sdk.bus.keys import Lane
from sdk.logs import Logger

_RETRY_S = 0.5


class CommandLane:
    """One command after the other, until the socket is gone."""

    def __init__(self, peer: Peer, calls: Calls, commands: Commands, log: Logger) -> None:
        """Bring `commands` what `peer` is sent."""
        self._peer = peer
        self._calls = calls
        self._commands = commands
        self._log = log
        self._subscription: Subscription | None = None

    async def run(self, follower: Follower) -> None:
        """Work until `stop`. Raises SupersededError."""
        subscription = await self._subscribe(follower)
        if subscription is None:
            return
        try:
            if self._calls.closed:
                return  # it came after `stop`, which knew of none
            async for delivery in subscription:
                await self._take(delivery)
                if self._calls.closed:
                    return
        finally:
            await subscription.close()

    async def stop(self) -> None:
        """Take no more commands; the one under way ends by itself, as its socket is gone."""
        if self._subscription is not None:
            await self._subscription.close()

    async def _subscribe(self, follower: Follower) -> Subscription | None:
        charge_point_id = self._peer.charge_point_id
        while not self._calls.closed:
            try:
                await self._commands.settle_unanswered()
                cursor = await self._peer.bus.cursor(charge_point_id, READER)
                self._subscription = await follower.subscribe(
                    charge_point_id, Lane.OCPP, after=cursor or "0", reader=READER
                )
            except BusUnavailableError as error:
                self._log.warning("commands wait for Redis: %s", error)
                await asyncio.sleep(_RETRY_S)
            else:
                return self._subscription
        return None

    async def _take(self, delivery: Delivery) -> None:
        while not self._calls.closed:
            try:
                await self._attempt(delivery)
            except BusUnavailableError as error:
                self._log.warning("a command waits for Redis: %s", error)
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def _attempt(self, delivery: Delivery) -> None:
        try:
            await self._commands.take(delivery)
        except (BusUnavailableError, SupersededError):
            raise
        except Exception as error:  # noqa: BLE001 - the lane must outlive a fault of ours
            self._log.exception("%s could not be carried out", delivery.envelope.type)
            await self._peer.bus.dead_letter(delivery, f"{type(error).__name__}: {error}"[:300])
            await self._commands.give_up(delivery)
