"""Mutated frames at a P2P server and mutated RPCs at its gossip; an honest peer must not notice.

`FUZZ_SECONDS` and `FUZZ_SEED` ("random" draws one) change how long, and what is sent.
"""

import asyncio
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from fuzz_history import History
from libp2p.host.exceptions import StreamFailure
from libp2p.network.exceptions import SwarmException
from libp2p.pubsub.pb.rpc_pb2 import RPC
from p2p_attackers import Target, send_rpcs, target
from p2p_fuzz_mutations import framed, mutated, mutated_json
from p2p_fuzz_vitals import P2pVitals
from relay_world import CP, DID, STATE_WANTED, App, Server, app_at, register_station, responding
from soak_random import seeded

from sdk.bus.redis_bus import RedisBus
from sdk.events.envelope import Envelope, read_envelope
from sdk.events.identity import IdentityChallenge
from sdk.events.sealed import Sealed
from sdk.events.service import SignedQuoteRequested, SignedStopRequested
from sdk.ids import utc_now
from sdk.p2p import errors
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import CONVERSATION

SECONDS = float(os.environ.get("FUZZ_SECONDS", "18"))
_SEED = os.environ.get("FUZZ_SEED", "1")
SEED = secrets.token_hex(4) if _SEED == "random" else _SEED
ATTACKERS = 3
STREAMS_OF_A_PEER = 12
"""So many streams a peer opens before another comes in its place."""
FRAMES_OF_A_STREAM = 15
TOPIC = "/fuzz/1"
SIGNED = {"payload": '{"session_id":"x","nonce":1}', "signature": "0x" + "1" * 130}
ANSWERS = {"RequestRefused", "IdentityResponse", "SessionStateReported"}


@pytest.mark.timeout(SECONDS + 90)
async def test_no_frame_harms_another(redis_bus: RedisBus, tmp_path: Path) -> None:
    history = History(SEED, "")
    print(f"FUZZ_SEED={SEED}")  # noqa: T201 - to be seen when it fails
    await register_station(redis_bus)
    # They share the honest peer's address, which is not to be banned for them.
    server = Server(redis_bus, tmp_path, p2p_trusted_proxies=("127.0.0.1",), p2p_ban_seconds=0.2)
    async with server.up(), responding(redis_bus) as seen, app_at(server.address) as honest:
        vitals = P2pVitals(history)
        end = asyncio.get_running_loop().time() + SECONDS
        async with asyncio.TaskGroup() as group:
            group.create_task(vitals.run(end))
            group.create_task(ask_on(honest, history, end))
            for number in range(ATTACKERS):
                attacker = FrameAttacker(f"attacker {number}", server.address, history)
                group.create_task(attacker.run(end))
        await vitals.until_tidy()
        check_seen(seen, history)
        async with app_at(server.address) as newcomer:
            assert (await newcomer.ask(STATE_WANTED)).type == "SessionStateReported"
    print(sorted(history.counts.items()), vitals.growth_kb)  # noqa: T201 - the same
    assert history.counts["frame"] > 10 * SECONDS
    assert history.counts["answered"] > SECONDS
    assert history.counts["honest"] > SECONDS


@pytest.mark.timeout(SECONDS + 90)
async def test_no_rpc_harms_another() -> None:
    history = History(SEED, "")
    print(f"FUZZ_SEED={SEED}")  # noqa: T201 - to be seen when it fails
    topics = {TOPIC: lambda heard: heard.data.startswith(b"honest")}
    async with (
        target(topics=topics) as server,
        P2pHost(NodeSettings(P2pKey.generate()), topics=topics) as honest,
    ):
        await honest.connect(server.tcp)
        vitals = P2pVitals(history)
        end = asyncio.get_running_loop().time() + SECONDS
        async with asyncio.TaskGroup() as group:
            group.create_task(vitals.run(end))
            group.create_task(publish_on(honest, server, history, end))
            for number in range(ATTACKERS):
                group.create_task(attack_gossip(f"attacker {number}", server, history, end))
        await vitals.until_tidy()
        await server.check()
    print(sorted(history.counts.items()), vitals.growth_kb)  # noqa: T201 - the same
    assert history.counts["rpc"] > 10 * SECONDS
    assert history.counts["heard"] > SECONDS


async def ask_on(app: App, history: History, end: float) -> None:
    """Ask again and again, and be answered each time."""
    while asyncio.get_running_loop().time() < end:
        try:
            answer = await app.ask(STATE_WANTED)
        except (errors.StreamClosedError, errors.StreamTimeoutError) as error:
            history.fail(f"the honest peer was not served: {error!r}")
        history.hold(answer.type == "SessionStateReported", f"the honest peer got {answer}")
        history.counts["honest"] += 1
        await asyncio.sleep(0.1)


async def publish_on(honest: P2pHost, server: Target, history: History, end: float) -> None:
    """Publish again and again; each is heard, and nothing else is."""
    await asyncio.sleep(1.5)
    number = 0
    while asyncio.get_running_loop().time() < end:
        number += 1
        await honest.publish(TOPIC, b"honest %d" % number)
        try:
            async with asyncio.timeout(5):
                heard = await server.host.heard()
                while heard.origin != honest.peer_id:
                    heard = await server.host.heard()
        except TimeoutError:
            history.fail(f"the honest message {number} was not heard")
        history.hold(heard.data == b"honest %d" % number, f"heard {heard}")
        history.counts["heard"] += 1
        await asyncio.sleep(0.1)


