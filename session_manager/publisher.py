"""Makes the chain say of a station what it should, and reads what its accounts hold."""

from collections.abc import Callable
from dataclasses import dataclass

from sdk.chain.accounts import SigningKey
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.errors import TransactionRevertedError
from sdk.chain.sender import Sender
from sdk.did.document import DidDocument
from sdk.did.errors import DidDeactivatedError, DidError, NotOwnerError
from sdk.did.identifier import EthrDid
from sdk.did.registry import DidRegistry
from sdk.did.station_document import difference
from session_manager.identity import WantedIdentity

KeyOf = Callable[[str], SigningKey | None]
"""Gives the key of an account; None where this process does not have it."""

_ATTEMPTS = 3


class NoKeyError(DidError):
    """This process does not have the key of the station's account."""

    reason = "no_key"


@dataclass(frozen=True, slots=True)
class Publication:
    """The document as the chain has it, and the transactions that it took to get there."""

    document: DidDocument
    transactions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Balances:
    """What is left in the station's and in the gas account, in the token's smallest unit."""

    station: int
    gas: int


class Publisher:
    """Publishes the documents of one chain; the gas account pays, the station's key only signs.

    Every method raises a ChainError when the chain can't be read.
    """

    def __init__(
        self, client: ChainClient, sender: Sender, deployment: Deployment, key_of: KeyOf
    ) -> None:
        self._client = client
        self._sender = sender
        self.registry = DidRegistry(client, deployment)
        self._key_of = key_of

    @property
    def chain_id(self) -> int:
        """The chain on which it publishes."""
        return self._client.chain_id

    async def publish(self, wanted: WantedIdentity) -> Publication:
        """Read the chain, and change only what differs from `wanted`; safe to repeat.

        Raises NotOwnerError, DidDeactivatedError, DidUnresolvableError, NoKeyError,
        TransactionRevertedError, InsufficientGasAccountError.
        """
        transactions: list[str] = []
        for attempt in range(_ATTEMPTS):
            document = await self.registry.read(wanted.did)
            changes = difference(document.attributes, wanted.attributes, document.read_at)
            key = self._key(document)
            if not changes:
                return Publication(document, tuple(transactions))
            try:
                mined = await self.registry.change(wanted.did, changes, key, self._sender)
            except TransactionRevertedError:
                # Another manager, or we before a restart, may have used the nonce: look again.
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                transactions += [mined.transaction_hash] if mined else []
        raise TransactionRevertedError(f"{wanted.did} is being changed by someone else")

    async def changed_at(self, did: EthrDid) -> int:
        """Give the block of the last change to a DID; 0 if there never was one."""
        return await self.registry.changed_at(did.address)

    async def balances(self, account: str) -> Balances:
        """Read what a station's account and the gas account hold."""
        return Balances(await self._client.balance(account), await self._sender.balance())

    def _key(self, document: DidDocument) -> SigningKey:
        if document.deactivated:
            raise DidDeactivatedError(f"{document.did} was given up by its owner")
        if document.owner != document.did.address:
            raise NotOwnerError(f"{document.did} belongs to {document.owner}")
        key = self._key_of(document.owner)
        if key is None:
            raise NoKeyError(f"there is no key of {document.owner} here")
        return key
