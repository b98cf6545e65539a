"""Our DID documents are, as JSON, those of the reference resolver of did:ethr, run beside it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from did_history import DidHistory, any_history
from ethr_reference import EthrReference, as_doubles, ethr_reference

from sdk.chain.accounts import new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import DevNode
from sdk.did.errors import DidUnresolvableError
from sdk.did.registry import DidRegistry
from sdk.did.registry_events import NOBODY

SERVICE = b"did/svc/hub"
SIGNING = b"did/pub/Secp256k1/veriKey/hex"
SEALING = b"did/pub/X25519/enc/hex"


@dataclass
class Pair:
    """One chain, and both resolvers on it."""

    client: ChainClient
    reference: EthrReference

    async def agree(self, history: DidHistory, block: int | None = None) -> dict[str, Any]:
        """Resolve by both, compare, and give the document."""
        expected = await self.reference.resolve(str(history.did), block)
        found = await DidRegistry(self.client, Deployment()).read(history.did, block)
        document: dict[str, Any] = as_doubles(json.dumps(found.json, allow_nan=False))
        assert document == expected["didDocument"]
        metadata = expected["didDocumentMetadata"]
        assert found.deactivated == metadata.get("deactivated", False)
        return document

    async def agree_on_versions(self, history: DidHistory, block: int) -> None:
        metadata = (await self.reference.resolve(str(history.did), block))["didDocumentMetadata"]
        found = await DidRegistry(self.client, Deployment()).read(history.did, block)
        assert str(found.changed_at) == metadata.get("versionId", "0")
        following = metadata.get("nextVersionId")
        assert found.next_change == (None if following is None else int(following))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node() -> AsyncIterator[DevNode]:
    async with DevNode() as running:
        yield running


@pytest.fixture
async def pair(node: DevNode) -> AsyncIterator[Pair]:
    client = node.client()
    async with ethr_reference(node.http_url) as reference:
        yield Pair(client, reference)
    await client.close()


async def test_a_did_that_nothing_was_ever_said_of(pair: Pair) -> None:
    document = await pair.agree(DidHistory(pair.client))
    assert len(document["verificationMethod"]) == 1


async def test_several_changes_in_one_block_and_in_many(pair: Pair) -> None:
    history = DidHistory(pair.client)
    for number in range(3):
        history.set(SIGNING, bytes([number]) * 33)
        history.set(SERVICE, b'{"number": %d}' % number)
        await history.mine()
    history.revoke(SERVICE, b'{"number": 1}')
    await history.mine()
    document = await pair.agree(history)
    assert [it["serviceEndpoint"]["number"] for it in document["service"]] == [0, 2]
    for block in history.blocks:
        await pair.agree(history, block)
        await pair.agree_on_versions(history, block)
    await pair.agree(history, history.blocks[0] - 1)


async def test_a_revoked_sealing_key_stays_an_agreement_without_a_key(pair: Pair) -> None:
    history = DidHistory(pair.client)
    history.set(SEALING, bytes(32))
    await history.mine()
    history.revoke(SEALING, bytes(32))
    await history.mine()
    document = await pair.agree(history)
    assert len(document["keyAgreement"]) == len(document["verificationMethod"]) == 1


async def test_delegates_come_and_go(pair: Pair) -> None:
    history, account = DidHistory(pair.client), new_key().address
    history.delegate(b"veriKey", account)
    history.delegate(b"sigAuth", account)
    history.delegate(b"enc", account)
    await history.mine()
    assert len((await pair.agree(history))["verificationMethod"]) == 3
    history.dismiss(b"veriKey", account)
    await history.mine()
    # As of the very second in which it is dismissed it still holds.
    await pair.agree(history, history.blocks[-1])
    await pair.client.rpc("anvil_mine", "0x2", "0x5")
    head = (await pair.client.block()).number
    assert len((await pair.agree(history, head))["verificationMethod"]) == 2


async def test_what_expires_is_there_until_its_last_second(pair: Pair) -> None:
    history = DidHistory(pair.client)
    history.set(SERVICE, b"soon gone", 100)
    await history.mine()
    started = (await pair.client.block()).timestamp
    for seconds, services in ((100, 1), (101, 0)):
        await pair.client.rpc("evm_setNextBlockTimestamp", hex(started + seconds))
        await pair.client.rpc("anvil_mine", "0x1")
        document = await pair.agree(history, (await pair.client.block()).number)
        assert len(document.get("service", ())) == services


async def test_another_owner_and_then_nobody(pair: Pair) -> None:
    history = DidHistory(pair.client)
    history.set(SERVICE, b"one")
    await history.mine()
    owner = new_key().address
    await history.hand_over(owner)
    history.set(SERVICE, b"two")
    await history.mine()
    document = await pair.agree(history)
    assert document["verificationMethod"][0]["blockchainAccountId"].endswith(owner)
    await history.hand_over(NOBODY)
    history.set(SERVICE, b"from beyond")  # the registry lets the first owner do so
    await history.mine()
    document = await pair.agree(history)
    assert document["verificationMethod"] == []
    assert "service" not in document
    for block in history.blocks:
        await pair.agree(history, block)


@pytest.mark.parametrize("seed", range(40))
async def test_any_history_at_any_of_its_blocks(pair: Pair, seed: int) -> None:
    history = await any_history(pair.client, seed)
    head = (await pair.client.block()).number
    for block in (*history.blocks, head):
        await pair.agree(history, block)


async def test_where_we_differ_on_purpose(pair: Pair) -> None:
    history = DidHistory(pair.client)
    deep = b"[" * 2_000 + b"]" * 2_000
    history.set(SERVICE, deep)
    history.set(b"did/pub/to/String", b"1")
    await history.mine()
    expected = (await pair.reference.resolve(str(history.did)))["didDocument"]
    found = (await DidRegistry(pair.client, Deployment()).read(history.did)).json
    assert found["service"][0].pop("serviceEndpoint") == deep.decode()
    assert expected["service"][0].pop("serviceEndpoint")[0][0][0]
    assert found["verificationMethod"][1].pop("type") == "to"
    assert "type" not in expected["verificationMethod"][1]
    assert found == expected


async def test_a_block_that_there_is_not_is_told(pair: Pair) -> None:
    with pytest.raises(DidUnresolvableError, match="no block"):
        await DidRegistry(pair.client, Deployment()).read(DidHistory(pair.client).did, 10**9)
