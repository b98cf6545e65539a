"""What goes wrong without anybody having foreseen it, and what only takes a while."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sdk.bus.interface import BusUnavailableError
from sdk.logs import Logger

RETRY_S = 0.5

T = TypeVar("T")


async def fault_of(work: Awaitable[None]) -> Exception | None:
    """Do `work` and give the error that it ended with.

    The only place of this service that catches anything: one event, timer or wallet that can't be
    handled must not stop the others. The caller logs what it is given.
    """
    try:
        await work
    except Exception as error:  # noqa: BLE001 - see above
        return error
    return None


def reasons(fault: Exception) -> list[Exception]:
    """Give the errors that a fault is made of, where several tasks ended together."""
    if not isinstance(fault, ExceptionGroup):
        return [fault]
    return [reason for part in fault.exceptions for reason in reasons(part)]


async def persist(ask: Callable[[], Awaitable[T]], log: Logger) -> T:
    """Ask Redis until it answers; only for what may be asked twice."""
    while True:
        try:
            return await ask()
        except BusUnavailableError as error:
            log.warning("waits for Redis: %s", error)
            await asyncio.sleep(RETRY_S)
