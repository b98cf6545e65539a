"""Transactions of charge points, running ones and those of the past, sold or not."""

from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.fields import ConnectorId, IdTag
from sdk.settings import MASK
from sdk.transaction_log import LoggedTransaction, logged_transaction, read_transactions
from session_manager.api.charge_points import config_of
from session_manager.api.paging import (
    Page,
    Paging,
    Place,
    next_link,
    page_of,
    place_of,
    seal,
)
from session_manager.api.problems import ProblemError, not_found
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.values import GivenMoment

_TAGS = ("Transactions",)
_KIND = "transactions"
_AT_ONCE = 200
_MOST_READ = 5_000
"""How many are looked at for one page; with few hits among many, a page is shorter."""


class TransactionQuery(Paging):
    """Which transactions are wanted; `from` and `to` are about their start."""

    is_open: bool | None = Field(
        default=None, alias="open", description="Only running ones, or only ended ones."
    )
    connector: ConnectorId | None = Field(default=None, description="Only of this connector.")
    id_tag: IdTag | None = Field(
        default=None, description="Only of this idTag, in any case; needs the role operator."
    )
    begin: GivenMoment | None = Field(
        default=None, alias="from", description="Only those that started then or later."
    )
    end: GivenMoment | None = Field(
        default=None, alias="to", description="Only those that started before."
    )

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.begin is not None and self.end is not None and self.begin >= self.end:
            raise ValueError("the time ends before it begins")
        return self

    def takes(self, transaction: LoggedTransaction) -> bool:
        """Tell whether a transaction is wanted."""
        if self.is_open is not None and self.is_open != (transaction.stopped_at is None):
            return False
        if self.connector is not None and self.connector != transaction.connector_id:
            return False
        if self.id_tag is not None and self.id_tag.casefold() != transaction.id_tag.casefold():
            return False
        return is_within(transaction.started_at, self.begin, self.end)


def is_within(moment: datetime, begin: datetime | None, end: datetime | None) -> bool:
    """Tell whether a moment is from `begin` on and before `end`; None: without a bound."""
    return (begin is None or moment >= begin) and (end is None or moment < end)


async def _list(asked: Asked) -> Reply:
    query: TransactionQuery = asked.query
    if query.id_tag is not None and not asked.principal.may("operator"):
        raise ProblemError(403, "To look for an idTag needs the role operator.")
    charge_point_id = asked.path["charge_point_id"]
    await config_of(asked.services.bus, charge_point_id)
    kind = f"{_KIND} {charge_point_id}"
    place = place_of(kind, query, int)
    found, looked_at = await _found(asked.services.bus, charge_point_id, query, place)
    items, cursor = page_of(kind, query, found, lambda each: [each.transaction_id])
    if cursor is None and looked_at is not None:
        cursor = seal(kind, query.filters, [looked_at])
    shown = [_shown(each, asked).model_dump(mode="json") for each in items]
    headers = next_link(asked.request.path, query, cursor)
    return Reply({"items": shown, "next_cursor": cursor}, headers=headers)


async def _found(
    bus: Bus, charge_point_id: str, query: TransactionQuery, place: Place | None
) -> tuple[list[LoggedTransaction], int | None]:
    """Look for one more than a page; and where it was given up, if it was."""
    found: list[LoggedTransaction] = []
    after = None if place is None else int(place[0])
    for _ in range(_MOST_READ // _AT_ONCE):
        page = await read_transactions(bus, charge_point_id, after=after, limit=_AT_ONCE)
        found += [each for each in page if query.takes(each)]
        if not page or len(found) > query.limit:
            return found, None
        after = page[-1].transaction_id
    return found, after


async def _one(asked: Asked) -> LoggedTransaction:
    charge_point_id, number = asked.path["charge_point_id"], asked.path["transaction_id"]
    bus = asked.services.bus
    await config_of(bus, charge_point_id)
    fields = await bus.read(keys.transaction(charge_point_id, number))
    if not fields:
        raise not_found("transaction")
    return _shown(logged_transaction(number, fields), asked)


def _shown(transaction: LoggedTransaction, asked: Asked) -> LoggedTransaction:
    if asked.principal.may("operator"):
        return transaction
    return transaction.model_copy(update={"id_tag": MASK})


ROUTES = (
    Route(
        method="GET",
        path="/charge-points/{charge_point_id}/transactions",
        name="list_transactions",
        summary="List the transactions of a charge point, the newest first",
        description="They are kept for 400 days from their start. For viewers idTags are masked.",
        role="viewer",
        handler=_list,
        query=TransactionQuery,
        answer=Page[LoggedTransaction],
        tags=_TAGS,
    ),
    Route(
        method="GET",
        path="/charge-points/{charge_point_id}/transactions/{transaction_id}",
        name="get_transaction",
        summary="Show a transaction",
        role="viewer",
        handler=_one,
        answer=LoggedTransaction,
        tags=_TAGS,
    ),
)
