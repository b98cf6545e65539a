"""What an announcement must be before it is looked at: signed by its key, short, and of now."""

from datetime import timedelta

import pytest
from announced import AnnouncedStation

from sdk.ids import utc_now
from sdk.p2p.announcement import (
    LONGEST_ANNOUNCEMENT,
    AnnouncementError,
    SignedAnnouncement,
    read_announcement,
    sign_announcement,
)
from sdk.p2p.gossip import Heard
from sdk.p2p.gossip_limits import BURST_OF_ONE, StationsTopic
from sdk.p2p.keys import P2pKey

TOPIC = "/noroam/stations/1.0.0"
NOW = utc_now()
STATION = AnnouncedStation()


def test_what_was_signed_is_read_again() -> None:
    announcement = STATION.announcement(NOW)
    assert read_announcement(STATION.signed(NOW), NOW).did == announcement.did


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "unreadable"),
        (b"\xff" * 100, "unreadable"),
        (b'{"payload": "{}", "signature": "0x00"}', "unreadable"),
        (b"x" * (LONGEST_ANNOUNCEMENT + 1), "longer"),
        (STATION.signed(NOW - timedelta(minutes=4)), "expired"),
        (STATION.signed(NOW + timedelta(minutes=3)), "future"),
        (STATION.signed(NOW, expires_at=NOW + timedelta(minutes=11)), "holds longer"),
    ],
)
def test_what_does_not_hold_is_refused(data: bytes, fault: str) -> None:
    with pytest.raises(AnnouncementError, match=fault):
        read_announcement(data, NOW)


def test_a_signature_of_another_key_is_refused() -> None:
    forged = sign_announcement(STATION.announcement(NOW), P2pKey.generate())
    with pytest.raises(AnnouncementError, match="not signed"):
        read_announcement(forged, NOW)


def test_a_payload_that_was_changed_is_refused() -> None:
    signed = SignedAnnouncement.model_validate_json(STATION.signed(NOW))
    cheaper = signed.model_copy(update={"payload": signed.payload.replace("free", "busy")})
    with pytest.raises(AnnouncementError, match="not signed"):
        read_announcement(cheaper.model_dump_json().encode(), NOW)


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def heard(data: bytes, station: AnnouncedStation = STATION) -> Heard:
    return Heard(TOPIC, data, station.server.peer_id)


def test_the_topic_takes_an_announcement_only_from_the_peer_whose_key_signed_it() -> None:
    topic = StationsTopic(lambda: NOW, Seconds())
    assert topic(heard(STATION.signed(NOW)))
    assert not topic(heard(STATION.signed(NOW), AnnouncedStation()))
    assert not topic(heard(b"garbage"))
    assert not topic(heard(b"x" * (LONGEST_ANNOUNCEMENT + 1)))


def test_a_peer_that_announces_too_much_is_not_passed_on_and_others_are() -> None:
    seconds = Seconds()
    topic = StationsTopic(lambda: NOW, seconds)
    data = heard(STATION.signed(NOW))
    other = AnnouncedStation()
    passed = sum(topic(data) for _ in range(BURST_OF_ONE + 50))
    assert passed == BURST_OF_ONE
    assert topic(heard(other.signed(NOW), other))
    seconds.now += 2.0
    assert topic(data)
