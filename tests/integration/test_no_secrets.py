"""Nothing that a run writes holds a secret: not its log, not Redis, not a file, not an error."""

import asyncio
import base64
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from machine import SPEED, TOKEN, TestStation, World, living
from redis.asyncio import Redis

from sdk.chain.accounts import SigningKey, load_keystore, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.dev_node import CHAIN_ID
from sdk.chain.sender import Sender
from sdk.did.authority import authority_did
from sdk.did.registry import DidRegistry
from sdk.did.resolver import StationResolver
from sdk.ids import utc_now
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_chain import NodeChain
from sdk.p2p.consumer_events import LAST, ReceiptDelivered, StatusChanged
from sdk.p2p.consumer_settings import ConsumerSettings

KEY_FILES = {"keys", "gas", "p2p.key", "redis.url"}
"""Where secrets are meant to be."""


def forms(secret: bytes) -> set[bytes]:
    """Give what a key would look like, wherever it was written."""
    text = secret.hex()
    coded = base64.b64encode(secret).rstrip(b"="), base64.urlsafe_b64encode(secret).rstrip(b"=")
    return {secret, text.encode(), text.upper().encode(), str(int(text, 16)).encode(), *coded}


def leaks(secrets: Mapping[str, set[bytes]], places: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """Give (secret, place) of each that is found."""
    return [
        (name, place)
        for place, data in places.items()
        for name, looks in secrets.items()
        if any(look in data for look in looks)
    ]


async def dump(url: str) -> dict[str, bytes]:
    """Read every key of a Redis."""
    found: dict[str, bytes] = {}
    async with Redis.from_url(url) as redis:
        async for key in redis.scan_iter(count=1000):
            value = await _value(redis, key)
            found[key.decode()] = b"".join(pieces(value))
    return found


async def _value(redis: Any, key: bytes) -> object:
    match await redis.type(key):
        case b"string":
            return await redis.get(key)
        case b"hash":
            return await redis.hgetall(key)
        case b"set":
            return await redis.smembers(key)
        case b"zset":
            return await redis.zrange(key, 0, -1)
        case _:
            return await redis.xrange(key)


def pieces(value: object) -> Iterator[bytes]:
    """Give all that is in a value of Redis."""
    match value:
        case bytes():
            yield value
        case dict():
            for pair in value.items():
                yield from pieces(pair)
        case list() | tuple() | set():
            for part in value:
                yield from pieces(part)


def files(folder: Path) -> dict[str, bytes]:
    """Read every file that is no place for keys."""
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in KEY_FILES
    }


@asynccontextmanager
async def second_manager(world: World, **environment: str) -> AsyncIterator[list[str]]:
    """Run one more manager, whose keys come from the environment; gives what it says."""
    lacking = {"GAS_KEY_FILE", "KEYS_PASSWORD"}
    env = {name: value for name, value in world.env.items() if name not in lacking}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "session_manager",
        env={**env, "REDIS_URL": world.launcher.redis_url, "PATH": "", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    lines: list[str] = []

    async def read() -> None:
        assert process.stdout is not None
        lines.extend([line.decode() async for line in process.stdout])

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read())
        try:
            yield lines
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


@asynccontextmanager
async def app_of(world: World, station: TestStation) -> AsyncIterator[Consumer]:
    """Connect a driver's app with a station."""
    client, payer = world.client, world.node.accounts[1]
    trusted = [authority_did(world.authority, CHAIN_ID)]
    resolver = StationResolver(DidRegistry(client, Deployment()), trusted, utc_now)
    settings = ConsumerSettings(CHAIN_ID, Deployment(), speed_limit=2 * SPEED)
    chain = NodeChain(client, payer)
    async with Consumer(settings, resolver, chain, refund_account=payer.address) as app:
        await app.connect(station.did)
        yield app


async def session(world: World, station: TestStation) -> bytes:
    """Charge and pay once; give the secret of the session's key."""
    await world.charge_point(station)
    async with app_of(world, station) as app:
        sender = Sender(world.client, world.node.accounts[1])

        async def pay(wallet: str, amount: int) -> None:
            await sender.send(wallet, b"", value=amount)

        await app.start(await app.quote(1, 5 * TOKEN), pay)
        await until(app, lambda it: isinstance(it, StatusChanged) and it.status.energy_wh > 0)
        await app.stop()
        assert isinstance(await until(app, lambda it: isinstance(it, LAST)), ReceiptDelivered)
        return bytes.fromhex(app._secrets["session_key"].removeprefix("0x"))


async def until(app: Consumer, holds: Callable[[object], bool]) -> object:
    """Wait for an event."""
    while not holds(event := await app.next_event(60)):
        assert event is not None
        assert not isinstance(event, LAST)
    return event


async def test_a_run_writes_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with living(tmp_path, LOG_LEVEL="DEBUG") as world:
        from_file = await world.station()
        monkeypatch.setattr("machine.create_keystore", lambda *_: None)
        from_environment = await world.station()
        gas = new_key()
        await world.node.fund(gas.address, 100 * TOKEN)
        environment = {
            "STATION_KEYS": from_environment.key.secret.hex(),
            "GAS_KEY": "0x" + gas.secret.hex(),
        }
        async with second_manager(world, **environment) as lines:
            sessions = [await session(world, it) for it in (from_file, from_environment)]
        secrets = {
            "station's key of a file": forms(from_file.key.secret),
            "station's key of the environment": forms(from_environment.key.secret),
            "gas key of the environment": forms(gas.secret),
            "gas key of a file": forms(_gas(world).secret),
            "session key": set().union(*map(forms, sessions)),
            "KEYS_PASSWORD": {world.env["KEYS_PASSWORD"].encode()},
            "CREDENTIAL_KEY": {world.env["CREDENTIAL_KEY"].encode()},
        }
        said = {"log": "\n".join(world.lines).encode(), "second": "".join(lines).encode()}
        stored = await dump(world.launcher.redis_url)
        kept = await asyncio.to_thread(files, tmp_path)
        assert leaks(secrets, said | stored | kept) == []
        # what is no secret is found in each, so that a secret would be
        for station in (from_file, from_environment):
            assert leaks({"id": {station.id.encode()}}, said)
        for places in (stored, kept):
            assert leaks({"address": {from_file.address.encode()}}, places)


def _gas(world: World) -> SigningKey:
    return load_keystore(Path(world.env["GAS_KEY_FILE"]), world.env["KEYS_PASSWORD"])


def test_a_secret_is_found_in_whatever_form() -> None:
    secret = new_key().secret
    for form in forms(secret):
        assert leaks({"key": forms(secret)}, {"place": b"before" + form + b"after"})
