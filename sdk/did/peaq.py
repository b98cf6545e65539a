"""Stations whose document is at peaq's DID precompile, beside those at an ERC-1056 registry.

A DID is `did:peaq:0x<account>`; its document is the attribute `noroam` of that account. The pallet
lets anybody write, change and remove anybody's attribute. So a document counts only if the
station's account signed it, and what a reader saw before must not be newer. Whoever removes one can
keep a station from being found, and no reader can help that.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address

from sdk.chain.accounts import SigningKey
from sdk.chain.client import ChainClient
from sdk.chain.errors import TransactionRevertedError
from sdk.chain.safe import selector
from sdk.chain.sender import Mined, Sender
from sdk.did.credential import trusted_authorities, verify_credential
from sdk.did.errors import (
    DidUnresolvableError,
    KeysMismatchError,
    MalformedDidError,
    StationDocumentError,
    StationNotOnboardedError,
)
from sdk.did.identifier import EthrDid
from sdk.did.peaq_document import Term, read_peaq_document, write_peaq_document
from sdk.did.resolver import StationDescription, describe
from sdk.did.revocation import Revocations
from sdk.did.station_document import StationDocument, read_station
from sdk.ids import Clock

PRECOMPILE = "0x0000000000000000000000000000000000000800"
ATTRIBUTE = b"noroam"
VALID_FOR = timedelta(days=30)
"""How long a signed document holds, and so how long an old one can be put back."""
_READ = "readAttribute(address,bytes)"
_ADD = "addAttribute(address,bytes,bytes,uint32)"
_UPDATE = "updateAttribute(address,bytes,bytes,uint32)"
_REMOVE = "removeAttribute(address,bytes)"
_DID = re.compile(r"did:peaq:(0x[0-9a-fA-F]{40})")


@dataclass(frozen=True, slots=True)
class PeaqDid:
    """A did:peaq of an account of the chain's EVM, in EIP-55 checksum case."""

    address: str

    @classmethod
    def parse(cls, text: str) -> "PeaqDid":
        """Read a DID. Raises MalformedDidError."""
        match = _DID.fullmatch(text)
        if match is None:
            raise MalformedDidError(f"{text[:100]!r} is no did:peaq:<address>")
        return cls(to_checksum_address(match[1]))

    def __str__(self) -> str:
        return f"did:peaq:{self.address}"


class PeaqRegistry:
    """Reads and writes attributes at the precompile; each method raises a ChainError as well."""

    def __init__(self, client: ChainClient, precompile: str = PRECOMPILE) -> None:
        self._client = client
        self._precompile = precompile

    @property
    def chain_id(self) -> int:
        """The chain that it is on."""
        return self._client.chain_id

    async def read(self, account: str) -> bytes | None:
        """Give an account's document as it is stored; None where there is none any more."""
        data = selector(_READ) + encode(["address", "bytes"], [account, ATTRIBUTE])
        try:
            answer = await self._client.call(self._precompile, data)
            ((_, value, validity, _),) = decode(["(bytes,bytes,uint32,uint256)"], answer)
        except TransactionRevertedError:
            return None
        except DecodingError as error:
            raise DidUnresolvableError(f"there is no DID pallet at {self._precompile}") from error
        if 0 < validity < (await self._client.block()).number:
            return None
        return bytes(value)

    async def write(self, account: str, value: bytes, sender: Sender) -> Mined:
        """Put a document in the place of what is there; `sender` may be anybody."""
        signature = _ADD if await self.read(account) is None else _UPDATE
        types = ["address", "bytes", "bytes", "uint32"]
        call = selector(signature) + encode(types, [account, ATTRIBUTE, value, 0])
        return await sender.send(self._precompile, call)

    async def remove(self, account: str, sender: Sender) -> Mined:
        """Take a document away; `sender` may be anybody."""
        call = selector(_REMOVE) + encode(["address", "bytes"], [account, ATTRIBUTE])
        return await sender.send(self._precompile, call)


async def publish_at_peaq(
    registry: PeaqRegistry, station: StationDocument, key: SigningKey, sender: Sender, clock: Clock
) -> Mined:
    """Sign a station's document with the station's key, and have `sender` write it."""
    now = clock()
    term = Term(int(now.timestamp()), int((now + VALID_FOR).timestamp()))
    attributes = station.attributes(registry.chain_id)
    value = write_peaq_document(str(PeaqDid(key.address)), attributes, term, key)
    return await registry.write(key.address, value, sender)


class PeaqResolver:
    """Resolves stations of one chain, as `sdk.did.resolver.StationResolver` does for did:ethr."""

    def __init__(
        self,
        registry: PeaqRegistry,
        authorities: Iterable[str],
        clock: Clock,
        revocations: Revocations | None = None,
    ) -> None:
        """Trust the authorities of these did:ethr DIDs.

        `revocations` are read where the chain has an ERC-1056 registry, too; what anybody could
        remove would be no revocation. Raises MalformedDidError.
        """
        self._registry = registry
        self._authorities = trusted_authorities(authorities)
        self._clock = clock
        self._revocations = revocations
        self._newest: dict[PeaqDid, int] = {}

    async def resolve(self, did: str) -> StationDescription:
        """Read and verify a station's document. Raises a DidError, or a ChainError."""
        known = PeaqDid.parse(did)
        value = await self._registry.read(known.address)
        if value is None:
            raise StationNotOnboardedError(f"{known} has no document")
        document = read_peaq_document(value)
        if document.signer != known.address or PeaqDid.parse(document.did) != known:
            raise KeysMismatchError(f"{known} did not sign its document")
        self._check_term(known, document.term)
        account = EthrDid(self._registry.chain_id, known.address)
        station = read_station(account, document.attributes)
        credential = verify_credential(station.credential, self._authorities, self._clock())
        found = describe(known, known.address, station, credential)
        if self._revocations is not None:
            await self._revocations.check(station.credential)
        self._newest[known] = document.term.issued_at
        return found

    def _check_term(self, did: PeaqDid, term: Term) -> None:
        if self._clock().timestamp() >= term.valid_until:
            raise StationDocumentError(f"the document of {did} ran out")
        if term.issued_at < self._newest.get(did, 0):
            raise StationDocumentError(f"an older document of {did} was put back")
