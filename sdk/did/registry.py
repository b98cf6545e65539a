"""The ERC-1056 registry on the chain: reads the history of a DID, and changes it."""

from dataclasses import replace

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
from sdk.did.registry_events import ChangedBlock, read_events
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
        """Give the account that the registry lets change a DID.

        Of one that was given up it is the first owner again; `read` tells that it was.
        """
        answer = await self._ask("identityOwner(address)", address)
        return str(to_checksum_address(answer[12:32]))

    async def nonce(self, owner: str) -> int:
        """Give the nonce that an owner's next signed change must have."""
        return int.from_bytes(await self._ask("nonce(address)", owner), "big")

    async def read(self, did: EthrDid, block: int | None = None) -> DidDocument:
        """Read a DID as it stands at the newest block, or as it stood at the end of `block`.

        It takes the logs of the DID's changes, and no state of old blocks. Raises
        DidUnresolvableError, also for a block that there is not.
        """
        history = await self.history(did)
        head = await self._client.find_block("latest" if block is None else block)
        if head is None:
            raise DidUnresolvableError(f"there is no block {block}")
        past = history if block is None else [it for it in history if it.number <= block]
        later = history[len(past) :]
        events = [event for it in past for event in it.events]
        changed_at = past[-1].number if past else 0
        document = read_document(did, events, head.timestamp, changed_at)
        return replace(document, next_change=later[0].number if later else None)

    async def history(
        self, did: EthrDid, since: int = 0, most: int = LONGEST_HISTORY
    ) -> list[ChangedBlock]:
        """Read what changed of a DID after block `since`, oldest first, in at most `most` blocks.

        Raises DidUnresolvableError.
        """
        if did.chain_id != self.chain_id:
            raise DidUnresolvableError(f"{did} is not of chain {self.chain_id}")
        return await self._walk(did.address, await self.changed_at(did.address), since, most)

    async def change(
        self, did: EthrDid, changes: Changes, key: SigningKey, sender: Sender
    ) -> Mined | None:
        """Make all changes in one transaction, all or none; None if there are none.

        `key` is the owner's and only signs; `sender` pays. Raises TransactionRevertedError (another
        owner, or someone used the nonce at the same time: read again), and as Sender.send does.
        """
        signer = self._signer(did, key)
        registry = signer.registry
        calls = signer.calls(changes, await self.nonce(key.address), VALIDITY_S)
        if not calls:
            return None
        if len(calls) == 1:
            return await sender.send(registry, calls[0])
        both = multi_send_call([(registry, call) for call in calls])
        return await sender.send(self._deployment.multi_send, both)

    async def change_owner(
        self, did: EthrDid, owner: str, key: SigningKey, sender: Sender
    ) -> Mined:
        """Hand a DID over to another account, for good; to NOBODY: give it up.

        `key` is the present owner's; `sender` pays. Raises as `change`.
        """
        signer = self._signer(did, key)
        call = signer.owner_call(owner, await self.nonce(key.address))
        return await sender.send(signer.registry, call)

    def _signer(self, did: EthrDid, key: SigningKey) -> ChangeSigner:
        return ChangeSigner(self._deployment.did_registry, did.address, key)

    async def _walk(self, address: str, newest: int, since: int, most: int) -> list[ChangedBlock]:
        """Walk from block to block, newest first; give all of them, oldest first."""
        topics = [None, "0x" + address[2:].lower().rjust(64, "0")]
        registry = [self._deployment.did_registry]
        history: list[ChangedBlock] = []
        block = newest
        while block > since:
            events = read_events(await self._client.logs(block, block, registry, topics))
            if not events:
                raise DidUnresolvableError(f"the node does not show what changed in block {block}")
            history.append(ChangedBlock(block, tuple(events)))
            if len(history) > most:
                raise DidUnresolvableError(f"changed in more than {most} blocks")
            # Several changes in one block name that block itself; the first names the one before.
            previous = min(event.previous_change for event in events)
            if previous >= block:
                raise DidUnresolvableError("the registry's history does not end")
            block = previous
        return history[::-1]

    async def _ask(self, function: str, account: str) -> bytes:
        registry = self._deployment.did_registry
        argument = bytes(12) + bytes.fromhex(account[2:])
        answer = await self._client.call(registry, selector(function) + argument)
        if len(answer) != _WORD_BYTES:
            raise ContractsMissingError(f"there is no ERC-1056 registry at {registry}")
        return answer
