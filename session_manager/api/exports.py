"""Endpoints: ended sessions as files, written while they are sent."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import ExitStack
from io import RawIOBase
from itertools import islice
from typing import BinaryIO, cast

from aiohttp import web
from pydantic import Field

from sdk.records.choice import Choice
from sdk.records.export import Kind, RowWriter, kinds, open_sink
from sdk.records.picked import Picked, batches
from sdk.records.row import Row
from sdk.records.shelf import Shelf
from session_manager.api.files import TOO_MANY, send_file
from session_manager.api.routes import Asked, Route
from session_manager.api.sessions_ended import ChosenQuery
from session_manager.api.sessions_ended_choice import choice_asked
from session_manager.api.values import ApiModel

TAGS = ("Reports",)
_AT_ONCE = 5_000
"""Rows that are held at a time, and that make one row group of Parquet."""
_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


class _Sink(RawIOBase):
    """Holds what was written until it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self._data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        self._data += view
        return view.nbytes

    def taken(self) -> bytes:
        """Give what was written since."""
        data = bytes(self._data)
        self._data.clear()
        return data


class _File:
    """A file that is written part by part; each call works in a thread."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._sink = _Sink()
        self._open = ExitStack()
        self._writer: RowWriter | None = None

    def begin(self) -> bytes:
        """Open it. Raises InvalidInputError for Parquet without pyarrow."""
        sink = open_sink(self._kind, cast("BinaryIO", self._sink))
        self._writer = self._open.enter_context(sink)
        return self._sink.taken()

    def add(self, rows: Iterator[Row]) -> bytes | None:
        """Write up to `_AT_ONCE` rows; None: there was none."""
        some = list(islice(rows, _AT_ONCE))
        if not some or self._writer is None:
            return None
        self._writer.write(some)
        return self._sink.taken()

    def end(self) -> bytes:
        """Write what is behind the rows; once more does no harm."""
        self._open.close()
        return self._sink.taken()


class ExportFormats(ApiModel):
    """What ended sessions can be exported as."""

    formats: list[Kind] = Field(description="`parquet` is there where pyarrow is installed.")


async def _formats(asked: Asked) -> ExportFormats:
    del asked
    return ExportFormats(formats=list(kinds()))


async def _csv(asked: Asked) -> web.StreamResponse:
    return await _export(asked, "csv")


async def _parquet(asked: Asked) -> web.StreamResponse:
    return await _export(asked, "parquet")


async def _export(asked: Asked, kind: Kind) -> web.StreamResponse:
    choice = await choice_asked(asked, asked.query.chosen)
    file = _File(kind)
    try:
        head = await asyncio.to_thread(file.begin)
        name = f"sessions-{asked.services.clock():%Y-%m-%d}.{kind}"
        return await send_file(asked, name, _TYPES[kind], _parts(asked, choice, file, head))
    finally:
        await asyncio.to_thread(file.end)


async def _parts(
    asked: Asked, choice: Choice, file: _File, head: bytes
) -> AsyncGenerator[bytes, None]:
    """Give the file bit by bit; a turn of heavy reads lasts as long as a part is made."""
    services = asked.services
    # what is read once should not push out what is looked at again and again
    found = batches(services.bus, choice, Shelf(most=0))
    while True:
        async with services.heavy_reads.turn(asked.principal.id):
            batch = await anext(found, None)
            rows = _rows(batch or ())
            data = await asyncio.to_thread(file.add, rows)
        while data is not None:
            yield head + data
            head = b""
            async with services.heavy_reads.turn(asked.principal.id):
                data = await asyncio.to_thread(file.add, rows)
        if batch is None:
            break
    yield head + await asyncio.to_thread(file.end)


def _rows(batch: Sequence[Picked]) -> Iterator[Row]:
    for each in batch:
        yield from each.rows()


def _route(kind: Kind, name: str) -> Route:
    return Route(
        method="GET",
        path=f"/exports/sessions.{kind}",
        name=name,
        summary=f"Export the sessions that ended and are wanted as {kind.upper()}",
        description=(
            "Month by month, charge point by charge point, in the order in which they ended. Money "
            "has every digit. In CSV, a text that a spreadsheet would take for a formula has an "
            "apostrophe before it. A file that is cut short was not finished: its transfer fails."
        ),
        role="viewer",
        handler=_csv if kind == "csv" else _parquet,
        query=ChosenQuery,
        media_type=_TYPES[kind],
        tags=TAGS,
        also={429: TOO_MANY},
    )


ROUTES = (
    Route(
        method="GET",
        path="/exports",
        name="list_export_formats",
        summary="Tell as what ended sessions can be exported",
        role="viewer",
        handler=_formats,
        answer=ExportFormats,
        tags=TAGS,
    ),
    _route("csv", "export_sessions_csv"),
    _route("parquet", "export_sessions_parquet"),
)
