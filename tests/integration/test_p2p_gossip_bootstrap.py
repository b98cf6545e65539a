"""How a mesh forms: over bootstrap peers that come and go, and over multicast DNS on loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from p2p_server.announced_nearby import keep_nearby
from sdk.p2p.errors import PeerUnreachableError
from sdk.p2p.gossip_bootstrap import Bootstrap
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.mdns import MdnsError, announce_server, on_interfaces, servers_nearby
from sdk.p2p.node import NodeSettings

LISTEN = ("/ip4/127.0.0.1/tcp/0",)
LOOPBACK = ("127.0.0.1",)


def a_host(key: P2pKey | None = None, listen: tuple[str, ...] = LISTEN) -> P2pHost:
    return P2pHost(NodeSettings(key or P2pKey.generate(), listen))


async def until(holds: Callable[[], bool], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.02)


@asynccontextmanager
async def keeping(host: P2pHost, greeted: list[str]) -> AsyncIterator[Bootstrap]:
    async def greet(peer_id: str) -> None:
        greeted.append(peer_id)
        raise PeerUnreachableError("tells nothing")

    bootstrap = Bootstrap(host, greet)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(bootstrap.run())
        yield bootstrap
        task.cancel()


async def test_a_bootstrap_peer_that_was_away_is_dialled_again() -> None:
    key, greeted = P2pKey.generate(), list[str]()
    async with a_host(key) as first:
        address = first.addresses[0]
        listen = (address.partition("/p2p/")[0],)
    async with a_host() as host, keeping(host, greeted) as bootstrap:
        bootstrap.add(address)
        await until(lambda: address in bootstrap.problems)
        async with a_host(key, listen):
            await until(lambda: bootstrap.connected == {key.peer_id})
            assert bootstrap.problems == {}
        await until(lambda: not bootstrap.connected)
        async with a_host(key, listen):
            await until(lambda: bootstrap.connected == {key.peer_id})
    assert greeted == [key.peer_id] * 2


async def test_a_peer_that_does_not_answer_is_dialled_ever_more_rarely() -> None:
    dialled = 0

    async def slam(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal dialled
        dialled += 1
        writer.close()

    peer = P2pKey.generate().peer_id
    server = await asyncio.start_server(slam, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, a_host() as host, keeping(host, []) as bootstrap:
        bootstrap.add(f"/ip4/127.0.0.1/tcp/{port}/p2p/{peer}")
        await asyncio.sleep(4)
    # Without a pause that grows it would be eight or more.
    assert 2 <= dialled <= 6


async def test_what_leads_nowhere_is_not_dialled() -> None:
    async with a_host() as host, keeping(host, []) as bootstrap:
        peer, hub = P2pKey.generate().peer_id, P2pKey.generate().peer_id
        for multiaddr in (
            "nonsense",
            "/ip4/127.0.0.1/tcp/1",
            f"/ip4/127.0.0.1/tcp/1/p2p/{hub}/p2p-circuit/p2p/{peer}",
            host.addresses[0],
        ):
            bootstrap.add(multiaddr)
        await asyncio.sleep(0.3)
        assert bootstrap.problems == {}
        assert bootstrap.connected == set()


async def test_servers_find_each_other_nearby() -> None:
    async with (
        a_host() as one,
        a_host() as two,
        keeping(one, []) as of_one,
        keeping(two, []) as of_two,
        asyncio.TaskGroup() as group,
    ):
        tasks = [
            group.create_task(keep_nearby(LOOPBACK, host.peer_id, host.addresses, bootstrap))
            for host, bootstrap in ((one, of_one), (two, of_two))
        ]
        await until(lambda: two.peer_id in of_one.connected and one.peer_id in of_two.connected)
        for task in tasks:
            task.cancel()


async def test_only_addresses_of_peers_are_taken_from_the_network() -> None:
    peer = P2pKey.generate().peer_id
    good = f"/ip4/127.0.0.1/tcp/4001/p2p/{peer}"
    told = (
        "/ip4/127.0.0.1/tcp/4001",
        f"/ip4/1.2.3.4/tcp/1/p2p/{peer}/p2p-circuit/p2p/{peer}",
        good,
    )
    async with (
        on_interfaces(LOOPBACK) as teller,
        on_interfaces(LOOPBACK) as listener,
        aclosing(servers_nearby(listener)) as found,
        asyncio.timeout(15),
    ):
        await announce_server(teller, peer, told, LOOPBACK)
        async for multiaddr in found:
            if multiaddr.endswith(peer):
                assert multiaddr == good
                break


async def test_an_interface_that_is_none_is_told() -> None:
    with pytest.raises(MdnsError):
        async with on_interfaces(("203.0.113.1",)):
            pass
