"""From a DID to a station that may be trusted: what an app does before it dials and pays."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sdk.did.credential import (
    StationCredential,
    StationSubject,
    check_subject,
    trusted_authorities,
    verify_credential,
)
from sdk.did.document import DidDocument
from sdk.did.errors import DidDeactivatedError, KeysMismatchError, PeerIdMismatchError
from sdk.did.identifier import EthrDid
from sdk.did.registry import DidRegistry
from sdk.did.revocation import Revocations
from sdk.did.station_document import StationDocument, read_station
from sdk.ids import Clock
from sdk.p2p.keys import peer_id_of
from sdk.tariff import Tariff


@dataclass(frozen=True, slots=True)
class StationDescription:
    """A station as its verified document describes it.

    `provider` is the account that signs quotes and is paid; `ed25519`, `x25519` (64 hex digits) and
    `peer_id` are the P2P server's, to which all `multiaddrs` lead; power in W.
    """

    did: str
    charge_point_id: str
    provider: str
    multiaddrs: tuple[str, ...]
    peer_id: str
    ed25519: str
    x25519: str
    name: str
    plug_types: tuple[str, ...]
    connectors: int
    maximum_power_w: int
    tariff: Tariff
    credential: StationCredential


class StationResolver:
    """Resolves stations of one chain, and trusts only the configured authorities."""

    def __init__(self, registry: DidRegistry, authorities: Iterable[str], clock: Clock) -> None:
        """Trust the authorities of these DIDs. Raises MalformedDidError."""
        self._registry = registry
        self._authorities = trusted_authorities(authorities)
        self._revocations = Revocations(registry, clock)
        self._clock = clock

    async def resolve(self, did: str) -> StationDescription:
        """Read and verify a station's document, and that its credential is not revoked.

        Raises a DidError that says why it is not to be trusted (MalformedDidError,
        DidUnresolvableError, DidDeactivatedError, StationNotOnboardedError, StationDocumentError,
        PeerIdMismatchError, a CredentialError), or a ChainError while the chain can't be read.
        """
        document = await self._registry.read(EthrDid.parse(did))
        station = read_document_of_station(document)
        credential = verify_credential(station.credential, self._authorities, self._clock())
        found = describe(document.did, document.owner, station, credential)
        await self._revocations.check(station.credential)
        return found

    async def resolve_at(self, did: str, block: int) -> StationDescription:
        """Read and verify a station's document as it stood at the end of `block`, by its time.

        What was revoked by now counts as revoked then, too. Raises as `resolve`.
        """
        document = await self._registry.read(EthrDid.parse(did), block)
        station = read_document_of_station(document)
        then = datetime.fromtimestamp(document.read_at, UTC)
        credential = verify_credential(station.credential, self._authorities, then)
        found = describe(document.did, document.owner, station, credential)
        await self._revocations.check(station.credential)
        return found


def read_document_of_station(document: DidDocument) -> StationDocument:
    """Read the station out of a document. Raises DidDeactivatedError; see also `read_station`."""
    if document.deactivated:
        raise DidDeactivatedError(f"{document.did} was given up by its owner")
    return read_station(document.did, document.attributes)


def describe(
    did: object, owner: str, station: StationDocument, credential: StationCredential
) -> StationDescription:
    """Check that document, owner, credential and addresses are of one piece, and join them. Pure.

    `did` is one of any method; its text counts.

    Raises WrongSubjectError, KeysMismatchError, PeerIdMismatchError.
    """
    if owner != station.account:
        raise KeysMismatchError(f"{did} is not controlled by the account that is paid")
    metadata = station.metadata
    subject = StationSubject(
        did=str(did),
        charge_point_id=metadata.charge_point_id,
        account=station.account,
        ed25519=station.ed25519,
        x25519=station.x25519,
    )
    check_subject(credential, subject)
    return StationDescription(
        did=subject.did,
        provider=subject.account,
        multiaddrs=station.multiaddrs,
        peer_id=_peer_id(station),
        ed25519=station.ed25519,
        x25519=station.x25519,
        credential=credential,
        charge_point_id=metadata.charge_point_id,
        name=metadata.name,
        plug_types=metadata.plug_types,
        connectors=metadata.connectors,
        maximum_power_w=metadata.maximum_power_w,
        tariff=metadata.tariff,
    )


def _peer_id(station: StationDocument) -> str:
    peer_id = peer_id_of(station.ed25519)
    for multiaddr in station.multiaddrs:
        if multiaddr.rpartition("/p2p/")[2] != peer_id:
            raise PeerIdMismatchError(f"{multiaddr} does not lead to {peer_id}")
    return peer_id
