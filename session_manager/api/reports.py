"""Endpoints: what the sessions of some days come to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from sdk.records.choice import Choice
from sdk.records.days import Period
from sdk.records.drivers import Consumers, FirstDrivers, MarkedRows, Order, Ranking
from sdk.records.errors import CorruptRecordError
from sdk.records.overview import Overview, Sessions
from sdk.records.picked import Picked, batches
from sdk.records.tails import MOST_BYTES
from session_manager.api.problems import ProblemError
from session_manager.api.reports_range import (
    RangeQuery,
    days_asked,
    rows_asked,
    stations_asked,
    zone_asked,
)
from session_manager.api.routes import Asked, Route
from session_manager.api.values import plain_number

TAGS = ("Reports",)
_MOST = 500


class OverviewQuery(RangeQuery):
    """Which days are wanted, and how they are put together."""

    by: Period = Field(default="day", description="Weeks are those of ISO 8601.")


class ConsumersQuery(RangeQuery):
    """Which drivers are wanted."""

    order: Order = Field(default="energy", description="What makes a driver one of the first.")
    limit: Annotated[int, plain_number] = Field(
        default=50, ge=1, le=_MOST, description="How many, at most."
    )


class ConsumersShown(Consumers):
    """Drivers, and the days that this is about."""

    zone: str
    first_day: date
    last_day: date


async def _overview(asked: Asked) -> Overview:
    services, days = asked.services, days_asked(asked)
    stations = await stations_asked(asked)
    sessions = Sessions(days)
    try:
        async for batch in batches(services.bus, rows_asked(asked, days), services.shelf):
            await asyncio.to_thread(_add, sessions, batch)
    except CorruptRecordError as error:
        raise ProblemError(500, str(error)) from None
    now = int(services.clock().timestamp())
    return await asyncio.to_thread(
        sessions.overview, zone_asked(asked), asked.query.by, stations, now
    )


def _add(sessions: Sessions, batch: Sequence[Picked]) -> None:
    for each in batch:
        sessions.add(each.held.charge_point_id, each.blob)


async def _consumers(asked: Asked) -> ConsumersShown:
    days, query = days_asked(asked), asked.query
    choice = rows_asked(asked, days)
    ranking = Ranking()
    try:
        held = _Held()
        async for rows in _marked(asked, choice):
            await asyncio.to_thread(_add_all, ranking.add, rows)
            held.take(rows)
        first = ranking.first(query.order, query.limit)
        sums = FirstDrivers(first)
        async for rows in held.again(_marked(asked, choice)):
            await asyncio.to_thread(_add_all, sums.add, rows)
    except CorruptRecordError as error:
        raise ProblemError(500, str(error)) from None
    found = ranking.consumers(first, sums)
    return ConsumersShown(
        **dict(found), zone=zone_asked(asked), first_day=days.first, last_day=days.last
    )


class _Held:
    """Holds rows for a second look at them, if they are not too many."""

    def __init__(self) -> None:
        self._rows: list[MarkedRows] = []
        self._bytes = 0

    def take(self, rows: Sequence[MarkedRows]) -> None:
        """Hold rows, or none at all any more."""
        self._bytes += sum(len(each.blob) for each in rows)
        self._rows = [*self._rows, *rows] if self._bytes <= MOST_BYTES else []

    async def again(
        self, others: AsyncIterator[list[MarkedRows]]
    ) -> AsyncIterator[list[MarkedRows]]:
        """Give the rows once more; `others` are read where they were too many."""
        if self._bytes <= MOST_BYTES:
            for each in self._rows:
                yield [each]
            return
        async for rows in others:
            yield rows


async def _marked(asked: Asked, choice: Choice) -> AsyncIterator[list[MarkedRows]]:
    bus, shelf = asked.services.bus, asked.services.shelf
    async for batch in batches(bus, choice, shelf):
        yield [
            MarkedRows(each.blob, (await shelf.marks(bus, each.held.month, [name]))[name])
            for each in batch
            for name in (each.held.charge_point_id,)
        ]


def _add_all(add: Callable[[MarkedRows], None], some: Sequence[MarkedRows]) -> None:
    for each in some:
        add(each)


ROUTES = (
    Route(
        method="GET",
        path="/reports/overview",
        name="get_report",
        summary="Add up the sessions that ended on some days, by all that reports ask for",
        description=(
            "Sums are by period, charge point and connector; failures, stop reasons and lengths "
            "leave out tests without money. `heat` is about sessions that ended on these days, as "
            "far as they took place on them; `available_s` counts the connectors of now, up to "
            "now, and the energy of a session is spread evenly over it."
        ),
        role="viewer",
        handler=_overview,
        is_heavy=True,
        query=OverviewQuery,
        answer=Overview,
        tags=TAGS,
    ),
    Route(
        method="GET",
        path="/reports/consumers",
        name="get_consumer_report",
        summary="Add up the sessions that ended on some days by driver",
        description=(
            "Tests without money count only in `private`. `others` are the drivers behind the "
            "limit, `unknown` sessions without a driver: they ended before drivers were kept with "
            "rows, or had no quote."
        ),
        role="operator",
        handler=_consumers,
        is_heavy=True,
        query=ConsumersQuery,
        answer=ConsumersShown,
        tags=TAGS,
    ),
)
