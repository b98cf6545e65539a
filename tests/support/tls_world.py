"""A gateway with both doors, plain and TLS, and charge points with credentials to try them."""

import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from cpg_world import CREDENTIAL_KEY, Point, Program, World, program
from fuzz_socket import RawSocket, handshake
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from cpg.connection import Rules
from cpg.gatekeeper import Gatekeeper, Trust
from cpg.server import Gateway
from cpg.tls import Contexts, TlsFiles
from sdk import logs
from sdk.bus.interface import Follower
from sdk.bus.redis_bus import RedisBus
from sdk.ca.interface import CertificateAuthority
from sdk.ids import utc_now

_TOLD_IN_ONE = "import os; os.dup2(1, 2); from cpg.__main__ import main; main()"
"""The gateway, with its log among what it prints."""


class TlsWorld(World):
    """A gateway of its own in this process; `url` is the plain door, `wss` the other."""

    def __init__(
        self, bus: RedisBus, follower: Follower, urls: tuple[str, str], gateway: Gateway
    ) -> None:
        super().__init__(bus, follower, urls[0], gateway)
        self.wss = urls[1]

    @property
    def tls_port(self) -> int:
        """The port of the door that speaks TLS."""
        return int(self.wss.rpartition(":")[2])


@asynccontextmanager
async def tls_gateway(
    redis_url: str,
    files: TlsFiles,
    trust: Trust | None = None,
    messages_per_second: float = 500,
    authority: CertificateAuthority | None = None,
) -> AsyncIterator[TlsWorld]:
    """Run a gateway in this process with both doors open."""
    bus, log = RedisBus.from_url(redis_url), logs.get_logger("cpg")
    keeper = Gatekeeper(bus, CREDENTIAL_KEY, trust=trust)
    rules = Rules("test", 60, 60, 2, messages_per_second)
    gateway = Gateway(bus, keeper, rules, utc_now, log, authority=authority)
    contexts = Contexts(files, log, seconds=Ticks())
    try:
        async with bus.follow() as follower, asyncio.TaskGroup() as group:
            _, port = await gateway.start("127.0.0.1", 0, follower, group)
            _, tls_port = await gateway.start_tls("127.0.0.1", 0, contexts.current)
            urls = (f"ws://127.0.0.1:{port}", f"wss://localhost:{tls_port}")
            try:
                yield TlsWorld(bus, follower, urls, gateway)
            finally:
                await gateway.stop()
    finally:
        await bus.close()


class Ticks:
    """A clock by which the files are looked at for every connection."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        """Give a moment well after the last one."""
        self._now += 60
        return self._now


def basic(user: str, password: str) -> str:
    """Write a Basic Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@asynccontextmanager
async def came(
    url: str,
    charge_point_id: str,
    context: ssl.SSLContext | None = None,
    *,
    password: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> AsyncIterator[Point]:
    """Connect a charge point; raises InvalidStatus where it is turned away."""
    more = list(headers)
    if password is not None:
        more.append(("Authorization", basic(charge_point_id, password)))
    options: dict[str, Any] = {"subprotocols": ["ocpp1.6"], "compression": None}
    async with connect(
        f"{url}/{charge_point_id}", ssl=context, additional_headers=more, **options
    ) as opened:
        yield Point(opened)


async def outcome(url: str, charge_point_id: str, *args: Any, **options: Any) -> int | str:
    """Give 101 when a charge point is let in and served, else the status, or "tls"."""
    try:
        async with came(url, charge_point_id, *args, **options) as point:
            await point.tell("Heartbeat", {})
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code
    except (OSError, ConnectionClosed, InvalidMessage):
        return "tls"


@asynccontextmanager
async def tls_gateway_process(
    redis_url: str, files: TlsFiles, **environment: str
) -> AsyncIterator[tuple[Program, str, str]]:
    """Run a gateway as a process of its own, with the loop of production; give both its URLs."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    settings = {
        "REDIS_URL": redis_url,
        "CREDENTIAL_KEY": CREDENTIAL_KEY,
        "CPG_PORT": "0",
        "CPG_TLS_PORT": str(port),
        "CPG_TLS_CERT": str(files.certificate),
        "CPG_TLS_KEY": str(files.key),
        "CPG_TLS_CLIENT_CA": str(files.client_roots or ""),
        "CPG_TLS_CRL": str(files.revoked or ""),
        **environment,
    }
    async with program("-c", _TOLD_IN_ONE, **settings) as running:
        ready = await running.until("ready cpg ")
        yield running, ready.split()[2], f"wss://localhost:{port}"


async def tls_socket(wss: str, path: str, context: ssl.SSLContext) -> RawSocket:
    """Open a WebSocket over TLS that can do everything wrong, and takes little at once."""
    plain = socket.socket()
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        plain.setsockopt(socket.SOL_SOCKET, option, 8192)
    plain.setblocking(False)
    port = int(wss.rpartition(":")[2])
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", port))
    streams = await asyncio.open_connection(
        sock=plain, limit=4096, ssl=context, server_hostname="localhost"
    )
    raw = RawSocket(*streams)
    await raw.write(handshake("localhost", path))
    assert b" 101 " in await raw.http_answer(5)
    return raw
