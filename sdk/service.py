"""How every service lives: settings, logs, bus, signals, and a stop in steps."""

import asyncio
import errno
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import uvloop
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError

from sdk import logs
from sdk.bus.interface import Bus
from sdk.bus.redis_bus import RedisBus
from sdk.errors import NoroamError, UnavailableError
from sdk.log_stream import LogWriter
from sdk.logs import Logger
from sdk.settings import (
    EXIT_SETTINGS,
    ServiceSettings,
    SettingsError,
    end_with_settings_error,
    load_settings,
    mask_url,
    tell_settings_error,
)

EXIT_FAILED = 1
CANCEL_S = 5.0
"""Seconds that a service has to take its cancellation; after that the process ends hard."""
_RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)
_REMIND_EVERY = 6

S = TypeVar("S", bound=ServiceSettings)


@dataclass(frozen=True, slots=True)
class Context:
    """What a service is given: the bus, a logger, and the event that asks it to stop."""

    name: str
    bus: Bus
    log: Logger
    stopping: asyncio.Event
    _told: list[str] = field(default_factory=list, repr=False)

    def ready(self, url: str) -> None:
        """Print `ready <service> <url>` on stdout, once: callers may rely on the service now."""
        if not self._told:
            self._told.append(url)
            print(f"ready {self.name} {url}", flush=True)  # noqa: T201 - the launcher reads it


class AddressTakenError(UnavailableError):
    """Another process listens there; the address may be free again at the next start."""


def cannot_listen(variables: str, error: OSError) -> NoroamError:
    """Give the error for an address that can't be bound; `variables` name it."""
    text = f"{variables}: {error.strerror}"
    return AddressTakenError(text) if error.errno == errno.EADDRINUSE else SettingsError(text)


Serve = Callable[[S, Context], Awaitable[None]]
"""A service: runs until `context.stopping` is set, then puts its house in order and returns."""


def run(name: str, settings_type: type[S], serve: Serve[S]) -> None:
    """Run a service and end the process with its exit code.

    0: stopped as asked. 1: it failed, the reason is logged. 2: a setting is missing or
    contradictory, one line on stderr names it; starting again is no help.
    """
    settings = load_settings(settings_type, name)
    try:
        code = uvloop.run(_live(name, settings, serve))
    except SettingsError as error:
        end_with_settings_error(name, error)
    sys.exit(code)


async def _live(name: str, settings: S, serve: Serve[S]) -> int:
    url = settings.require_redis_url()
    stopping = asyncio.Event()
    _watch_signals(name, stopping)
    bus = _bus(url)
    writer = LogWriter(bus.append_log)
    logs.configure(name, settings.log_level, writer.put, form=settings.log_format)
    log = logs.get_logger(name)
    log.info("starts with %s", " ".join(f"{k}={v}" for k, v in settings.effective().items()))
    try:
        if not await _wait_for_redis(url, stopping, log):
            return 0
        return await _serve(settings, Context(name, bus, log, stopping), serve, writer)
    finally:
        await writer.flush()
        await bus.close()


def _bus(url: str) -> RedisBus:
    try:
        return RedisBus.from_url(url)
    except ValueError as error:
        raise SettingsError("REDIS_URL: is no URL of a Redis server") from error


def _watch_signals(name: str, stopping: asyncio.Event) -> None:
    def ask(number: signal.Signals) -> None:
        logs.get_logger(name).info("stops: %s", number.name)
        stopping.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask, number)


async def _wait_for_redis(url: str, stopping: asyncio.Event, log: Logger) -> bool:
    """Wait until Redis answers; False when asked to stop before. Raises SettingsError."""
    attempt = 0
    while not stopping.is_set():
        fault = await _fault_of_redis(url)
        if fault is None:
            return True
        if attempt % _REMIND_EVERY == 0:
            log.warning("waiting for Redis at %s: %s", mask_url(url), fault)
        await _sleep_unless(stopping, _RETRY_S[min(attempt, len(_RETRY_S) - 1)])
        attempt += 1
    return False


async def _fault_of_redis(url: str) -> str | None:
    redis = Redis.from_url(url, socket_connect_timeout=3)
    try:
        await redis.ping()
    except AuthenticationError as error:
        raise SettingsError(f"REDIS_URL: {mask_url(url)} refuses the password") from error
    except (RedisError, OSError) as error:
        return str(error)
    finally:
        await redis.aclose()
    return None


async def _sleep_unless(stopping: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return


async def _serve(settings: S, context: Context, serve: Serve[S], writer: LogWriter) -> int:
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(writer.run())
        asked = group.create_task(context.stopping.wait())
        serving = group.create_task(_attempt(settings, context, serve))
        await asyncio.wait({serving, asked}, return_when=asyncio.FIRST_COMPLETED)
        await _stop(serving, settings.stop_grace, context.log)
        writing.cancel()
        asked.cancel()
        return EXIT_FAILED if serving.cancelled() else serving.result()


async def _attempt(settings: S, context: Context, serve: Serve[S]) -> int:
    try:
        await serve(settings, context)
    except SettingsError as error:
        tell_settings_error(context.name, error)
        return EXIT_SETTINGS
    except AddressTakenError as error:
        context.log.error("%s", error)  # noqa: TRY400 - a trace would tell nothing more
        return EXIT_FAILED
    except Exception:
        context.log.exception("%s failed and ends", context.name)
        return EXIT_FAILED
    return 0


async def _stop(serving: asyncio.Task[int], grace: float, log: Logger) -> None:
    if serving.done():
        return
    await asyncio.wait({serving}, timeout=grace)
    if serving.done():
        return
    log.warning("still busy after %s s: cancelling", grace)
    serving.cancel()
    await asyncio.wait({serving}, timeout=CANCEL_S)
    if not serving.done():
        log.error("did not take its cancellation in %s s: ending hard", CANCEL_S)
        os._exit(EXIT_FAILED)
