"""Endpoints: the services' log, page by page and as a file."""

import re
from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Literal

import orjson
from aiohttp import web
from pydantic import AfterValidator, Field

from sdk.bus.interface import LogLine
from sdk.printable import printable
from session_manager.api.files import TOO_MANY, send_file
from session_manager.api.heavy_reads import let_others_work
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.values import ApiModel, plain_number
from session_manager.console_log import line_number, line_object

MOST = 1_000
_MOST_READ = 20_000
"""Lines that are looked at for one page."""
_AT_ONCE = 1_000
_LEVELS = ("debug", "info", "warning", "error", "critical")
_TEXT, _NDJSON = "text/plain", "application/x-ndjson"
_MOST_NUMBER = 2**63


def _is_line_id(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d{0,18}-\d{1,19}", text, re.ASCII):
        raise ValueError("it is the id of a line, such as 1767225600000-0")
    if max(line_number(text)) >= _MOST_NUMBER:
        raise ValueError("it is beyond all lines")
    return text


class LogFilterQuery(ApiModel):
    """Which lines are wanted."""

    level: Literal["debug", "info", "warning", "error", "critical"] = Field(
        default="debug", description="Of this level, and of all above."
    )
    service: str | None = Field(default=None, max_length=50, description="Only of this service.")
    charge_point_id: str | None = Field(
        default=None, max_length=48, description="Only of this charge point."
    )
    text: str | None = Field(
        default=None,
        max_length=200,
        description="Only with this, in any case, in text, service, session or charge point.",
    )

    def takes(self) -> Callable[[LogLine], bool]:
        """Make the test that a line has to pass."""
        least, sought = _LEVELS.index(self.level), (self.text or "").strip().casefold()

        def test(line: LogLine) -> bool:
            fields = line.fields
            if _weight(fields.get("level", "")) < least:
                return False
            for name in ("service", "charge_point_id"):
                if getattr(self, name) not in (None, fields.get(name)):
                    return False
            told = ("text", "service", "session_id", "charge_point_id")
            return not sought or any(sought in fields.get(name, "").casefold() for name in told)

        return test


class LogQuery(LogFilterQuery):
    """Which lines are wanted, and before which one."""

    before: Annotated[str, AfterValidator(_is_line_id)] | None = Field(
        default=None, description="Older than the line of this id; else from the newest on."
    )
    limit: Annotated[int, plain_number] = Field(
        default=200, ge=1, le=MOST, description="How many, at most."
    )


class LogItem(ApiModel):
    """One line. Its `id` orders all lines of all services."""

    id: str
    at: str
    level: str
    service: str
    session_id: str | None
    charge_point_id: str | None
    text: str


class LogPage(ApiModel):
    """Lines, the newest first."""

    items: list[LogItem]
    next_before: str | None = Field(
        description="`before` of the next page; null: nothing older is kept."
    )


async def _list(asked: Asked) -> Reply:
    query, takes = asked.query, asked.query.takes()
    found: list[LogLine] = []
    before, read = query.before, 0
    while len(found) < query.limit and read < _MOST_READ:
        lines = await asked.services.bus.read_log_back(before, _AT_ONCE)
        read += len(lines)
        for line in lines:
            before = line.line_id
            if takes(line):
                found.append(line)
            if len(found) == query.limit:
                break
        else:
            if len(lines) < _AT_ONCE:
                before = None
                break
        await let_others_work()
    return Reply({"items": [line_object(line) for line in found], "next_before": before})


async def _as_text(asked: Asked) -> web.StreamResponse:
    return await _file(asked, "txt", _TEXT, _text_of)


async def _as_ndjson(asked: Asked) -> web.StreamResponse:
    return await _file(asked, "ndjson", _NDJSON, _json_of)


async def _file(
    asked: Asked, suffix: str, media_type: str, write: Callable[[LogLine], bytes]
) -> web.StreamResponse:
    name = f"noroam-log-{asked.services.clock():%Y-%m-%dT%H%M}.{suffix}"
    newest = await asked.services.bus.read_log_back(None, 1)
    end = line_number(newest[0].line_id) if newest else (0, 0)
    parts = _parts(asked, end, write)
    return await send_file(asked, name, f"{media_type}; charset=utf-8", parts)


async def _parts(
    asked: Asked, end: tuple[int, int], write: Callable[[LogLine], bytes]
) -> AsyncGenerator[bytes, None]:
    """Give the lines that are wanted, oldest first, up to the one of number `end`."""
    services, takes, after = asked.services, asked.query.takes(), "0"
    while line_number(after) < end:
        # a turn while something is read, and none while the reader takes it
        async with services.heavy_reads.turn(asked.principal.id):
            lines = await services.bus.read_log(after, _AT_ONCE)
        if not lines:
            return
        after = lines[-1].line_id
        wanted = (line for line in lines if takes(line) and line_number(line.line_id) <= end)
        yield b"".join(map(write, wanted))
        await let_others_work()


def _text_of(line: LogLine) -> bytes:
    """Write a line as a person reads it; its further lines are indented."""
    names = ("at", "level", "service", "charge_point_id", "session_id", "text")
    parts = [line.fields[name] for name in names if line.fields.get(name)]
    lines = " ".join(parts).splitlines()
    return "\n    ".join(map(printable, lines)).encode() + b"\n"


def _json_of(line: LogLine) -> bytes:
    return orjson.dumps(line_object(line)) + b"\n"


def _weight(level: str) -> int:
    return _LEVELS.index(level) if level in _LEVELS else _LEVELS.index("info")


def _file_route(suffix: str, media_type: str, summary: str) -> Route:
    return Route(
        method="GET",
        path=f"/log/lines.{suffix}",
        name=f"download_log_{suffix}",
        summary=summary,
        description="All lines that are kept and wanted, the oldest first.",
        role="viewer",
        handler=_as_text if media_type == _TEXT else _as_ndjson,
        query=LogFilterQuery,
        tags=("Log",),
        media_type=media_type,
        also={429: TOO_MANY},
    )


ROUTES = (
    Route(
        method="GET",
        path="/log",
        name="list_log",
        summary="Read the services' log, the newest lines first",
        description=(
            "About the last 100,000 lines are kept; secrets are masked before they come here. "
            f"{_MOST_READ:,} lines are looked at for one page: with filters it may be short, or "
            "empty, though `next_before` leads on."
        ),
        role="viewer",
        handler=_list,
        is_heavy=True,
        query=LogQuery,
        answer=LogPage,
        tags=("Log",),
    ),
    _file_route("txt", _TEXT, "Download the services' log as text"),
    _file_route("ndjson", _NDJSON, "Download the services' log as JSON, one line each"),
)
