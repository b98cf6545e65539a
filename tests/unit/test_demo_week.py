"""What the demo invents of the days before it began."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from demo_week import BROKEN, BROKEN_FOR, REFUSES, planned

NOW = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)


def test_the_same_seed_gives_the_same_week_and_another_another() -> None:
    assert planned(1, NOW, 7) == planned(1, NOW, 7)
    assert planned(1, NOW, 7) != planned(2, NOW, 7)


def test_a_day_is_the_same_a_day_later() -> None:
    later = planned(1, NOW + timedelta(days=1), 7)
    assert [visit for visit in planned(1, NOW, 6) if visit.connector_id == 1] == [
        visit
        for visit in later
        if visit.connector_id == 1
        and visit.begins_at > NOW - timedelta(days=6)
        and visit.ends_at < NOW - timedelta(minutes=20)
    ]


def test_no_connector_charges_two_at_once_and_all_are_over() -> None:
    visits = planned(1, NOW, 40)
    assert all(visit.ends_at < NOW for visit in visits)
    places = {(visit.charge_point_id, visit.connector_id) for visit in visits}
    assert len(places) == 4
    for place in places:
        there = [v for v in visits if (v.charge_point_id, v.connector_id) == place]
        assert all(one.ends_at < other.begins_at for one, other in pairwise(there))


def test_one_earns_nothing_one_broke_and_some_fail() -> None:
    visits = planned(2026, NOW, 7)
    refused = [v for v in visits if (v.charge_point_id, v.connector_id) == REFUSES]
    assert {visit.failure for visit in refused} == {"start_refused"}
    broken = [v for v in visits if (v.charge_point_id, v.connector_id) == BROKEN]
    assert broken
    assert all(visit.ends_at <= NOW - BROKEN_FOR for visit in broken)
    assert {visit.stop_reason for visit in visits} >= {"consumer", "charge_point", "operator"}
    assert len({visit.failure for visit in visits if visit.failure}) >= 3
