"""Where the console listens: who asks for nothing, or reads nothing, is let go after a while."""

import asyncio
import logging
import socket

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

IDLE_S = 75.0
"""How long a connection may ask for nothing."""
UNREAD_S = 30.0
"""A connection that takes nothing of what was written for so long is ended, where Linux does it."""


class _FaultsOfOurs(logging.Filter):
    """Lets no trace through of what is no HTTP: anybody could fill the log with it."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


_log = logging.getLogger("console.http")
_log.addFilter(_FaultsOfOurs())


async def listen(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Serve an application; the runner tells the addresses. Raises OSError: the port is taken."""
    runner = web.AppRunner(
        app, access_log=None, logger=_log, shutdown_timeout=1.0, keepalive_timeout=IDLE_S
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    _forget_who_reads_nothing(site)
    return runner


def _forget_who_reads_nothing(site: web.TCPSite) -> None:
    """Let the kernel end them: aiohttp waits for ever, and keeps what it could not write."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    server = site._server  # noqa: SLF001 - a site does not give its sockets
    if option is not None and isinstance(server, asyncio.Server):
        for each in server.sockets:  # those that are accepted have it from them
            each.setsockopt(socket.IPPROTO_TCP, option, round(UNREAD_S * 1000))
