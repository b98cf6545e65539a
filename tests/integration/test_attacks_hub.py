"""A hub that cheats: it replays, re-targets and mixes what it carries. It gets nothing by it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from p2p_attackers import LISTEN
from relay_world import CP, STATE_WANTED, Server, register_station, responding
from sealed_app import SealedApp

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.events.envelope import Envelope
from sdk.events.sealed import Sealed
from sdk.events.service import RequestRefused
from sdk.ids import utc_now
from sdk.p2p.errors import PeerUnreachableError, StreamClosedError, StreamTimeoutError
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey, load_key
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import MEMBER, RELAYED, HubAnswer, Relayed

VICTIM, OTHER = P2pKey.generate().peer_id, P2pKey.generate().peer_id


@pytest.fixture
async def bus(redis_bus: RedisBus) -> RedisBus:
    await register_station(redis_bus)
    return redis_bus


class EvilHub:
    """A hub that speaks for whomever it likes."""

    def __init__(self, host: P2pHost, member: str, station_key: str) -> None:
        self.host = host
        self._member = member
        self._station_key = station_key

    async def bring(self, consumer: str) -> SealedApp:
        """Open a stream to the member in a consumer's name."""
        stream = await self.host.open_stream(self._member, RELAYED)
        await stream.write_frame(Relayed(consumer=consumer).model_dump_json().encode())
        return SealedApp(self.host, stream, self._station_key)


@asynccontextmanager
async def evil_hub(bus: RedisBus, folder: Path) -> AsyncIterator[EvilHub]:
    """Have a P2P server as a member."""
    async with P2pHost(NodeSettings(P2pKey.generate(), LISTEN), (MEMBER,)) as host:
        member = Server(bus, folder, p2p_announce=("none",), p2p_hubs=(host.addresses[0],))
        async with member.up(), asyncio.timeout(20):
            stream = await host.accept()
            await stream.write_frame(HubAnswer().model_dump_json().encode())
            key = load_key(folder / "p2p.key")
            yield EvilHub(host, stream.peer_id, key.x25519)


async def nothing_more(app: SealedApp) -> None:
    with pytest.raises(StreamTimeoutError):
        await app.receive(0.3)


async def test_what_a_hub_replays_is_taken_once(bus: RedisBus, tmp_path: Path) -> None:
    async with responding(bus) as seen, evil_hub(bus, tmp_path) as hub:
        app = await hub.bring(VICTIM)
        carried = app.seal(app.request())
        await app.send(carried)
        assert app.opened(await app.receive()).caused_by == carried.id
        await app.send(carried)
        elsewhere = await hub.bring(OTHER)
        await elsewhere.send(carried)
        await nothing_more(elsewhere)
        await nothing_more(app)
        assert [request.id for request in seen] == [carried.id]


async def test_a_replay_under_another_id_is_refused(bus: RedisBus, tmp_path: Path) -> None:
    async with responding(bus) as seen, evil_hub(bus, tmp_path) as hub:
        app = await hub.bring(VICTIM)
        carried = app.seal(app.request()).model_copy(update={"id": uuid4()})
        assert await refused(app, carried) == "bad_payload"
        assert not seen


async def test_a_request_for_one_station_is_not_taken_for_another(
    bus: RedisBus, tmp_path: Path
) -> None:
    await bus.add_member(keys.STATIONS, "CP-2")
    async with responding(bus) as seen, evil_hub(bus, tmp_path) as hub:
        app = await hub.bring(VICTIM)
        carried = app.seal(app.request()).model_copy(update={"charge_point_id": "CP-2"})
        assert await refused(app, carried) == "bad_payload"
        assert not seen


async def test_the_type_and_the_expiry_beside_the_seal_are_those_in_it(
    bus: RedisBus, tmp_path: Path
) -> None:
    async with responding(bus) as seen, evil_hub(bus, tmp_path) as hub:
        app = await hub.bring(VICTIM)
        changes: list[dict[str, Any]] = [
            {"holds": "StopRequested"},
            {"expires_at": utc_now().replace(year=utc_now().year + 1)},
        ]
        for change in changes:
            assert await refused(app, app.seal(app.request(), **change)) == "bad_payload"
        assert not seen


async def test_a_hub_that_asks_itself_hears_only_what_it_asked(
    bus: RedisBus, tmp_path: Path
) -> None:
    async with responding(bus) as seen, evil_hub(bus, tmp_path) as hub:
        victim, forged = await hub.bring(VICTIM), await hub.bring(VICTIM)
        asked = await victim.send(victim.seal(victim.request()))
        answer = victim.opened(await victim.receive())
        assert answer.caused_by == asked
        own = await forged.send(forged.seal(forged.request()))
        given = [await forged.receive(), await forged.receive()]
        readable = [forged.opened(each) for each in given if _is_for(forged, each)]
        assert [each.caused_by for each in readable] == [own]
        assert {request.peer_id for request in seen} == {
            f"{VICTIM}@{hub.host.peer_id}#{app.reply_key}" for app in (victim, forged)
        }


def _is_for(app: SealedApp, envelope: Envelope) -> bool:
    try:
        app.opened(envelope)
    except Exception:  # noqa: BLE001 - whatever way it can't be opened
        return False
    return True


async def test_nothing_in_clear_comes_in_over_a_hub(bus: RedisBus, tmp_path: Path) -> None:
    async with responding(bus) as seen, evil_hub(bus, tmp_path) as hub:
        app = await hub.bring(VICTIM)
        clear = Envelope(id=uuid4(), charge_point_id=CP, at=utc_now(), body=STATE_WANTED)
        await app.send(clear)
        answer = await app.receive()
        assert isinstance(answer.body, RequestRefused)
        assert not seen


async def test_a_stranger_is_no_hub(bus: RedisBus, tmp_path: Path) -> None:
    async with (
        responding(bus) as seen,
        Server(bus, tmp_path).up() as server,
        P2pHost(NodeSettings(P2pKey.generate())) as host,
    ):
        await host.connect(server.address)
        hub = EvilHub(host, server.peer_id, load_key(tmp_path / "p2p.key").x25519)
        with pytest.raises((PeerUnreachableError, StreamClosedError)):
            await hub.bring(VICTIM)
        assert not seen


async def refused(app: SealedApp, envelope: Envelope) -> str:
    """Send an envelope and give why it was refused, in clear or sealed."""
    await app.send(envelope)
    answer = await app.receive()
    body: Any = app.opened(answer).body if isinstance(answer.body, Sealed) else answer.body
    assert isinstance(body, RequestRefused), body
    return body.reason
