"""From the Session Manager to the consumers: follows stations and sends each event to its peer."""

import asyncio

import structlog

from p2p_server.peers import Peers
from sdk.bus.interface import Follower, Subscription
from sdk.bus.keys import Lane
from sdk.events.envelope import Envelope
from sdk.p2p.addresses import ConsumerAddress
from sdk.p2p.seal import SealError, seal

log = structlog.get_logger(__name__)

UNUSED_SECONDS = 60.0


def frame_for(envelope: Envelope, address: ConsumerAddress) -> bytes:
    """Write what a consumer gets: sealed where its address names a key. Raises SealError."""
    if address.reply_key is not None:
        envelope = seal(envelope, address.reply_key)
    return envelope.to_json().encode()


class Answers:
    """Follows `{CP}:out` of the stations that connected peers use.

    What is published after `follow` returned is sent, if its peer is connected then. A station that
    nobody uses any more is left alone after a while; where it was left is remembered.
    """

    def __init__(self, follower: Follower, peers: Peers, group: asyncio.TaskGroup) -> None:
        self._follower = follower
        self._peers = peers
        self._group = group
        self._subscriptions: dict[str, Subscription] = {}
        self._positions: dict[str, str] = {}
        self._lock = asyncio.Lock()

    async def follow(self, charge_point_id: str) -> None:
        """Make sure that a station is followed. Raises BusUnavailableError."""
        if charge_point_id in self._subscriptions:
            return
        async with self._lock:
            if charge_point_id in self._subscriptions:
                return
            subscription = await self._follower.subscribe(
                charge_point_id, Lane.OUT, after=self._positions.get(charge_point_id)
            )
            self._subscriptions[charge_point_id] = subscription
            self._group.create_task(self._forward(charge_point_id, subscription))

    async def leave_unused(self) -> None:
        """Stop following what no connected peer used for a while; runs for ever."""
        unused: set[str] = set()
        while True:
            await asyncio.sleep(UNUSED_SECONDS)
            idle = set(self._subscriptions) - self._peers.stations()
            for charge_point_id in idle & unused:
                await self._subscriptions.pop(charge_point_id).close()
            unused = idle

    async def close(self) -> None:
        """Stop following anything."""
        while self._subscriptions:
            _, subscription = self._subscriptions.popitem()
            await subscription.close()

    async def _forward(self, charge_point_id: str, subscription: Subscription) -> None:
        async for delivery in subscription:
            self._positions[charge_point_id] = delivery.stream_id
            if delivery.envelope.peer_id is not None:
                self._send(delivery.envelope, ConsumerAddress.parse(delivery.envelope.peer_id))

    def _send(self, envelope: Envelope, address: ConsumerAddress) -> None:
        # A hub never gets an event in clear, whoever published it.
        if not self._peers.has(address.place) or (address.hub and not address.reply_key):
            return
        try:
            self._peers.send(address.place, frame_for(envelope, address))
        except SealError as error:
            log.warning("not answered", place=address.place, type=envelope.type, why=str(error))
