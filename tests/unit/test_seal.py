"""Sealed envelopes: only the reader opens them, and nothing about them can be changed unseen."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwe
from joserfc.jwk import OKPKey

from sdk.events.envelope import Envelope
from sdk.events.sealed import Sealed
from sdk.events.service import SessionStateReported
from sdk.p2p.keys import P2pKey
from sdk.p2p.seal import SealError, open_sealed, seal

KEY = P2pKey(bytes(32))
PRIVATE = KEY.x25519_private_key()
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ENVELOPE = Envelope(
    id=uuid4(),
    charge_point_id="CP-1",
    at=NOW,
    body=SessionStateReported(connector_id=1, availability="free"),
)
SEALED = seal(ENVELOPE, KEY.x25519, NOW)


def token() -> str:
    assert isinstance(SEALED.body, Sealed)
    return SEALED.body.jwe


def header() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(urlsafe_b64decode(token().split(".")[0] + "=="))
    return read


def with_header(changed: dict[str, Any]) -> Envelope:
    first = urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
    return with_token(".".join([first, *token().split(".")[1:]]))


def with_token(changed: str) -> Envelope:
    return SEALED.model_copy(update={"body": Sealed(holds=ENVELOPE.type, jwe=changed)})


def test_the_reader_gets_what_was_sealed() -> None:
    assert open_sealed(SEALED, PRIVATE) == ENVELOPE
    assert open_sealed(ENVELOPE, PRIVATE) is ENVELOPE
    assert (SEALED.body.type, header()["alg"], header()["enc"]) == ("Sealed", "ECDH-ES", "A256GCM")
    assert (header()["epk"]["kty"], header()["epk"]["crv"]) == ("OKP", "X25519")


def test_each_is_sealed_with_a_fresh_key() -> None:
    again = seal(ENVELOPE, KEY.x25519).body
    assert isinstance(again, Sealed)
    assert again.jwe.split(".")[0] != token().split(".")[0]


def test_nobody_else_opens_it() -> None:
    with pytest.raises(SealError):
        open_sealed(SEALED, P2pKey.generate().x25519_private_key())


@pytest.mark.parametrize(
    "outside", [{"id": uuid4()}, {"charge_point_id": "CP-2"}, {"holds": "StopRequested"}]
)
def test_what_stands_outside_must_be_what_is_within(outside: dict[str, Any]) -> None:
    assert isinstance(SEALED.body, Sealed)
    holds = outside.pop("holds", SEALED.body.holds)
    changed = {**outside, "body": SEALED.body.model_copy(update={"holds": holds})}
    with pytest.raises(SealError, match="another"):
        open_sealed(SEALED.model_copy(update=changed), PRIVATE)


@pytest.mark.parametrize("part", [0, 2, 3, 4])
def test_a_changed_part_is_found(part: int) -> None:
    parts = token().split(".")
    middle = len(parts[part]) // 2
    changed = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + changed + parts[part][middle + 1 :]
    with pytest.raises(SealError):
        open_sealed(with_token(".".join(parts)), PRIVATE)


NAMES = ("", "dir", "RSA-OAEP", "A128GCM", "DEF", "P-256", "X448", "EC", "é")
ODD: tuple[object, ...] = (*NAMES, None, 1, [], {}, ["exp"])


@pytest.mark.parametrize("name", ["alg", "enc", "epk", "zip", "crit", "apu", "p2c"])
@pytest.mark.parametrize("value", ODD)
def test_an_odd_header_is_refused_and_nothing_worse(name: str, value: object) -> None:
    with pytest.raises(SealError):
        open_sealed(with_header({**header(), name: value}), PRIVATE)


@pytest.mark.parametrize("name", ["kty", "crv", "x"])
@pytest.mark.parametrize("value", ODD)
def test_an_odd_key_in_the_header_is_refused_and_nothing_worse(name: str, value: object) -> None:
    key = {**header()["epk"], name: value}
    with pytest.raises(SealError):
        open_sealed(with_header({**header(), "epk": key}), PRIVATE)


def test_a_compressed_one_is_not_unpacked() -> None:
    bomb = jwe.encrypt_compact(
        {"alg": "ECDH-ES", "enc": "A256GCM", "zip": "DEF"},
        b" " * 10_000_000,
        OKPKey.import_key(PRIVATE.public_key()),
        algorithms=["ECDH-ES", "A256GCM", "DEF"],
    )
    with pytest.raises(SealError):
        open_sealed(with_token(bomb), PRIVATE)


@pytest.mark.parametrize("reader", ["00" * 32, "01" + "00" * 31, "ab", "zz" * 32, ""])
def test_nothing_is_sealed_for_a_key_that_is_none(reader: str) -> None:
    with pytest.raises(SealError):
        seal(ENVELOPE, reader)
