"""Handlers of vendors' own messages: DataTransfer (OCPP 1.6, 4.3) from all charge points.

async def handler(transfer: DataTransfer) -> Reply:
    return Reply(status="Accepted", data=transfer.data)

async with vendor_handler(bus, "com.example", handler, message_ids=("Ping",)):
    ...  # until the block ends, charge points are answered by it

One process handles a vendor: of two that are registered, the first answer counts, and the
registration of the second one replaces that of the first.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import StringConstraints, ValidationError

from sdk.bus import keys
from sdk.bus.interface import (
    Bus,
    BusUnavailableError,
    Commit,
    Follower,
    OverloadedError,
    Subscription,
)
from sdk.bus.keys import Lane
from sdk.errors import InvalidInputError
from sdk.events.charge_point import DataTransferAnswer, DataTransferReceived
from sdk.events.envelope import Envelope
from sdk.fields import Frozen, Moment
from sdk.ids import Clock, consequence_id, new_event_id, utc_now
from sdk.logs import get_logger

ANSWER_WITHIN_S = 10.0
"""So long the gateway waits for a handler."""
_HOLDS = timedelta(seconds=30)
_RENEW_S = 10.0
_LOOK_S = 5.0

log = get_logger("vendors")


class VendorError(InvalidInputError):
    """A vendor can't be registered so; the text says why."""


@dataclass(frozen=True, slots=True)
class DataTransfer:
    """What a charge point sent."""

    charge_point_id: str
    vendor_id: str
    message_id: str | None
    data: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What it is answered."""

    status: Literal["Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"] = "Accepted"
    data: str | None = None


Handler = Callable[[DataTransfer], Awaitable[Reply]]


class Vendor(Frozen):
    """A registered handler; `message_ids` None: it takes all. It lapses unless it is renewed."""

    vendor_id: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    message_ids: tuple[Annotated[str, StringConstraints(max_length=50)], ...] | None = None
    registration_id: UUID
    until: Moment

    def takes(self, message_id: str | None) -> bool:
        """Tell whether it knows this kind of message."""
        if self.message_ids is None:
            return True
        known = {each.casefold() for each in self.message_ids}
        return (message_id or "").casefold() in known


async def find_vendor(bus: Bus, vendor_id: str, now: datetime) -> Vendor | None:
    """Give who handles a vendor's messages now, if anyone does. Raises BusUnavailableError."""
    text = (await bus.read(keys.VENDORS)).get(vendor_id.casefold())
    try:
        vendor = Vendor.model_validate_json(text) if text is not None else None
    except ValidationError:
        return None
    return vendor if vendor is not None and now < vendor.until else None


@asynccontextmanager
async def vendor_handler(
    bus: Bus,
    vendor_id: str,
    handler: Handler,
    *,
    message_ids: Collection[str] | None = None,
    clock: Clock = utc_now,
) -> AsyncIterator[None]:
    """Answer the DataTransfers of a vendor from all charge points, also later ones, by `handler`.

    `message_ids`: others are answered UnknownMessageId without asking it. A handler that fails, or
    takes more than 10 s, is answered for by Rejected. It follows what all charge points tell: so
    many processes as there are vendors, not more, should do this. Raises VendorError,
    BusUnavailableError.
    """
    desk = _Desk(bus, vendor_id, handler, message_ids, clock)
    await desk.renew()
    failure: Exception | None = None
    async with bus.follow() as follower, asyncio.TaskGroup() as group:
        await desk.look(follower, group)
        tasks = [
            group.create_task(_repeat(_RENEW_S, desk.renew)),
            group.create_task(_repeat(_LOOK_S, lambda: desk.look(follower, group))),
        ]
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised below; the group would wrap it
            failure = error
        finally:
            for task in (*tasks, *desk.tasks.values()):
                task.cancel()
    await desk.retire()
    if failure is not None:
        raise failure


class _Desk:
    """Registers a handler, and brings it what charge points send."""

    def __init__(
        self,
        bus: Bus,
        vendor_id: str,
        handler: Handler,
        message_ids: Collection[str] | None,
        clock: Clock,
    ) -> None:
        self._bus = bus
        self._handler = handler
        self._clock = clock
        try:
            self._vendor = Vendor(
                vendor_id=vendor_id,
                message_ids=None if message_ids is None else tuple(message_ids),
                registration_id=new_event_id(),
                until=clock(),
            )
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise VendorError(f"{first['loc'][0]}: {first['msg']}") from error
        self.tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def _field(self) -> str:
        return self._vendor.vendor_id.casefold()

    async def renew(self) -> None:
        """Say that it is there."""
        vendor = self._vendor.model_copy(update={"until": self._clock() + _HOLDS})
        await self._bus.write(keys.VENDORS, {self._field: vendor.model_dump_json()})

    async def retire(self) -> None:
        """Say that it is gone; if that can't be said, the registration lapses."""
        with suppress(BusUnavailableError):
            held = await find_vendor(self._bus, self._vendor.vendor_id, self._clock())
            if held is not None and held.registration_id == self._vendor.registration_id:
                gone = {keys.VENDORS: [self._field]}
                await self._bus.apply(Commit(keys.VENDORS, removed_fields=gone))

    async def look(self, follower: Follower, group: asyncio.TaskGroup) -> None:
        """Follow charge points that are new in the register, and those that are gone no more."""
        registered = await self._bus.members(keys.STATIONS)
        for charge_point_id in self.tasks.keys() - registered:
            self.tasks.pop(charge_point_id).cancel()
        for charge_point_id in sorted(registered - self.tasks.keys()):
            subscription = await follower.subscribe(charge_point_id, Lane.IN, after=None)
            self.tasks[charge_point_id] = group.create_task(self._serve(subscription))

    async def _serve(self, subscription: Subscription) -> None:
        try:
            async for delivery in subscription:
                envelope, body = delivery.envelope, delivery.envelope.body
                if isinstance(body, DataTransferReceived) and self._is_ours(body):
                    await self._answer(envelope, body)
        finally:
            await subscription.close()

    def _is_ours(self, body: DataTransferReceived) -> bool:
        return body.vendor_id.casefold() == self._field and self._vendor.takes(body.message_id)

    async def _answer(self, envelope: Envelope, body: DataTransferReceived) -> None:
        transfer = DataTransfer(
            envelope.charge_point_id, body.vendor_id, body.message_id, body.data
        )
        reply = await self._ask(transfer)
        answer = Envelope(
            id=consequence_id(envelope.id, "DataTransferAnswer"),
            charge_point_id=envelope.charge_point_id,
            at=self._clock(),
            caused_by=envelope.id,
            body=DataTransferAnswer(status=reply.status, data=reply.data),
        )
        try:
            await self._bus.publish(Lane.OCPP, answer)
        except (BusUnavailableError, OverloadedError) as error:
            cp = envelope.charge_point_id
            log.warning("a DataTransfer can't be answered: %s", error, charge_point_id=cp)

    async def _ask(self, transfer: DataTransfer) -> Reply:
        cp = transfer.charge_point_id
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._handler(transfer)
        except TimeoutError:
            log.warning("a handler of DataTransfer took too long", charge_point_id=cp)
        except Exception:
            log.exception("a handler of DataTransfer failed", charge_point_id=cp)
        return Reply("Rejected")


async def _repeat(every: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(every)
        try:
            await work()
        except BusUnavailableError as error:
            log.warning("DataTransfers wait for Redis: %s", error)
