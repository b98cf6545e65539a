"""Connections that died without a word: both ends of a membership notice, and begin anew."""

import asyncio
from pathlib import Path

import pytest
from own_hub import own_hub
from relay_world import Server, register_station
from sealed_app import enter_hub

from p2p_server import hub, membership
from sdk.bus.redis_bus import RedisBus
from sdk.p2p.errors import StreamClosedError
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import MEMBER


async def test_a_member_leaves_a_hub_that_says_nothing_and_joins_again(
    redis_bus: RedisBus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "PING_SECONDS", 0.1)
    monkeypatch.setattr(membership, "PONG_SECONDS", 0.3)
    await register_station(redis_bus)
    async with (
        own_hub() as silent,
        Server(redis_bus, tmp_path, p2p_hubs=(silent.address,)).up(),
        asyncio.timeout(20),
    ):
        await silent.has_member.wait()
        silent.answers = False
        silent.has_member.clear()
        await asyncio.sleep(0.5)
        silent.answers = True
        await silent.has_member.wait()
        assert silent.joined > 1


async def test_a_hub_forgets_a_member_that_says_nothing(
    redis_bus: RedisBus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "SILENCE_SECONDS", 0.3)
    async with (
        Server(redis_bus, tmp_path, p2p_hub="open").up() as server,
        P2pHost(NodeSettings(P2pKey.generate())) as mute,
        P2pHost(NodeSettings(P2pKey.generate())) as app,
    ):
        await mute.connect(server.address)
        stream = await mute.open_stream(server.peer_id, MEMBER)
        await stream.write_frame(b"{}")
        await stream.read_frame(5)
        with pytest.raises(StreamClosedError):
            await stream.read_frame(5)
        await app.connect(server.address)
        _, why = await enter_hub(app, server.address, mute.peer_id)
        assert why == "unknown_server"


async def test_a_member_that_comes_again_takes_the_place_of_its_old_self(
    redis_bus: RedisBus, tmp_path: Path
) -> None:
    async with (
        Server(redis_bus, tmp_path, p2p_hub="open", p2p_hub_capacity=1).up() as server,
        P2pHost(NodeSettings(P2pKey.generate())) as member,
    ):
        await member.connect(server.address)
        streams = [await member.open_stream(server.peer_id, MEMBER) for _ in range(2)]
        for stream in streams:
            await stream.write_frame(b"{}")
            assert await stream.read_frame(5) == b"{}"
        with pytest.raises(StreamClosedError):
            await streams[0].read_frame(5)
        await streams[1].write_frame(b"{}")
        assert await streams[1].read_frame(5) == b"{}"
