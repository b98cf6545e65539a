"""P2P servers behind a hub: who reaches them, how much, and what becomes of it when one is gone."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from relay_world import CP, DID, SIGNED, Server, register_station, responding
from sealed_app import SealedApp, at_hub, enter_hub, sealed_at

from sdk.bus import keys
from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.events.envelope import Envelope
from sdk.events.identity import IdentityChallenge, IdentityResponse, identity_message
from sdk.events.service import SignedQuoteOffered
from sdk.ids import new_event_id, utc_now
from sdk.p2p.errors import StreamClosedError, StreamTimeoutError
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey, load_key, verify_ed25519
from sdk.p2p.node import NodeSettings


@pytest.fixture
async def bus(redis_bus: RedisBus) -> RedisBus:
    await register_station(redis_bus)
    return redis_bus


class HubAndMember:
    """A hub, and a P2P server behind it that shows no address of its own."""

    def __init__(self, hub: Server, member: Server, key: P2pKey) -> None:
        self.hub = hub
        self.member = member
        self.key = key

    @asynccontextmanager
    async def app(self, key: P2pKey | None = None) -> AsyncIterator[SealedApp]:
        async with at_hub(self.hub.address, self.key.peer_id, self.key.x25519, key) as app:
            yield app

    async def until_member(self) -> None:
        async with P2pHost(NodeSettings(P2pKey.generate())) as host:
            await host.connect(self.hub.address)

            async def is_there() -> bool:
                stream, why = await enter_hub(host, self.hub.address, self.key.peer_id)
                stream.reset()
                return why is None

            await until(is_there)


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.1)


def hub_server(bus: RedisBus, folder: Path, **settings: Any) -> Server:
    return Server(bus, folder / "hub", p2p_hub=settings.pop("p2p_hub", "open"), **settings)


def member_server(bus: RedisBus, folder: Path, hub: Server, **settings: Any) -> Server:
    return Server(
        bus, folder / "member", p2p_announce=("none",), p2p_hubs=(hub.address,), **settings
    )


@asynccontextmanager
async def hub_and_member(
    bus: RedisBus, folder: Path, of_hub: dict[str, Any] | None = None, **of_member: Any
) -> AsyncIterator[HubAndMember]:
    hub = hub_server(bus, folder, **(of_hub or {}))
    async with hub.up(), member_server(bus, folder, hub, **of_member).up() as member:
        world = HubAndMember(hub, member, load_key(folder / "member" / "p2p.key"))
        await world.until_member()
        yield world


async def test_a_sealed_request_is_answered_sealed_over_a_hub(
    bus: RedisBus, tmp_path: Path
) -> None:
    async with (
        responding(bus) as seen,
        hub_and_member(bus, tmp_path) as world,
        world.app() as one,
        world.app() as two,
    ):
        for app in (one, two):
            answer = await app.ask()
            address = f"{app.peer_id}@{world.hub.peer_id}#{app.reply_key}"
            assert (answer.type, answer.peer_id) == ("SessionStateReported", address)
            assert seen[-1].peer_id == address
        with pytest.raises(StreamTimeoutError):
            await one.receive(0.2)


async def test_sealed_and_clear_are_both_answered_at_the_servers_own_door(
    bus: RedisBus, tmp_path: Path
) -> None:
    key = load_key(tmp_path / "p2p.key")
    async with (
        responding(bus) as seen,
        Server(bus, tmp_path).up() as server,
        sealed_at(server.address, key.x25519) as app,
    ):
        await app.ask()
        assert seen[-1].peer_id == f"{app.peer_id}#{app.reply_key}"
        cause = await app.send(app.request())
        answer = await app.receive()
        assert (answer.type, answer.caused_by) == ("SessionStateReported", cause)


async def test_the_challenge_is_signed_for_the_app_behind_the_hub(
    bus: RedisBus, tmp_path: Path
) -> None:
    nonce = "0x" + os.urandom(32).hex()
    async with hub_and_member(bus, tmp_path) as world, world.app() as app:
        await app.send(clear(IdentityChallenge(did=DID, nonce=nonce)))
        body = (await app.receive()).body
        assert isinstance(body, IdentityResponse)
        message = identity_message(DID, world.key.peer_id, app.peer_id, nonce)
        assert verify_ed25519(world.key.ed25519, message, bytes.fromhex(body.signature[2:]))


def clear(body: Any) -> Envelope:
    return Envelope(id=new_event_id(), charge_point_id=CP, at=utc_now(), body=body)


async def test_what_does_not_fit_is_refused_before_it_reaches_the_bus(
    bus: RedisBus, tmp_path: Path
) -> None:
    past = "2026-01-01T00:00:00+00:00"
    async with (
        responding(bus) as seen,
        hub_and_member(bus, tmp_path) as world,
        world.app() as app,
    ):
        stale = app.request(expires_at=past)
        other = app.request()
        assert await app.refusal(app.request(), sealed=False) == "unknown_type"
        assert await app.refusal(app.seal(stale), sealed=False) == "expired"
        wrong_type = app.seal(app.request(), holds="StopRequested")
        assert await app.refusal(wrong_type, sealed=False) == "bad_payload"
        own_type = app.seal(app.request(), holds="QuoteOffered")
        assert await app.refusal(own_type, sealed=False) == "unknown_type"
        of_another = app.seal(other).model_copy(update={"id": new_event_id()})
        assert await app.refusal(of_another, sealed=False) == "bad_payload"
        no_key = app.seal(app.request(reply_key=None))
        assert await app.refusal(no_key, sealed=False) == "bad_payload"
        no_expiry = app.seal(app.request(), expires_at=None)
        assert await app.refusal(no_expiry, sealed=True) == "bad_payload"
        later = app.seal(app.request(expires_at=past), expires_at=utc_now().replace(year=2099))
        assert await app.refusal(later, sealed=True) == "bad_payload"
        elsewhere = app.request().model_copy(update={"charge_point_id": "CP-9"})
        assert await app.refusal(app.seal(elsewhere), sealed=True) == "unknown_station"
        assert seen == []
        await app.ask()


async def test_a_member_is_announced_at_its_hub(bus: RedisBus, tmp_path: Path) -> None:
    async with hub_and_member(bus, tmp_path) as world:
        entry = await bus.read(keys.p2p_server(world.key.peer_id))
        assert json.loads(entry["multiaddrs"]) == [
            f"{world.hub.address}/p2p-circuit/p2p/{world.key.peer_id}"
        ]


async def test_only_members_that_are_wanted_come_in_and_only_so_many(
    bus: RedisBus, tmp_path: Path
) -> None:
    wanted = load_key(tmp_path / "member" / "p2p.key")
    of_hub = {"p2p_hub": "members", "p2p_hub_members": (wanted.peer_id,)}
    async with hub_and_member(bus, tmp_path, of_hub) as world:
        assert await becomes_member(world.hub.address) == "not_a_member"
    async with hub_and_member(bus, tmp_path / "2", {"p2p_hub_capacity": 1}) as world:
        assert await becomes_member(world.hub.address) == "too_many"


async def becomes_member(address: str) -> str | None:
    async with P2pHost(NodeSettings(P2pKey.generate())) as host:
        hub = await host.connect(address)
        stream = await host.open_stream(hub, "/noroam/member/1.0.0")
        await stream.write_frame(b"{}")
        answer: dict[str, str] = json.loads(await stream.read_frame(5))
        return answer.get("error")


async def test_a_hub_has_so_many_passages_and_tells_why_not(bus: RedisBus, tmp_path: Path) -> None:
    of_hub = {"p2p_hub_streams_per_consumer": 2, "p2p_hub_streams_per_member": 3}
    async with (
        hub_and_member(bus, tmp_path, of_hub) as world,
        AsyncExitStack() as stack,
    ):
        hosts = [
            await stack.enter_async_context(P2pHost(NodeSettings(P2pKey.generate())))
            for _ in range(2)
        ]
        for host in hosts:
            await host.connect(world.hub.address)
        to = world.key.peer_id

        async def enter(host: P2pHost, to: str = to) -> str | None:
            return (await enter_hub(host, world.hub.address, to))[1]

        whys = [await enter(host) for host in (hosts[0], hosts[0], hosts[0], hosts[1], hosts[1])]
        assert whys == [None, None, "too_many", None, "too_many"]
        assert await enter(hosts[1], P2pKey.generate().peer_id) == "unknown_server"
        stream = await hosts[1].open_stream(world.hub.peer_id, "/noroam/hub/1.0.0")
        await stream.write_frame(b'{"to": 5}')
        assert json.loads(await stream.read_frame(5)) == {"error": "bad_request"}


async def test_a_member_comes_back_after_its_hub_did(bus: RedisBus, tmp_path: Path) -> None:
    hub = hub_server(bus, tmp_path)
    async with responding(bus), AsyncExitStack() as member_up:
        async with hub.up():
            member = member_server(bus, tmp_path, hub)
            await member_up.enter_async_context(member.up())
            world = HubAndMember(hub, member, load_key(tmp_path / "member" / "p2p.key"))
            await world.until_member()
            app_up = AsyncExitStack()
            app = await app_up.enter_async_context(world.app())
            await app.ask()
        with pytest.raises(StreamClosedError):
            await app.receive()
        await app_up.aclose()
        async with hub.up():
            await world.until_member()
            async with world.app() as app:
                await app.ask()


async def test_a_member_that_is_gone_ends_its_apps_streams(bus: RedisBus, tmp_path: Path) -> None:
    hub = hub_server(bus, tmp_path)
    async with hub.up(), AsyncExitStack() as stack:
        async with member_server(bus, tmp_path, hub).up() as member:
            world = HubAndMember(hub, member, load_key(tmp_path / "member" / "p2p.key"))
            await world.until_member()
            app = await stack.enter_async_context(world.app())
        with pytest.raises(StreamClosedError):
            await app.receive()
        _, why = await enter_hub(app.host, hub.address, world.key.peer_id)
        assert why == "unknown_server"


async def test_an_app_that_is_gone_leaves_room(bus: RedisBus, tmp_path: Path) -> None:
    of_hub = {"p2p_hub_streams_per_member": 1}
    async with responding(bus), hub_and_member(bus, tmp_path, of_hub) as world:
        for _ in range(3):
            await world.until_member()
            await asyncio.sleep(0.3)
            async with world.app() as app:
                await app.ask()


async def test_an_app_that_does_not_read_is_cut_off_and_stalls_nobody(
    bus: RedisBus, tmp_path: Path
) -> None:
    unlimited = {"p2p_requests_per_second": 0}
    async with (
        responding(bus),
        hub_and_member(bus, tmp_path, unlimited, **unlimited) as world,
        world.app() as slow,
        world.app() as good,
    ):
        await slow.ask()
        await good.ask()
        offer = clear(SignedQuoteOffered(payload="x" * 30_000, signature=SIGNED["signature"]))
        event = offer.model_copy(update={"peer_id": address_of(slow, world)})
        # More than all buffers on the way to the slow one hold.
        for _ in range(16):
            for _ in range(10):
                await bus.publish(Lane.OUT, event.model_copy(update={"id": new_event_id()}))
            await good.ask()
        with pytest.raises(StreamClosedError):
            await until_cut_off(slow)
        await good.ask()


async def until_cut_off(app: SealedApp) -> None:
    while True:
        await app.receive()


def address_of(app: SealedApp, world: HubAndMember) -> str:
    return f"{app.peer_id}@{world.hub.peer_id}#{app.reply_key}"


async def test_many_apps_get_their_own_answers(bus: RedisBus, tmp_path: Path) -> None:
    async with (
        responding(bus),
        hub_and_member(bus, tmp_path) as world,
        AsyncExitStack() as stack,
    ):
        apps = [await stack.enter_async_context(world.app()) for _ in range(20)]
        for _ in range(3):
            answers = await asyncio.gather(*(app.ask() for app in apps))
            assert [answer.peer_id for answer in answers] == [
                address_of(app, world) for app in apps
            ]
