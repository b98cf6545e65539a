"""Endpoints: what happens, as server-sent events (HTML standard, 9.2).

Each event is one `message` whose data is the envelope as JSON, and whose id is a place in the
streams of the charge points: Last-Event-ID goes on behind it, also with another Session Manager,
as far as the streams go back. Where something was trimmed or missed, an event `gap` says so.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from time import monotonic
from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, BaseModel, Field

from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError
from sdk.errors import NoroamError
from sdk.events.envelope import body_classes
from sdk.register import UnknownChargePointError
from session_manager.api.application import CORRELATION
from session_manager.api.charge_points import config_asked
from session_manager.api.event_kept import Places, Told
from session_manager.api.event_reader import Reader, read_places, write_places
from session_manager.api.problems import ProblemError
from session_manager.api.routes import Asked, Route
from session_manager.api.values import ApiModel
from session_manager.caller import caller_of
from session_manager.fresh import FRESH_S

MOST_CHARGE_POINTS = 64
"""Of one stream: the id of each event names all of them."""
HEARTBEAT_S = 15.0
LOOK_S = 1.0
"""How soon it is noticed that a reader is gone."""
STALLED_S = 10.0
"""A reader that takes nothing for so long is cut off."""
MEDIA_TYPE = "text/event-stream"
_RETRY = b"retry: 2000\n"
_CHUNK = 32 * 1024
_HEADERS = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_LONGEST = 6_000
_KNOWN = frozenset(body_classes())


def _known(text: str) -> str:
    if not _KNOWN.issuperset(text.split(",")):
        raise ValueError("it is a list of event types, separated by commas")
    return text


class EventQuery(ApiModel):
    """Which events are wanted."""

    type: Annotated[str, AfterValidator(_known)] | None = Field(
        default=None,
        max_length=1_000,
        description="Only of these types, by commas, such as `ChargingStarted,ChargingStopped`.",
    )


class EventOfAllQuery(EventQuery):
    """Which events are wanted, of which charge points."""

    charge_point_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._-]{1,48}(,[A-Za-z0-9._-]{1,48}){0,63}$",
        description="Only of these charge points, by commas, at most 64; else of all there are.",
    )


async def _of_all(asked: Asked) -> web.StreamResponse:
    registered = await asked.services.bus.members(keys.STATIONS)
    chosen = asked.query.charge_point_id
    names = registered if chosen is None else set(chosen.split(","))
    for name in sorted(names - registered):
        raise UnknownChargePointError(f"charge point {name} is not registered")
    if len(names) > MOST_CHARGE_POINTS:
        raise ProblemError(
            422,
            f"There are more than {MOST_CHARGE_POINTS} charge points: choose by charge_point_id.",
        )
    return await _stream(asked, sorted(names))


async def _of_one(asked: Asked) -> web.StreamResponse:
    await config_asked(asked)
    return await _stream(asked, [asked.path["charge_point_id"]])


async def _stream(asked: Asked, names: Sequence[str]) -> web.StreamResponse:
    since, feeds = _since(asked), asked.services.feeds
    response = web.StreamResponse(headers={**_HEADERS, CORRELATION: str(asked.correlation_id)})
    if asked.request.method == "HEAD":
        return web.Response(headers=_HEADERS)
    with feeds.counted(asked.principal.id), closing(Reader(feeds)) as reader:
        await reader.begin(names, since)
        await response.prepare(asked.request)
        try:
            await _tell(asked, reader, response)
        except TimeoutError:
            if asked.request.transport is not None:
                asked.request.transport.abort()
        except (ConnectionError, NoroamError):
            pass  # the reader is gone, or comes again by itself
    return response


def _since(asked: Asked) -> Mapping[str, Places] | None:
    text = asked.request.headers.get("Last-Event-ID")
    if not text:
        return None
    if len(text) > _LONGEST:
        raise ProblemError(422, "The Last-Event-ID is too long.")
    return read_places(text)


async def _tell(asked: Asked, reader: Reader, response: web.StreamResponse) -> None:
    """Write what comes until the reader is gone, its key is revoked, or Redis is away.

    Raises ConnectionError, NoroamError, TimeoutError for a reader that is too slow.
    """
    await _write(response, _RETRY + _id(reader) + b"\n")
    told_at = checked_at = monotonic()
    while True:
        if monotonic() >= checked_at + FRESH_S:
            asked = await _checked(asked)
            checked_at = monotonic()
        for chunk in _chunks(asked, reader):
            await _write(response, chunk)
            told_at = monotonic()
        left = told_at + HEARTBEAT_S - monotonic()
        if left > 0:
            await reader.wait(min(left, LOOK_S))
            _check_there(asked.request)
            continue
        await _write(response, b": still here\n" + _id(reader) + b"\n")
        told_at = monotonic()


async def _checked(asked: Asked) -> Asked:
    """Give who reads as it is now: its role may be another one. Raises NoroamError: it is out."""
    access, request = asked.services.access, asked.request
    with suppress(BusUnavailableError):
        return replace(asked, principal=await access.check(request.headers, caller_of(request)))
    return asked


def _check_there(request: web.Request) -> None:
    if request.transport is None or request.transport.is_closing():
        raise ConnectionError("the reader is gone")


def _chunks(asked: Asked, reader: Reader) -> Iterator[bytes]:
    wanted = None if asked.query.type is None else frozenset(asked.query.type.split(","))
    shows_tags = asked.principal.may("operator")
    fresh = reader.take()
    parts: list[bytes] = []
    size = 0
    if reader.has_gap:
        reader.has_gap = False
        parts.append(b"event: gap\ndata: {}\n\n")
    for told in fresh:
        reader.see(told)
        if wanted is None or told.type in wanted:
            parts.append(_message(reader, told, shows_tags=shows_tags))
            size += len(parts[-1])
        if size >= _CHUNK:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


def _message(reader: Reader, told: Told, *, shows_tags: bool) -> bytes:
    return b"%bdata: %b\n\n" % (_id(reader), told.json(shows_tags=shows_tags))


def _id(reader: Reader) -> bytes:
    return b"id: %b\n" % write_places(reader.places).encode()


async def _write(response: web.StreamResponse, chunk: bytes) -> None:
    async with asyncio.timeout(STALLED_S):
        await response.write(chunk)


def _route(path: str, name: str, summary: str, query: type[BaseModel]) -> Route:
    return Route(
        method="GET",
        path=path,
        name=name,
        summary=summary,
        description=(
            "Server-sent events: `data` is the event's envelope as JSON, `id` a place to go on "
            "from with the header Last-Event-ID, as far as the streams go back (minutes at most); "
            "an event `gap` says that some are missing. A comment comes every 15 s. Without "
            "Last-Event-ID it begins now. Order holds for what comes from, and for what goes to, "
            "one charge point. "
            "A reader that takes nothing for 10 s is cut off. For viewers idTags and drivers' "
            "accounts are masked; signatures and peer ids are left out for everybody."
        ),
        role="viewer",
        handler=_of_all if query is EventOfAllQuery else _of_one,
        query=query,
        tags=("Events",),
        media_type=MEDIA_TYPE,
        also={
            404: "No charge point of this id is registered.",
            429: "Too many requests or event streams of this key; see Retry-After.",
        },
    )


ROUTES = (
    _route("/events", "follow_events", "Follow what happens at charge points", EventOfAllQuery),
    _route(
        "/charge-points/{charge_point_id}/events",
        "follow_events_of_charge_point",
        "Follow what happens at a charge point",
        EventQuery,
    ),
)
