"""Reads the gossip RPCs of other peers, and cuts each down before libp2p gets it.

libp2p keeps what it is told of topics that nobody follows, answers any list of wanted messages,
dials whom others name, and makes a task of each message.
"""

from collections.abc import Collection
from time import monotonic
from typing import Any

import structlog
import trio
from libp2p.abc import INetStream
from libp2p.peer.id import ID
from libp2p.pubsub.pb.rpc_pb2 import RPC, ControlMessage
from libp2p.pubsub.pubsub import Pubsub
from libp2p.utils import varint

from sdk.p2p.pace import Pace

RPC_BYTES = 1024 * 1024
MESSAGE_BYTES = 16 * 1024
SUBSCRIPTIONS, MESSAGES, IDS, TOPICS = 16, 512, 64, 4
"""So many of each are heard of one RPC, the first ones."""
ID_LENGTH = 256
BACKOFF_SECONDS = 3600
UNITS_PER_SECOND, UNITS_BURST = 500.0, 2000.0
"""An RPC and each message in it is a unit; a peer that sends more is read from more slowly."""

log = structlog.get_logger(__name__)


class RpcReader:
    """Stands in for `Pubsub.continuously_read_stream`: one stream of each peer, one RPC at a time.

    A peer that opens another stream ends the one before.
    """

    def __init__(self, pubsub: Pubsub) -> None:
        self._pubsub = pubsub
        self._streams: dict[ID, INetStream] = {}

    async def read(self, stream: INetStream) -> None:
        """Handle what a peer sends until its stream ends; what can't be read ends it."""
        peer_id = stream.muxed_conn.peer_id
        before, self._streams[peer_id] = self._streams.get(peer_id), stream
        if before is not None:
            await before.reset()
        try:
            await self._read(stream, peer_id)
        except Exception as error:  # noqa: BLE001 - libp2p raises anything, and one would end the host
            log.debug("gossip stream ends", peer_id=str(peer_id), reason=repr(error))
            await stream.reset()
            if self._streams.get(peer_id) is stream:
                self._pubsub._handle_dead_peer(peer_id)  # noqa: SLF001 - as libp2p does
        finally:
            if self._streams.get(peer_id) is stream:
                del self._streams[peer_id]

    async def _read(self, stream: INetStream, peer_id: ID) -> None:
        pace = Pace(UNITS_PER_SECOND, UNITS_BURST)
        while True:
            data = await varint.read_varint_prefixed_bytes_limited(stream, RPC_BYTES)
            rpc = RPC()
            rpc.ParseFromString(data)
            await trio.sleep(pace.pay(1 + min(len(rpc.publish), MESSAGES), monotonic()))
            await self._handle(cut_down(rpc, self._topics), peer_id)

    async def _handle(self, rpc: RPC, peer_id: ID) -> None:
        for change in rpc.subscriptions:
            self._pubsub.handle_subscription(peer_id, change)
        for message in rpc.publish:
            await self._pubsub.push_msg(peer_id, message)
        if rpc.HasField("control"):
            await self._pubsub.router.handle_rpc(rpc, peer_id)

    @property
    def _topics(self) -> Collection[str]:
        allowed = self._pubsub.allowed_topics
        return self._pubsub.topic_ids if allowed is None else allowed


def cut_down(rpc: RPC, topics: Collection[str]) -> RPC:
    """Give the part of an RPC that concerns `topics`, each list with an end. PURE."""
    kept = RPC()
    changes = [change for change in rpc.subscriptions[:SUBSCRIPTIONS] if change.topicid in topics]
    kept.subscriptions.extend(changes)
    for message in rpc.publish[:MESSAGES]:
        if len(message.topicIDs) == 1 and message.topicIDs[0] in topics and _is_short(message):
            kept.publish.append(message)
    if rpc.HasField("control"):
        _cut_control(rpc.control, kept.control, topics)
    return kept


def _is_short(message: Any) -> bool:  # noqa: ANN401 - protobuf
    ids = (message.from_id, message.seqno, message.signature, message.key)
    return len(message.data) <= MESSAGE_BYTES and all(len(part) <= ID_LENGTH for part in ids)


def _cut_control(control: ControlMessage, kept: ControlMessage, topics: Collection[str]) -> None:
    """Copy what gossipsub 1.1 has; what came later libp2p keeps for peers that are long gone.

    Peers to dial are nobody's to name.
    """
    for have in _of_topics(control.ihave, topics):
        kept.ihave.add(topicID=have.topicID, messageIDs=_ids([have]))
    for graft in _of_topics(control.graft, topics):
        kept.graft.add(topicID=graft.topicID)
    for prune in _of_topics(control.prune, topics):
        kept.prune.add(topicID=prune.topicID, backoff=min(prune.backoff, BACKOFF_SECONDS))
    if control.iwant:
        kept.iwant.add(messageIDs=_ids(control.iwant[:TOPICS]))


def _of_topics(entries: Any, topics: Collection[str]) -> list[Any]:  # noqa: ANN401 - protobuf
    return [entry for entry in entries[:TOPICS] if entry.topicID in topics]


def _ids(lists: Any) -> list[bytes]:  # noqa: ANN401 - protobuf
    """Give the first ids of some lists, each once, and none that is too long to be one."""
    ids = [one for entry in lists for one in entry.messageIDs[:IDS] if len(one) <= ID_LENGTH]
    return list(dict.fromkeys(ids))[:IDS]
