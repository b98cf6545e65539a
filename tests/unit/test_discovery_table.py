"""The table of announcements: the newest of each station and key, and no more than fits."""

from datetime import timedelta

from announced import LIFE, AnnouncedStation

from sdk.discovery_queue import FAULTS, DiscoveryQueue
from sdk.ids import utc_now
from sdk.p2p.announcement_table import AnnouncementTable
from sdk.p2p.keys import P2pKey

NOW = utc_now()
SECOND = timedelta(seconds=1)


def test_the_newest_counts_and_an_older_one_that_is_replayed_does_not() -> None:
    table, station = AnnouncementTable(), AnnouncedStation()
    old, new = station.announced(NOW), station.announced(NOW + SECOND, name="new")
    assert table.add(old)
    assert table.add(new)
    assert not table.add(old)
    assert not table.add(new)
    assert table.holding(NOW) == [new]


def test_another_key_does_not_replace_what_a_station_announced() -> None:
    table, station = AnnouncementTable(), AnnouncedStation()
    forged = AnnouncedStation(key=station.key, name="forged")
    own = station.announced(NOW)
    table.add(own)
    table.add(forged.announced(NOW + SECOND))
    assert own in table.holding(NOW)
    assert len(table) == 2


def test_what_expired_is_neither_given_nor_kept() -> None:
    table, station = AnnouncementTable(), AnnouncedStation()
    table.add(station.announced(NOW))
    assert table.holding(NOW + LIFE) == []
    table.forget_expired(NOW + LIFE)
    assert len(table) == 0
    assert table.add(station.announced(NOW))


def test_a_full_table_keeps_and_renews_what_is_in_it() -> None:
    table = AnnouncementTable(most=2)
    stations = [AnnouncedStation() for _ in range(3)]
    assert [table.add(it.announced(NOW)) for it in stations] == [True, True, False]
    assert table.add(stations[0].announced(NOW + SECOND))
    table.forget_expired(NOW + LIFE)
    assert table.add(stations[2].announced(NOW))


def test_one_key_can_fill_only_its_share() -> None:
    table, server = AnnouncementTable(most_of_one_key=2), P2pKey.generate()
    flood = [table.add(AnnouncedStation(server=server).announced(NOW)) for _ in range(5)]
    assert flood == [True, True, False, False, False]
    assert table.add(AnnouncedStation().announced(NOW))


def test_bytes_are_bounded_too() -> None:
    size = len(AnnouncedStation().announced(NOW).data)
    table = AnnouncementTable(most_bytes=size * 2 + 100)
    assert [table.add(AnnouncedStation().announced(NOW)) for _ in range(3)] == [True, True, False]


def test_keys_take_turns_at_the_chain() -> None:
    queue = DiscoveryQueue()
    for number in range(3):
        queue.put((f"did:{number}", "flood"), 0.0)
    queue.put(("did:honest", "honest"), 0.0)
    queue.put(("did:honest", "honest"), 0.0)
    assert [queue.take() for _ in range(5)] == [
        ("did:0", "flood"),
        ("did:honest", "honest"),
        ("did:1", "flood"),
        ("did:2", "flood"),
        None,
    ]


def test_a_key_whose_stations_are_made_up_has_to_wait() -> None:
    queue = DiscoveryQueue()
    queue.put(("did:waiting", "flood"), 0.0)
    for _ in range(FAULTS):
        queue.blame("flood", 0.0)
    assert queue.take() is None
    assert not queue.put(("did:more", "flood"), 1.0)
    assert queue.put(("did:honest", "honest"), 1.0)
    assert queue.put(("did:more", "flood"), 20.0)
    assert len(queue) == 2
