"""The body of a request: JSON, not too large, and not too slow."""

import asyncio
from http import HTTPStatus

from aiohttp import web

from session_manager.api.problems import ProblemError

MOST_BYTES = 256 * 1024
"""The largest body."""
BODY_S = 20.0
"""How long a body may take to come."""
_JSON = "application/json"
_CHUNK = 64 * 1024


async def read_body(request: web.Request) -> bytes:
    """Read a JSON body of at most `MOST_BYTES`. Raises ProblemError (408, 413, 415)."""
    encoding = request.headers.get("Content-Encoding", "identity")
    if request.content_type != _JSON or encoding.lower() != "identity":
        wanted = f"The body has to be {_JSON}, and not compressed."
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, wanted)
    try:
        async with asyncio.timeout(BODY_S):
            body = await _up_to(request, MOST_BYTES)
    except TimeoutError:
        told = f"The body did not come within {BODY_S:g} s."
        raise ProblemError(HTTPStatus.REQUEST_TIMEOUT, told) from None
    if body is None:
        raise ProblemError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body may have {MOST_BYTES} bytes at most."
        )
    return body


async def _up_to(request: web.Request, most: int) -> bytes | None:
    if (request.content_length or 0) > most:
        return None
    body = bytearray()
    async for chunk in request.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)
