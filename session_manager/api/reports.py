"""Endpoints: what the sessions of some days come to."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sdk.bus.interface import Bus
from sdk.records.choice import Choice
from sdk.records.days import Days, Period
from sdk.records.drivers import Consumers, Order
from sdk.records.overview import Overview
from sdk.records.picked import Picked, batches
from sdk.records.shelf import Shelf
from session_manager.api.reports_range import (
    RangeQuery,
    days_asked,
    rows_asked,
    stations_asked,
    zone_asked,
)
from session_manager.api.routes import Asked, Route
from session_manager.api.values import plain_number

if TYPE_CHECKING:
    from sdk.records.sessions import Sessions

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
    found = batches(services.bus, rows_asked(asked, days), services.shelf)
    sessions, stations, batch = await asyncio.gather(
        asyncio.to_thread(_sessions, days), stations_asked(asked), anext(found, None)
    )
    while batch is not None:
        # the next rows are read while these are added up
        _, batch = await asyncio.gather(
            asyncio.to_thread(_add, sessions, batch), anext(found, None)
        )
    now = int(services.clock().timestamp())
    return await asyncio.to_thread(
        sessions.overview, zone_asked(asked), asked.query.by, stations, now
    )


def _sessions(days: Days) -> "Sessions":
    from sdk.records.sessions import Sessions  # noqa: PLC0415 - NumPy is slow to load

    return Sessions(days)


def _add(sessions: "Sessions", batch: Sequence[Picked]) -> None:
    sessions.add([(each.held.charge_point_id, part) for each in batch for part in each.parts])


async def _consumers(asked: Asked) -> ConsumersShown:
    services, days, query = asked.services, days_asked(asked), asked.query
    drivers_of = await asyncio.to_thread(_drivers_of)
    found = await drivers_of(
        services.bus, services.shelf, rows_asked(asked, days), query.order, query.limit
    )
    return ConsumersShown(
        **dict(found), zone=zone_asked(asked), first_day=days.first, last_day=days.last
    )


def _drivers_of() -> Callable[[Bus, Shelf, Choice, Order, int], Awaitable[Consumers]]:
    from session_manager.api.reports_drivers import drivers_of  # noqa: PLC0415 - as above

    return drivers_of


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
