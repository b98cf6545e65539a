"""The issuing authority's credential: a W3C VC 2.0 as JWT over a station's DID, id and keys. Pure.

Trust anchors are configured, never taken from a document. An authority is an account (did:ethr):
one that hands its DID to another account becomes another anchor.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from eth_utils.address import to_checksum_address
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from sdk.did.errors import (
    CredentialExpiredError,
    CredentialSignatureError,
    CredentialUnreadableError,
    KeysMismatchError,
    MalformedDidError,
    UntrustedAuthorityError,
    WrongSubjectError,
)
from sdk.did.identifier import EthrDid, same_did
from sdk.did.vc_jwt import read_vc_jwt
from sdk.faults import first_fault
from sdk.fields import Address, ChargePointId, Frozen, Moment

CONTEXT = "https://www.w3.org/ns/credentials/v2"
CREDENTIAL_TYPE = "ChargingStationCredential"
CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far an app's clock may be behind the authority's."""

PublicKeyHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def _checksummed(account: str) -> str:
    return str(to_checksum_address(account))


class _Claims(Frozen):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class StationSubject(_Claims):
    """What an authority vouches for: this station is that charge point, and these are its keys.

    `account` is the station's account, which signs and is paid; `ed25519` and `x25519` are the
    public keys of the P2P server that speaks for it, 64 hex digits.
    """

    did: str = Field(alias="id")
    charge_point_id: ChargePointId
    account: Annotated[Address, AfterValidator(_checksummed)]
    ed25519: PublicKeyHex
    x25519: PublicKeyHex


class StationCredential(_Claims):
    """What a credential says; `issuer` is the DID of the authority that signed it."""

    issuer: str
    valid_from: Moment
    valid_until: Moment
    subject: StationSubject = Field(alias="credentialSubject")
    type: tuple[str, ...]


def trusted_authorities(dids: Iterable[str]) -> frozenset[EthrDid]:
    """Read the configured trust anchors. Raises MalformedDidError."""
    return frozenset(EthrDid.parse(did) for did in dids)


def read_credential(token: str) -> StationCredential:
    """Read what a credential says, without any proof. Raises CredentialUnreadableError."""
    return _claims(read_vc_jwt(token).claims)


def verify_credential(
    token: str, authorities: Collection[EthrDid], now: datetime
) -> StationCredential:
    """Read a credential that one of `authorities` signed and that holds at `now`.

    Raises CredentialUnreadableError, UntrustedAuthorityError, CredentialSignatureError,
    CredentialExpiredError.
    """
    jwt = read_vc_jwt(token)
    credential = _claims(jwt.claims)
    issuer = _issuer(credential.issuer)
    if issuer not in authorities:
        raise UntrustedAuthorityError(f"{credential.issuer} is no trusted authority")
    if not jwt.is_signed_by(issuer.address):
        raise CredentialSignatureError(f"{credential.issuer} did not sign the credential")
    if now >= credential.valid_until:
        raise CredentialExpiredError(f"the credential expired on {credential.valid_until:%Y-%m-%d}")
    if now < credential.valid_from - CLOCK_TOLERANCE:
        raise CredentialExpiredError(f"the credential holds from {credential.valid_from:%Y-%m-%d}")
    return credential


def check_subject(credential: StationCredential, station: StationSubject) -> None:
    """Make sure that a verified credential is about `station`, in every part.

    Raises WrongSubjectError, KeysMismatchError.
    """
    subject = credential.subject
    if not same_did(subject.did, station.did):
        raise WrongSubjectError(f"the credential is for {subject.did}")
    if subject.charge_point_id != station.charge_point_id:
        raise WrongSubjectError(f"the credential is for charge point {subject.charge_point_id}")
    for name in ("account", "ed25519", "x25519"):
        if getattr(subject, name) != getattr(station, name):
            raise KeysMismatchError(f"the credential vouches for another {name} key")


def write_claims(credential: StationCredential) -> dict[str, Any]:
    """Write a credential as the JWT's claims."""
    return {"@context": [CONTEXT], **credential.model_dump(mode="json", by_alias=True)}


def _claims(claims: Mapping[str, Any]) -> StationCredential:
    try:
        credential = StationCredential.model_validate(claims)
    except ValidationError as error:
        raise CredentialUnreadableError(f"the credential's {first_fault(error)}") from error
    if not {"VerifiableCredential", CREDENTIAL_TYPE} <= set(credential.type):
        raise CredentialUnreadableError(f"the credential is no {CREDENTIAL_TYPE}")
    return credential


def _issuer(did: str) -> EthrDid:
    try:
        return EthrDid.parse(did)
    except MalformedDidError as error:
        raise UntrustedAuthorityError(f"{did[:100]} is no trusted authority") from error
