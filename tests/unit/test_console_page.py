"""What the console shows, made of hashes."""

import json
from dataclasses import dataclass

import pytest

from session_manager.console_page import (
    StationHashes,
    chain_object,
    connector_ids,
    document_object,
    identity_object,
    session_object,
    status_object,
)

SESSION = "0x" + "ab" * 32
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Node:
    url: str = "http://127.0.0.1:8545"
    chain_id: int = 31337
    connected: bool = False
    block_number: int | None = None
    latency_ms: int | None = None
    error: str | None = None


def test_a_charge_point_that_never_connected_is_shown_as_offline() -> None:
    hashes = StationHashes(config={"connectors": "2"}, connectors={1: {}, 2: {}})

    shown = status_object("CP-1", hashes, NOBODY)

    assert shown["connected"] is False
    assert [each["connector_id"] for each in shown["connectors"]] == [1, 2]
    assert [each["status"] for each in shown["connectors"]] == [None, None]


@pytest.mark.parametrize(("dead", "connected"), [(frozenset({"g1"}), False), (NOBODY, True)])
def test_what_a_dead_gateway_held_is_not_connected(
    dead: frozenset[str], *, connected: bool
) -> None:
    hashes = StationHashes(state={"connected": "1", "gateway": "g1"})

    assert status_object("CP-1", hashes, dead)["connected"] is connected


def test_readings_are_numbers_and_no_reading_is_none() -> None:
    hashes = StationHashes(
        state={"connected": "1", "boot": json.dumps({"vendor": "Wallbox"})},
        connectors={1: {"status": "Charging", "power_w": "11040", "transaction_id": "7"}, 2: {}},
    )

    shown = status_object("CP-1", hashes, NOBODY)

    assert shown["connected"] is True
    assert shown["boot"] == {"vendor": "Wallbox"}
    first, second = shown["connectors"]
    assert (first["power_w"], first["transaction_id"]) == (11040, 7)
    assert (second["power_w"], second["transaction_id"]) == (None, None)


def test_the_node_is_shown_without_the_key_in_its_url() -> None:
    chain = Node(url="https://me:secret@node.example/v2/0123456789abcdef0123456789abcdef?key=1")

    url = chain_object(chain)["url"]

    assert "node.example" in url
    assert not any(part in url for part in ("secret", "0123456789abcdef", "key=1"))


def test_a_connector_without_a_session_is_idle() -> None:
    shown = session_object("CP-1", 2, {})

    assert (shown["charge_point_id"], shown["connector_id"]) == ("CP-1", 2)
    assert (shown["phase"], shown["session_id"], shown["receipt"]) == ("idle", None, None)


def test_money_stays_a_string_and_the_receipt_is_opened() -> None:
    deposit = str(2**70)
    receipt = {"type": "ServiceDelivered", "deposit": deposit, "spent": "1", "refund": "2"}
    hash_ = {
        "status": json.dumps({"session_id": SESSION, "phase": "settled", "deposit": deposit}),
        "receipt": json.dumps(
            {"type": "ServiceDelivered", "payload": json.dumps(receipt), "signature": "0x01"}
        ),
        "deadline_at": "",
    }

    shown = session_object("CP-1", 1, hash_)

    assert shown["deposit"] == deposit
    assert shown["receipt"]["deposit"] == deposit
    assert shown["receipt"]["signature"] == "0x01"
    assert shown["deadline_at"] is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"charging"', '{"payload": 3}'])
def test_damaged_state_is_shown_as_far_as_it_can_be_read(text: str) -> None:
    shown = session_object("CP-1", 1, {"status": text, "receipt": text})

    assert shown["connector_id"] == 1
    assert shown["receipt"] is None


def test_identity_says_what_is_missing() -> None:
    assert identity_object("CP-1", {})["state"] == "not_onboarded"
    known = identity_object("CP-1", {"did": "did:ethr:0x7a69:0x01", "state": "published"})
    assert (known["did"], known["state"]) == ("did:ethr:0x7a69:0x01", "published")
    assert known["balance"] is None
    assert document_object("CP-1", {"document": '{"id": "x"}'})["document"] == {"id": "x"}


@pytest.mark.parametrize(
    ("config", "expected"),
    [({}, [1]), ({"connectors": "3"}, [1, 2, 3]), ({"connectors": "many"}, [1])],
)
def test_connectors_are_numbered_from_one(config: dict[str, str], expected: list[int]) -> None:
    assert connector_ids(config) == expected
