"""What tests of every kind share: one real server on loopback."""

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from sdk.bus.redis_bus import RedisBus
from sdk.embedded import EmbeddedServer


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A private Valkey for all tests; what a test writes stays, unless it takes `redis`."""
    server = EmbeddedServer(tmp_path_factory.mktemp("redis"))
    server.open()
    yield server
    server.close()


@pytest.fixture(scope="session")
def redis_url(redis_server: EmbeddedServer) -> str:
    """The URL of the private Valkey, password included."""
    return redis_server.url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A plain client of the private Valkey, emptied before the test."""
    client = Redis.from_url(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def redis_bus(redis: Redis, redis_url: str) -> AsyncIterator[RedisBus]:
    """A bus over the private Valkey, emptied before the test."""
    assert redis is not None
    bus = RedisBus.from_url(redis_url)
    yield bus
    await bus.close()
