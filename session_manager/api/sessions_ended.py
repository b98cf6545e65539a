"""Endpoints: sessions that ended, page by page and in sum, and their records."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from sdk.bus.interface import Bus
from sdk.fields import ChargePointId
from sdk.records.drivers import did_of
from sdk.records.errors import UnknownRecordError
from sdk.records.mark import account_marked, short_of
from sdk.records.newest import MOST_LOOKED_AT, PlacedRow, RowPlace, newest_rows
from sdk.records.picked import Picked, batches
from sdk.records.reading import find
from sdk.records.receipts import check_receipt
from sdk.records.record import SessionRecord
from sdk.records.shelf import Shelf
from sdk.records.shown import quote_of, receipt_of, record_shown, row_shown
from sdk.records.sums import Cells
from sdk.records.totals import Totals, totals
from session_manager.api.charge_points import config_asked
from session_manager.api.paging import Page, Paging, next_link, page_of, place_of
from session_manager.api.problems import not_found
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.sessions_ended_choice import ChoiceFields, choice_asked
from session_manager.api.sessions_shown import EndedSession, SessionRecordShown
from session_manager.api.values import ApiModel

TAGS = ("Sessions",)
_OF_THE_APP = frozenset({"peer_id", "nonce"})
_NAMES_THE_DRIVER = ("quote", "quoted", "receipt", "receipt_check", "consumer_did")
_HOW_MUCH = (
    f"Some {MOST_LOOKED_AT} are looked at for one page: with filters it may be short, or empty, "
    "though `next_cursor` leads on."
)


class EndedQuery(ChoiceFields, Paging):
    """Which ended sessions are wanted."""


class OfAny(BaseModel):
    """Which charge point is meant."""

    charge_point_id: ChargePointId | None = Field(
        default=None, description="Only of this one, which may have been removed since."
    )

    @property
    def chosen(self) -> Sequence[str] | None:
        """Give the charge points that are meant; None: all."""
        return None if self.charge_point_id is None else (self.charge_point_id,)


class EndedOfAllQuery(EndedQuery, OfAny):
    """Which ended sessions are wanted."""


class ChosenQuery(ChoiceFields, OfAny, ApiModel):
    """Which ended sessions are wanted, all of them."""


class ChosenTotals(ApiModel):
    """What all sessions of a choice come to."""

    total: Totals


async def _ended_of_all(asked: Asked) -> Reply:
    return await _ended(asked, asked.query.chosen)


async def _ended_of_one(asked: Asked) -> Reply:
    await config_asked(asked)
    return await _ended(asked, (asked.path["charge_point_id"],))


async def _ended(asked: Asked, chosen: Sequence[str] | None) -> Reply:
    query: EndedQuery = asked.query
    choice = await choice_asked(asked, chosen)
    kind = f"ended sessions {chosen or ()}"
    place = place_of(kind, query, str, int, str, int)
    before = None if place is None else _row_place(*place)
    services = asked.services
    found, reached = await newest_rows(
        services.bus, choice, query.limit + 1, before, shelf=services.shelf
    )
    items, cursor = page_of(kind, query, found, _place, reached)
    known = asked.principal.may("operator")
    drivers = await _drivers(services.bus, services.shelf, items) if known else {}
    shown = [
        row_shown(each.row) | {"consumer_did": drivers.get(each.row.session_id)} for each in items
    ]
    headers = next_link(asked.request.path, query, cursor)
    return Reply({"items": shown, "next_cursor": cursor}, headers=headers)


async def _drivers(bus: Bus, shelf: Shelf, items: Sequence[PlacedRow]) -> dict[str, str]:
    """Give the DIDs of the drivers of rows that have a mark, by session id."""
    months: defaultdict[str, set[str]] = defaultdict(set)
    for place, _ in items:
        months[place.month].add(place.charge_point_id)
    marks = {month: await shelf.marks(bus, month, sorted(names)) for month, names in months.items()}
    found: dict[str, str] = {}
    for place, row in items:
        blob = marks[place.month][place.charge_point_id]
        account = account_marked(blob, short_of(row.session_id))
        if account is not None:
            found[row.session_id] = did_of(row.chain_id, account)
    return found


def _row_place(
    month: str | int, ended_ms: str | int, name: str | int, number: str | int
) -> RowPlace:
    return RowPlace(str(month), int(ended_ms), str(name), int(number))


def _place(placed: PlacedRow) -> tuple[str | int, ...]:
    return tuple(placed.place)


async def _totals(asked: Asked) -> ChosenTotals:
    services = asked.services
    choice = await choice_asked(asked, asked.query.chosen)
    cells: Cells = {}
    async for batch in batches(services.bus, choice, services.shelf):
        await asyncio.to_thread(_add, cells, batch)
    return ChosenTotals(total=totals(cells))


def _add(cells: Cells, batch: Sequence[Picked]) -> None:
    # NumPy is slow to load, and most reads need none of it
    from sdk.records.adding import add_rows  # noqa: PLC0415
    from sdk.records.columns import Columns  # noqa: PLC0415

    add_rows(cells, Columns([part for each in batch for part in each.parts]))


async def _record(asked: Asked) -> Reply:
    try:
        record = await find(
            asked.services.bus, asked.path["charge_point_id"], asked.path["session_id"]
        )
    except UnknownRecordError:
        raise not_found("session that ended") from None
    shown = record_shown(record) | _read_out(record)
    if not asked.principal.may("operator"):
        shown |= dict.fromkeys(_NAMES_THE_DRIVER) | {"transactions": []}
    return Reply({name: value for name, value in shown.items() if name not in _OF_THE_APP})


def _read_out(record: SessionRecord) -> dict[str, Any]:
    receipt, quote = receipt_of(record), quote_of(record)
    checked = check_receipt(record.receipt) if record.receipt else None
    driver = quote and did_of(quote.chain_id, bytes.fromhex(quote.session_key[2:]))
    return {
        "receipt_check": checked and checked.model_dump(include={"hash", "signer", "faults"}),
        "consumer_did": receipt.consumer_did if receipt else driver,
        "transactions": [{"kind": "payout", "hash": receipt.transaction_hash}] if receipt else [],
        "messages_path": f"/charge-points/{record.charge_point_id}/messages",
    }


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
        tags=TAGS,
    ),
    Route(
        method="GET",
        path="/sessions/totals",
        name="get_session_totals",
        summary="Add up all sessions that ended and are wanted",
        role="viewer",
        handler=_totals,
        is_heavy=True,
        query=ChosenQuery,
        answer=ChosenTotals,
        tags=TAGS,
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
        tags=TAGS,
    ),
    Route(
        method="GET",
        path="/sessions/{charge_point_id}/{session_id}",
        name="get_session",
        summary="Show the record of a session that ended: timeline, curve, price, receipt",
        description=(
            "For viewers all that names the driver is null, and there are no transactions. The "
            "receipt is checked each time, but for whether its transaction is on the chain."
        ),
        role="viewer",
        handler=_record,
        answer=SessionRecordShown,
        tags=TAGS,
        etag=True,
    ),
)
