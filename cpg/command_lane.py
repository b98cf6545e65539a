"""Follows the `{CP}:ocpp` lane of a connected charge point, and has each command carried out.

A session's commands are carried out as they come. Operators' operations wait beside them and are
carried out one after the other, so that a driver does not pay for what they wait for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from cpg.calls import Calls
from cpg.commands import Commands
from cpg.desk import Spawn
from cpg.operation_line import OperationLine
from cpg.peer import Peer, SupersededError
from cpg.secrets_of_commands import without_secrets
from sdk.bus.interface import BusUnavailableError, Delivery, Subscription
from sdk.logs import Logger

_RETRY_S = 0.5


class CommandLane:
    """Commands in their order, until the socket is gone; without commands there is no task."""

    __slots__ = (
        "_calls",
        "_commands",
        "_idle",
        "_is_checking",
        "_is_open",
        "_log",
        "_on_superseded",
        "_operations",
        "_peer",
        "_spawn",
        "_subscription",
    )

    def __init__(
        self,
        peer: Peer,
        calls: Calls,
        commands: Commands,
        spawn: Spawn,
        log: Logger,
        on_superseded: Callable[[], None],
    ) -> None:
        """Bring `commands` what `peer` is sent, until a newer socket of it comes."""
        self._on_superseded = on_superseded
        self._peer = peer
        self._calls = calls
        self._commands = commands
        self._spawn = spawn
        self._log = log
        self._subscription: Subscription | None = None
        self._is_open = False
        self._is_checking = False
        self._idle: asyncio.Event | None = None
        """There while commands are carried out."""
        self._operations: OperationLine | None = None
        """There while operations are."""

    def hold(self, subscription: Subscription) -> None:
        """Have the lane to read; nothing is taken yet."""
        self._subscription = subscription

    def follow(self) -> None:
        """Take commands from now on."""
        self._is_open = True
        self.wake()

    async def settle_and_follow(self, unanswered: Mapping[str, str]) -> None:
        """Answer commands that an earlier socket left, then take new ones."""
        try:
            await self._settle(unanswered)
        except SupersededError:
            self._on_superseded()
        else:
            self.follow()

    async def _settle(self, unanswered: Mapping[str, str]) -> None:
        while unanswered and not self._calls.closed:
            try:
                await self._commands.settle(unanswered)
            except BusUnavailableError as error:
                self._warn("commands wait for Redis: %s", error)
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def stop(self) -> None:
        """Take no more commands; what is under way ends by itself, as its socket is gone."""
        if self._subscription is not None:
            await self._subscription.close()
        if self._idle is not None:
            await self._idle.wait()
        if self._operations is not None:
            await self._operations.end()

    def wake(self) -> None:
        """Look whether there are commands."""
        if self._subscription is None or not self._is_open:
            return
        if self._calls.closed:
            return
        if self._idle is None:
            self._idle = asyncio.Event()
            self._spawn(self._drain(self._subscription))
        elif not self._is_checking:
            self._is_checking = True
            self._spawn(self._check())

    async def _check(self) -> None:
        """See, while a command waits for its answer, if what came tells of a newer socket."""
        try:
            await self._peer.commit()
        except SupersededError:
            self._on_superseded()
        finally:
            self._is_checking = False

    async def _drain(self, subscription: Subscription) -> None:
        try:
            while not self._calls.closed and (delivery := await subscription.take()):
                if await self._insist(self._commands.take, delivery):
                    await self._line_up(delivery)
        except SupersededError:
            self._on_superseded()
        finally:
            if self._idle is not None:
                self._idle.set()
                self._idle = None

    async def _line_up(self, operation: Delivery) -> None:
        if self._operations is None:
            self._operations = OperationLine()
            self._spawn(self._work_off(self._operations))
        self._operations.add(operation)
        await self._operations.room()

    async def _work_off(self, operations: OperationLine) -> None:
        operate = partial(self._insist, self._commands.operate)
        try:
            await operations.work_off(operate, lambda: not self._calls.closed)
        except SupersededError:
            self._on_superseded()
        finally:
            self._operations = None

    async def _insist(
        self, work: Callable[[Delivery], Awaitable[bool | None]], delivery: Delivery
    ) -> bool:
        while not self._calls.closed:
            try:
                return await self._attempt(work, delivery)
            except BusUnavailableError as error:
                self._warn("a command waits for Redis: %s", error)
                await asyncio.sleep(_RETRY_S)
        return False

    async def _attempt(
        self, work: Callable[[Delivery], Awaitable[bool | None]], delivery: Delivery
    ) -> bool:
        try:
            return bool(await work(delivery))
        except (BusUnavailableError, SupersededError):
            raise
        except Exception as error:  # noqa: BLE001 - the lane must outlive a fault of ours
            self._log.exception(
                "%s could not be carried out",
                delivery.envelope.type,
                charge_point_id=self._peer.charge_point_id,
            )
            shown = replace(delivery, envelope=without_secrets(delivery.envelope))
            await self._peer.bus.dead_letter(shown, f"{type(error).__name__}: {error}"[:300])
            await self._commands.give_up(delivery)
            return False

    def _warn(self, text: str, error: BusUnavailableError) -> None:
        self._log.warning(text, error, charge_point_id=self._peer.charge_point_id)
