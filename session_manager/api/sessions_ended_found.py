"""Endpoint: the session that a driver's receipt, or its hash, is of."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from sdk.bus.interface import Bus
from sdk.events.service import ServiceDelivered
from sdk.records.choice import Choice
from sdk.records.errors import UnknownRecordError
from sdk.records.mark import short_of
from sdk.records.newest import newest_rows
from sdk.records.reading import find
from sdk.records.receipts import CheckedReceipt, NotAReceiptError, check_receipt, read_receipts
from session_manager.api.problems import WRONG_FIELDS, Fault, ProblemError
from session_manager.api.routes import Asked, Route
from session_manager.api.sessions_ended import TAGS
from session_manager.api.values import ApiModel

_MOST = 100
_EVERY_ROW = 10**9


class WantedReceipt(ApiModel):
    """What a driver shows."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = Field(
        max_length=200_000,
        description=(
            "A receipt in JSON, also several, or wrapped; or its hash, the hash of the payout's "
            "transaction, or the session's id: 0x and at least 16 digits."
        ),
    )


class FoundSession(ApiModel):
    """A session that a receipt is of, and what is wrong with the receipt.

    `is_stored`: there is a record of it here; `is_ours`: with exactly this receipt.
    """

    charge_point_id: str
    session_id: str
    hash: str | None
    signer: str | None
    faults: list[str]
    is_ours: bool
    is_stored: bool


class FoundSessions(ApiModel):
    """All sessions that were found."""

    items: list[FoundSession]


async def _found(asked: Asked) -> FoundSessions:
    text = asked.body.text
    try:
        if text.startswith("0x"):
            return FoundSessions(items=await _by_hash(asked, text))
        shown = read_receipts(text)
    except NotAReceiptError as error:
        raise ProblemError(422, WRONG_FIELDS, [Fault(detail=str(error), pointer="/text")]) from None
    if len(shown) > _MOST:
        fault = Fault(detail=f"There are more than {_MOST} receipts in it", pointer="/text")
        raise ProblemError(422, WRONG_FIELDS, [fault])
    checked = await asyncio.to_thread(_checked, shown)
    found = [await _of_receipt(asked.services.bus, each) for each in checked]
    return FoundSessions(items=[each for each in found if each is not None])


def _checked(shown: Sequence[ServiceDelivered]) -> list[CheckedReceipt]:
    return list(map(check_receipt, shown))


async def _of_receipt(bus: Bus, checked: CheckedReceipt) -> FoundSession | None:
    receipt = checked.receipt
    if receipt is None:
        return None
    kept = await _kept(bus, receipt.charge_point_id, receipt.session_id)
    return _shown(receipt.charge_point_id, receipt.session_id, checked, kept)


async def _by_hash(asked: Asked, text: str) -> list[FoundSession]:
    services, bus = asked.services, asked.services.bus
    choice = Choice(mark=short_of(text.lower()))
    rows, _ = await newest_rows(bus, choice, _MOST, most=_EVERY_ROW, shelf=services.shelf)
    names = {(row.charge_point_id, row.session_id): None for _, row in rows}
    found: list[FoundSession] = []
    for charge_point_id, session_id in names:
        kept = await _kept(bus, charge_point_id, session_id)
        found.append(_shown(charge_point_id, session_id, kept, kept))
    return found


async def _kept(bus: Bus, charge_point_id: str, session_id: str) -> CheckedReceipt | None:
    """Check the receipt that is kept of a session; None where there is no record of it."""
    try:
        record = await find(bus, charge_point_id, session_id)
    except UnknownRecordError:
        return None
    if record.receipt is None:
        return CheckedReceipt(faults=(), hash="")
    return check_receipt(record.receipt)


def _shown(
    charge_point_id: str,
    session_id: str,
    checked: CheckedReceipt | None,
    kept: CheckedReceipt | None,
) -> FoundSession:
    return FoundSession(
        charge_point_id=charge_point_id,
        session_id=session_id,
        hash=checked.hash or None if checked else None,
        signer=checked.signer if checked else None,
        faults=list(checked.faults) if checked else [],
        is_ours=kept is not None and checked is not None and kept.hash == checked.hash,
        is_stored=kept is not None,
    )


ROUTES = (
    Route(
        method="POST",
        path="/receipts/find",
        name="find_receipt",
        summary="Find the session of a receipt, or of its hash",
        description=(
            "The receipt is checked, but for whether its transaction is on the chain. By a hash "
            "only sessions are found that ended since hashes are kept."
        ),
        role="operator",
        handler=_found,
        is_heavy=True,
        body=WantedReceipt,
        answer=FoundSessions,
        tags=TAGS,
        example={"text": "0x" + "00" * 32},
    ),
)
