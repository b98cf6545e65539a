"""What the API's own models are made of."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from sdk.fields import Moment, Money

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,30})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _as_moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value.upper()) if _DATE.match(value) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # its text would repeat what was sent
    raise ValueError("it is a moment with its offset, such as 2026-03-01T10:00:00Z")


def as_text(longest: int) -> Callable[[object], object]:
    """Make a validator that refuses numbers, which a client may have rounded, and long texts."""

    def check(value: object) -> object:
        if isinstance(value, int | float) or (isinstance(value, str) and len(value) > longest):
            raise ValueError(f"it is a string of at most {longest} characters")
        return value

    return check


def _as_number(value: object) -> object:
    """Read digits; Python would take blanks, underscores and a plus, too."""
    if not isinstance(value, str):
        return value
    if not _NUMBER.fullmatch(value):
        raise ValueError("it is a number in plain digits")
    return float(value) if "." in value else int(value)


plain_number = BeforeValidator(_as_number)
"""Of a number in a path or query."""
GivenMoment = Annotated[Moment, BeforeValidator(_as_moment)]
"""A moment that a caller names; no number of seconds, which pydantic would take, too."""
GivenMoney = Annotated[Money, BeforeValidator(as_text(78))]
"""An amount that a caller names, as a string."""


class ApiModel(BaseModel):
    """A body, a query or an answer: fields that there are not are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
