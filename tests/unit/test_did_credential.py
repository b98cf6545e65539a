"""The authority's credential: who may vouch, for what, how long; and every way to forge one."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256K1, derive_private_key
from joserfc import jws
from joserfc.jwk import ECKey

from sdk.chain.accounts import SigningKey
from sdk.did.authority import authority_did, issue_station_credential
from sdk.did.credential import (
    StationSubject,
    check_subject,
    read_credential,
    trusted_authorities,
    verify_credential,
)
from sdk.did.errors import (
    CredentialExpiredError,
    CredentialSignatureError,
    CredentialUnreadableError,
    KeysMismatchError,
    MalformedDidError,
    UntrustedAuthorityError,
    WrongSubjectError,
)
from sdk.did.vc_jwt import write_vc_jwt

CHAIN = 31337
AUTHORITY = SigningKey.from_bytes(b"\x01" * 32)
STRANGER = SigningKey.from_bytes(b"\x02" * 32)
STATION = SigningKey.from_bytes(b"\x03" * 32)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TRUSTED = trusted_authorities([authority_did(AUTHORITY, CHAIN)])
SUBJECT = StationSubject(
    did=f"did:ethr:{CHAIN:#x}:{STATION.address}",
    charge_point_id="CP-1",
    account=STATION.address,
    ed25519="11" * 32,
    x25519="22" * 32,
)
TOKEN = issue_station_credential(AUTHORITY, SUBJECT, NOW, timedelta(days=1))


def part(token: str, index: int) -> dict[str, Any]:
    text = token.split(".")[index]
    read: dict[str, Any] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return read


def base64url(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def ec_key(key: SigningKey) -> ECKey:
    return ECKey.import_key(derive_private_key(int.from_bytes(key.secret), SECP256K1()))


def test_a_credential_by_a_trusted_authority_vouches_for_the_station() -> None:
    credential = verify_credential(TOKEN, TRUSTED, NOW)
    check_subject(credential, SUBJECT)
    assert credential.subject == SUBJECT
    assert credential.issuer == authority_did(AUTHORITY, CHAIN)
    assert len(TOKEN) < 1100


def test_it_is_a_w3c_credential_as_jwt() -> None:
    assert part(TOKEN, 0) == {
        "alg": "ES256K",
        "kid": f"{authority_did(AUTHORITY, CHAIN)}#controller",
        "typ": "vc+jwt",
    }
    claims = part(TOKEN, 1)
    assert claims["@context"] == ["https://www.w3.org/ns/credentials/v2"]
    assert claims["credentialSubject"]["id"] == SUBJECT.did
    assert claims["validUntil"] == "2026-03-02T12:00:00.000Z"


def test_another_library_verifies_our_signature() -> None:
    read = jws.deserialize_compact(TOKEN, ec_key(AUTHORITY), algorithms=["ES256K"])
    assert json.loads(read.payload)["issuer"] == authority_did(AUTHORITY, CHAIN)


def test_we_verify_the_signature_of_another_library_high_s_or_low() -> None:
    for day in range(8):
        claims = part(TOKEN, 1) | {"id": f"urn:example:{day}"}
        header = {"alg": "ES256K", "typ": "vc+jwt"}
        token = jws.serialize_compact(
            header, json.dumps(claims).encode(), ec_key(AUTHORITY), algorithms=["ES256K"]
        )
        assert verify_credential(token, TRUSTED, NOW).subject == SUBJECT


def test_an_unknown_authority_is_not_trusted() -> None:
    token = issue_station_credential(STRANGER, SUBJECT, NOW)
    with pytest.raises(UntrustedAuthorityError):
        verify_credential(token, TRUSTED, NOW)


def test_a_stranger_cannot_sign_in_the_authoritys_name() -> None:
    token = write_vc_jwt(part(TOKEN, 1), STRANGER, "any")
    with pytest.raises(CredentialSignatureError):
        verify_credential(token, TRUSTED, NOW)


def test_a_changed_claim_breaks_the_signature() -> None:
    header, _, signature = TOKEN.split(".")
    claims = part(TOKEN, 1)
    claims["credentialSubject"]["chargePointId"] = "CP-2"
    with pytest.raises(CredentialSignatureError):
        verify_credential(f"{header}.{base64url(claims)}.{signature}", TRUSTED, NOW)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "typ": "vc+jwt"},
        {"alg": "HS256", "typ": "vc+jwt"},
        {"alg": "ES256K", "typ": "JWT"},
        {"alg": "ES256K", "typ": "vc+jwt", "crit": ["exp"]},
    ],
)
def test_only_es256k_of_our_type_is_read(header: dict[str, Any]) -> None:
    _, claims, signature = TOKEN.split(".")
    with pytest.raises(CredentialUnreadableError):
        verify_credential(f"{base64url(header)}.{claims}.{signature}", TRUSTED, NOW)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b",
        "a.b.c",
        TOKEN[:-4],
        TOKEN + "=",
        TOKEN.replace(".", "..", 1),
        "é" + TOKEN,
        "A" * 5000,
        f"{TOKEN.split('.')[0]}.W10.{TOKEN.split('.')[2]}",
        f"{TOKEN.split('.')[0]}.{urlsafe_b64encode(b'[' * 1500).decode()}.{TOKEN.split('.')[2]}",
    ],
)
def test_what_is_no_credential_is_refused(token: str) -> None:
    with pytest.raises(CredentialUnreadableError):
        verify_credential(token, TRUSTED, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"type": ["VerifiableCredential"]},
        {"validUntil": None},
        {"validUntil": "tomorrow"},
        {"credentialSubject": []},
        {"issuer": {"id": authority_did(AUTHORITY, CHAIN)}},
    ],
)
def test_claims_that_are_not_ours_are_refused_though_signed(change: dict[str, Any]) -> None:
    token = write_vc_jwt(part(TOKEN, 1) | change, AUTHORITY, "any")
    with pytest.raises(CredentialUnreadableError):
        verify_credential(token, TRUSTED, NOW)


@pytest.mark.parametrize("moment", [NOW + timedelta(days=1), NOW - timedelta(minutes=6)])
def test_a_credential_holds_for_its_time_only(moment: datetime) -> None:
    with pytest.raises(CredentialExpiredError):
        verify_credential(TOKEN, TRUSTED, moment)


def test_a_slow_clock_is_tolerated() -> None:
    assert verify_credential(TOKEN, TRUSTED, NOW - timedelta(minutes=4)).subject == SUBJECT


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"did": f"did:ethr:{CHAIN:#x}:{STRANGER.address}"}, WrongSubjectError),
        ({"did": f"did:ethr:0x1:{STATION.address}"}, WrongSubjectError),
        ({"charge_point_id": "CP-2"}, WrongSubjectError),
        ({"account": STRANGER.address}, KeysMismatchError),
        ({"ed25519": "33" * 32}, KeysMismatchError),
        ({"x25519": "33" * 32}, KeysMismatchError),
    ],
)
def test_it_vouches_for_nothing_else(change: dict[str, str], error: type[Exception]) -> None:
    other = SUBJECT.model_copy(update=change)
    with pytest.raises(error):
        check_subject(read_credential(TOKEN), other)


def test_a_trust_anchor_that_is_no_did_is_refused() -> None:
    with pytest.raises(MalformedDidError):
        trusted_authorities(["did:web:authority.example"])
