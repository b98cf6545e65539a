"""Files that are written while they are sent."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from aiohttp import web

from sdk.errors import NoroamError
from session_manager.api.heavy_reads import MOST_FILES
from session_manager.api.routes import Asked

TOO_MANY = f"Too many requests, or more than {MOST_FILES} files at once; see Retry-After."
"""What 429 says of them."""
_PATIENCE_S = 60.0
"""How long a client may take to read what was written for it."""


async def send_file(
    asked: Asked, name: str, content_type: str, parts: AsyncGenerator[bytes, None]
) -> web.StreamResponse:
    """Send a file part by part.

    Raises ProblemError (429) where the caller reads too many already, and what making the first
    part does. One that fails later breaks the connection off: what is sent can't be taken back, and
    a file that is cut short must not look like a whole one.
    """
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Type": content_type,
        "Cache-Control": "no-store",
    }
    response = web.StreamResponse(headers=headers)
    async with aclosing(parts):
        if asked.request.method == "HEAD":
            return web.Response(headers=headers)  # of a stream aiohttp would send the body
        with asked.services.heavy_reads.file(asked.principal.id):
            first = await anext(parts, b"")  # while a refusal can still be told
            await response.prepare(asked.request)
            try:
                await _send(response, first)
                async for part in parts:
                    await _send(response, part)
            except (NoroamError, TimeoutError) as error:
                asked.services.log.warning("%s broke off: %s", name, error)
                if asked.request.transport is not None:
                    asked.request.transport.abort()
            except ConnectionError:
                pass  # the reader has gone
            else:
                await response.write_eof()
    return response


async def _send(response: web.StreamResponse, part: bytes) -> None:
    if part:
        async with asyncio.timeout(_PATIENCE_S):
            await response.write(part)
