"""Tries again what has to be done, while the charge point is there."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from cpg.calls import Calls
from sdk.errors import UnavailableError

_RETRY_S = 0.5
T = TypeVar("T")


async def insist(calls: Calls, work: Callable[[], Awaitable[T]]) -> T:
    """Do `work` until what it needs answers. Raises UnavailableError once the socket is gone."""
    while True:
        try:
            return await work()
        except UnavailableError:
            if calls.closed:
                raise
            await asyncio.sleep(_RETRY_S)
