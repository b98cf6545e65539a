"""Endpoints: sessions that ended, page by page, and their records."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sdk.fields import ChargePointId
from sdk.records.choice import Choice, choose
from sdk.records.errors import CorruptRecordError, UnknownRecordError
from sdk.records.newest import MOST_LOOKED_AT, PlacedRow, RowPlace, newest_rows
from sdk.records.reading import find
from sdk.records.shown import record_shown, row_shown
from session_manager.api.charge_points import config_asked
from session_manager.api.paging import Page, Paging, next_link, page_of, place_of
from session_manager.api.problems import ProblemError, not_found
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.sessions_shown import EndedSession, SessionRecordShown
from session_manager.api.values import GivenMoment

_TAGS = ("Sessions",)
_OF_THE_APP = frozenset({"peer_id", "nonce"})
_NAMES_THE_DRIVER = ("quote", "quoted", "receipt")
_HOW_MUCH = (
    f"Some {MOST_LOOKED_AT} are looked at for one page: with filters it may be short, or empty, "
    "though `next_cursor` leads on."
)


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

    charge_point_id: ChargePointId | None = Field(
        default=None, description="Only of this one, which may have been removed since."
    )


async def _ended_of_all(asked: Asked) -> Reply:
    chosen = asked.query.charge_point_id
    return await _ended(asked, () if chosen is None else (chosen,))


async def _ended_of_one(asked: Asked) -> Reply:
    await config_asked(asked)
    return await _ended(asked, (asked.path["charge_point_id"],))


async def _ended(asked: Asked, charge_points: tuple[str, ...]) -> Reply:
    query: EndedQuery = asked.query
    choice = _choice(query, charge_points)
    kind = f"ended sessions {charge_points}"
    place = place_of(kind, query, str, int, str, int)
    before = None if place is None else _row_place(*place)
    try:
        found, reached = await newest_rows(asked.services.bus, choice, query.limit + 1, before)
    except CorruptRecordError as error:
        raise ProblemError(500, str(error)) from None
    items, cursor = page_of(kind, query, found, _place, reached)
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


ROUTES = (
    Route(
        method="GET",
        path="/sessions",
        name="list_sessions",
        summary="List the sessions that ended, the newest first",
        role="viewer",
        description=_HOW_MUCH,
        handler=_ended_of_all,
        is_heavy=True,
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
        description=_HOW_MUCH,
        handler=_ended_of_one,
        is_heavy=True,
        query=EndedQuery,
        answer=Page[EndedSession],
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
)
