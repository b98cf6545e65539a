"""Stations at peaq's DID precompile, played by a contract that lets anybody do anything, too."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.sender import Sender
from sdk.did.authority import authority_did, issue_station_credential
from sdk.did.credential import StationSubject
from sdk.did.errors import (
    CredentialRevokedError,
    DidUnresolvableError,
    KeysMismatchError,
    MalformedDidError,
    StationDocumentError,
    StationNotOnboardedError,
    UntrustedAuthorityError,
    WrongSubjectError,
)
from sdk.did.identifier import EthrDid
from sdk.did.peaq import (
    PRECOMPILE,
    VALID_FOR,
    PeaqDid,
    PeaqRegistry,
    PeaqResolver,
    publish_at_peaq,
)
from sdk.did.peaq_document import Term, read_peaq_document, write_peaq_document
from sdk.did.registry import DidRegistry
from sdk.did.revocation import Revocations, revocation
from sdk.did.signed_calls import Changes
from sdk.did.station_document import StationDocument, StationMetadata
from sdk.ids import utc_now
from sdk.p2p.keys import P2pKey
from sdk.tariff import Tariff

CONTRACT = Path(__file__).parent / "contracts" / "PeaqDid.vy"
SERVER = P2pKey.generate()


@pytest.fixture(scope="module")
def pallet() -> str:
    """The code of the contract that plays the precompile."""
    command = [sys.executable, "-m", "vyper.cli.vyper_compile", "-f", "bytecode_runtime"]
    done = subprocess.run([*command, str(CONTRACT)], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@dataclass
class Yard:
    """One station, an authority, and a stranger who pays for what he does."""

    chain: ChainClient
    gas: Sender
    key: SigningKey = field(default_factory=new_key)
    authority: SigningKey = field(default_factory=new_key)
    later: timedelta = timedelta()

    @property
    def did(self) -> str:
        return str(PeaqDid(self.key.address))

    @property
    def registry(self) -> PeaqRegistry:
        return PeaqRegistry(self.chain)

    def clock(self) -> datetime:
        return utc_now() + self.later

    def resolver(self) -> PeaqResolver:
        trusted = [authority_did(self.authority, self.chain.chain_id)]
        revocations = Revocations(DidRegistry(self.chain, Deployment()), self.clock)
        return PeaqResolver(self.registry, trusted, self.clock, revocations)

    def document(self, name: str = "Yard", key: SigningKey | None = None) -> StationDocument:
        station = key or self.key
        subject = StationSubject(
            did=str(PeaqDid(station.address)),
            charge_point_id="CP-1",
            account=station.address,
            ed25519=SERVER.ed25519,
            x25519=SERVER.x25519,
        )
        chain_id = self.chain.chain_id
        return StationDocument(
            account=station.address,
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
            credential=issue_station_credential(
                self.authority, subject, self.clock(), timedelta(days=90), chain_id
            ),
        )

    async def publish(self, document: StationDocument, key: SigningKey | None = None) -> None:
        signer = key or self.key
        await publish_at_peaq(self.registry, document, signer, self.gas, self.clock)

    async def overwrite(self, value: bytes) -> None:
        """Write another's attribute: the pallet does not mind."""
        await self.registry.write(self.key.address, value, self.gas)


@pytest.fixture
async def yard(chain: ChainClient, gas: Sender, pallet: str) -> Yard:
    await chain.rpc("anvil_setCode", PRECOMPILE, pallet)
    return Yard(chain, gas)


async def test_a_station_is_published_and_resolved(yard: Yard) -> None:
    await yard.publish(yard.document())
    found = await yard.resolver().resolve(yard.did.lower())
    assert found.did == yard.did
    assert found.provider == yard.key.address
    assert (found.peer_id, found.x25519) == (SERVER.peer_id, SERVER.x25519)
    assert (found.name, found.tariff) == ("Yard", Tariff(per_kwh=3 * 10**17))
    assert await yard.chain.balance(yard.key.address) == 0, "the station's key only signs"
    yard.later += timedelta(minutes=1)
    await yard.publish(yard.document("Barn"))
    assert (await yard.resolver().resolve(yard.did)).name == "Barn"


