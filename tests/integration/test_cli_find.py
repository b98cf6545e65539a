"""`noroam find` against a P2P server process, a real Redis and a real chain."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from announced import AnnouncedStation, StreetOfStations
from noroam_cli import CONSOLE_SCRIPT, NoroamCli

from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.sender import Sender
from sdk.charge_point_config import ChargePointConfig
from sdk.ids import utc_now
from sdk.p2p.announcement_exchange import fetch_announcements
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey, load_key
from sdk.p2p.node import NodeSettings
from sdk.register import Register

PATIENTLY = ("--seconds", "30")
"""Several look at the same time; whoever is done ends at once."""

Result = subprocess.CompletedProcess[str]
Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def noroam(
    chain_node: DevNode, street: StreetOfStations, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    variables = {
        "CHAIN_URLS": chain_node.http_url,
        "CHAIN_ID": str(CHAIN_ID),
        "AUTHORITY_DIDS": street.trusted,
        "NATIVE_SYMBOL": "VOLT",
        "NO_COLOR": "1",
    }

    async def run(*arguments: str, **more: str) -> Result:
        given = {name: value for name, value in (variables | more).items() if value}
        return await NoroamCli(tmp_path_factory.mktemp("noroam"), given).run("find", *arguments)

    return run


@pytest.fixture
def street(chain: ChainClient, gas: Sender) -> StreetOfStations:
    return StreetOfStations(chain, gas)


@asynccontextmanager
async def server(redis_url: str, folder: Path, **settings: str) -> AsyncIterator[str]:
    """A P2P server process; gives its address."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("P2P_")},
        "REDIS_URL": redis_url,
        "DATA_DIR": str(folder),
        "P2P_PORT": "0",
        "P2P_WS_PORT": "0",
        "LOG_LEVEL": "WARNING",
        **settings,
    }
    command = [sys.executable, "-m", "p2p_server"]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE)
    assert process.stdout is not None
    address = (await process.stdout.readline()).decode().split()[2]
    try:
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


async def onboard(
    street: StreetOfStations, bus: RedisBus, key: P2pKey, name: str, connectors: int = 1
) -> AnnouncedStation:
    """A station as its services would have it, with its document on the chain."""
    entry = await bus.read(keys.p2p_server(key.peer_id))
    station = await street.add(
        name=name,
        server=key,
        point=name.upper(),
        connectors=connectors,
        multiaddrs=tuple(json.loads(entry["multiaddrs"])),
    )
    config = ChargePointConfig(
        charge_point_id=name.upper(),
        did=station.did,
        tariff=station.tariff,
        name=name,
        connectors=connectors,
    )
    await Register(bus).add(config)
    document = json.dumps({"verificationMethod": [{"publicKeyHex": key.ed25519}]})
    point = name.upper()
    await bus.write(keys.identity(point), {"state": "published", "document": document})
    await bus.write(keys.state(point), {"connected": "1"})
    await bus.write(keys.connector(point, 1), {"status": "Available"})
    return station


async def announced(address: str, *names: str) -> None:
    """Wait until a server tells of these stations: it looks for changes every two seconds."""
    async with asyncio.timeout(30), P2pHost(NodeSettings(P2pKey.generate())) as host:
        peer_id = await host.connect(address)
        while True:
            async with aclosing(fetch_announcements(host, peer_id, utc_now)) as told:
                if {it.announcement.name async for it in told} == set(names):
                    return
            await asyncio.sleep(0.5)


async def found(run: Run, *arguments: str, **more: str) -> list[dict[str, Any]]:
    """Look once."""
    result = await run(*arguments, "--json", **more)
    assert result.returncode == 0, result.stderr
    return list(json.loads(result.stdout))


async def test_it_lists_what_a_server_announces(
    redis_bus: RedisBus, redis_url: str, tmp_path: Path, street: StreetOfStations, noroam: Run
) -> None:
    other = StreetOfStations(street.client, street.gas).trusted
    away = {"CHAIN_URLS": "http://127.0.0.1:9"}
    async with server(redis_url, tmp_path) as address:
        key = load_key(tmp_path / "p2p.key")
        harbour = await onboard(street, redis_bus, key, "Harbour", connectors=2)
        await onboard(street, redis_bus, key, "Yard")
        await redis_bus.write(keys.connector("YARD", 1), {"status": "Faulted"})
        await announced(address, "Harbour", "Yard")
        (one, two), shown, of_plug, untrusted, unread = await asyncio.gather(
            found(noroam, "--bootstrap", address, *PATIENTLY),
            noroam("--free", *PATIENTLY, P2P_BOOTSTRAP=address),
            found(noroam, "--plug", "ccs", *PATIENTLY, P2P_BOOTSTRAP=address),
            noroam("--bootstrap", address, *PATIENTLY, AUTHORITY_DIDS=other),
            noroam("--bootstrap", address, "--seconds", "3", **away),
        )
    assert (one["name"], one["did"], one["free"]) == ("Harbour", harbour.did, [1])
    assert (one["token_symbol"], one["tariff"]["per_kwh"]) == ("VOLT", "400000000000000000")
    assert (two["name"], two["free"]) == ("Yard", [])

    assert shown.returncode == 0, shown.stderr
    assert "Yard" not in shown.stdout
    row = next(line for line in shown.stdout.splitlines() if "Harbour" in line)
    for text in ("0.4 VOLT", "Type 2", "22", "1 free, 1 unavailable", harbour.did):
        assert text in row
    assert of_plug == []

    # An authority that is not trusted vouches for nothing.
    assert (untrusted.returncode, untrusted.stdout) == (0, "no stations found\n")

    # A chain that is away is told.
    assert unread.returncode == 1
    assert unread.stderr.startswith("noroam: CHAIN_URLS: ")
    assert len(unread.stderr.splitlines()) == 1


