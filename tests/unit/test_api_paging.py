"""Cursors: opaque, bound to their list and filters, and refused when they are anything else."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk.bus.keys import Lane
from session_manager.api.event_reader import PlaceError, read_places, write_places
from session_manager.api.paging import (
    CursorError,
    Paging,
    next_link,
    open_cursor,
    page_of,
    place_of,
    seal,
)

PLACES = st.lists(st.text(max_size=60) | st.integers(-(2**53), 2**53), max_size=4)
FILTERS = st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.booleans(), max_size=3)


class Wanted(Paging):
    """A list with filters."""

    name: str | None = None
    is_open: bool | None = None


@given(PLACES, FILTERS)
def test_a_cursor_opens_to_what_was_sealed(place: list[str | int], filters: dict[str, str]) -> None:
    assert open_cursor("a list", filters, seal("a list", filters, place)) == place


@given(PLACES, st.integers(0, 200), st.integers(1, 255))
def test_a_changed_cursor_is_refused(place: list[str | int], at: int, change: int) -> None:
    cursor = seal("a list", {}, place)
    changed = list(cursor)
    changed[at % len(cursor)] = "-_ABCxyz0"[change % 9]
    if "".join(changed) == cursor:
        return
    with pytest.raises(CursorError):
        open_cursor("a list", {}, "".join(changed) + "A" * (len(cursor) % 4 == 1))


@given(st.text(max_size=100))
def test_other_texts_are_no_cursors(text: str) -> None:
    with pytest.raises(CursorError):
        open_cursor("a list", {}, text)


def test_a_cursor_is_of_one_list_and_its_filters() -> None:
    cursor = seal("charge points", {"name": "a"}, ["CP-1"])
    with pytest.raises(CursorError):
        open_cursor("transactions", {"name": "a"}, cursor)
    with pytest.raises(CursorError):
        open_cursor("charge points", {"name": "b"}, cursor)
    with pytest.raises(CursorError):
        open_cursor("charge points", {}, cursor)


@pytest.mark.parametrize("place", [[], ["x"], [None], [[1]], [1, 2], [1.0], {"a": 1}, 1, None])
def test_a_place_that_is_none_of_the_list_is_refused(place: Any) -> None:
    body = orjson.dumps(place)
    cursor = urlsafe_b64encode(sha256(b'["a list",{}]\n' + body).digest()[:6] + body).decode()
    assert open_cursor("a list", {}, cursor) == place
    with pytest.raises(CursorError):
        place_of("a list", Wanted(cursor=cursor), int)


def test_another_limit_does_not_matter_to_a_cursor() -> None:
    first = Wanted(limit=2, name="x")
    _, cursor = page_of("a list", first, [1, 2, 3], lambda number: [number])
    assert place_of("a list", Wanted(limit=100, name="x", cursor=cursor), int) == [2]


def test_pages_join_without_gap_and_double() -> None:
    numbers, seen, query = list(range(17)), [], Wanted(limit=5)
    while True:
        place = place_of("numbers", query, int)
        begin = 0 if place is None else int(place[0]) + 1
        items, cursor = page_of("numbers", query, numbers[begin:], lambda number: [number])
        seen += items
        if cursor is None:
            break
        query = Wanted(limit=5, cursor=cursor)
    assert seen == numbers


def test_the_last_page_has_no_cursor_and_no_link() -> None:
    items, cursor = page_of("numbers", Wanted(limit=3), [1, 2, 3], lambda number: [number])
    assert (items, cursor) == ([1, 2, 3], None)
    assert next_link("/x", Wanted(), cursor) == {}


def test_the_link_keeps_the_filters() -> None:
    link = next_link("/api/v1/x", Wanted(limit=3, name="a b&c", is_open=True), "C")["Link"]
    assert link == '</api/v1/x?name=a+b%26c&is_open=true&limit=3&cursor=C>; rel="next"'


def test_a_place_among_events_is_read_as_it_was_written() -> None:
    places = {
        "CP-1": {Lane.IN: "1700000000000-0", Lane.OUT: "0-0"},
        "a.b_c": {Lane.IN: "1-2", Lane.OUT: "3-4"},
    }
    assert read_places(write_places(places)) == places


@pytest.mark.parametrize(
    "text", ["", "CP-1", "CP-1:1-0", "CP-1:1-0:x", "CP-1:1-0:1-0,", "a b:1-0:1-0"]
)
def test_other_event_ids_are_refused(text: str) -> None:
    with pytest.raises(PlaceError):
        read_places(text)
