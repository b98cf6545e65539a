"""The registry's events, replayed into a document."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from sdk.did.document import DidDocument, read_document
from sdk.did.errors import DidUnresolvableError
from sdk.did.identifier import EthrDid
from sdk.did.registry_events import (
    NOBODY,
    Attribute,
    AttributeChanged,
    OwnerChanged,
    RegistryEvent,
    read_events,
)

REFERENCE = Path(__file__).parent / "data" / "ethr_did_reference.json"
OWNER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
OTHER = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"
HOME = EthrDid(31337, OWNER)
NOW = 1_000
SERVICE = Attribute("did/svc/p2p", b'{"multiaddrs":[]}')


def document(*events: RegistryEvent, now: int = NOW) -> DidDocument:
    return read_document(HOME, events, now)


def services(read: DidDocument) -> list[tuple[str, Any]]:
    found = read.json.get("service", [])
    return [(service["id"].rpartition("#")[2], service["serviceEndpoint"]) for service in found]


def test_the_document_is_the_one_of_the_reference_resolver() -> None:
    reference = json.loads(REFERENCE.read_text("utf-8"))
    blocks = groupby(reference["logs"], key=lambda log: int(log["blockNumber"], 16))
    events = [event for _, logs in blocks for event in read_events(list(logs))]
    read = read_document(EthrDid.parse(reference["did"]), events, reference["now"])
    assert read.json == reference["document"]


def test_a_did_that_was_never_changed_is_its_account() -> None:
    read = document()
    assert read.owner == OWNER
    assert read.attributes == {}
    assert read.json["authentication"] == [f"{HOME}#controller"]
    assert "service" not in read.json


def test_a_revoked_attribute_is_gone_and_its_number_is_not_used_again() -> None:
    other = Attribute("did/svc/p2p", b'"b"')
    read = document(
        AttributeChanged(0, SERVICE, NOW + 1),
        AttributeChanged(1, SERVICE, 0),
        AttributeChanged(2, other, NOW + 1),
    )
    assert services(read) == [("service-3", "b")]
    assert read.attributes == {other: NOW + 1}


def test_only_the_same_name_and_value_is_revoked() -> None:
    read = document(
        AttributeChanged(0, SERVICE, NOW + 1),
        AttributeChanged(1, Attribute(SERVICE.name, b"other"), 0),
    )
    assert list(read.attributes) == [SERVICE]


@pytest.mark.parametrize(("now", "held"), [(NOW, True), (NOW + 1, False)])
def test_an_attribute_holds_until_its_time_by_the_block(now: int, *, held: bool) -> None:
    read = document(AttributeChanged(0, SERVICE, NOW), now=now)
    assert (SERVICE in read.attributes) is held
    assert bool(services(read)) is held


def test_a_revoked_encryption_key_leaves_only_its_id() -> None:
    key = Attribute("did/pub/X25519/enc/hex", bytes(32))
    read = document(AttributeChanged(0, key, NOW), AttributeChanged(1, key, 0))
    assert read.json["keyAgreement"] == [f"{read.did}#delegate-1"]
    assert len(read.json["verificationMethod"]) == 1


def test_another_owner_controls_the_did() -> None:
    read = document(OwnerChanged(0, OTHER))
    assert read.owner == OTHER
    assert read.json["verificationMethod"][0]["blockchainAccountId"] == f"eip155:31337:{OTHER}"


def test_a_did_that_was_given_up_says_nothing_and_stays_so() -> None:
    read = document(
        AttributeChanged(0, SERVICE, NOW + 1), OwnerChanged(1, NOBODY), OwnerChanged(2, OTHER)
    )
    assert read.deactivated
    assert read.json["verificationMethod"] == []
    assert "service" not in read.json


def test_json_that_is_not_strict_stays_text() -> None:
    read = document(AttributeChanged(0, Attribute("did/svc/x", b'{"a":NaN}'), NOW))
    assert services(read) == [("service-1", '{"a":NaN}')]


def test_a_log_that_is_none_of_the_registry_is_refused() -> None:
    log = {"topics": ["0x" + "00" * 32], "data": "0x", "logIndex": "0x0"}
    with pytest.raises(DidUnresolvableError):
        read_events([log])
