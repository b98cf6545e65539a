"""Which ended sessions are asked for: the query's parameters, and the rows that they mean."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, model_validator

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.events.service import FailureReason, StopReason
from sdk.fields import Address, ConnectorId, Did
from sdk.records.choice import Choice, choose
from sdk.records.days import days_in
from sdk.records.mark import account_of, short_of
from sdk.records.reading import charge_points
from session_manager.api.problems import WRONG_QUERY, Fault, ProblemError
from session_manager.api.routes import Asked
from session_manager.api.values import GivenMoment, plain_number

Zone = Annotated[str, StringConstraints(max_length=64)]
_ACCOUNT_LENGTH = 42
_SHORTEST = 3
_DAY_LENGTH = 10
Failure = Literal["any", FailureReason]


def _plain_day(value: object) -> object:
    """Read a day; pydantic would take a moment at midnight, and a number, too."""
    if isinstance(value, str):
        try:
            if len(value) == _DAY_LENGTH:
                return date.fromisoformat(value)
        except ValueError:
            pass  # its text would repeat what was sent
        raise ValueError("it is a day such as 2026-11-30")
    return value


GivenDay = Annotated[date, BeforeValidator(_plain_day)]


class ChoiceFields(BaseModel):
    """Which ended sessions are wanted; times are of their end, in one of three ways."""

    month: Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] | None = Field(
        default=None, description="Such as 2026-11, by UTC."
    )
    begin: GivenMoment | None = Field(
        default=None, alias="from", description="Only those that ended then or later."
    )
    end: GivenMoment | None = Field(
        default=None, alias="to", description="Only those that ended before."
    )
    first_day: GivenDay | None = Field(
        default=None, description="Only those that ended on this day or later, in the zone."
    )
    last_day: GivenDay | None = Field(
        default=None, description="Only those that ended on this day or before, in the zone."
    )
    zone: Zone | None = Field(
        default=None, description="IANA time zone of the days; else the console's own."
    )
    outcome: Literal["settled", "refunded", "rejected", "addendum"] | None = Field(
        default=None,
        description="Only with this outcome; an addendum tells more of a session that has ended.",
    )
    connector_id: Annotated[ConnectorId, plain_number] | None = Field(
        default=None, description="Only of connectors with this number."
    )
    failure: Failure | None = Field(
        default=None, description="Only those that failed so; any: those that failed at all."
    )
    stop_reason: StopReason | None = Field(
        default=None, description="Only those that were stopped so."
    )
    token: Address | None = Field(
        default=None, description="Only in this token; the zero address is the chain's own."
    )
    private: bool | None = Field(
        default=None, description="Only tests without money, or only real sessions."
    )
    consumer_did: Did | None = Field(
        default=None, description="Only of this driver; needs the role operator."
    )
    search: Annotated[str, StringConstraints(min_length=_SHORTEST, max_length=200)] | None = Field(
        default=None,
        description=(
            "Only those with this session id, receipt hash or transaction hash (0x and at least "
            "16 digits), of this DID or account (needs the role operator), or at charge points "
            "whose id or name has this text in it."
        ),
    )

    @model_validator(mode="after")
    def _one_way_to_tell_time(self) -> Self:
        ways = (
            self.month is not None,
            self.begin is not None or self.end is not None,
            self.first_day is not None or self.last_day is not None,
        )
        if sum(ways) > 1:
            raise ValueError("either a month, or from and to, or days")
        return self


async def choice_asked(asked: Asked, chosen: Sequence[str] | None = None) -> Choice:
    """Make the choice of a query of `ChoiceFields`; `chosen`: only of these charge points.

    Raises ProblemError, InvalidInputError, BusUnavailableError.
    """
    query: ChoiceFields = asked.query
    begin_ms, end_ms = _span(query, query.zone or asked.services.zone)
    names = None if chosen is None else tuple(chosen)
    account, mark = _account(asked, query.consumer_did), None
    if query.search is not None:
        if query.search.startswith(("0x", "did:")):
            found, mark = _searched(asked, query.search)
            if None not in (account, found) and account != found:
                names = ()
            account = account or found
        else:
            names = tuple(await _named(asked.services.bus, query.search, names))
    return Choice(
        begin_ms,
        end_ms,
        query.outcome,
        query.connector_id,
        query.failure,
        query.stop_reason,
        query.token,
        query.private,
        charge_points=names,
        account=account,
        mark=mark,
    )


def _span(query: ChoiceFields, zone: str) -> tuple[int | None, int | None]:
    first, last = query.first_day, query.last_day
    if first is None and last is None:
        begin, end = (each.isoformat() if each else None for each in (query.begin, query.end))
        choice = choose(query.month, begin, end)
        return choice.begin_ms, choice.end_ms
    begin_ms = None if first is None else days_in(zone, first, first).begin_s * 1_000
    end_ms = None if last is None else days_in(zone, last, last).end_s * 1_000
    return begin_ms, end_ms


def _searched(asked: Asked, text: str) -> tuple[bytes | None, bytes | None]:
    """Give the account or the hash that a text names."""
    if text.startswith("did:") or len(text) == _ACCOUNT_LENGTH:
        return _account(asked, text), None
    return None, short_of(text)


def _account(asked: Asked, text: str | None) -> bytes | None:
    if text is None:
        return None
    if not asked.principal.may("operator"):
        raise ProblemError(403, "To look for a driver needs the role operator.")
    account = account_of(text)
    if account is None:
        fault = Fault(detail="It is no account and no did:ethr", parameter="search")
        raise ProblemError(422, WRONG_QUERY, [fault])
    return account


async def _named(bus: Bus, text: str, chosen: Sequence[str] | None) -> list[str]:
    """Give the charge points whose id or name has a text in it."""
    ids = list(chosen) if chosen is not None else await charge_points(bus)
    configs = await bus.read_many([keys.config(name) for name in ids])
    wanted = text.casefold()
    return [
        name
        for name, config in zip(ids, configs, strict=True)
        if wanted in name.casefold() or wanted in config.get("name", "").casefold()
    ]
