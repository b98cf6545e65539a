"""A station's identity as the API shows it: kept, on the chain, and as it changed. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from sdk.did.credential import StationCredential, read_credential
from sdk.did.errors import CredentialUnreadableError
from sdk.did.identifier import EthrDid
from sdk.did.registry_events import (
    NOBODY,
    AttributeChanged,
    ChangedBlock,
    DelegateChanged,
    OwnerChanged,
    RegistryEvent,
)
from sdk.did.station_document import StationDocument
from sdk.events.station import AccountBalance
from sdk.fields import Moment, Money
from sdk.p2p.keys import peer_id_of
from sdk.printable import printable, printable_value
from session_manager.api.values import ApiModel
from session_manager.verdict import OnboardingState

_LONGEST_VALUE = 200
_LAST_SECOND = 253_402_300_799
"""Of the year 9999: what the chain calls later than this is shown as this."""


class CredentialShown(ApiModel):
    """Who vouches for the station, and how long; `error`: why it can't be read.

    `revoked` None: the chain was not asked, or did not answer.
    """

    issuer: str | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    expired: bool | None = None
    revoked: bool | None = None
    error: str | None = None


class KeptIdentity(ApiModel):
    """What the Session Manager found out last, at `updated_at`.

    `reason` and `detail` say why the station may not sell. Balances are of the chain's own token,
    in its smallest unit; `qr` holds the text of each connector's code, from connector 1 on.
    """

    charge_point_id: str
    did: str | None
    address: str | None
    chain_id: int | None
    state: OnboardingState
    reason: str | None
    detail: str | None
    updated_at: Moment | None
    balance: Money | None
    gas_balance: Money | None
    qr: list[str]
    credential: CredentialShown | None
    document: dict[str, Any] | None


class StationShown(ApiModel):
    """What the document on the chain says of the station."""

    charge_point_id: str
    name: str
    account: str
    peer_id: str
    multiaddrs: list[str]
    connectors: int
    maximum_power_w: int
    plug_types: list[str]
    tariff: dict[str, Any]


class ChainIdentity(ApiModel):
    """What the chain says of a DID now, or said at the end of `block`.

    `trusted`: an app that resolves it would pay the station; else `reason` and `detail` say why
    not. `changed_at` is the block of the last change, 0 where there never was one; `next_change`
    that of the change after it. `read_at` is the time of the block that was read, `server` whose
    node told it. `same_as_kept`: the document is the one that the manager published or read last.
    """

    charge_point_id: str
    did: str
    server: str
    block: int | None
    read_at: Moment
    owner: str
    deactivated: bool
    changed_at: int
    next_change: int | None
    trusted: bool
    reason: str | None
    detail: str | None
    same_as_kept: bool | None
    station: StationShown | None
    credential: CredentialShown | None
    document: dict[str, Any]
    balances: list[AccountBalance]


class IdentityChange(ApiModel):
    """One change of a DID; `text` says it in a line.

    `value` is text, or bytes as hex; of `owner` the new owner. `until` is when it ends by itself.
    `revoked`: it was taken away; of `owner`, the DID was given up.
    """

    kind: Literal["owner", "attribute", "delegate"]
    name: str | None
    value: str
    until: Moment | None
    revoked: bool
    text: str


class IdentityChanges(ApiModel):
    """What changed of a DID in one block; `owner` had the right to, and signed."""

    block: int
    at: Moment
    owner: str
    changes: list[IdentityChange]


def credential_shown(token: str, now: datetime, *, revoked: bool | None = None) -> CredentialShown:
    """Show a credential (compact JWS), whoever issued it."""
    try:
        credential = read_credential(token)
    except CredentialUnreadableError as error:
        return CredentialShown(error=str(error), revoked=revoked)
    return CredentialShown(
        issuer=str(credential.issuer),
        valid_from=credential.valid_from,
        valid_until=credential.valid_until,
        expired=_is_expired(credential, now),
        revoked=revoked,
    )


def station_shown(station: StationDocument) -> StationShown:
    """Show what a document says of its station."""
    metadata = station.metadata
    return StationShown(
        charge_point_id=metadata.charge_point_id,
        name=metadata.name,
        account=station.account,
        peer_id=peer_id_of(station.ed25519),
        multiaddrs=list(station.multiaddrs),
        connectors=metadata.connectors,
        maximum_power_w=metadata.maximum_power_w,
        plug_types=list(metadata.plug_types),
        tariff=metadata.tariff.model_dump(mode="json"),
    )


def owners(did: EthrDid, history: Sequence[ChangedBlock]) -> Iterator[str]:
    """Give for each block who owned the DID when it began, and so had to sign its changes."""
    owner = did.address
    for block in history:
        yield owner
        for event in block.events:
            if isinstance(event, OwnerChanged):
                owner = did.address if event.owner == NOBODY else event.owner


def change_shown(event: RegistryEvent) -> IdentityChange:
    """Show one change."""
    match event:
        case OwnerChanged(owner=owner):
            gone = owner == NOBODY
            text = "given up" if gone else f"owner {owner}"
            return IdentityChange(
                kind="owner", name=None, value=owner, until=None, revoked=gone, text=text
            )
        case AttributeChanged(attribute=attribute, valid_to=valid_to):
            name, value = (
                printable(attribute.name),
                printable_value(attribute.value, _LONGEST_VALUE),
            )
            kind: Literal["attribute", "delegate"] = "attribute"
        case DelegateChanged(kind=role, delegate=value, valid_to=valid_to):
            name, kind = printable(role), "delegate"
    until = _moment(valid_to)
    said = f"until {until:%Y-%m-%d %H:%M:%S} UTC" if until else "revoked"
    return IdentityChange(
        kind=kind,
        name=name,
        value=value,
        until=until,
        revoked=until is None,
        text=f"{name} {said}: {value}",
    )


def _is_expired(credential: StationCredential, now: datetime) -> bool:
    return now >= credential.valid_until or now < credential.valid_from


def _moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC) if seconds else None
