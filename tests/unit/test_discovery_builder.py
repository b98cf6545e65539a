"""What a station announces, from what Redis holds of it."""

import json
from datetime import timedelta

import pytest
from announced import AnnouncedStation

from p2p_server.announced_station import (
    StationHashes,
    build_announcement,
    connectors_of,
    is_announced,
)
from sdk.charge_point_config import ChargePointConfig
from sdk.ids import utc_now
from sdk.p2p.announcement import StationAnnouncement
from sdk.p2p.keys import P2pKey
from sdk.tariff import Tariff

NOW = utc_now()
STATION = AnnouncedStation()
KEY = STATION.server
CONFIG = ChargePointConfig(
    charge_point_id="CP-1",
    did=STATION.did,
    tariff=Tariff(per_kwh=4 * 10**17),
    connectors=2,
    name="Yard",
    plug_types=("CCS", "Type 2"),
    password_hash="a" * 64,
    credential="secret.jwt.text",
)
FREE = {"status": "Available"}


def build(
    config: dict[str, str],
    station: dict[str, str],
    connectors: list[dict[str, str]],
    sessions: list[dict[str, str]],
) -> StationAnnouncement | None:
    hashes = StationHashes("CP-1", config, station, connectors, sessions)
    return build_announcement(hashes, KEY, STATION.routes, NOW, timedelta(minutes=3))


def test_it_says_what_the_document_says_and_what_is_free() -> None:
    built = build(CONFIG.to_hash(), {"connected": "1"}, [FREE, FREE], [{}, {"phase": "charging"}])
    assert built is not None
    assert (built.did, built.name, built.plug_types) == (STATION.did, "Yard", ("CCS", "Type 2"))
    assert built.ed25519 == f"0x{KEY.ed25519}"
    assert built.multiaddrs == STATION.routes
    assert [(it.connector_id, it.availability) for it in built.connectors] == [
        (1, "free"),
        (2, "busy"),
    ]
    assert built.expires_at - built.at == timedelta(minutes=3)


def test_nothing_private_is_in_it() -> None:
    session = {"phase": "charging", "session_id": "0xsession", "state": "private"}
    built = build(CONFIG.to_hash(), {"connected": "1"}, [FREE, FREE], [session, session])
    assert built is not None
    text = built.model_dump_json()
    assert not [it for it in ("0xsession", "private", "secret", "aaaa") if it in text]


@pytest.mark.parametrize(
    ("station", "connector", "session", "expected"),
    [
        ({"connected": "0"}, FREE, {}, "offline"),
        ({"connected": "1"}, {"status": "Faulted"}, {}, "unavailable"),
        ({"connected": "1", "reserved": "1"}, FREE, {}, "unavailable"),
        ({"connected": "1"}, {"status": "Charging", "transaction_id": "5"}, {}, "busy"),
        ({"connected": "1"}, FREE, {"phase": "settled"}, "free"),
    ],
)
def test_availability_is_what_an_app_would_be_told(
    station: dict[str, str], connector: dict[str, str], session: dict[str, str], expected: str
) -> None:
    built = build(CONFIG.to_hash(), station, [connector, FREE], [session, {}])
    assert built is not None
    assert built.connectors[0].availability == expected


def test_what_can_not_be_announced_is_left_out() -> None:
    assert build({}, {}, [], []) is None
    assert build({**CONFIG.to_hash(), "tariff": "{"}, {}, [FREE, FREE], [{}, {}]) is None
    assert build(CONFIG.to_hash(), {}, [FREE] * 65, [{}] * 65) is None
    assert connectors_of({}) == 0
    assert connectors_of({"connectors": "many"}) == 0


def test_only_a_published_station_of_this_server_is_announced() -> None:
    document = json.dumps({"verificationMethod": [{"publicKeyHex": KEY.ed25519}]})
    assert is_announced({"state": "published", "document": document}, KEY)
    assert not is_announced({"state": "not_onboarded", "document": document}, KEY)
    assert not is_announced({"state": "published", "document": document}, P2pKey.generate())
    assert not is_announced({}, KEY)
