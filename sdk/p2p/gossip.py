"""Gossip on the trio side: GossipSub 1.1 for public announcements, and nothing else.

What is not acceptable is neither given to the program nor passed on to other peers.
"""

import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import time_ns

import trio
from libp2p.abc import IHost, INetStream
from libp2p.peer.id import ID
from libp2p.pubsub.gossipsub import PROTOCOL_ID_V11, GossipSub
from libp2p.pubsub.pb.rpc_pb2 import Message
from libp2p.pubsub.pubsub import Pubsub
from libp2p.pubsub.score import ScoreParams
from libp2p.tools.anyio_service import background_trio_service

from sdk.p2p.guards import guard_pubsub

PUBLISH_SECONDS = 1 / 200
"""The least time between two messages of our own: libp2p silently drops what comes faster."""
REACH_SECONDS = 15.0
"""So long a peer is asked for gossip that does not seem to speak it."""
MESH, MESH_LOW, MESH_HIGH = 64, 16, 256
"""To how many neighbours a message goes at once; the others of a larger star ask for it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message: `origin` is the peer id that published and signed it."""

    topic: str
    data: bytes
    origin: str


Accepts = Callable[[Heard], bool]
"""Judges a message of a topic, also an own one; called in the trio thread, where nothing waits."""


class Gossip:
    """Speaks gossip for one life of a node; to be made before the node runs.

    Exactly these `topics` are subscribed and passed on. `on_heard` is called in the trio thread
    with what others published.
    """

    def __init__(
        self, host: IHost, topics: Mapping[str, Accepts], on_heard: Callable[[Heard], None]
    ) -> None:
        self._topics = topics
        self._router = _router()
        self._pubsub = _Pubsub(host, self._router, topics, on_heard)
        guard_pubsub(self._pubsub)
        self._publish_at = -math.inf

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve until the context ends; raises whatever crashed libp2p."""
        pubsub, router = self._pubsub, self._router
        async with background_trio_service(pubsub), background_trio_service(router):
            await pubsub.wait_until_ready()
            for topic in self._topics:
                await pubsub.subscribe(topic)
            try:
                yield
            finally:
                pubsub.seen_messages.stop()

    def reach(self, peer_id: ID) -> None:
        """Speak gossip with a connected peer, unless it does not."""
        self._pubsub.reach(peer_id)

    async def publish(self, topic: str, data: bytes) -> None:
        """Tell all who follow the topic; waits where more is published than libp2p can carry.

        Raises ValueError for what the topic does not accept.
        """
        message = Heard(topic, data, str(self._pubsub.my_id))
        if topic not in self._topics or not self._topics[topic](message):
            raise ValueError(f"not acceptable on {topic}")
        self._publish_at = max(trio.current_time(), self._publish_at + PUBLISH_SECONDS)
        await trio.sleep_until(self._publish_at)
        await self._pubsub.publish(topic, data)


class _Pubsub(Pubsub):
    """Opens streams only to peers that opened one, or that were dialled here.

    libp2p would open one to every app that connects, and ask those again and again that speak no
    gossip.
    """

    def __init__(
        self,
        host: IHost,
        router: GossipSub,
        topics: Mapping[str, Accepts],
        on_heard: Callable[[Heard], None],
    ) -> None:
        super().__init__(host, router, strict_signing=True, allowed_topics=frozenset(topics))
        self._on_heard = on_heard
        # From the clock's seconds, a host that starts again would give the same numbers again.
        self.counter = time_ns()
        for topic, accepts in topics.items():
            self.set_topic_validator(topic, self._judge(topic, accepts), is_async_validator=False)

    def reach(self, peer_id: ID) -> None:
        if peer_id not in self.peers:
            self._schedule_peer_stream_retry(peer_id)

    async def handle_peer_queue(self) -> None:
        async with self.peer_receive_channel:
            self.event_handle_peer_queue_started.set()
            async for _ in self.peer_receive_channel:
                continue

    async def stream_handler(self, stream: INetStream) -> None:
        self.reach(stream.muxed_conn.peer_id)
        await super().stream_handler(stream)

    def notify_subscriptions(self, publish_message: Message) -> None:
        # libp2p's own queue holds 32 messages and drops the others.
        if publish_message.from_id != self.my_id.to_bytes():
            self._on_heard(_heard(publish_message))

    async def _peer_stream_retry_task(self, peer_id: ID) -> None:
        try:
            await self._handle_new_peer_with_retry(peer_id, REACH_SECONDS)
        finally:
            self._peer_stream_retries_pending.discard(peer_id)

    def _judge(self, topic: str, accepts: Accepts) -> Callable[[ID, Message], bool]:
        def judge(_forwarder: ID, message: Message) -> bool:
            own = message.from_id == self.my_id.to_bytes()
            return list(message.topicIDs) == [topic] and (own or accepts(_heard(message)))

        return judge


def _router() -> GossipSub:
    # Limits are the topics' own: libp2p's count a neighbour that passes on what many published.
    return GossipSub(
        protocols=[PROTOCOL_ID_V11],
        degree=MESH,
        degree_low=MESH_LOW,
        degree_high=MESH_HIGH,
        heartbeat_interval=1,
        # Nobody tells this host whom to dial.
        score_params=ScoreParams(accept_px_threshold=math.inf),
        adaptive_gossip_enabled=False,
        spam_protection_enabled=False,
        eclipse_protection_enabled=False,
    )


def _heard(message: Message) -> Heard:
    return Heard(message.topicIDs[0], message.data, str(ID(message.from_id)))
