"""DataTransfer (4.3): brought to the handler that is registered for its vendor."""

import asyncio
from typing import Any
from uuid import UUID

from cpg.frames import Call
from cpg.peer import Peer
from sdk.bus.interface import BusUnavailableError, Follower, Room, Subscription
from sdk.bus.keys import Lane
from sdk.events.charge_point import DataTransferAnswer, DataTransferReceived
from sdk.vendors import ANSWER_WITHIN_S, find_vendor

Payload = dict[str, Any]


class Vendors:
    """Asks the vendors' handlers on behalf of one charge point.

    While a handler thinks, up to 10 s, the other messages of this socket wait: OCPP-J has one
    call outstanding in each direction (4.1.1), so a charge point sends no other call before it has
    this answer; but answers to calls of ours wait behind it, too.
    """

    __slots__ = ("_asked", "_follower", "_last", "_peer")

    def __init__(self, peer: Peer, follower: Follower | None) -> None:
        """Hear handlers by `follower`; without it there are none."""
        self._peer = peer
        self._follower = follower
        self._asked: Subscription | None = None
        self._last: tuple[UUID, Payload] | None = None
        """The newest answer: one that is sent again is told to nobody, and answered the same."""

    async def close(self) -> None:
        """Wait for no handler any more: the socket is gone."""
        if self._asked is not None:
            await self._asked.close()

    async def answer(self, call: Call) -> Payload:
        """Tell of a DataTransfer, and give the handler's answer: its payload.

        UnknownVendorId, UnknownMessageId: nobody is registered for it. Rejected: no answer in time.
        Raises SupersededError, BusUnavailableError.
        """
        peer, data = self._peer, call.payload.get("data")
        body = DataTransferReceived(
            vendor_id=call.payload["vendorId"],
            message_id=call.payload.get("messageId"),
            data=str(data) if data is not None else None,
        )
        cause = peer.cause(call, "DataTransfer")
        if self._last is not None and self._last[0] == cause:
            return self._last[1]
        event = peer.envelope(cause, body)
        vendor = await find_vendor(peer.bus, body.vendor_id, peer.clock())
        if vendor is None or self._follower is None:
            await peer.commit(events=[event], room=Room.STATE_ONLY)
            return {"status": "UnknownVendorId"}
        if not vendor.takes(body.message_id):
            await peer.commit(events=[event], room=Room.STATE_ONLY)
            return {"status": "UnknownMessageId"}
        # the lane's own reader may be held up by a command; this one hears the answer at once
        subscription = await self._follower.subscribe(peer.charge_point_id, Lane.OCPP, after=None)
        self._asked = subscription
        try:
            await peer.commit(events=[event], room=Room.STATE_ONLY)
            answer = await _answer_to(cause, subscription)
            self._last = (cause, answer)
            return answer
        finally:
            self._asked = None
            await subscription.close()


async def _answer_to(cause: UUID, subscription: Subscription) -> Payload:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            async for delivery in subscription:
                body = delivery.envelope.body
                if delivery.envelope.caused_by == cause and isinstance(body, DataTransferAnswer):
                    return body.model_dump(exclude={"type"}, exclude_none=True)
    except TimeoutError:
        return {"status": "Rejected"}
    raise BusUnavailableError("the socket is gone")
