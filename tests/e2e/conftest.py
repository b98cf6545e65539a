"""The machine that all end-to-end tests share."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from machine import World, living


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with living(tmp_path_factory.mktemp("machine")) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(machine: World) -> AsyncIterator[World]:
    """The shared machine; what a test starts on it ends with the test."""
    seen = len(machine.lines)
    yield machine
    await machine.stop_all()
    print("\n".join(machine.lines[seen:]))  # noqa: T201 - shown when a test fails