def check_seen(seen: list[Envelope], history: History) -> None:
    """Check that what came to the bus is of a known station and names a peer that Noise proved."""
    ids: set[UUID] = set()
    for envelope in seen:
        history.hold(envelope.charge_point_id == CP, f"on the bus: {envelope}")
        history.hold(str(envelope.peer_id).startswith("12D3Koo"), f"on the bus: {envelope}")
        history.hold(envelope.id not in ids, f"twice on the bus: {envelope}")
        ids.add(envelope.id)


class FrameAttacker:
    """Dials under one key after another, and sends what was good once."""

    def __init__(self, name: str, address: str, history: History) -> None:
        self._name = name
        self._address = address
        self._rng = seeded(history.seed, name)
        self._history = history

    async def run(self, end: float) -> None:
        """Work until the loop's clock shows `end`."""
        loop = asyncio.get_running_loop()
        while loop.time() < end:
            key = P2pKey(self._rng.randbytes(32))
            async with P2pHost(NodeSettings(key)) as host:
                with suppress(errors.PeerUnreachableError):
                    await host.connect(self._address)
                    for _ in range(STREAMS_OF_A_PEER):
                        if loop.time() < end:
                            await self._attack(host)

    async def _attack(self, host: P2pHost) -> None:
        stream = await host.open_stream(self._address.rpartition("/")[2], CONVERSATION, 3)
        with suppress(errors.StreamClosedError, errors.FrameError):
            for _ in range(self._rng.randint(1, FRAMES_OF_A_STREAM)):
                data = framed(self._rng, self._content())
                self._history.note(self._name, "frame", data)
                stream.queued_bytes += len(data)
                stream.outbox.append(data)
                stream._wakeups.wake_writer()
                with suppress(errors.StreamTimeoutError):
                    self._check(await stream.read_frame(0.05), host.peer_id)
        stream.reset()

    def _check(self, frame: bytes, peer_id: str) -> None:
        answer = read_envelope(frame)
        self._history.hold(answer.type in ANSWERS, f"answered by {frame!r}", self._name)
        self._history.hold(answer.peer_id == peer_id, f"another's answer {frame!r}", self._name)
        self._history.counts["answered"] += 1

    def _content(self) -> bytes:
        good = self._rng.choice(_GOOD)(self._rng)
        match self._rng.randrange(4):
            case 0:
                return good
            case 1:
                return mutated(self._rng, good)
            case _:
                return mutated_json(self._rng, good)


async def attack_gossip(name: str, server: Target, history: History, end: float) -> None:
    """Send mutated RPCs under one key after another."""
    loop, rng = asyncio.get_running_loop(), seeded(history.seed, name)
    while loop.time() < end:
        async with P2pHost(NodeSettings(P2pKey(rng.randbytes(32)))) as host:
            with suppress(errors.PeerUnreachableError):
                await host.connect(server.tcp)
                for _ in range(STREAMS_OF_A_PEER):
                    rpcs = [mutated(rng, _rpc(rng)) for _ in range(rng.randint(1, 8))]
                    for rpc in rpcs:
                        history.note(name, "rpc", rpc)
                    with suppress(StreamFailure, SwarmException):
                        await send_rpcs(host, server.host.peer_id, rpcs)


def _rpc(rng: Random) -> bytes:
    rpc = RPC()
    topic = rng.choice((TOPIC, TOPIC, "/other", "", "\U0001f50c" * 50))
    rpc.subscriptions.add(subscribe=rng.random() < 0.8, topicid=topic)
    key = rng.randbytes(36)
    for _ in range(rng.choice((0, 1, 5, 60))):
        rpc.publish.add(
            from_id=b"\x00\x24\x08\x01\x12\x20" + rng.randbytes(32),
            data=b"honest? " + rng.randbytes(rng.choice((0, 30, 2000))),
            seqno=rng.randbytes(8),
            topicIDs=[topic] * rng.choice((1, 1, 1, 0, 2)),
            signature=rng.randbytes(64),
            key=rng.choice((b"", key)),
        )
    ids = [rng.randbytes(rng.choice((0, 20, 400))) for _ in range(rng.choice((0, 3, 500)))]
    rpc.control.ihave.add(topicID=topic, messageIDs=ids)
    rpc.control.iwant.add(messageIDs=ids)
    rpc.control.idontwant.add(messageIDs=ids)
    rpc.control.graft.add(topicID=topic)
    rpc.control.prune.add(topicID=topic, backoff=rng.choice((0, 1, 2**63)))
    return rpc.SerializeToString()


def _envelope(rng: Random, body: object) -> bytes:
    request = Envelope(
        id=UUID(bytes=rng.randbytes(16), version=4), charge_point_id=CP, at=utc_now(), body=body
    )
    return request.to_json().encode()


_GOOD: tuple[Callable[[Random], bytes], ...] = (
    lambda rng: _envelope(rng, IdentityChallenge(did=DID, nonce="0x" + rng.randbytes(32).hex())),
    lambda rng: _envelope(rng, STATE_WANTED),
    lambda rng: _envelope(rng, SignedStopRequested(**SIGNED)),
    lambda rng: _envelope(rng, SignedQuoteRequested(**SIGNED)),
    lambda rng: _envelope(
        rng, Sealed(holds="QuoteRequested", expires_at=utc_now(), jwe="e.." + "A" * 80 + ".A.A")
    ),
)
