"""What the gateway's tests share: a gateway on a free port, and a fresh charge point."""

from collections.abc import AsyncIterator
from secrets import token_hex

import pytest
from cpg_world import World, gateway_in_process


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    """A gateway in this process."""
    async with gateway_in_process(redis_url) as running:
        yield running


@pytest.fixture
async def cp(world: World) -> str:
    """A charge point that is registered and was never seen."""
    name = f"CP-{token_hex(4)}"
    await world.register(name)
    return name
