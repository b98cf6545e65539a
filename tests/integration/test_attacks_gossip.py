"""Attacks by gossip: nothing is kept of topics that are not ours, and no list is answered whole."""

import asyncio
import os
from contextlib import suppress
from typing import Any

import pytest
from libp2p.pubsub.pb.rpc_pb2 import RPC, Message
from p2p_attackers import Target, send_rpcs, target

from sdk.p2p import errors
from sdk.p2p.gossip import Heard
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.rpc_filter import IDS, MESSAGES, SUBSCRIPTIONS, TOPICS, cut_down

TOPIC = "/test/1"
TOPICS_HERE = {TOPIC: lambda _: True}


def pubsub_of(server: Target) -> Any:
    runner = server.host._runner
    assert runner is not None
    gossip: Any = runner._gossip
    return gossip._pubsub


async def attack(server: Target, *rpcs: bytes) -> None:
    """Send RPCs as a stranger, and wait until they were read."""
    async with P2pHost(NodeSettings(P2pKey.generate())) as rude:
        await rude.connect(server.tcp)
        with suppress(errors.HostUnavailableError, TimeoutError):
            await send_rpcs(rude, server.host.peer_id, rpcs)
        await asyncio.sleep(0.5)


def rpc(**control: list[dict[str, Any]]) -> bytes:
    made = RPC()
    for name, entries in control.items():
        for entry in entries:
            getattr(made.control, name).add(**entry)
    return made.SerializeToString()


async def check_gossip(server: Target) -> None:
    """Check that an honest message still comes through."""
    async with P2pHost(NodeSettings(P2pKey.generate()), topics=TOPICS_HERE) as honest:
        await honest.connect(server.tcp)
        for attempt in range(20):
            await honest.publish(TOPIC, b"honest %d" % attempt)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    heard: Heard = await server.host.heard()
                    assert heard.origin == honest.peer_id
                    return
    raise AssertionError("not heard")


async def test_garbage_for_an_rpc_ends_its_stream_and_nothing_else() -> None:
    garbage = [os.urandom(200), b"\xff" * 50, b"", b"\x12\x04\x0a\x02\xff\xff" * 20]
    message = Message(from_id=b"x", data=b"y", seqno=b"z", topicIDs=[TOPIC], key=b"\xff" * 40)
    signed = RPC(publish=[message]).SerializeToString()
    async with target(topics=TOPICS_HERE) as server:
        for each in [*garbage, signed]:
            await attack(server, each)
        await server.check()
        await check_gossip(server)


async def test_topics_that_nobody_follows_are_not_kept() -> None:
    subscribing = RPC()
    for number in range(2000):
        subscribing.subscriptions.add(subscribe=True, topicid=f"/made/up/{number}")
    control = rpc(
        graft=[{"topicID": f"/made/up/{n}"} for n in range(2000)],
        prune=[{"topicID": f"/made/up/{n}", "backoff": 2**60} for n in range(2000)],
        ihave=[{"topicID": f"/made/up/{n}", "messageIDs": [b"aa"]} for n in range(2000)],
    )
    async with target(topics=TOPICS_HERE) as server:
        await attack(server, subscribing.SerializeToString(), control)
        pubsub = pubsub_of(server)
        assert set(pubsub.peer_topics) <= {TOPIC}
        assert set(pubsub.router.back_off) <= {TOPIC}
        assert len(pubsub.router.graft_flood_tracking) <= 1
        await check_gossip(server)


async def test_an_rpc_beyond_its_length_ends_the_stream() -> None:
    huge = RPC(publish=[Message(data=bytes(2**21), topicIDs=[TOPIC])]).SerializeToString()
    async with target(topics=TOPICS_HERE) as server:
        await attack(server, huge)
        await server.check()


async def test_a_flood_of_control_is_read_at_its_pace() -> None:
    wanting = rpc(iwant=[{"messageIDs": [b"%040x" % n for n in range(1000)]}])
    having = rpc(ihave=[{"topicID": TOPIC, "messageIDs": [b"%040x" % n for n in range(1000)]}])
    grafting = rpc(graft=[{"topicID": TOPIC}] * 100)
    async with target(topics=TOPICS_HERE) as server:
        await attack(server, *[wanting, having, grafting] * 100)
        await server.check()
        await check_gossip(server)


async def test_a_peer_has_one_gossip_stream() -> None:
    async with (
        target(topics=TOPICS_HERE) as server,
        P2pHost(NodeSettings(P2pKey.generate())) as rude,
    ):
        await rude.connect(server.tcp)
        for _ in range(20):
            await send_rpcs(rude, server.host.peer_id, [RPC().SerializeToString()])
        await asyncio.sleep(0.5)
        reader: Any = pubsub_of(server).continuously_read_stream.__self__
        assert len(reader._streams) <= 1
        held = await server.swarm(
            lambda swarm: sum(
                str(stream.get_protocol()).startswith("/meshsub")
                for connections in swarm.connections.values()
                for connection in connections
                for stream in connection.get_streams()
            )
        )
        assert held <= 2
        await check_gossip(server)


@pytest.mark.parametrize("topics", [{TOPIC}, set()])
def test_an_rpc_is_cut_down_to_what_concerns_us(topics: set[str]) -> None:
    whole = RPC(senderRecord=b"x")
    for number in range(1000):
        whole.subscriptions.add(subscribe=True, topicid=TOPIC if number % 2 else f"/{number}")
        whole.publish.add(data=b"x", topicIDs=[TOPIC], seqno=b"%d" % number)
        whole.control.ihave.add(
            topicID=TOPIC, messageIDs=[b"a" * 40, b"b" * 300, b"%d" % number] * 100
        )
        whole.control.iwant.add(messageIDs=[b"%d-%d" % (number, n) for n in range(100)])
        whole.control.idontwant.add(messageIDs=[b"%d" % n for n in range(100)])
        whole.control.graft.add(topicID=TOPIC)
        whole.control.prune.add(topicID=TOPIC, backoff=2**62).peers.add(peerID=b"dial me")
    kept = cut_down(whole, topics)
    assert len(kept.subscriptions) == (SUBSCRIPTIONS // 2 if topics else 0)
    assert len(kept.publish) == (MESSAGES if topics else 0)
    assert len(kept.control.graft) == len(kept.control.ihave) == (TOPICS if topics else 0)
    assert [len(want.messageIDs) for want in kept.control.iwant] == [IDS]
    assert not kept.control.idontwant
    assert all(have.messageIDs == [b"a" * 40, have.messageIDs[1]] for have in kept.control.ihave)
    assert not any(prune.peers or prune.backoff > 3600 for prune in kept.control.prune)
    assert not kept.senderRecord


def test_a_message_of_several_topics_or_beyond_its_length_is_dropped() -> None:
    whole = RPC()
    whole.publish.add(data=b"x", topicIDs=[TOPIC, "/other"])
    whole.publish.add(data=b"x" * 16_385, topicIDs=[TOPIC])
    whole.publish.add(data=b"x", topicIDs=[TOPIC], key=b"k" * 257)
    whole.publish.add(data=b"x", topicIDs=[])
    assert not cut_down(whole, {TOPIC}).publish
