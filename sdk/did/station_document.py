"""What a station's DID document says: the attributes it is made of, and their reading. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from eth_utils.address import to_checksum_address
from pydantic import Field, StringConstraints, ValidationError

from sdk.did.errors import StationDocumentError, StationNotOnboardedError
from sdk.did.identifier import EthrDid
from sdk.did.registry_events import Attribute
from sdk.did.signed_calls import Changes
from sdk.faults import first_fault
from sdk.fields import ChargePointId, Frozen
from sdk.tariff import Tariff

ED25519 = "did/pub/Ed25519/veriKey/hex"
X25519 = "did/pub/X25519/enc/hex"
P2P = "did/svc/p2p"
PAYMENT = "did/svc/payment"
METADATA = "did/svc/metadata"
CREDENTIAL = "did/svc/credential"

_OURS = ("did/pub/", "did/svc/")
_KEY_BYTES = 32
_MULTIADDRS = 32
_RENEW_AHEAD_S = 30 * 86_400

_NEEDED = {
    ED25519: "Ed25519 key",
    X25519: "X25519 key",
    P2P: "p2p service",
    PAYMENT: "payment service",
    METADATA: "metadata service",
    CREDENTIAL: "credential",
}
_Multiaddr = Annotated[str, StringConstraints(pattern=r"^/", max_length=300)]

M = TypeVar("M", bound=Frozen)
ShortText = Annotated[str, StringConstraints(max_length=100)]


class StationMetadata(Frozen):
    """What a driver may want to know; `maximum_power_w` in W, the tariff in the smallest unit."""

    charge_point_id: ChargePointId
    name: ShortText
    maximum_power_w: int = Field(ge=1, le=2**31)
    plug_types: tuple[ShortText, ...] = Field(max_length=32)
    connectors: int = Field(ge=1, le=1000)
    tariff: Tariff


@dataclass(frozen=True, slots=True)
class StationDocument:
    """The content of a station's document.

    `account` is where payments go; `ed25519` and `x25519` are the P2P server's public keys (64 hex
    digits); `multiaddrs` lead to it; `credential` is the authority's VC-JWT.
    """

    account: str
    ed25519: str
    x25519: str
    multiaddrs: tuple[str, ...]
    metadata: StationMetadata
    credential: str

    def attributes(self, chain_id: int) -> tuple[Attribute, ...]:
        """Write it as attributes; the same content gives the same bytes."""
        endpoints: dict[str, Mapping[str, object]] = {
            P2P: {"multiaddrs": list(self.multiaddrs)},
            PAYMENT: {"account": f"eip155:{chain_id}:{self.account}"},
            METADATA: self.metadata.model_dump(mode="json"),
            CREDENTIAL: {"jwt": self.credential},
        }
        return (
            Attribute(ED25519, bytes.fromhex(self.ed25519)),
            Attribute(X25519, bytes.fromhex(self.x25519)),
            *(Attribute(name, _canonical(value)) for name, value in endpoints.items()),
        )


def read_station(did: EthrDid, attributes: Iterable[Attribute]) -> StationDocument:
    """Read what `attributes` of `did` say of a station.

    Raises StationNotOnboardedError for what is missing, StationDocumentError for what is said twice
    or can't be read.
    """
    values = _by_name(attributes)
    payment = _service(values, PAYMENT, _Payment)
    chain, _, account = payment.account.rpartition(":")
    if chain != f"eip155:{did.chain_id}":
        raise StationDocumentError("payment: the account is on another chain")
    return StationDocument(
        account=to_checksum_address(account),
        ed25519=_key(values, ED25519),
        x25519=_key(values, X25519),
        multiaddrs=_service(values, P2P, _P2p).multiaddrs,
        metadata=_service(values, METADATA, StationMetadata),
        credential=_service(values, CREDENTIAL, _Credential).jwt,
    )


def difference(held: Mapping[Attribute, int], wanted: Sequence[Attribute], now: int) -> Changes:
    """Tell what leads from the attributes `held` (with the block time until when) to `wanted`.

    What a document is not made of is left alone. What runs out within 30 days of `now` (block time)
    is set again.
    """
    strange = (it for it in held if it not in wanted and it.name.startswith(_OURS))
    missing = (it for it in wanted if held.get(it, 0) <= now + _RENEW_AHEAD_S)
    return Changes(revoke=tuple(strange), set=tuple(missing))


class _P2p(Frozen):
    multiaddrs: Annotated[tuple[_Multiaddr, ...], Field(min_length=1, max_length=_MULTIADDRS)]


class _Payment(Frozen):
    account: Annotated[str, StringConstraints(pattern=r"^eip155:[0-9]{1,20}:0x[0-9a-fA-F]{40}$")]


class _Credential(Frozen):
    jwt: Annotated[str, StringConstraints(max_length=4096)]


def _by_name(attributes: Iterable[Attribute]) -> dict[str, bytes]:
    values: dict[str, bytes] = {}
    for attribute in attributes:
        if attribute.name in values and attribute.name in _NEEDED:
            raise StationDocumentError(f"{attribute.name} is there twice")
        values[attribute.name] = attribute.value
    return values


def _value(values: Mapping[str, bytes], name: str) -> bytes:
    try:
        return values[name]
    except KeyError:
        raise StationNotOnboardedError(f"the document has no {_NEEDED[name]}") from None


def _key(values: Mapping[str, bytes], name: str) -> str:
    value = _value(values, name)
    if len(value) != _KEY_BYTES:
        raise StationDocumentError(f"{name} is no key of {_KEY_BYTES} bytes")
    return value.hex()


def _service(values: Mapping[str, bytes], name: str, model: type[M]) -> M:
    try:
        return model.model_validate_json(_value(values, name))
    except ValidationError as error:
        raise StationDocumentError(f"{_NEEDED[name]}: {first_fault(error)}") from error


def _canonical(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
