"""The P2P server over a real Redis: who gets what, who is refused, and what survives."""

import asyncio
import json
import os
import struct
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from relay_world import (
    CP,
    DID,
    SIGNED,
    STATE_WANTED,
    App,
    Server,
    answer_to,
    app_at,
    register_station,
    responding,
)

from sdk.bus import keys
from sdk.bus.keys import Lane
from sdk.bus.limits import Limits
from sdk.bus.redis_bus import RedisBus
from sdk.events.envelope import Envelope
from sdk.events.identity import IdentityChallenge, IdentityResponse, identity_message
from sdk.events.service import (
    RequestRefused,
    SessionStateReported,
    SignedStopRequested,
)
from sdk.ids import utc_now
from sdk.p2p.errors import (
    FrameError,
    PeerUnreachableError,
    StreamClosedError,
    StreamTimeoutError,
)
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey, load_key, verify_ed25519
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import CONVERSATION


@pytest.fixture
async def bus(redis_bus: RedisBus) -> RedisBus:
    await register_station(redis_bus)
    return redis_bus


@pytest.fixture
async def server(bus: RedisBus, tmp_path: Path) -> AsyncIterator[Server]:
    async with Server(bus, tmp_path).up() as server:
        yield server


async def test_two_consumers_get_their_own_answers_and_nothing_else(
    bus: RedisBus, server: Server
) -> None:
    async with (
        responding(bus) as seen,
        app_at(server.address) as one,
        app_at(server.address) as two,
    ):
        sent = {
            one.peer_id: [await one.send(STATE_WANTED) for _ in range(10)],
            two.peer_id: [await two.send(STATE_WANTED, peer_id=one.peer_id) for _ in range(10)],
        }
        for app in (one, two):
            got = [await app.receive() for _ in range(10)]
            assert [answer.caused_by for answer in got] == sent[app.peer_id]
            assert {answer.peer_id for answer in got} == {app.peer_id}
            with pytest.raises(StreamTimeoutError):
                await app.receive(0.1)
        assert {request.id: request.peer_id for request in seen} == {
            cause: peer_id for peer_id, causes in sent.items() for cause in causes
        }


async def test_what_is_for_nobody_or_for_others_stays_here(bus: RedisBus, server: Server) -> None:
    async with responding(bus), app_at(server.address) as app:
        await app.ask(STATE_WANTED)
        for peer_id in (None, P2pKey.generate().peer_id):
            event = answer_to(Envelope(id=uuid4(), charge_point_id=CP, at=NOW, body=STATE_WANTED))
            await bus.publish(Lane.OUT, event.model_copy(update={"peer_id": peer_id}))
        with pytest.raises(StreamTimeoutError):
            await app.receive(0.2)


NOW = datetime(2026, 5, 4, tzinfo=UTC)


async def test_time_and_peer_are_the_servers_word(bus: RedisBus, server: Server) -> None:
    async with responding(bus) as seen, app_at(server.address) as app:
        await app.ask(STATE_WANTED, at=NOW, peer_id=P2pKey.generate().peer_id, caused_by=uuid4())
        assert seen[0].peer_id == app.peer_id
        assert abs((seen[0].at - utc_now()).total_seconds()) < 10
        assert seen[0].caused_by is None


async def test_the_server_proves_that_it_speaks_for_its_stations_did(
    bus: RedisBus, server: Server, tmp_path: Path
) -> None:
    key = load_key(tmp_path / "p2p.key")
    nonce = "0x" + os.urandom(32).hex()
    async with app_at(server.address) as app:
        answer = (await app.ask(IdentityChallenge(did=DID, nonce=nonce))).body
        assert isinstance(answer, IdentityResponse)
        message = identity_message(DID, server.peer_id, app.peer_id, nonce)
        assert verify_ed25519(key.ed25519, message, bytes.fromhex(answer.signature[2:]))
        assert (answer.server_peer_id, answer.consumer_peer_id) == (key.peer_id, app.peer_id)
        forged = identity_message(DID, server.peer_id, P2pKey.generate().peer_id, nonce)
        assert not verify_ed25519(key.ed25519, forged, bytes.fromhex(answer.signature[2:]))
        other = IdentityChallenge(did="did:ethr:0x7a69:0x" + "cd" * 20, nonce=nonce)
        assert await app.refusal(other) == "wrong_station"
        await bus.write(keys.config(CP), {"p2p_peer_id": P2pKey.generate().peer_id})
        assert await app.refusal(IdentityChallenge(did=DID, nonce=nonce)) == "wrong_station"


async def test_the_server_announces_its_keys_and_addresses(bus: RedisBus, server: Server) -> None:
    assert await bus.members(keys.P2P_SERVERS) == {server.peer_id}
    entry = await bus.read(keys.p2p_server(server.peer_id))
    addresses = json.loads(entry["multiaddrs"])
    assert addresses[0] == server.address
    assert addresses[1].endswith(f"/ws/p2p/{server.peer_id}")
    assert (len(entry["ed25519"]), len(entry["x25519"])) == (64, 64)
    assert datetime.fromisoformat(entry["updated_at"]).tzinfo is not None


async def test_announced_addresses_can_be_given(bus: RedisBus, tmp_path: Path) -> None:
    given = ("/dns4/station.example/tcp/443/wss", "/ip4/198.51.100.7/tcp/4001")
    async with Server(bus, tmp_path, p2p_announce=given).up() as server:
        entry = await bus.read(keys.p2p_server(server.peer_id))
        assert json.loads(entry["multiaddrs"]) == [f"{a}/p2p/{server.peer_id}" for a in given]