async def test_another_server_of_the_mesh_and_one_nearby_tell_it_too(
    redis_bus: RedisBus, redis_url: str, tmp_path: Path, street: StreetOfStations, noroam: Run
) -> None:
    async with (
        server(redis_url, tmp_path / "hub", P2P_LISTED="false") as hub,
        server(redis_url, tmp_path / "own", P2P_BOOTSTRAP=hub, P2P_MDNS="127.0.0.1"),
    ):
        key = load_key(tmp_path / "own" / "p2p.key")
        await onboard(street, redis_bus, key, "Far")
        await announced(hub, "Far")
        over_the_mesh, nearby = await asyncio.gather(
            found(noroam, "--bootstrap", hub, *PATIENTLY),
            found(noroam, "--mdns", "127.0.0.1", "--seconds", "4"),
        )
    assert [it["name"] for it in over_the_mesh] == ["Far"]
    assert [it["name"] for it in nearby] == ["Far"]


async def test_a_real_process_watches_the_changes(
    redis_bus: RedisBus,
    redis_url: str,
    tmp_path: Path,
    street: StreetOfStations,
    chain_node: DevNode,
) -> None:
    async with server(redis_url, tmp_path) as address:
        await onboard(street, redis_bus, load_key(tmp_path / "p2p.key"), "Live")
        environment = {
            **os.environ,
            "CHAIN_URLS": chain_node.http_url,
            "CHAIN_ID": str(CHAIN_ID),
            "AUTHORITY_DIDS": street.trusted,
        }
        command = (CONSOLE_SCRIPT, "find", "--watch", "--json", "--bootstrap", address)
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE)
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while not (stations := json.loads(await process.stdout.readline())):
                continue
            assert stations[0]["free"] == [1]
            await redis_bus.write(keys.connector("LIVE", 1), {"status": "Charging"})
            # A busy machine may lose sight of it for a moment.
            while not stations or stations[0]["free"]:
                stations = json.loads(await process.stdout.readline())
        process.terminate()  # a run in the background may be deaf to an interrupt
        await process.communicate()


WRONG: list[tuple[tuple[str, ...], dict[str, str], int, str]] = [
    ((), {}, 2, "P2P_BOOTSTRAP: is missing"),
    (("--bootstrap", "nonsense"), {}, 1, "nonsense leads to no peer"),
    (("--bootstrap", "/ip4/127.0.0.1/tcp/1/p2p/PEER"), {}, 1, "no peer of P2P_BOOTSTRAP"),
    (("--bootstrap", "/ip4/127.0.0.1/tcp/1/p2p/PEER"), {"CHAIN_URLS": ""}, 2, "CHAIN_URLS"),
    (("--bootstrap", "x"), {"AUTHORITY_DIDS": ""}, 2, "AUTHORITY_DIDS"),
    (("--bootstrap", "x"), {"AUTHORITY_DIDS": "did:web:x"}, 1, "did:web:x"),
    (("--mdns", "203.0.113.1"), {}, 1, "no multicast DNS on 203.0.113.1"),
    (("--mdns", "127.0.0.1"), {}, 1, "no P2P server was found nearby"),
]


async def test_what_is_wrong_is_told_in_one_line(noroam: Run) -> None:
    peer = P2pKey.generate().peer_id

    async def fails(arguments: tuple[str, ...], more: dict[str, str], code: int, told: str) -> None:
        given = [it.replace("PEER", peer) for it in arguments]
        result = await noroam(*given, "--seconds", "1", **more)
        assert result.returncode == code, (arguments, result.stderr)
        assert told in result.stderr
        assert len(result.stderr.splitlines()) == 1, result.stderr

    await asyncio.gather(*(fails(*row) for row in WRONG))
