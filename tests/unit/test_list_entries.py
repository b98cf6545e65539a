"""The entries of a local list: the operators' and those of sessions."""

from datetime import UTC, datetime, timedelta

from cpg.list_entries import (
    kept,
    of_operators,
    of_session,
    outdated,
    read_listed,
    whole,
    without_session,
)
from cpg.register import Entry
from sdk.events.operations import LocalListEntry
from sdk.id_tags import IdTagEntry

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def test_a_sessions_entry_has_its_expiry_in_utc() -> None:
    text = Entry(LATER.replace(tzinfo=None), parent="P").to_json()
    entry = LocalListEntry(id_tag="T", expires_at=LATER, parent_id_tag="P")
    assert of_session("T", text) == entry
    assert of_session("T", "damaged") is None
    assert of_session("T", None) is None
    assert of_session("x" * 21, text) is None


def test_operators_tags_that_expired_need_no_entry() -> None:
    tags = [
        IdTagEntry(tag="A", expires_at=LATER, parent_id_tag="P"),
        IdTagEntry(tag="B", status="Blocked"),
        IdTagEntry(tag="C", max_active=0),
        IdTagEntry(tag="D", expires_at=NOW),
    ]
    assert of_operators(tags, NOW) == (
        LocalListEntry(id_tag="A", expires_at=LATER, parent_id_tag="P"),
        LocalListEntry(id_tag="B", status="Blocked"),
        LocalListEntry(id_tag="C", status="Blocked"),
    )


def test_in_the_whole_list_a_tag_is_once_and_the_session_counts() -> None:
    operators = (LocalListEntry(id_tag="b", status="Blocked"), LocalListEntry(id_tag="A"))
    register = {"B": Entry().to_json(), "BAD": "damaged"}
    assert whole(register, operators) == (LocalListEntry(id_tag="A"), LocalListEntry(id_tag="B"))


def test_entries_are_read_as_they_are_kept() -> None:
    entries = (
        LocalListEntry(id_tag="A", status="Blocked", expires_at=LATER),
        LocalListEntry(id_tag="B", parent_id_tag="P"),
    )
    gone = LocalListEntry(id_tag="C", removed=True)
    stored = kept((*entries, gone))
    assert set(stored) == {"A", "B"}
    assert read_listed({**stored, "D": "damaged"}) == entries
    changed = (
        LocalListEntry(id_tag="a"),
        LocalListEntry(id_tag="b", removed=True),
        LocalListEntry(id_tag="A", removed=True),
        LocalListEntry(id_tag="B"),
        LocalListEntry(id_tag="E", removed=True),
    )
    assert outdated(changed, stored) == ["A", "B", "A"]


def test_what_operators_put_there_comes_back() -> None:
    own = LocalListEntry(id_tag="A", status="Blocked")
    assert without_session("a", kept((own,))) == own
    assert without_session("b", kept((own,))) == LocalListEntry(id_tag="b", removed=True)
