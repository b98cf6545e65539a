"""Who may charge: the register of idTags, and the memory of what was told last."""

from datetime import UTC, datetime, timedelta

import pytest

from cpg.newest import Newest
from cpg.register import Entry, read_entry, spelling, tag_status
from sdk.leaky_count import LeakyCount

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def test_an_entry_is_read_as_it_was_written() -> None:
    for entry in (Entry(), Entry(LATER, of_session=False), Entry(LATER, connector_id=2)):
        assert read_entry(entry.to_json()) == entry


def test_a_tag_may_charge_until_its_time_is_over() -> None:
    register = {"A": Entry(LATER).to_json(), "B": Entry(NOW).to_json(), "C": Entry().to_json()}
    assert tag_status(register, "A", NOW) == "Accepted"
    assert tag_status(register, "B", NOW) == "Expired"
    assert tag_status(register, "C", NOW) == "Accepted"
    assert tag_status(register, "D", NOW) == "Invalid"


def test_a_tag_of_one_connector_may_charge_nowhere_else() -> None:
    register = {"A": Entry(LATER, connector_id=2).to_json()}
    assert tag_status(register, "A", NOW, 2) == "Accepted"
    assert tag_status(register, "A", NOW, 1) == "Invalid"
    assert tag_status(register, "A", NOW) == "Accepted"


def test_the_case_of_a_tag_says_nothing() -> None:
    register = {"AbC": Entry(LATER).to_json()}
    assert tag_status(register, "aBc", NOW) == "Accepted"
    assert spelling(register, "ABC") == "AbC"
    assert spelling(register, "other") == "other"


@pytest.mark.parametrize(
    "text", ["not json", "[]", "3", '{"valid_until": 5}', '{"valid_until": "soon"}']
)
def test_a_damaged_entry_lets_nobody_charge(text: str) -> None:
    assert tag_status({"A": text}, "A", NOW) == "Invalid"


def test_a_late_message_does_not_undo_a_newer_one() -> None:
    newest = Newest()
    assert newest.takes(1, NOW, NOW)
    assert not newest.takes(1, NOW - timedelta(seconds=1), NOW)
    assert newest.takes(1, NOW, NOW)
    assert newest.takes(2, NOW - timedelta(days=1), NOW)


def test_what_was_stored_before_counts_too() -> None:
    newest = Newest()
    newest.load(1, NOW.isoformat())
    newest.load(2, "garbage")
    assert not newest.takes(1, NOW - timedelta(seconds=1), NOW)
    assert newest.takes(2, NOW - timedelta(seconds=1), NOW)


def test_a_clock_that_was_ahead_holds_nothing_back() -> None:
    newest = Newest()
    assert newest.takes(1, NOW + timedelta(days=400), NOW)
    assert newest.takes(1, NOW, NOW)


def test_faults_are_forgiven_with_time() -> None:
    count = LeakyCount(3, per_second=1)
    assert [count.add(100.0) for _ in range(4)] == [True, True, True, False]
    assert count.add(103.0)
    slow = LeakyCount(3, per_second=1)
    assert all(slow.add(float(second)) for second in range(100))
