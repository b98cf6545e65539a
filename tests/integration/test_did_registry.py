"""A station's DID on a real chain: published, resolved, changed, given up, and not to be forged."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import pytest_asyncio
from eth_abi.abi import encode

from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import DevNode
from sdk.chain.errors import (
    ChainUnavailableError,
    ContractsMissingError,
    TransactionRevertedError,
)
from sdk.chain.safe import selector
from sdk.chain.sender import Mined, Sender
from sdk.did.authority import authority_did, issue_station_credential
from sdk.did.credential import StationSubject, read_credential
from sdk.did.errors import (
    CredentialExpiredError,
    CredentialRevokedError,
    CredentialSignatureError,
    DidDeactivatedError,
    DidUnresolvableError,
    KeysMismatchError,
    StationNotOnboardedError,
    UntrustedAuthorityError,
)
from sdk.did.identifier import EthrDid
from sdk.did.registry import LONGEST_HISTORY, VALIDITY_S, DidRegistry
from sdk.did.registry_events import NOBODY, Attribute, ChangedBlock
from sdk.did.resolver import StationResolver
from sdk.did.revocation import Revocations, revocation
from sdk.did.signed_calls import Changes
from sdk.did.station_document import METADATA, StationDocument, StationMetadata, difference
from sdk.ids import utc_now
from sdk.p2p.keys import P2pKey
from sdk.tariff import Tariff

AUTHORITY = new_key()
SERVER = P2pKey.generate()
SET = "setAttribute(address,bytes32,bytes,uint256)"
CHANGE_OWNER = "changeOwner(address,address)"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node() -> AsyncIterator[DevNode]:
    async with DevNode() as running:
        yield running


class CountingRegistry(DidRegistry):
    """A registry that remembers how many blocks each look at a history took."""

    def __init__(self, client: ChainClient, deployment: Deployment) -> None:
        super().__init__(client, deployment)
        self.walked: list[int] = []

    async def history(
        self, did: EthrDid, since: int = 0, most: int = LONGEST_HISTORY
    ) -> list[ChangedBlock]:
        found = await super().history(did, since, most)
        self.walked.append(len(found))
        return found


@dataclass
class Chain:
    """One fresh station on a shared chain."""

    node: DevNode
    client: ChainClient
    registry: DidRegistry
    gas: Sender
    key: SigningKey

    @property
    def did(self) -> EthrDid:
        return EthrDid(self.client.chain_id, self.key.address)

    def resolver(self, *, days: int = 0) -> StationResolver:
        trusted = [authority_did(AUTHORITY, self.client.chain_id)]
        return StationResolver(self.registry, trusted, lambda: utc_now() + timedelta(days=days))

    def document(self, *, authority: SigningKey = AUTHORITY, name: str = "Yard") -> StationDocument:
        subject = StationSubject(
            did=str(self.did),
            charge_point_id="CP-1",
            account=self.key.address,
            ed25519=SERVER.ed25519,
            x25519=SERVER.x25519,
        )
        return StationDocument(
            account=self.key.address,
            ed25519=SERVER.ed25519,
            x25519=SERVER.x25519,
            multiaddrs=(f"/ip4/127.0.0.1/tcp/4001/p2p/{SERVER.peer_id}",),
            metadata=StationMetadata(
                charge_point_id="CP-1",
                name=name,
                maximum_power_w=22_000,
                plug_types=("Type 2",),
                connectors=2,
                tariff=Tariff(per_kwh=3 * 10**17),
            ),
            credential=issue_station_credential(authority, subject, utc_now(), timedelta(days=30)),
        )

    async def publish(self, station: StationDocument) -> tuple[Changes, Mined | None]:
        held = await self.registry.read(self.did)
        wanted = station.attributes(self.client.chain_id)
        changes = difference(held.attributes, wanted, held.read_at)
        return changes, await self.registry.change(self.did, changes, self.key, self.gas)

    async def call_as_owner(self, signature: str, *arguments: object) -> Mined:
        await self.node.fund(self.key.address, 10**18)
        types = signature[signature.index("(") + 1 : -1].split(",")
        data = selector(signature) + encode(types, [self.key.address, *arguments])
        return await Sender(self.client, self.key).send(Deployment().did_registry, data)


@pytest.fixture
async def chain(node: DevNode) -> AsyncIterator[Chain]:
    client = node.client()
    registry = DidRegistry(client, Deployment())
    yield Chain(node, client, registry, Sender(client, node.accounts[0]), new_key())
    await client.close()


async def test_a_published_station_is_resolved_and_verified(chain: Chain) -> None:
    changes, mined = await chain.publish(chain.document())
    assert len(changes.set) == 6
    assert mined is not None
    assert await chain.client.balance(chain.key.address) == 0, "the station's key only signs"

    found = await chain.resolver().resolve(str(chain.did).lower())

    assert found.did == str(chain.did)
    assert found.provider == chain.key.address
    assert found.peer_id == SERVER.peer_id
    assert found.tariff == Tariff(per_kwh=3 * 10**17)
    assert found.credential.issuer == authority_did(AUTHORITY, chain.client.chain_id)


async def test_the_same_document_takes_no_transaction(chain: Chain) -> None:
    station = chain.document()
    await chain.publish(station)
    before = (await chain.client.block()).number
    changes, mined = await chain.publish(station)
    assert not changes
    assert mined is None
    assert (await chain.client.block()).number == before


async def test_a_changed_part_is_revoked_and_set_in_one_block(chain: Chain) -> None:
    station = chain.document()
    await chain.publish(station)
    renamed = replace(station, metadata=station.metadata.model_copy(update={"name": "Barn"}))
    changes, mined = await chain.publish(renamed)
    assert [it.name for it in (*changes.revoke, *changes.set)] == [METADATA, METADATA]
    assert mined is not None
    assert len(mined.receipt["logs"]) == 2
    assert (await chain.resolver().resolve(str(chain.did))).name == "Barn"


async def test_history_over_many_blocks_with_several_changes_in_each_is_read_whole(
    chain: Chain,
) -> None:
    for number in range(5):
        await chain.publish(chain.document(name=f"Name {number}"))
        await chain.node.mine(2)
    held = await chain.registry.read(chain.did)
    assert len(held.attributes) == 6
    assert (await chain.resolver().resolve(str(chain.did))).name == "Name 4"
    services = {service["type"]: service["id"] for service in held.json["service"]}
    assert set(services) == {"p2p", "payment", "metadata", "credential"}


async def test_what_was_set_holds_for_its_time(chain: Chain) -> None:
    await chain.publish(chain.document())
    held = await chain.registry.read(chain.did)
    assert all(abs(until - held.read_at - VALIDITY_S) < 60 for until in held.attributes.values())


async def test_an_attribute_expires_by_block_time(chain: Chain) -> None:
    await chain.call_as_owner(SET, b"did/svc/short".ljust(32, b"\0"), b"soon gone", 100)
    head = await chain.client.block()
    short = Attribute("did/svc/short", b"soon gone")
    assert short in (await chain.registry.read(chain.did)).attributes
    await chain.node.set_time(head.timestamp + 101)
    assert short not in (await chain.registry.read(chain.did)).attributes


async def test_an_authority_that_is_not_trusted_is_refused(chain: Chain) -> None:
    await chain.publish(chain.document(authority=new_key()))
    with pytest.raises(UntrustedAuthorityError):
        await chain.resolver().resolve(str(chain.did))


async def test_a_tampered_credential_is_refused(chain: Chain) -> None:
    station = chain.document()
    header, claims, _ = station.credential.split(".")
    signature = chain.document(name="x", authority=new_key()).credential.split(".")[2]
    await chain.publish(replace(station, credential=f"{header}.{claims}.{signature}"))
    with pytest.raises(CredentialSignatureError):
        await chain.resolver().resolve(str(chain.did))


async def test_an_expired_credential_is_refused(chain: Chain) -> None:
    await chain.publish(chain.document())
    with pytest.raises(CredentialExpiredError):
        await chain.resolver(days=31).resolve(str(chain.did))


async def test_other_keys_than_those_vouched_for_are_refused(chain: Chain) -> None:
    station = replace(chain.document(), x25519="44" * 32)
    await chain.publish(station)
    with pytest.raises(KeysMismatchError):
        await chain.resolver().resolve(str(chain.did))


def other_signature(token: str) -> str:
    """Rewrite a signature as anybody can: r, n - s is as good as r, s."""
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    signed, _, signature = token.rpartition(".")
    raw = urlsafe_b64decode(signature + "==")
    other = raw[:32] + (order - int.from_bytes(raw[32:])).to_bytes(32)
    return f"{signed}.{urlsafe_b64encode(other).rstrip(b'=').decode()}"


async def revoke(chain: Chain, token: str, authority: SigningKey = AUTHORITY) -> EthrDid:
    did = EthrDid(chain.client.chain_id, authority.address)
    changes = Changes(set=(revocation(token),))
    await chain.registry.change(did, changes, authority, chain.gas)
    return did


async def test_a_revoked_credential_is_refused_and_no_other(chain: Chain) -> None:
    station = chain.document()
    await chain.publish(station)
    await chain.resolver().resolve(str(chain.did))
    subject = read_credential(station.credential).subject
    another = issue_station_credential(AUTHORITY, subject, utc_now(), timedelta(days=7))
    await revoke(chain, another)
    await chain.resolver().resolve(str(chain.did))
    authority = await revoke(chain, station.credential)
    with pytest.raises(CredentialRevokedError) as refused:
        await chain.resolver().resolve(str(chain.did))
    assert refused.value.reason == "credential_revoked"
    twin = other_signature(station.credential)
    await chain.publish(replace(station, credential=twin))
    with pytest.raises(CredentialRevokedError):
        await chain.resolver().resolve(str(chain.did))
    # An authority can take that back as well.
    undone = Changes(revoke=(revocation(station.credential),))
    await chain.registry.change(authority, undone, AUTHORITY, chain.gas)
    await chain.resolver().resolve(str(chain.did))


async def test_whom_only_another_revoked_is_trusted(chain: Chain) -> None:
    station = chain.document()
    await chain.publish(station)
    await revoke(chain, station.credential, new_key())
    await chain.resolver().resolve(str(chain.did))


async def test_revocations_are_read_once_and_then_only_what_is_new(chain: Chain) -> None:
    authority, now = new_key(), utc_now()
    asked = CountingRegistry(chain.client, Deployment())
    seen = Revocations(asked, lambda: now)
    subject = read_credential(chain.document().credential).subject
    tokens = [
        issue_station_credential(authority, subject, now, timedelta(days=days))
        for days in range(1, 5)
    ]
    for number, token in enumerate(tokens):
        now += timedelta(minutes=1)
        await seen.check(token)
        await revoke(chain, token, authority)
        await seen.check(token)  # not asked again so soon
        now += timedelta(minutes=1)
        with pytest.raises(CredentialRevokedError):
            await seen.check(token)
        assert len(await seen.list_of(EthrDid(chain.client.chain_id, authority.address))) == (
            number + 1
        )
    assert asked.walked == [0, 1, 0, 1, 0, 1, 0, 1]
    now += timedelta(minutes=10)  # a reorganisation may have taken some away
    await seen.list_of(EthrDid(chain.client.chain_id, authority.address))
    assert asked.walked[-1] == 4


async def test_nobody_is_trusted_while_revocations_cannot_be_read(chain: Chain) -> None:
    station = chain.document()
    await chain.publish(station)
    client = ChainClient(["http://127.0.0.1:9"], chain.client.chain_id)
    blind = Revocations(DidRegistry(client, Deployment()), utc_now)
    with pytest.raises(ChainUnavailableError):
        await blind.check(station.credential)
    await client.close()


async def test_a_station_as_it_was_at_a_past_block(chain: Chain) -> None:
    before = (await chain.client.block()).number
    station = chain.document()
    _, first = await chain.publish(station)
    renamed = replace(station, metadata=station.metadata.model_copy(update={"name": "Barn"}))
    _, second = await chain.publish(renamed)
    assert first is not None
    assert second is not None
    resolver, did = chain.resolver(), str(chain.did)
    assert (await resolver.resolve_at(did, first.block_number)).name == "Yard"
    assert (await resolver.resolve_at(did, second.block_number)).name == "Barn"
    held = await chain.registry.read(chain.did, first.block_number)
    assert (held.changed_at, held.next_change) == (first.block_number, second.block_number)
    with pytest.raises(StationNotOnboardedError):
        await resolver.resolve_at(did, before)


async def test_the_key_hands_its_did_over_and_another_account_pays(chain: Chain) -> None:
    await chain.publish(chain.document())
    owner = new_key()
    await chain.registry.change_owner(chain.did, owner.address, chain.key, chain.gas)
    assert (await chain.registry.read(chain.did)).owner == owner.address
    with pytest.raises(TransactionRevertedError):
        await chain.registry.change_owner(chain.did, chain.key.address, chain.key, chain.gas)
    await chain.registry.change_owner(chain.did, chain.key.address, owner, chain.gas)
    assert (await chain.resolver().resolve(str(chain.did))).provider == chain.key.address


async def test_what_was_given_up_stays_so_though_the_registry_takes_changes(chain: Chain) -> None:
    await chain.publish(chain.document())
    await chain.registry.change_owner(chain.did, NOBODY, chain.key, chain.gas)
    changes = Changes(set=(Attribute("did/svc/p2p", b"{}"),))
    await chain.registry.change(chain.did, changes, chain.key, chain.gas)
    assert await chain.registry.owner(chain.key.address) == chain.key.address
    assert (await chain.registry.read(chain.did)).deactivated
    with pytest.raises(DidDeactivatedError):
        await chain.resolver().resolve(str(chain.did))


async def test_an_account_that_is_no_station_is_told_apart(chain: Chain) -> None:
    with pytest.raises(StationNotOnboardedError):
        await chain.resolver().resolve(str(chain.did))


async def test_with_another_owner_the_old_key_has_no_say(chain: Chain) -> None:
    station = chain.document()
    await chain.publish(station)
    owner = new_key()
    await chain.call_as_owner(CHANGE_OWNER, owner.address)
    assert await chain.registry.owner(chain.key.address) == owner.address
    with pytest.raises(KeysMismatchError):
        await chain.resolver().resolve(str(chain.did))
    with pytest.raises(TransactionRevertedError):
        await chain.publish(chain.document(name="mine again"))


async def test_a_did_that_was_given_up_is_told(chain: Chain) -> None:
    await chain.publish(chain.document())
    await chain.call_as_owner(CHANGE_OWNER, NOBODY)
    with pytest.raises(DidDeactivatedError):
        await chain.resolver().resolve(str(chain.did))


async def test_only_the_owners_signature_changes_a_did(chain: Chain) -> None:
    changes = Changes(set=(Attribute("did/svc/p2p", b"{}"),))
    with pytest.raises(TransactionRevertedError):
        await chain.registry.change(chain.did, changes, new_key(), chain.gas)
    assert await chain.registry.changed_at(chain.key.address) == 0


async def test_a_did_of_another_chain_is_not_looked_up(chain: Chain) -> None:
    with pytest.raises(DidUnresolvableError):
        await chain.resolver().resolve(f"did:ethr:0x1:{chain.key.address}")


async def test_a_chain_without_the_registry_is_told(chain: Chain) -> None:
    elsewhere = DidRegistry(chain.client, Deployment(did_registry=new_key().address))
    with pytest.raises(ContractsMissingError):
        await elsewhere.read(chain.did)


async def test_a_node_that_is_down_is_told() -> None:
    async with DevNode() as running:
        client = running.client()
    try:
        registry = DidRegistry(client, Deployment())
        with pytest.raises(ChainUnavailableError):
            await registry.read(EthrDid(client.chain_id, new_key().address))
    finally:
        await client.close()
