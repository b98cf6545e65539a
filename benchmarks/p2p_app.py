"""One app of the P2P benchmarks: a libp2p host and a stream under trio, without our own wrapping.

Hundreds of them share one thread, which `sdk.p2p.host` with a thread for each could not.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import trio
from libp2p.abc import INetStream
from libp2p.custom_types import TProtocol
from libp2p.peer.peerinfo import info_from_p2p_addr
from multiaddr.multiaddr import Multiaddr

from sdk.ids import utc_now
from sdk.p2p.framing import FrameDecoder, encode_frame
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings, build_node
from sdk.p2p.protocols import CONVERSATION

READ_BYTES = 64 * 1024
ANSWER_S = 20.0
_PAYLOAD = json.dumps(
    {
        "type": "SessionStateRequested",
        "provider_did": "did:ethr:0x7a69:0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
        "nonce": 1_800_000_000,
        "expires_at": "2100-01-01T00:00:00Z",
        "connector_id": 1,
    }
)
_BODY = json.dumps(
    {"type": "SessionStateRequested", "payload": _PAYLOAD, "signature": "0x" + "11" * 64 + "1b"}
)


class App:
    """Asks and hears on one stream."""

    def __init__(self, net_stream: INetStream, station: str) -> None:
        self._net = net_stream
        self._decoder = FrameDecoder()
        self._heard: list[bytes] = []
        self._rest = (
            f'","charge_point_id":"{station}","at":"{utc_now().isoformat()}","body":{_BODY}}}'
        )

    async def ask(self) -> None:
        """Send a request and wait for its answer. Raises trio.TooSlowError, and libp2p's errors."""
        name = str(uuid4())
        with trio.fail_after(ANSWER_S):
            await self._net.write(encode_frame(f'{{"id":"{name}{self._rest}'.encode()))
            while name.encode() not in await self.hear():
                pass

    async def hear(self) -> bytes:
        """Give the next frame. Raises ConnectionError when the stream is over."""
        while not self._heard:
            data = await self._net.read(READ_BYTES)
            if not data:
                raise ConnectionError("the server closed the stream")
            self._heard = self._decoder.feed(data)[::-1]
        return self._heard.pop()


@asynccontextmanager
async def connected(url: str, station: str) -> AsyncIterator[App]:
    """Run a host that dials a P2P server and opens a stream."""
    host: Any = build_node(NodeSettings(P2pKey.generate()))
    peer = info_from_p2p_addr(Multiaddr(url))
    async with host.run(listen_addrs=[]):
        await host.connect(peer)
        stream = await host.new_stream(peer.peer_id, [TProtocol(CONVERSATION)])
        yield App(stream, station)
