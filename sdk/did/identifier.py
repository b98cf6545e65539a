"""Names: `did:ethr:0x<chain id>:<address>`, and the text of the QR code on a connector. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from eth_utils.address import to_checksum_address

from sdk.did.errors import MalformedDidError

_DID = re.compile(r"did:ethr:0x(?P<chain>[0-9a-fA-F]{1,16}):(?P<address>0x[0-9a-fA-F]{40})")
_CONNECTOR = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class EthrDid:
    """A did:ethr of an account; equal whatever case it was written in.

    `chain_id` is the chain of the registry, `address` the account in EIP-55 checksum case.
    """

    chain_id: int
    address: str

    @classmethod
    def parse(cls, text: str) -> "EthrDid":
        """Read a DID. An address in mixed case must have the right checksum (EIP-55).

        Raises MalformedDidError, also for a DID of a public key, or of a chain by name.
        """
        match = _DID.fullmatch(text)
        if match is None:
            raise MalformedDidError(f"{text[:100]!r} is no did:ethr:0x<chain>:<address>")
        digits = match["address"].removeprefix("0x")
        address = to_checksum_address("0x" + digits)
        if digits not in (digits.lower(), digits.upper()) and "0x" + digits != address:
            raise MalformedDidError(f"{text}: the address has a typing mistake")
        return cls(int(match["chain"], 16), address)

    def __str__(self) -> str:
        return f"did:ethr:{self.chain_id:#x}:{self.address}"


def same_did(one: str, other: str) -> bool:
    """Tell whether two texts name one DID; where neither is a did:ethr, but for their case."""
    try:
        return EthrDid.parse(one) == EthrDid.parse(other)
    except MalformedDidError:
        ours = any(it.lower().startswith("did:ethr:") for it in (one, other))
        return not ours and one.lower() == other.lower()


@dataclass(frozen=True, slots=True)
class QrCode:
    """What the QR code on a connector says: whose it is, and which of its connectors (from 1)."""

    did: EthrDid
    connector_id: int

    @classmethod
    def parse(cls, text: str) -> "QrCode":
        """Read a scanned text; connector 1 where none is named. Raises MalformedDidError."""
        name, _, query = text.strip().partition("?")
        connectors = [value for key, value in parse_qsl(query) if key == "connector"] or ["1"]
        if len(connectors) > 1 or not _CONNECTOR.fullmatch(connectors[0]):
            raise MalformedDidError("the QR code names no connector as a number")
        connector_id = int(connectors[0])
        if connector_id < 1:
            raise MalformedDidError("connectors are counted from 1")
        return cls(EthrDid.parse(name), connector_id)

    def __str__(self) -> str:
        return f"{self.did}?connector={self.connector_id}"
