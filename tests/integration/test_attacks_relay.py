"""Attacks on the relay over a real Redis: bans, and what a crash of libp2p leaves whole."""

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from relay_world import (
    CP,
    DID,
    STATE_WANTED,
    App,
    Server,
    answer_to,
    app_at,
    register_station,
    responding,
)

from sdk.bus.keys import Lane
from sdk.bus.redis_bus import RedisBus
from sdk.events.envelope import Envelope
from sdk.events.identity import IdentityChallenge
from sdk.ids import utc_now
from sdk.p2p.errors import (
    FrameError,
    HostUnavailableError,
    PeerUnreachableError,
    StreamClosedError,
)
from sdk.p2p.host import RESTART_SECONDS, P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import CONVERSATION

CUT_OFF = (FrameError, PeerUnreachableError, StreamClosedError, HostUnavailableError)


@pytest.fixture
async def bus(redis_bus: RedisBus) -> RedisBus:
    await register_station(redis_bus)
    return redis_bus


async def until(holds: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.05)


async def break_framing(address: str, key: P2pKey) -> None:
    """Send one frame that no peer may send, and lose the stream."""
    async with app_at(address, key) as bad:
        bad.stream.outbox.append(b"\xff\xff\xff\xff")
        bad.stream._wakeups.wake_writer()
        with suppress(*CUT_OFF):
            await bad.stream.read_frame(5)


async def test_broken_frames_again_and_again_cost_the_peer_a_while_and_others_nothing(
    bus: RedisBus, tmp_path: Path
) -> None:
    key = P2pKey.generate()
    async with (
        Server(bus, tmp_path, p2p_ban_seconds=2).up() as server,
        responding(bus),
        app_at(server.address) as good,
    ):
        for _ in range(3):
            await break_framing(server.address, key)
            await good.ask(STATE_WANTED)
        with pytest.raises(CUT_OFF):
            await ask(server.address, key)
        await good.ask(STATE_WANTED)
        await asyncio.sleep(2)
        await ask(server.address, key)


async def ask(address: str, key: P2pKey) -> None:
    async with app_at(address, key) as app:
        await app.ask(STATE_WANTED)


async def test_a_flood_costs_all_streams_and_the_connection(bus: RedisBus, tmp_path: Path) -> None:
    limits = {"p2p_requests_per_second": 1, "p2p_request_burst": 5}
    async with (
        Server(bus, tmp_path, **limits).up() as server,
        responding(bus),
        app_at(server.address) as good,
        P2pHost(NodeSettings(P2pKey.generate())) as host,
    ):
        await host.connect(server.address)
        one, two = [
            App(host, await host.open_stream(server.peer_id, CONVERSATION)) for _ in range(2)
        ]
        with suppress(StreamClosedError):
            for _ in range(30):
                await one.send(STATE_WANTED)
        over = asyncio.Event()
        two.stream.on_end(over.set)
        async with asyncio.timeout(5):
            await over.wait()
        await good.ask(STATE_WANTED)


async def test_peers_that_take_turns_at_it_cost_their_address(
    bus: RedisBus, tmp_path: Path
) -> None:
    async with Server(bus, tmp_path).up() as server, responding(bus):
        for _ in range(3):
            key = P2pKey.generate()
            for _ in range(3):
                with suppress(*CUT_OFF):
                    await break_framing(server.address, key)
        with pytest.raises(CUT_OFF):
            await ask(server.address, P2pKey.generate())


async def test_behind_a_trusted_proxy_they_cost_themselves_alone(
    bus: RedisBus, tmp_path: Path
) -> None:
    proxies = ("127.0.0.1",)
    async with Server(bus, tmp_path, p2p_trusted_proxies=proxies).up() as server, responding(bus):
        for _ in range(4):
            key = P2pKey.generate()
            for _ in range(3):
                with suppress(*CUT_OFF):
                    await break_framing(server.address, key)
        await ask(server.address, P2pKey.generate())


async def test_the_challenge_signs_nothing_but_itself(bus: RedisBus, tmp_path: Path) -> None:
    odd = ["0x" + "ab" * 31, "0x" + "ab" * 33, "ab" * 32, "0x" + "zz" * 32, "noroam-identity-v1"]
    async with Server(bus, tmp_path).up() as server, app_at(server.address) as app:
        for nonce in odd:
            body = IdentityChallenge.model_construct(type="IdentityChallenge", did=DID, nonce=nonce)
            await app.stream.write_frame(_with_body(body).to_json().encode())
            assert (await app.receive()).type == "RequestRefused"
        for did in ("did:ethr:0x7a69:0x" + "cd" * 20, f"{DID}\nx"):
            body = IdentityChallenge.model_construct(
                type="IdentityChallenge", did=did, nonce="0x" + "ab" * 32
            )
            await app.stream.write_frame(_with_body(body).to_json().encode())
            assert (await app.receive()).type == "RequestRefused"


def _with_body(body: IdentityChallenge) -> Envelope:
    return Envelope.model_construct(id=uuid4(), charge_point_id=CP, at=utc_now(), body=body)


def crash(peer_id: str) -> P2pHost:
    """Break the libp2p thread of the host with this id; it runs in this process."""
    # By its type: isinstance would ask what weak proxies point to.
    hosts = [one for one in gc.get_objects() if type(one) is P2pHost]
    host = next(one for one in hosts if one.peer_id == peer_id and one.addresses)
    runner = host._runner
    assert runner is not None
    runner._token.run_sync_soon(divmod, 1, 0)
    return host


async def test_a_crash_loses_nothing_that_was_on_the_bus(bus: RedisBus, tmp_path: Path) -> None:
    key = P2pKey.generate()
    async with (
        Server(bus, tmp_path).up() as server,
        bus.follow() as follower,
    ):
        subscription = await follower.subscribe(CP, Lane.IN, after=None)
        async with app_at(server.address, key) as app:
            sent = [await app.send(STATE_WANTED) for _ in range(5)]
            arrived = [(await anext(aiter(subscription))).envelope for _ in sent]
            host = crash(server.peer_id)
            begun = asyncio.get_running_loop().time()
            await until(lambda: host.crashes == 1)
            with pytest.raises(CUT_OFF):
                await app.receive()
        assert [request.id for request in arrived] == sent
        await until(lambda: host._runner is not None)
        assert asyncio.get_running_loop().time() - begun < RESTART_SECONDS + 2
        async with app_at(server.address, key) as again:
            await again.send(STATE_WANTED)
            resumed = (await anext(aiter(subscription))).envelope
            assert resumed.id not in sent
            for request in [*arrived, resumed]:
                await bus.publish(Lane.OUT, answer_to(request))
            got = [(await again.receive()).caused_by for _ in range(6)]
        assert got == [*sent, resumed.id]
        await subscription.close()


async def test_a_request_that_is_sent_again_after_a_crash_is_taken_once(
    bus: RedisBus, tmp_path: Path
) -> None:
    key, cause = P2pKey.generate(), uuid4()
    async with Server(bus, tmp_path).up() as server, responding(bus) as seen:
        async with app_at(server.address, key) as app:
            await app.ask(STATE_WANTED, id=cause)
            host = crash(server.peer_id)
            await until(lambda: host.crashes == 1)
        await until(lambda: host._runner is not None)
        async with app_at(server.address, key) as again:
            await again.send(STATE_WANTED, id=cause)
            await again.ask(STATE_WANTED)
        assert _times(seen, cause) == 1


def _times(seen: list[Envelope], cause: UUID) -> int:
    return sum(envelope.id == cause for envelope in seen)
