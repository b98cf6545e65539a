"""The embedding API: follow one charge point's events, read its state, send it commands.

async with Station.connect(redis_url, "CP1") as station:
    async for envelope in station.events():
        print(envelope.type, await station.state())
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sdk.bus.interface import Bus, Follower, Subscription
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.disputes import Dispute, read_disputes
from sdk.errors import UnavailableError
from sdk.events.envelope import Envelope
from sdk.events.operations import (
    Answered,
    Operation,
)
from sdk.events.station import (
    BalanceReported,
    BalanceRequested,
    ChainReconnected,
    ChainReconnectRequested,
    ChainUnreachable,
    DidDeactivated,
    DidDeactivateFailed,
    DidDeactivateRequested,
    DidPublished,
    DidPublishFailed,
    DidPublishRequested,
    DisputeResolved,
    DisputeResolveRefused,
    DisputeResolveRequested,
    PublicKeyReported,
    PublicKeyRequested,
    SessionStopAccepted,
    SessionStopRefused,
    SessionStopRequested,
    StationCommandRefused,
)
from sdk.ids import Clock, new_event_id, utc_now
from sdk.message_log import Message, MessageReader, read_counts
from sdk.pending import Pending
from sdk.register import Register
from sdk.station_state import StationState, read_station_state

StationRequest = (
    BalanceRequested
    | PublicKeyRequested
    | DidPublishRequested
    | DidDeactivateRequested
    | ChainReconnectRequested
    | SessionStopRequested
    | DisputeResolveRequested
)
StationAnswer = (
    BalanceReported
    | PublicKeyReported
    | DidPublished
    | DidPublishFailed
    | DidDeactivated
    | DidDeactivateFailed
    | ChainReconnected
    | ChainUnreachable
    | SessionStopAccepted
    | SessionStopRefused
    | DisputeResolved
    | DisputeResolveRefused
    | StationCommandRefused
)
Answer = StationAnswer | Answered

_ANSWER_LANES = (Lane.OUT, Lane.IN)
_OF_A_SESSION = (SessionStopRequested, DisputeResolveRequested)


class CommandTimeoutError(UnavailableError):
    """Nobody answered in time; the command may still be carried out."""


class Station:
    """One charge point, as software around it sees it; made by `connect` or `over`."""

    def __init__(
        self, charge_point_id: str, bus: Bus, follower: Follower, group: asyncio.TaskGroup
    ) -> None:
        self.charge_point_id = charge_point_id
        self._bus = bus
        self._follower = follower
        self._group = group
        self._clock: Clock = utc_now
        self._tasks: set[asyncio.Task[None]] = set()
        self._pending = Pending(bus)

    @classmethod
    @asynccontextmanager
    async def connect(cls, redis_url: str, charge_point_id: str) -> AsyncIterator["Station"]:
        """Connect through Redis.

        Raises UnknownChargePointError for one that is not registered, BusUnavailableError.
        """
        bus = RedisBus.from_url(redis_url)
        try:
            async with cls.over(bus, charge_point_id) as station:
                yield station
        finally:
            await bus.close()

    @classmethod
    @asynccontextmanager
    async def over(cls, bus: Bus, charge_point_id: str) -> AsyncIterator["Station"]:
        """Use a bus that the caller owns; else like `connect`."""
        await Register(bus).get(charge_point_id)
        failure: Exception | None = None
        async with bus.follow() as follower, asyncio.TaskGroup() as group:
            station = cls(charge_point_id, bus, follower, group)
            for lane in _ANSWER_LANES:
                station._start(station._collect(await station._follow(lane)))
            try:
                yield station
            except Exception as error:  # noqa: BLE001 - raised below; the group would wrap it
                failure = error
            finally:
                station._stop()
        if failure is not None:
            raise failure

    async def events(self) -> AsyncIterator[Envelope]:
        """Give what comes in and goes out, from the loop's first step on.

        Order holds within each direction. A slow reader misses nothing until the streams' caps;
        leave the loop to stop following.
        """
        queue: asyncio.Queue[Envelope] = asyncio.Queue(maxsize=100)
        subscriptions = [await self._follow(lane) for lane in (Lane.IN, Lane.OUT)]
        pumps = [self._start(_pump(each, queue)) for each in subscriptions]
        try:
            while True:
                yield await queue.get()
        finally:
            for pump in pumps:
                pump.cancel()
            for subscription in subscriptions:
                await subscription.close()

    async def state(self) -> StationState:
        """Read what the charge point is doing now, in two round trips."""
        return await read_station_state(self._bus, self.charge_point_id)

    async def disputes(self) -> list[Dispute]:
        """Read the sessions that wait off their connector for their payout, the oldest first.

        Each says what can be decided about it, by `command(DisputeResolveRequested(...))`.
        """
        return await read_disputes(self._bus, self._clock(), [self.charge_point_id])

    async def messages(self, last: int = 100, action: str | None = None) -> list[Message]:
        """Read the charge point's newest OCPP messages, redacted, the newest last."""
        return await MessageReader(self._bus, self.charge_point_id, action).last(last)

    async def follow_messages(
        self, last: int = 0, action: str | None = None
    ) -> AsyncIterator[Message]:
        """Give the newest `last` OCPP messages, then new ones as they are logged; ends by `break`.

        They come up to a second after they were sent.
        """
        reader = MessageReader(self._bus, self.charge_point_id, action)
        for message in await reader.last(last) if last else ():
            yield message
        async for message in reader.follow():
            yield message

    async def counts(self) -> dict[str, int]:
        """Read what the gateway counted of this charge point: malformed frames and the like."""
        return await read_counts(self._bus, self.charge_point_id)

    async def command(
        self,
        body: StationRequest | Operation,
        *,
        connector_id: int | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109 - it is part of what is asked
    ) -> Answer:
        """Send a command and give its answer: a refusal, too, is an answer.

        A station body goes to the Session Manager, an OCPP operation to the charge point. Raises
        CommandTimeoutError after `timeout` seconds, OverloadedError, BusUnavailableError.
        """
        envelope = Envelope(
            id=new_event_id(),
            charge_point_id=self.charge_point_id,
            connector_id=connector_id,
            session_id=body.session_id if isinstance(body, _OF_A_SESSION) else None,
            at=self._clock(),
            body=body,
        )
        lane = Lane.OCPP if isinstance(body, Operation) else Lane.IN
        try:
            async with asyncio.timeout(timeout):
                answer = await self._pending.ask(lane, envelope)
        except TimeoutError as error:
            raise CommandTimeoutError(
                f"{self.charge_point_id}: no answer to {body.type} in {timeout:g} s"
            ) from error
        if not isinstance(answer, Answer):
            raise TypeError(f"{type(answer).__name__} answers no command")
        return answer

    def within(self, seconds: float) -> datetime:
        """Give the moment in `seconds` from now: `expires_at` of an OCPP operation."""
        return self._clock() + timedelta(seconds=seconds)

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _stop(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()

    async def _follow(self, lane: Lane) -> Subscription:
        return await self._follower.subscribe(self.charge_point_id, lane, after=None)

    async def _collect(self, subscription: Subscription) -> None:
        async for delivery in subscription:
            if isinstance(delivery.envelope.body, Answer):
                self._pending.notice(delivery.envelope)


async def _pump(subscription: Subscription, queue: asyncio.Queue[Envelope]) -> None:
    async for delivery in subscription:
        await queue.put(delivery.envelope)
