"""Over which addresses an app reaches a P2P server: TCP, WebSocket, IPv6, names, TLS in front."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from certificates import Ca
from tls_front import FRONTS, PROXY, is_here

from sdk.ca.files import ROOT_FILE
from sdk.p2p.admission import Admission
from sdk.p2p.errors import PeerUnreachableError
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.node import NodeSettings
from sdk.p2p.protocols import CONVERSATION


@asynccontextmanager
async def echo_at(*listen: str) -> AsyncIterator[P2pHost]:
    """Run a host that gives a frame back, and then says where it came from.

    It trusts the proxy.
    """

    async def serve(host: P2pHost) -> None:
        while True:
            stream = await host.accept()
            await stream.write_frame(await stream.read_frame(10))
            await stream.write_frame(str(stream.remote_ip).encode())

    admission = Admission(trusted_proxies=[PROXY])
    settings = NodeSettings(P2pKey.generate(), listen, admission=admission)
    host = P2pHost(settings, (CONVERSATION,))
    async with host, asyncio.TaskGroup() as group:
        serving = group.create_task(serve(host))
        yield host
        serving.cancel()


async def said(address: str) -> tuple[bytes, str]:
    """Dial an address with a host of one's own; gives what comes back, and the address seen."""
    async with P2pHost(NodeSettings(P2pKey.generate())) as app:
        peer = await app.connect(address, 5)
        stream = await app.open_stream(peer, CONVERSATION, 5)
        await stream.write_frame(b"hello")
        return await stream.read_frame(5), (await stream.read_frame(5)).decode()


def has_ip6() -> bool:
    """Tell whether this machine has IPv6 on loopback."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


needs_ip6 = pytest.mark.skipif(not has_ip6(), reason="no IPv6 on this machine's loopback")


@pytest.mark.parametrize(
    "listen",
    [
        "/ip4/127.0.0.1/tcp/0",
        "/ip4/127.0.0.1/tcp/0/ws",
        pytest.param("/ip6/::1/tcp/0", marks=needs_ip6),
        pytest.param("/ip6/::1/tcp/0/ws", marks=needs_ip6),
    ],
)
async def test_every_address_that_a_server_listens_on_is_dialled(listen: str) -> None:
    async with echo_at(listen) as host:
        assert (await said(host.addresses[0]))[0] == b"hello"


async def test_a_name_is_dialled() -> None:
    async with echo_at("/ip4/127.0.0.1/tcp/0/ws") as host:
        assert await said(host.addresses[0].replace("/ip4/127.0.0.1", "/dns4/localhost"))


def front(name: str) -> Any:
    absent = pytest.mark.skipif(not is_here(name), reason=f"there is no {name} on this machine")
    return pytest.param(name, marks=absent)


@pytest.fixture(params=[front(name) for name in FRONTS])
async def behind_tls(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A host behind a proxy that speaks TLS; gives its address up to `/tcp/<port>`."""
    pair = Ca(tmp_path).server()
    async with echo_at("/ip4/127.0.0.1/tcp/0/ws") as host:
        behind = int(host.addresses[0].split("/")[4])
        async with FRONTS[request.param](tmp_path, pair, behind) as port:
            yield f"/dns4/localhost/tcp/{port} /p2p/{host.peer_id}"


async def test_tls_in_front_is_dialled_with_its_certificate_checked(
    behind_tls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca" / ROOT_FILE))
    assert (await said(behind_tls.replace(" ", "/wss")))[0] == b"hello"
    assert (await said(behind_tls.replace(" ", "/tls/ws")))[0] == b"hello"


async def test_the_proxy_tells_whom_it_forwards(
    behind_tls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca" / ROOT_FILE))
    _, ip = await said(behind_tls.replace(" ", "/wss"))
    assert ip == "127.0.0.1"


async def test_a_certificate_of_an_unknown_authority_is_refused(behind_tls: str) -> None:
    with pytest.raises(PeerUnreachableError):
        await said(behind_tls.replace(" ", "/wss"))
