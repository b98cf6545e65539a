"""The ERC-1056 registry on the chain: reads the history of a DID, and changes it."""

from eth_utils.address import to_checksum_address

from sdk.chain.accounts import SigningKey
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.errors import ContractsMissingError
from sdk.chain.safe import multi_send_call, selector
from sdk.chain.sender import Mined, Sender
from sdk.did.document import DidDocument, read_document
from sdk.did.errors import DidUnresolvableError
from sdk.did.identifier import EthrDid
from sdk.did.registry_events import RegistryEvent, read_events
from sdk.did.signed_calls import Changes, ChangeSigner

VALIDITY_S = 10 * 365 * 86_400
"""How long what we set holds, in seconds: it is replaced, not renewed."""
_WORD_BYTES = 32
LONGEST_HISTORY = 1_000
"""The most blocks that are read of one DID: its owner could make readers walk for ever."""


class DidRegistry:
    """Reads and changes DIDs of one chain.

    Every method raises ChainUnavailableError and WrongChainError, as ChainClient does, and
    ContractsMissingError where the chain has no registry at the address.
    """

    def __init__(self, client: ChainClient, deployment: Deployment) -> None:
        self._client = client
        self._deployment = deployment

    @property
    def chain_id(self) -> int:
        """The chain whose DIDs these are."""
        return self._client.chain_id

    async def changed_at(self, address: str) -> int:
        """Give the block of the last change to a DID; 0 if there never was one."""
        return int.from_bytes(await self._ask("changed(address)", address), "big")

    async def owner(self, address: str) -> str:
        """Give the account that controls a DID; NOBODY's where it was given up."""
        answer = await self._ask("identityOwner(address)", address)
        return str(to_checksum_address(answer[12:32]))

    async def nonce(self, owner: str) -> int:
        """Give the nonce that an owner's next signed change must have."""
        return int.from_bytes(await self._ask("nonce(address)", owner), "big")

    async def read(self, did: EthrDid) -> DidDocument:
        """Read a DID as it stands at the newest block. Raises DidUnresolvableError."""
        if did.chain_id != self.chain_id:
            raise DidUnresolvableError(f"{did} is not of chain {self.chain_id}")
        changed_at = await self.changed_at(did.address)
        events = await self._history(did.address, changed_at)
        head = await self._client.block()
        return read_document(did, events, head.timestamp, changed_at)

    async def change(
        self, did: EthrDid, changes: Changes, key: SigningKey, sender: Sender
    ) -> Mined | None:
        """Make all changes in one transaction, all or none; None if there are none.

        `key` is the owner's and only signs; `sender` pays. Raises TransactionRevertedError (another
        owner, or someone used the nonce at the same time: read again), and as Sender.send does.
        """
        registry = self._deployment.did_registry
        signer = ChangeSigner(registry, did.address, key)
        calls = signer.calls(changes, await self.nonce(key.address), VALIDITY_S)
        if not calls:
            return None
        if len(calls) == 1:
            return await sender.send(registry, calls[0])
        both = multi_send_call([(registry, call) for call in calls])
        return await sender.send(self._deployment.multi_send, both)

    async def _history(self, address: str, changed_at: int) -> list[RegistryEvent]:
        """Walk from block to block, newest first; give all events, oldest first."""
        topics = [None, "0x" + address[2:].lower().rjust(64, "0")]
        history: list[list[RegistryEvent]] = []
        block = changed_at
        while block:
            registry = [self._deployment.did_registry]
            events = read_events(await self._client.logs(block, block, registry, topics))
            if not events:
                raise DidUnresolvableError(f"the node does not show what changed in block {block}")
            history.append(events)
            if len(history) > LONGEST_HISTORY:
                raise DidUnresolvableError(f"changed in more than {LONGEST_HISTORY} blocks")
            # Several changes in one block name that block itself; the first names the one before.
            previous = min(event.previous_change for event in events)
            if previous >= block:
                raise DidUnresolvableError("the registry's history does not end")
            block = previous
        return [event for events in reversed(history) for event in events]

    async def _ask(self, function: str, account: str) -> bytes:
        registry = self._deployment.did_registry
        argument = bytes(12) + bytes.fromhex(account[2:])
        answer = await self._client.call(registry, selector(function) + argument)
        if len(answer) != _WORD_BYTES:
            raise ContractsMissingError(f"there is no ERC-1056 registry at {registry}")
        return answer
