"""Endpoints: sessions, running ones and those that ended, with their records; and disputes."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.disputes import Dispute, read_disputes
from sdk.fields import ChargePointId
from sdk.records.choice import Choice, choose
from sdk.records.errors import CorruptRecordError, UnknownRecordError
from sdk.records.newest import PlacedRow, RowPlace, newest_rows
from sdk.records.reading import find
from sdk.records.shown import record_shown, row_shown
from session_manager.api.charge_point_state import connector_count
from session_manager.api.charge_points import config_of
from session_manager.api.paging import Page, Paging, next_link, page_of, place_of
from session_manager.api.problems import ProblemError, not_found
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.sessions_shown import (
    EndedSession,
    RunningSession,
    SessionRecordShown,
    running_session,
)
from session_manager.api.values import ApiModel, GivenMoment

_TAGS = ("Sessions",)
_AT_ONCE = 100
_RUNNING = "running sessions"


class EndedQuery(Paging):
    """Which ended sessions are wanted: of a month, or of a span of time."""

    month: Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] | None = Field(
        default=None, description="Such as 2026-11, by UTC; not beside from and to."
    )
    begin: GivenMoment | None = Field(
        default=None, alias="from", description="Only those that ended then or later."
    )
    end: GivenMoment | None = Field(
        default=None, alias="to", description="Only those that ended before."
    )
    outcome: Literal["settled", "refunded", "rejected", "addendum"] | None = Field(
        default=None,
        description="Only with this outcome; an addendum tells more of a session that has ended.",
    )


class EndedOfAllQuery(EndedQuery):
    """Which ended sessions are wanted."""

    charge_point: ChargePointId | None = Field(
        default=None, description="Only of this one, which may have been removed since."
    )


class RunningQuery(Paging):
    """Which running sessions are wanted."""

    charge_point: ChargePointId | None = Field(default=None, description="Only of this one.")


class DisputeQuery(ApiModel):
    """Which disputes are wanted."""

    charge_point: ChargePointId | None = Field(default=None, description="Only of this one.")


class DisputeList(ApiModel):
    """Sessions that wait off their connector for their payout, the oldest first."""

    items: list[Dispute]


async def _ended_of_all(asked: Asked) -> Reply:
    chosen = asked.query.charge_point
    return await _ended(asked, () if chosen is None else (chosen,))


async def _ended_of_one(asked: Asked) -> Reply:
    await config_of(asked.services.bus, asked.path["charge_point_id"])
    return await _ended(asked, (asked.path["charge_point_id"],))


async def _ended(asked: Asked, charge_points: tuple[str, ...]) -> Reply:
    query: EndedQuery = asked.query
    choice = _choice(query, charge_points)
    kind = f"ended sessions {charge_points}"
    place = place_of(kind, query, str, int, str, int)
    before = None if place is None else _row_place(*place)
    try:
        found = await newest_rows(asked.services.bus, choice, query.limit + 1, before)
    except CorruptRecordError as error:
        raise ProblemError(500, str(error)) from None
    items, cursor = page_of(kind, query, found, _place)
    shown = [row_shown(placed.row) for placed in items]
    headers = next_link(asked.request.path, query, cursor)
    return Reply({"items": shown, "next_cursor": cursor}, headers=headers)


def _choice(query: EndedQuery, charge_points: tuple[str, ...]) -> Choice:
    begin, end = (each.isoformat() if each else None for each in (query.begin, query.end))
    return choose(query.month, begin, end, charge_points, query.outcome)


def _row_place(
    month: str | int, ended_ms: str | int, name: str | int, number: str | int
) -> RowPlace:
    return RowPlace(str(month), int(ended_ms), str(name), int(number))


def _place(placed: PlacedRow) -> tuple[str | int, ...]:
    return tuple(placed.place)


async def _running(asked: Asked) -> Reply:
    bus, query = asked.services.bus, asked.query
    place = place_of(_RUNNING, query, str, int)
    ids = sorted(await bus.members(keys.STATIONS))
    if query.charge_point is not None:
        ids = [name for name in ids if name == query.charge_point]
    if place is not None:
        ids = [name for name in ids if name >= str(place[0])]
    found: list[dict[str, Any]] = []
    for first in range(0, len(ids), _AT_ONCE):
        some = await _running_of(bus, ids[first : first + _AT_ONCE])
        found += [each for each in some if place is None or _where(each) > tuple(place)]
        if len(found) > query.limit:
            break
    items, cursor = page_of(_RUNNING, query, found, _where)
    headers = next_link(asked.request.path, query, cursor)
    return Reply({"items": items, "next_cursor": cursor}, headers=headers)


def _where(shown: dict[str, Any]) -> tuple[str | int, ...]:
    return shown["charge_point_id"], shown["connector_id"]


async def _running_of(bus: Bus, ids: list[str]) -> list[dict[str, Any]]:
    configs = await bus.read_many([keys.config(name) for name in ids])
    sockets = [
        (name, number)
        for name, config in zip(ids, configs, strict=True)
        if config
        for number in range(1, connector_count(config) + 1)
    ]
    hashes = await bus.read_many([keys.session(*socket) for socket in sockets])
    found = (running_session(*socket, hash_) for socket, hash_ in zip(sockets, hashes, strict=True))
    return [shown for shown in found if shown is not None]


async def _record(asked: Asked) -> Reply:
    try:
        record = await find(
            asked.services.bus, asked.path["charge_point_id"], asked.path["session_id"]
        )
    except UnknownRecordError:
        raise not_found("session that ended") from None
    except CorruptRecordError as error:
        raise ProblemError(500, str(error)) from None
    shown = record_shown(record)
    if not asked.principal.may("operator"):
        shown |= dict.fromkeys(_NAMES_THE_DRIVER)
    return Reply({name: value for name, value in shown.items() if name not in _OF_THE_APP})


_OF_THE_APP = frozenset({"peer_id", "nonce"})
_NAMES_THE_DRIVER = ("quote", "quoted", "receipt")


async def _disputes(asked: Asked) -> DisputeList:
    chosen = asked.query.charge_point
    services = asked.services
    found = await read_disputes(
        services.bus, services.clock(), None if chosen is None else [chosen]
    )
    return DisputeList(items=found)


ROUTES = (
    Route(
        method="GET",
        path="/sessions",
        name="list_sessions",
        summary="List the sessions that ended, the newest first",
        role="viewer",
        handler=_ended_of_all,
        query=EndedOfAllQuery,
        answer=Page[EndedSession],
        tags=_TAGS,
    ),
    Route(
        method="GET",
        path="/charge-points/{charge_point_id}/sessions",
        name="list_sessions_of_charge_point",
        summary="List the sessions of a charge point that ended, the newest first",
        role="viewer",
        handler=_ended_of_one,
        query=EndedQuery,
        answer=Page[EndedSession],
        tags=_TAGS,
    ),
    Route(
        method="GET",
        path="/sessions/running",
        name="list_running_sessions",
        summary="List the sessions that run, by charge point and connector",
        role="viewer",
        handler=_running,
        query=RunningQuery,
        answer=Page[RunningSession],
        tags=_TAGS,
    ),
    Route(
        method="GET",
        path="/sessions/{charge_point_id}/{session_id}",
        name="get_session",
        summary="Show the record of a session that ended: timeline, curve, price, receipt",
        description="For viewers quote and receipt are null: they name the driver's accounts.",
        role="viewer",
        handler=_record,
        answer=SessionRecordShown,
        tags=_TAGS,
        etag=True,
    ),
    Route(
        method="GET",
        path="/disputes",
        name="list_disputes",
        summary="List the sessions that wait for their payout, and what can be done",
        role="viewer",
        handler=_disputes,
        query=DisputeQuery,
        answer=DisputeList,
        tags=_TAGS,
    ),
)
