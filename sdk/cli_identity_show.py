"""What `noroam identity show` and `history` tell of a DID, now and at a past block."""

from collections.abc import Iterator, Sequence
from typing import Any

from sdk.cli_identity_chain import ChainAccess, identity_settings, run_on_chain
from sdk.did.credential import read_credential
from sdk.did.document import DidDocument
from sdk.did.errors import CredentialUnreadableError, DidError
from sdk.did.identifier import EthrDid
from sdk.did.registry_events import (
    NOBODY,
    AttributeChanged,
    DelegateChanged,
    OwnerChanged,
    RegistryEvent,
)
from sdk.did.resolver import StationResolver, read_document_of_station
from sdk.did.station_document import StationDocument
from sdk.ids import utc_now
from sdk.p2p.keys import peer_id_of
from sdk.printable import printable, printable_value

_LONGEST_VALUE = 100


def shown_identity(did: EthrDid, block: int | None) -> dict[str, Any]:
    """Read a DID and tell how it stands; `trusted` only where AUTHORITY_DIDS says whom to trust.

    Raises DidUnresolvableError, a ChainError, SettingsError.
    """

    async def work(chain: ChainAccess) -> tuple[DidDocument, str]:
        return await chain.registry.read(did, block), await _trust(chain, did, block)

    document, trust = run_on_chain(did.chain_id, work)
    shown: dict[str, Any] = {
        "did": str(did),
        "owner": document.owner,
        "deactivated": document.deactivated,
        "changed_at": document.changed_at,
        "next_change": document.next_change,
        "read_at": document.read_at,
        "trusted": trust,
    }
    try:
        shown |= _station(read_document_of_station(document))
    except DidError as error:
        shown["lacks"] = str(error)
    return {**shown, "document": document.json}


def shown_history(did: EthrDid) -> list[dict[str, Any]]:
    """Give what changed of a DID, oldest first: block, time (s), and each change as a line."""

    async def work(chain: ChainAccess) -> list[dict[str, Any]]:
        history = await chain.registry.history(did)
        return [
            {
                "block": it.number,
                "at": (await chain.client.block(it.number)).timestamp,
                "changes": list(_lines(it.events)),
            }
            for it in history
        ]

    return run_on_chain(did.chain_id, work)


async def _trust(chain: ChainAccess, did: EthrDid, block: int | None) -> str:
    authorities = identity_settings().authority_dids
    if not authorities:
        return "unknown: AUTHORITY_DIDS is not set"
    resolver = StationResolver(chain.registry, authorities, utc_now)
    try:
        if block is None:
            await resolver.resolve(str(did))
        else:
            await resolver.resolve_at(str(did), block)
    except DidError as error:
        return f"no: {error.reason}, {error}"
    return "yes"


def _station(station: StationDocument) -> dict[str, Any]:
    metadata = station.metadata
    return {
        "charge_point_id": metadata.charge_point_id,
        "name": metadata.name,
        "account": station.account,
        "peer_id": peer_id_of(station.ed25519),
        "multiaddrs": list(station.multiaddrs),
        "connectors": metadata.connectors,
        "maximum_power_w": metadata.maximum_power_w,
        "tariff": metadata.tariff.model_dump(mode="json"),
        **_credential(station.credential),
    }


def _credential(token: str) -> dict[str, Any]:
    try:
        credential = read_credential(token)
    except CredentialUnreadableError as error:
        return {"credential": str(error)}
    return {
        "issuer": credential.issuer,
        "valid_from": credential.valid_from.isoformat(),
        "valid_until": credential.valid_until.isoformat(),
    }


def _lines(events: Sequence[RegistryEvent]) -> Iterator[str]:
    for event in events:
        match event:
            case OwnerChanged(owner=owner):
                yield "given up" if owner == NOBODY else f"owner {owner}"
            case AttributeChanged(attribute=attribute, valid_to=valid_to):
                said = f"set until {valid_to}" if valid_to else "revoked"
                value = printable_value(attribute.value, _LONGEST_VALUE)
                yield f"{printable(attribute.name)} {said}: {value}"
            case DelegateChanged(kind=kind, delegate=delegate, valid_to=valid_to):
                yield f"delegate {printable(kind)} {delegate} until {valid_to}"