async def test_refusals_are_typed_and_reach_nobody_else(bus: RedisBus, server: Server) -> None:
    async with responding(bus) as seen, app_at(server.address) as app:
        assert await app.refusal(STATE_WANTED, charge_point_id="CP-9") == "unknown_station"
        forged = SessionStateReported(connector_id=1, availability="free")
        assert await app.refusal(forged) == "unknown_type"
        cause = str(uuid4())
        broken = {"id": cause, "charge_point_id": CP, "body": {"type": "StopRequested"}}
        await app.stream.write_frame(json.dumps(broken).encode())
        answer = await app.receive()
        assert isinstance(answer.body, RequestRefused)
        assert (str(answer.caused_by), answer.body.reason) == (cause, "bad_payload")
        await app.ask(STATE_WANTED)
        assert [request.type for request in seen] == ["SessionStateRequested"]


async def test_an_unknown_type_is_kept_in_the_dead_letters_of_a_known_station(
    bus: RedisBus, server: Server
) -> None:
    async with app_at(server.address) as app:
        for station in (CP, "CP-9"):
            content = {"id": str(uuid4()), "charge_point_id": station, "body": {"type": "Teleport"}}
            await app.stream.write_frame(json.dumps(content).encode())
            answer = (await app.receive()).body
            assert isinstance(answer, RequestRefused)
            assert (answer.request, answer.reason) == ("Teleport", "unknown_type")
        letters = await bus.dead_letters(CP)
        assert len(letters) == 1
        assert "Teleport" in letters[0].reason
        assert app.peer_id in letters[0].data
        assert await bus.dead_letters("CP-9") == []


@pytest.mark.parametrize(
    "attack", [struct.pack(">I", 65_537) + b"x", b"\0\0\0\0", b"\0\0\0\x05hello"]
)
async def test_a_bad_frame_ends_its_stream_and_no_other(
    bus: RedisBus, server: Server, attack: bytes
) -> None:
    async with responding(bus), app_at(server.address) as bad, app_at(server.address) as good:
        await bad.ask(STATE_WANTED)
        bad.stream.outbox.append(attack)
        bad.stream._wakeups.wake_writer()
        with pytest.raises((StreamClosedError, FrameError)):
            await bad.stream.read_frame(5)
        await good.ask(STATE_WANTED)


async def test_too_many_requests_are_refused_and_a_flood_is_cut_off(
    bus: RedisBus, tmp_path: Path
) -> None:
    limits = {"p2p_requests_per_second": 1, "p2p_request_burst": 5}
    async with (
        Server(bus, tmp_path, **limits).up() as server,
        responding(bus),
        app_at(server.address) as rude,
        app_at(server.address) as calm,
    ):
        for _ in range(7):
            await rude.send(STATE_WANTED)
        kinds = [(await rude.receive()).type for _ in range(7)]
        assert sorted(kinds) == ["RequestRefused"] * 2 + ["SessionStateReported"] * 5
        for _ in range(10):
            await rude.send(STATE_WANTED)
        with pytest.raises(StreamClosedError):
            await until_cut_off(rude)
        await calm.ask(STATE_WANTED)


async def until_cut_off(app: App) -> None:
    while True:
        assert (await app.receive()).type == "RequestRefused"


async def test_a_peer_has_so_many_streams(bus: RedisBus, tmp_path: Path) -> None:
    async with (
        Server(bus, tmp_path, p2p_streams_per_peer=2).up() as server,
        responding(bus),
        P2pHost(NodeSettings(P2pKey.generate())) as host,
    ):
        await host.connect(server.address)
        apps = [App(host, await host.open_stream(server.peer_id, CONVERSATION)) for _ in range(2)]
        cause = await apps[0].send(STATE_WANTED)
        assert [(await app.receive()).caused_by for app in apps] == [cause, cause]
        # Depending on who is quicker, it is reset while it is opened or after.
        with pytest.raises((StreamClosedError, PeerUnreachableError)):
            await (await host.open_stream(server.peer_id, CONVERSATION)).read_frame(5)
        await apps[0].stream.close()
        await asyncio.sleep(0.3)
        again = App(host, await host.open_stream(server.peer_id, CONVERSATION))
        assert await again.send(STATE_WANTED) == (await again.receive()).caused_by


async def test_an_overloaded_lane_is_told(bus: RedisBus, redis_url: str, tmp_path: Path) -> None:
    bus = RedisBus.from_url(redis_url, limits=Limits(open_entries=5, kept_entries=1))
    async with bus.follow() as follower, Server(bus, tmp_path).up() as server:
        # A durable reader that commits nothing.
        await follower.subscribe(CP, Lane.IN, after="0", reader="manager")
        async with app_at(server.address) as app:
            for _ in range(7):
                await app.send(SignedStopRequested(**SIGNED))
            answers = [(await app.receive()).body for _ in range(2)]
    assert [getattr(answer, "reason", None) for answer in answers] == ["overloaded"] * 2
    await bus.close()


async def test_a_restarted_server_is_the_same_and_answers_go_on(
    bus: RedisBus, tmp_path: Path
) -> None:
    server = Server(bus, tmp_path)
    key = P2pKey.generate()
    async with responding(bus):
        async with server.up():
            before = server.address
            async with app_at(server.address, key) as app:
                await app.ask(STATE_WANTED)
        async with server.up():
            assert server.address == before
            async with app_at(server.address, key) as app:
                await app.ask(STATE_WANTED)
