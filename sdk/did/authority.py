"""What an issuing authority does: it vouches for a station. Pure."""

from datetime import datetime, timedelta

from sdk.chain.accounts import SigningKey
from sdk.did.credential import (
    CREDENTIAL_TYPE,
    StationCredential,
    StationSubject,
    write_claims,
)
from sdk.did.identifier import EthrDid
from sdk.did.vc_jwt import write_vc_jwt

DEFAULT_VALIDITY = timedelta(days=365)


def issue_station_credential(
    authority_key: SigningKey,
    station: StationSubject,
    issued_at: datetime,
    valid_for: timedelta = DEFAULT_VALIDITY,
    chain_id: int | None = None,
) -> str:
    """Give a VC-JWT (about 1,000 characters) by the authority whose account `authority_key` is.

    The authority's DID is of the station's chain; see `authority_did`. `chain_id` names it where
    the station's DID does not. Raises MalformedDidError for a station's DID that is none.
    """
    issuer = authority_did(authority_key, chain_id or EthrDid.parse(station.did).chain_id)
    credential = StationCredential(
        issuer=issuer,
        valid_from=issued_at,
        valid_until=issued_at + valid_for,
        subject=station,
        type=("VerifiableCredential", CREDENTIAL_TYPE),
    )
    return write_vc_jwt(write_claims(credential), authority_key, f"{issuer}#controller")


def authority_did(authority_key: SigningKey, chain_id: int) -> str:
    """Give the DID that trusts this authority, for AUTHORITY_DIDS."""
    return str(EthrDid(chain_id, authority_key.address))
