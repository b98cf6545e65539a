"""Gossip between real hosts: who hears what, what is not passed on, and what a crash changes."""

import asyncio
from collections.abc import Callable

import pytest

from sdk.errors import InvalidInputError
from sdk.p2p.gossip import Heard
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings

TOPIC = "/noroam/stations/1.0.0"
LISTEN = ("/ip4/127.0.0.1/tcp/0",)


def short(message: Heard) -> bool:
    return len(message.data) < 100


def anything(_message: Heard) -> bool:
    return True


def a_host(accepts: Callable[[Heard], bool] = short, topic: str = TOPIC) -> P2pHost:
    return P2pHost(NodeSettings(P2pKey.generate(), LISTEN), topics={topic: accepts})


async def heard_by(host: P2pHost, sender: P2pHost, data: bytes) -> Heard:
    """Publish until it is heard: a mesh takes a moment to form."""
    async with asyncio.timeout(15), asyncio.TaskGroup() as group:
        hearing = group.create_task(host.heard())
        while not hearing.done():
            await sender.publish(TOPIC, data)
            await asyncio.wait([hearing], timeout=0.2)
    return hearing.result()


async def silent(host: P2pHost, seconds: float = 1.5) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await host.heard()
    except TimeoutError:
        return True
    return False


async def test_a_message_reaches_a_peer_that_only_a_third_one_knows() -> None:
    async with a_host() as hub, a_host() as speaker, a_host() as listener:
        await speaker.connect(hub.addresses[0])
        await listener.connect(hub.addresses[0])
        heard = await heard_by(listener, speaker, b"here")
        assert heard == Heard(TOPIC, b"here", speaker.peer_id)
        assert await silent(speaker)


async def test_what_is_not_acceptable_is_neither_heard_nor_passed_on() -> None:
    async with a_host() as hub, a_host(anything) as rude, a_host(anything) as listener:
        await rude.connect(hub.addresses[0])
        await listener.connect(hub.addresses[0])
        await heard_by(listener, rude, b"good")
        while not await silent(listener, 0.5):
            continue
        for _ in range(5):
            await rude.publish(TOPIC, b"x" * 200)
        assert await silent(listener)
        assert hub.crashes == 0


async def test_an_own_message_that_is_not_acceptable_is_told() -> None:
    async with a_host() as host:
        with pytest.raises(InvalidInputError):
            await host.publish(TOPIC, b"x" * 200)
        with pytest.raises(InvalidInputError):
            await host.publish("/another", b"x")
    async with P2pHost(NodeSettings(P2pKey.generate())) as mute:
        with pytest.raises(InvalidInputError):
            await mute.publish(TOPIC, b"x")


async def test_another_topic_is_not_passed_on() -> None:
    other = "/noroam/secrets/1.0.0"
    async with a_host() as hub, a_host(topic=other) as speaker, a_host(topic=other) as listener:
        await speaker.connect(hub.addresses[0])
        await listener.connect(hub.addresses[0])
        await asyncio.sleep(1.5)
        for _ in range(5):
            await speaker.publish(other, b"x")
        assert await silent(listener)


async def test_gossip_goes_on_after_a_crash_of_libp2p() -> None:
    async with a_host() as hub, a_host() as speaker, a_host() as listener:
        await speaker.connect(hub.addresses[0])
        await listener.connect(hub.addresses[0])
        await heard_by(listener, speaker, b"before")
        runner = hub._runner
        assert runner is not None
        runner._token.run_sync_soon(divide, 1, 0)
        async with asyncio.timeout(5):
            while hub._runner is None or hub._runner is runner:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await speaker.connect(hub.addresses[0])
        await listener.connect(hub.addresses[0])
        while (await heard_by(listener, speaker, b"after")).data != b"after":
            continue


def divide(left: int, right: int) -> float:
    return left / right


async def test_a_peer_without_gossip_is_served_all_the_same() -> None:
    settings = NodeSettings(P2pKey.generate(), LISTEN)
    async with (
        P2pHost(settings, ("/noroam/1.0.0",), topics={TOPIC: short}) as server,
        P2pHost(NodeSettings(P2pKey.generate())) as app,
    ):
        await app.connect(server.addresses[0])
        stream = await app.open_stream(server.peer_id, "/noroam/1.0.0")
        await stream.write_frame(b"hello")
        assert await (await server.accept()).read_frame(5) == b"hello"


async def test_a_thousand_messages_come_through_without_loss() -> None:
    async with a_host() as hub, a_host() as speaker, a_host() as listener:
        await speaker.connect(hub.addresses[0])
        await listener.connect(hub.addresses[0])
        await heard_by(listener, speaker, b"first")
        wanted = {b"%d" % number for number in range(1000)}

        async def publish() -> None:
            for data in sorted(wanted):
                await speaker.publish(TOPIC, data)

        heard: set[bytes] = set()
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            group.create_task(publish())
            while not wanted <= heard:
                heard.add((await listener.heard()).data)
