"""Transactions of charge points, running ones and those of the past, sold or not."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from sdk.bus.interface import Bus
from sdk.fields import ConnectorId, IdTag
from sdk.settings import MASK
from sdk.transaction_log import (
    LoggedTransaction,
    read_transaction_ids,
    read_transactions_of,
)
from session_manager.api.charge_points import config_asked
from session_manager.api.heavy_reads import let_others_work
from session_manager.api.paging import Page, Paging, Place, next_link, page_of, place_of
from session_manager.api.problems import ProblemError, not_found
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.values import GivenMoment, plain_number

_TAGS = ("Transactions",)
_KIND = "transactions"
_AT_ONCE = 100
MOST_READ = 1_000
"""How many are looked at for one page; with few hits among many, a page is shorter."""


class TransactionQuery(Paging):
    """Which transactions are wanted; `from` and `to` are about their start."""

    is_open: bool | None = Field(
        default=None, alias="open", description="Only running ones, or only ended ones."
    )
    connector_id: Annotated[ConnectorId, plain_number] | None = Field(
        default=None, description="Only of this connector."
    )
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
        if self.connector_id not in (None, transaction.connector_id):
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
    await config_asked(asked)
    kind = f"{_KIND} {charge_point_id}"
    place = place_of(kind, query, int)
    found, reached = await _found(asked.services.bus, charge_point_id, query, place)
    items, cursor = page_of(kind, query, found, lambda each: [each.transaction_id], reached)
    shown = [_shown(each, asked).model_dump(mode="json") for each in items]
    headers = next_link(asked.request.path, query, cursor)
    return Reply({"items": shown, "next_cursor": cursor}, headers=headers)


async def _found(
    bus: Bus, charge_point_id: str, query: TransactionQuery, place: Place | None
) -> tuple[list[LoggedTransaction], Place | None]:
    """Look for one more than a page; and how far it was looked, if there is more."""
    found: list[LoggedTransaction] = []
    after = None if place is None else int(place[0])
    ids = await read_transaction_ids(bus, charge_point_id, after=after)
    begin = 0
    while begin < min(len(ids), MOST_READ) and len(found) <= query.limit:
        at_once = _AT_ONCE if query.filters else query.limit + 1 - len(found)
        some = ids[begin : begin + min(at_once, _AT_ONCE)]
        page = await read_transactions_of(bus, charge_point_id, some)
        found += [each for each in page if query.takes(each)]
        begin += len(some)
        await let_others_work()
    return found, [ids[begin - 1]] if begin < len(ids) else None


async def _one(asked: Asked) -> LoggedTransaction:
    await config_asked(asked)
    charge_point_id, number = asked.path["charge_point_id"], asked.path["transaction_id"]
    for found in await read_transactions_of(asked.services.bus, charge_point_id, [number]):
        return _shown(found, asked)
    raise not_found("transaction")


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
        description=(
            "They are kept for 400 days from their start. For viewers idTags are masked. "
            f"{MOST_READ} are looked at for one page: with filters it may be short, or empty, "
            "though `next_cursor` leads on."
        ),
        role="viewer",
        handler=_list,
        is_heavy=True,
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
