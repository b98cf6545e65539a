"""The events of ERC-1056, read from a node's logs. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from sdk.did.errors import DidUnresolvableError

NOBODY = "0x" + "0" * 40
"""The owner of a DID that was given up."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a DID: a name such as `did/svc/p2p` (up to 32 bytes), and its value."""

    name: str
    value: bytes


@dataclass(frozen=True, slots=True)
class AttributeChanged:
    """An attribute was set, until `valid_to` (block time, seconds), or revoked (0)."""

    previous_change: int
    attribute: Attribute
    valid_to: int


@dataclass(frozen=True, slots=True)
class DelegateChanged:
    """An account may (until `valid_to`) or may no longer sign as `kind` for the DID."""

    previous_change: int
    kind: str
    delegate: str
    valid_to: int


@dataclass(frozen=True, slots=True)
class OwnerChanged:
    """The DID belongs to another account now, or to NOBODY."""

    previous_change: int
    owner: str


RegistryEvent = AttributeChanged | DelegateChanged | OwnerChanged


@dataclass(frozen=True, slots=True)
class ChangedBlock:
    """What changed of a DID in one block, in the order of its logs; never empty."""

    number: int
    events: tuple[RegistryEvent, ...]


_ATTRIBUTE = keccak(text="DIDAttributeChanged(address,bytes32,bytes,uint256,uint256)")
_DELEGATE = keccak(text="DIDDelegateChanged(address,bytes32,address,uint256,uint256)")
_OWNER = keccak(text="DIDOwnerChanged(address,address,uint256)")


def read_events(logs: Sequence[Mapping[str, Any]]) -> list[RegistryEvent]:
    """Read the logs of one block in their order. Raises DidUnresolvableError."""
    ordered = sorted(logs, key=lambda log: int(log["logIndex"], 16))
    try:
        return [_read(bytes.fromhex(log["topics"][0][2:]), _data(log)) for log in ordered]
    except (DecodingError, ValueError) as error:
        raise DidUnresolvableError("the registry's log can't be read") from error


def is_utf8(name: str) -> bool:
    """Tell whether a name that was read here is text; others mean nothing to did:ethr."""
    try:
        name.encode("latin-1").decode()
    except UnicodeDecodeError:
        return False
    return True


def _data(log: Mapping[str, Any]) -> bytes:
    return bytes.fromhex(log["data"][2:])


def _read(kind: bytes, data: bytes) -> RegistryEvent:
    if kind == _ATTRIBUTE:
        name, value, valid_to, previous = decode(["bytes32", "bytes", "uint256", "uint256"], data)
        return AttributeChanged(previous, Attribute(_name(name), value), valid_to)
    if kind == _DELEGATE:
        role, delegate, valid_to, previous = decode(
            ["bytes32", "address", "uint256", "uint256"], data
        )
        return DelegateChanged(previous, _name(role), to_checksum_address(delegate), valid_to)
    if kind == _OWNER:
        owner, previous = decode(["address", "uint256"], data)
        return OwnerChanged(previous, to_checksum_address(owner))
    raise ValueError("not an event of the registry")


def _name(raw: bytes) -> str:
    # Latin-1 keeps every byte, so that an attribute with an odd name can still be told apart.
    return raw.rstrip(b"\0").decode("latin-1")
