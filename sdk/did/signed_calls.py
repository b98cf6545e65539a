"""Changes to a DID that its key signs and any other account may send (ERC-1056, `…Signed`). Pure.

What is signed: 0x19 0x00, the registry's address, the owner's nonce there, the identity, the
function's name and its arguments. It names no chain: on a chain that has the registry at the same
address, anyone may set the same attribute of the DID of the same account, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from sdk.chain.accounts import SigningKey
from sdk.chain.safe import selector
from sdk.did.registry_events import Attribute

_NAME_BYTES = 32


@dataclass(frozen=True, slots=True)
class Changes:
    """What leads from one set of attributes to another: first revoke, then set."""

    revoke: tuple[Attribute, ...] = ()
    set: tuple[Attribute, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.revoke or self.set)


@dataclass(frozen=True, slots=True)
class ChangeSigner:
    """Signs changes to `identity` with its owner's key, for the registry contract `registry`."""

    registry: str
    identity: str
    key: SigningKey

    def calls(self, changes: Changes, nonce: int, validity: int) -> list[bytes]:
        """Give the calls to the registry, to be made in this order.

        `nonce` is the owner's at the registry; what is set holds `validity` seconds.
        """
        calls: Sequence[tuple[Attribute, int | None]] = [
            *((attribute, None) for attribute in changes.revoke),
            *((attribute, validity) for attribute in changes.set),
        ]
        return [self._call(*call, nonce=nonce + turn) for turn, call in enumerate(calls)]

    def owner_call(self, owner: str, nonce: int) -> bytes:
        """Give the call that makes `owner` the DID's owner, at the present owner's `nonce`."""
        packed = bytes.fromhex(owner[2:])
        return self._signed_call("changeOwner", packed, nonce, {"address": owner})

    def _call(self, attribute: Attribute, validity: int | None, *, nonce: int) -> bytes:
        name = attribute_name(attribute.name)
        arguments: dict[str, object] = {"bytes32": name, "bytes": attribute.value}
        packed = name + attribute.value
        if validity is None:
            return self._signed_call("revokeAttribute", packed, nonce, arguments)
        packed += validity.to_bytes(32, "big")
        return self._signed_call("setAttribute", packed, nonce, {**arguments, "uint256": validity})

    def _signed_call(
        self, function: str, packed: bytes, nonce: int, arguments: Mapping[str, object]
    ) -> bytes:
        """`arguments` are those of `function` after the identity, by their type; no type twice."""
        signature = self._signature(function, packed, nonce)
        types = ["address", "uint8", "bytes32", "bytes32", *arguments]
        head = [self.identity, signature[64], signature[:32], signature[32:64]]
        name = f"{function}Signed({','.join(types)})"
        return selector(name) + encode(types, [*head, *arguments.values()])

    def _signature(self, function: str, packed: bytes, nonce: int) -> bytes:
        digest = keccak(
            b"\x19\x00"
            + bytes.fromhex(self.registry[2:])
            + nonce.to_bytes(32, "big")
            + bytes.fromhex(self.identity[2:])
            + function.encode()
            + packed
        )
        return bytes.fromhex(self.key.sign_digest(digest)[2:])


def attribute_name(name: str) -> bytes:
    """Write an attribute's name as the registry keeps it. Raises ValueError above 32 bytes."""
    raw = name.encode("latin-1")
    if len(raw) > _NAME_BYTES:
        raise ValueError(f"{name} is longer than {_NAME_BYTES} bytes")
    return raw.ljust(_NAME_BYTES, b"\0")
