"""How a consumer's frame is read: nothing it says of itself is believed; refusals are typed."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest

from p2p_server.requests import (
    RELAYED,
    Refusal,
    UnanswerableError,
    read_request,
    refusal_envelope,
    refuse,
)
from sdk.events.envelope import Envelope, body_classes
from sdk.p2p.keys import P2pKey

PEER = "12D3KooWA4Xop1JaT3MHxwYMkCepYsv4iPVopMXwCz5iHYdBfeSB"
OTHER = "12D3KooWK9f8LNYmKmvZVusZuUowdMTY3gNs5SVGvoNDHkSLsvkq"
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
KEY = P2pKey(bytes(32)).x25519_private_key()
SIGNED = {"payload": "{}", "signature": "0x" + "1" * 130}


def frame(body: dict[str, Any], **fields: Any) -> bytes:
    content = {"id": str(uuid4()), "charge_point_id": "CP-1", "at": "2020-01-01T00:00:00Z"}
    return json.dumps({**content, "body": body, **fields}).encode()


@pytest.mark.parametrize("model", RELAYED)
def test_each_relayed_type_is_stamped(model: Any) -> None:
    kind = model.model_fields["type"].default
    sent = frame({"type": kind, **SIGNED}, peer_id=OTHER, caused_by=str(uuid4()))
    request = read_request(sent, PEER, NOW, KEY)
    assert isinstance(request, Envelope)
    assert (request.peer_id, request.at, request.caused_by) == (PEER, NOW, None)
    assert request.type == kind


def test_all_other_types_are_refused() -> None:
    allowed = {model.model_fields["type"].default for model in RELAYED} | {"IdentityChallenge"}
    bodies: dict[str, dict[str, Any]] = {
        "DepositConfirmed": {"session_id": "0x" + "0" * 64, "amount": "5", "block_number": 1},
        "QuoteOffered": SIGNED,
        "SettlementProposed": SIGNED,
        "ServiceDelivered": SIGNED,
        "SessionStopRequested": {},
    }
    assert not allowed & set(bodies)
    assert set(bodies) <= set(body_classes())
    for kind, fields in bodies.items():
        refusal = read_request(frame({"type": kind, **fields}), PEER, NOW, KEY)
        assert isinstance(refusal, Refusal)
        assert (refusal.reason, refusal.request, refusal.unknown) == ("unknown_type", kind, False)


def test_a_type_that_nobody_knows_is_told_apart() -> None:
    refusal = read_request(frame({"type": "Teleport" * 20}), PEER, NOW, KEY)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.unknown) == ("unknown_type", True)
    assert len(refusal.request) == 64


@pytest.mark.parametrize(
    "body",
    [
        {"type": "StopRequested"},
        {"type": 5},
        {},
        [],
        "x",
        None,
        {"type": "StopRequested"} | {"payload": 1},
    ],
)
def test_an_unreadable_body_is_refused_by_its_id(body: Any) -> None:
    cause = str(uuid4())
    refusal = read_request(frame(body, id=cause), PEER, NOW, KEY)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.cause) == ("bad_payload", UUID(cause))


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\xff",
        b"{}",
        b"[]",
        b"5",
        b"[" * 60_000,
        json.dumps({"id": "x", "charge_point_id": "CP", "body": {}}).encode(),
        json.dumps({"id": str(uuid4()), "charge_point_id": "{bad}", "body": {}}).encode(),
        json.dumps({"id": 5, "charge_point_id": "CP", "body": {}}).encode(),
    ],
)
def test_what_no_answer_could_name_is_unanswerable(sent: bytes) -> None:
    with pytest.raises(UnanswerableError):
        read_request(sent, PEER, NOW, KEY)


def test_an_id_that_could_be_one_of_ours_is_refused() -> None:
    derived = uuid5(UUID(int=1), "MeterValueReported:0")
    refusal = read_request(
        frame({"type": "StopRequested", **SIGNED}, id=str(derived)), PEER, NOW, KEY
    )
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "bad_payload"


def test_the_answer_names_the_request_and_only_its_sender() -> None:
    request = read_request(frame({"type": "StopRequested", **SIGNED}), PEER, NOW, KEY)
    assert isinstance(request, Envelope)
    answer = refusal_envelope(refuse(request, "overloaded"), NOW)
    assert (answer.caused_by, answer.peer_id) == (request.id, PEER)
    assert json.loads(answer.to_json())["body"] == {
        "type": "RequestRefused",
        "request": "StopRequested",
        "reason": "overloaded",
    }
