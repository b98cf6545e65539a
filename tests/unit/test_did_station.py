"""A station's document: written as attributes, read back, compared, and checked as one piece."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sdk.chain.accounts import SigningKey
from sdk.did.authority import issue_station_credential
from sdk.did.credential import StationSubject, read_credential
from sdk.did.errors import (
    KeysMismatchError,
    PeerIdMismatchError,
    StationDocumentError,
    StationNotOnboardedError,
    WrongSubjectError,
)
from sdk.did.identifier import EthrDid
from sdk.did.registry_events import Attribute
from sdk.did.resolver import describe
from sdk.did.station_document import (
    CREDENTIAL,
    ED25519,
    METADATA,
    P2P,
    PAYMENT,
    X25519,
    StationDocument,
    StationMetadata,
    difference,
    read_station,
)
from sdk.p2p.keys import P2pKey
from sdk.tariff import Tariff

KEY = SigningKey.from_bytes(b"\x03" * 32)
SERVER = P2pKey(b"\x04" * 32)
DID = EthrDid(31337, KEY.address)
SUBJECT = StationSubject(
    did=str(DID),
    charge_point_id="CP-1",
    account=KEY.address,
    ed25519=SERVER.ed25519,
    x25519=SERVER.x25519,
)
STATION = StationDocument(
    account=KEY.address,
    ed25519=SERVER.ed25519,
    x25519=SERVER.x25519,
    multiaddrs=(
        f"/ip4/192.0.2.1/tcp/4001/p2p/{SERVER.peer_id}",
        f"/ip4/192.0.2.1/tcp/4002/ws/p2p/{SERVER.peer_id}",
    ),
    metadata=StationMetadata(
        charge_point_id="CP-1",
        name="Hof Süd",
        maximum_power_w=22_000,
        plug_types=("Type 2",),
        connectors=2,
        tariff=Tariff(per_kwh=3 * 10**17, per_session=5),
    ),
    credential=issue_station_credential(KEY, SUBJECT, datetime(2026, 3, 1, tzinfo=UTC)),
)
WANTED = STATION.attributes(31337)
FAR = 10**10


def test_what_is_written_is_read_back() -> None:
    assert read_station(DID, WANTED) == STATION


def test_the_attributes_are_named_as_the_reference_names_them() -> None:
    values = {attribute.name: attribute.value for attribute in WANTED}
    assert list(values) == [ED25519, X25519, P2P, PAYMENT, METADATA, CREDENTIAL]
    assert values[PAYMENT] == f'{{"account":"eip155:31337:{KEY.address}"}}'.encode()
    assert b'"name":"Hof S\xc3\xbcd"' in values[METADATA]
    assert b'"per_kwh":"300000000000000000"' in values[METADATA]


@pytest.mark.parametrize("name", [ED25519, X25519, P2P, PAYMENT, METADATA, CREDENTIAL])
def test_a_document_that_lacks_a_part_is_no_stations(name: str) -> None:
    rest = [attribute for attribute in WANTED if attribute.name != name]
    with pytest.raises(StationNotOnboardedError):
        read_station(DID, rest)


@pytest.mark.parametrize("name", [ED25519, X25519, P2P, PAYMENT, METADATA, CREDENTIAL])
def test_a_part_that_is_there_twice_is_ambiguous(name: str) -> None:
    with pytest.raises(StationDocumentError):
        read_station(DID, [*WANTED, Attribute(name, b"other")])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (ED25519, b"short"),
        (P2P, b"\xff"),
        (P2P, b'{"multiaddrs":[]}'),
        (P2P, b'{"multiaddrs":["example.org"]}'),
        (PAYMENT, b'{"account":"0x00"}'),
        (PAYMENT, f'{{"account":"eip155:1:{KEY.address}"}}'.encode()),
        (METADATA, b"{}"),
        (CREDENTIAL, b'"eyJ"'),
    ],
)
def test_a_part_that_cannot_be_read_is_told(name: str, value: bytes) -> None:
    changed = [Attribute(name, value) if it.name == name else it for it in WANTED]
    with pytest.raises(StationDocumentError):
        read_station(DID, changed)


def test_other_attributes_do_not_matter() -> None:
    others = [Attribute("did/svc/LinkedDomains", b"https://x.example"), Attribute("x", b"")]
    assert read_station(DID, [*others, *WANTED]) == STATION


def test_an_equal_document_needs_no_change() -> None:
    assert not difference(dict.fromkeys(reversed(WANTED), FAR), WANTED, now=0)


def test_one_changed_part_is_one_revoked_and_one_set() -> None:
    dearer = STATION.metadata.model_copy(update={"tariff": Tariff(per_kwh=4 * 10**17)})
    wanted = replace(STATION, metadata=dearer).attributes(31337)
    changes = difference(dict.fromkeys(WANTED, FAR), wanted, now=0)
    assert [attribute.name for attribute in changes.revoke] == [METADATA]
    assert [attribute.name for attribute in changes.set] == [METADATA]
    assert changes.revoke[0] in WANTED
    assert changes.set[0] in wanted


def test_what_is_not_ours_in_the_document_is_revoked_and_the_rest_left_alone() -> None:
    strange, unrelated = Attribute("did/svc/old", b"x"), Attribute("unrelated", b"x")
    held = dict.fromkeys([*WANTED, strange, unrelated], FAR)
    assert difference(held, WANTED, now=0).revoke == (strange,)


def test_what_soon_runs_out_is_set_again_without_being_revoked() -> None:
    held = dict.fromkeys(WANTED, FAR) | {WANTED[0]: 86_400}
    changes = difference(held, WANTED, now=0)
    assert changes.revoke == ()
    assert changes.set == (WANTED[0],)


def test_a_station_of_one_piece_is_described() -> None:
    found = describe(DID, KEY.address, STATION, read_credential(STATION.credential))
    assert (found.did, found.provider, found.peer_id) == (str(DID), KEY.address, SERVER.peer_id)
    assert (found.ed25519, found.x25519) == (SERVER.ed25519, SERVER.x25519)
    assert (found.name, found.connectors, found.maximum_power_w) == ("Hof Süd", 2, 22_000)
    assert found.tariff == STATION.metadata.tariff


def test_an_address_of_another_peer_is_refused() -> None:
    other = P2pKey(b"\x05" * 32).peer_id
    relayed = f"/ip4/192.0.2.9/tcp/4001/p2p/{SERVER.peer_id}/p2p-circuit/p2p/{other}"
    for multiaddr in (f"/ip4/192.0.2.9/tcp/1/p2p/{other}", "/ip4/192.0.2.9/tcp/1", relayed):
        station = replace(STATION, multiaddrs=(*STATION.multiaddrs, multiaddr))
        with pytest.raises(PeerIdMismatchError):
            describe(DID, KEY.address, station, read_credential(STATION.credential))


def test_a_station_that_no_longer_owns_its_did_is_refused() -> None:
    owner = SigningKey.from_bytes(b"\x06" * 32).address
    with pytest.raises(KeysMismatchError):
        describe(DID, owner, STATION, read_credential(STATION.credential))


def test_a_borrowed_credential_is_refused() -> None:
    thief = SigningKey.from_bytes(b"\x06" * 32).address
    station = replace(STATION, account=thief)
    with pytest.raises(WrongSubjectError):
        describe(EthrDid(31337, thief), thief, station, read_credential(STATION.credential))