async def test_what_is_not_there_is_told(yard: Yard) -> None:
    with pytest.raises(StationNotOnboardedError):
        await yard.resolver().resolve(yard.did)
    with pytest.raises(MalformedDidError):
        await yard.resolver().resolve(f"did:ethr:0x1:{yard.key.address}")
    await yard.publish(yard.document())
    await yard.registry.remove(yard.key.address, yard.gas)
    with pytest.raises(StationNotOnboardedError):
        await yard.resolver().resolve(yard.did)
    elsewhere = PeaqRegistry(yard.chain, new_key().address)
    with pytest.raises(DidUnresolvableError):
        await elsewhere.read(yard.key.address)


async def test_a_document_that_another_signed_is_refused(yard: Yard) -> None:
    thief = new_key()
    await yard.publish(yard.document())
    genuine = await yard.registry.read(yard.key.address)
    assert genuine is not None
    await yard.publish(yard.document(key=thief), thief)
    stolen = await yard.registry.read(thief.address)
    assert stolen is not None
    await yard.overwrite(stolen)
    with pytest.raises(KeysMismatchError):
        await yard.resolver().resolve(yard.did)
    # The thief signs what says that it is the station's.
    claimed = replace(yard.document(), credential=yard.document(key=thief).credential)
    await publish_at_peaq(yard.registry, claimed, thief, yard.gas, yard.clock)
    await yard.publish(claimed)
    with pytest.raises(WrongSubjectError):
        await yard.resolver().resolve(yard.did)
    await yard.overwrite(genuine)
    assert (await yard.resolver().resolve(yard.did)).name == "Yard"


async def test_one_changed_byte_breaks_the_signature(yard: Yard) -> None:
    await yard.publish(yard.document())
    genuine = await yard.registry.read(yard.key.address)
    assert genuine is not None
    await yard.overwrite(genuine.replace(b"Yard".hex().encode(), b"Bard".hex().encode()))
    with pytest.raises(KeysMismatchError):
        await yard.resolver().resolve(yard.did)


async def test_an_authority_that_is_not_trusted_is_refused(yard: Yard) -> None:
    await yard.publish(yard.document())
    yard.authority = new_key()
    with pytest.raises(UntrustedAuthorityError):
        await yard.resolver().resolve(yard.did)


async def test_a_revoked_credential_is_refused_where_there_is_a_registry(yard: Yard) -> None:
    document = yard.document()
    await yard.publish(document)
    registry = DidRegistry(yard.chain, Deployment())
    did = EthrDid(yard.chain.chain_id, yard.authority.address)
    changes = Changes(set=(revocation(document.credential),))
    await registry.change(did, changes, yard.authority, yard.gas)
    with pytest.raises(CredentialRevokedError):
        await yard.resolver().resolve(yard.did)


async def test_an_older_document_is_not_taken_by_who_saw_a_newer_one(yard: Yard) -> None:
    await yard.publish(yard.document())
    old = await yard.registry.read(yard.key.address)
    assert old is not None
    yard.later += timedelta(minutes=1)
    await yard.publish(yard.document("Barn"))
    seen = yard.resolver()
    assert (await seen.resolve(yard.did)).name == "Barn"
    await yard.overwrite(old)
    with pytest.raises(StationDocumentError, match="put back"):
        await seen.resolve(yard.did)
    assert (await yard.resolver().resolve(yard.did)).name == "Yard", "who never saw it can't know"
    yard.later += VALID_FOR
    with pytest.raises(StationDocumentError, match="ran out"):
        await yard.resolver().resolve(yard.did)


@pytest.mark.parametrize("value", [b"", b"zz", b"00", b"0a", b"0aff", b"0a01", b"ff" * 20_000])
async def test_nonsense_is_told(value: bytes) -> None:
    with pytest.raises(StationDocumentError):
        await asyncio.to_thread(read_peaq_document, value)


@pytest.mark.parametrize(
    ("issued_at", "said"),
    [(10**9 - 1, b" Infinity"), (10**9 - 1, b"[1, 2, 3]"), (10**4000 - 1, b"[" * 4000)],
)
async def test_a_term_that_is_nonsense_is_told(issued_at: int, said: bytes) -> None:
    key = SigningKey.from_bytes(b"\x01" * 32)
    value = write_peaq_document(str(PeaqDid(key.address)), (), Term(issued_at, 1), key)
    forged = bytes.fromhex(value.decode()).replace(str(issued_at).encode(), said)
    with pytest.raises(StationDocumentError):
        read_peaq_document(forged.hex().encode())
