"""Pages of a list, and the cursors between them. Pure.

A cursor is opaque: it names the list that it is of, the filters that were given and where the page
before ended, under a checksum. So one that was cut, changed or given with other filters is refused,
and none is read as another place. It is no secret and proves nothing: access is checked each time.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

import orjson
from pydantic import BaseModel, ConfigDict, Field

from session_manager.api.problems import WRONG_QUERY, Fault, ProblemError
from session_manager.api.values import plain_number

MOST = 200
_USUAL = 50
_LONGEST = 1_000
_CHECK = 6
_NO_CURSOR = "It is no cursor of this list and these filters"

T = TypeVar("T")
Place = Sequence[str | int]
"""Where a page ended, in the terms of its list; JSON."""


class CursorError(ProblemError):
    """A cursor is none of this list, or was given with other filters."""

    def __init__(self) -> None:
        fault = Fault(detail=_NO_CURSOR, parameter="cursor")
        super().__init__(422, WRONG_QUERY, [fault])


class Paging(BaseModel):
    """The query parameters of every list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, plain_number] = Field(
        default=_USUAL, ge=1, le=MOST, description="How many, at most."
    )
    cursor: str | None = Field(
        default=None,
        max_length=_LONGEST,
        description="`next_cursor` of the page before, with the same filters.",
    )

    @property
    def filters(self) -> dict[str, Any]:
        """What was asked beside limit and cursor."""
        return self.model_dump(
            mode="json", by_alias=True, exclude={"limit", "cursor"}, exclude_none=True
        )


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = Field(
        default=None, description="Where the next page begins; null: this is the last one."
    )


def seal(kind: str, filters: Mapping[str, Any], place: Place) -> str:
    """Write a cursor."""
    body = orjson.dumps(list(place))
    return urlsafe_b64encode(_check(kind, filters, body) + body).decode().rstrip("=")


def open_cursor(kind: str, filters: Mapping[str, Any], cursor: str) -> Place:
    """Read a cursor. Raises CursorError."""
    try:
        sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise CursorError from None
    check, body = sealed[:_CHECK], sealed[_CHECK:]
    if check != _check(kind, filters, body):
        raise CursorError
    try:
        place: Place = orjson.loads(body)
    except ValueError:
        raise CursorError from None
    return place


def place_of(kind: str, query: Paging, *parts: type[str | int]) -> Place | None:
    """Read the cursor of a query; None: it asks for the first page. Raises CursorError.

    `parts` are the types of which a place of this list is made: anybody can write a checksum.
    """
    if query.cursor is None:
        return None
    place = open_cursor(kind, query.filters, query.cursor)
    if not isinstance(place, list) or list(map(type, place)) != list(parts):
        raise CursorError
    return place


def page_of(
    kind: str,
    query: Paging,
    found: Sequence[T],
    place: Callable[[T], Place],
    reached: Place | None = None,
) -> tuple[list[T], str | None]:
    """Cut `found` (more than the limit where there is more) to a page; give the cursor behind it.

    `reached`: how far was looked, where there is more to look at.
    """
    items = list(found[: query.limit])
    if len(found) > query.limit:
        reached = place(items[-1])
    return items, None if reached is None else seal(kind, query.filters, reached)


def next_link(path: str, query: Paging, cursor: str | None) -> dict[str, str]:
    """Give the Link header (RFC 8288) to the next page, or none."""
    if cursor is None:
        return {}
    asked = {**query.filters, "limit": query.limit, "cursor": cursor}
    texts = {name: _in_query(value) for name, value in asked.items()}
    return {"Link": f'<{path}?{urlencode(texts)}>; rel="next"'}


def _in_query(value: Any) -> str:  # noqa: ANN401 - any filter
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _check(kind: str, filters: Mapping[str, Any], body: bytes) -> bytes:
    named = orjson.dumps([kind, dict(filters)], option=orjson.OPT_SORT_KEYS)
    return sha256(named + b"\n" + body).digest()[:_CHECK]
