"""Onboarding over a real Valkey and a real chain: what it publishes, when, and who may sell."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest

from p2p_server.identity import announce
from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.sender import Sender
from sdk.charge_point_config import ChargePointConfig, station_did
from sdk.did.authority import authority_did, issue_station_credential
from sdk.did.credential import StationSubject
from sdk.did.errors import (
    CredentialRevokedError,
    KeysMismatchError,
    StationNotOnboardedError,
)
from sdk.did.identifier import EthrDid
from sdk.did.registry import DidRegistry
from sdk.did.resolver import StationDescription, StationResolver
from sdk.did.revocation import revocation
from sdk.did.signed_calls import Changes
from sdk.events.station import DidPublished, DidPublishFailed
from sdk.ids import utc_now
from sdk.logs import get_logger
from sdk.p2p.keys import P2pKey
from sdk.register import Register
from sdk.station_state import read_station_state
from sdk.tariff import Tariff
from session_manager.inspector import Inspector
from session_manager.onboarding import Onboarding, Pace
from session_manager.publisher import Publisher

T = TypeVar("T")
POINT = "CP-1"
QUICK = Pace(poll=0.02, refresh=60.0, first_retry=0.05, last_retry=0.1)
WATCHFUL = Pace(poll=0.02, refresh=0.1, first_retry=0.05, last_retry=0.1)


class CountingClient(ChainClient):
    """A client that remembers how often it asked."""

    asked = 0

    async def ask(self, read: Callable[[Any], T], method: str, *params: Any) -> T:
        self.asked += 1
        return await super().ask(read, method, *params)


@dataclass
class Yard:
    """One registered station, its P2P server, an authority, and a chain."""

    bus: RedisBus
    node: DevNode
    client: CountingClient
    gas: SigningKey
    key: SigningKey = field(default_factory=new_key)
    authority: SigningKey = field(default_factory=new_key)
    server: P2pKey = field(default_factory=P2pKey.generate)
    later: timedelta = timedelta()

    @property
    def did(self) -> str:
        return station_did(CHAIN_ID, self.key.address)

    def clock(self) -> datetime:
        return utc_now() + self.later

    def credential(self, authority: SigningKey | None = None, seconds: int = 86_400) -> str:
        subject = StationSubject(
            did=self.did,
            charge_point_id=POINT,
            account=self.key.address,
            ed25519=self.server.ed25519,
            x25519=self.server.x25519,
        )
        issuer = authority or self.authority
        return issue_station_credential(issuer, subject, self.clock(), timedelta(seconds=seconds))

    async def register(self, credential: str | None) -> None:
        config = ChargePointConfig(
            charge_point_id=POINT,
            did=self.did,
            tariff=Tariff(per_kwh=3 * 10**17),
            connectors=2,
            name="Yard",
            credential=credential,
        )
        await Register(self.bus).add(config)

    async def announce(self, port: int = 4001, server: P2pKey | None = None) -> None:
        key = server or self.server
        multiaddr = f"/ip4/127.0.0.1/tcp/{port}/p2p/{key.peer_id}"
        await announce(self.bus, key, [multiaddr], self.clock)

    def onboarding(
        self,
        pace: Pace = QUICK,
        keyring: dict[str, SigningKey] | None = None,
        gas: SigningKey | None = None,
    ) -> Onboarding:
        known = {self.key.address: self.key} if keyring is None else keyring
        sender = Sender(self.client, gas or self.gas)
        publisher = Publisher(self.client, sender, Deployment(), known.get)
        trusted = [authority_did(self.authority, CHAIN_ID)]
        inspector = Inspector(self.bus, publisher, trusted, self.clock)
        return Onboarding(self.bus, inspector, self.clock, get_logger("onboarding"), pace)

    async def resolve(self) -> StationDescription:
        trusted = [authority_did(self.authority, CHAIN_ID)]
        registry = DidRegistry(self.client, Deployment())
        return await StationResolver(registry, trusted, self.clock).resolve(self.did)

    async def identity(self) -> dict[str, str]:
        return await self.bus.read(keys.identity(POINT))

    async def sent(self) -> int:
        return await self.client.transaction_count(self.gas.address)


@pytest.fixture
async def yard(redis_bus: RedisBus) -> AsyncIterator[Yard]:
    async with DevNode() as node:
        gas = new_key()
        await node.fund(gas.address, 10**18)
        client = CountingClient([node.http_url], CHAIN_ID, request_timeout=1.0)
        yield Yard(redis_bus, node, client, gas)
        await client.close()


@asynccontextmanager
async def running(onboarding: Onboarding) -> AsyncIterator[Onboarding]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(onboarding.run())
        onboarding.add(POINT)
        yield onboarding
        task.cancel()


async def until(holds: Callable[[], bool], seconds: float = 8.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)


async def until_identity(yard: Yard, **expected: str) -> dict[str, str]:
    async with asyncio.timeout(8):
        while True:
            identity = await yard.identity()
            if expected.items() <= identity.items():
                return identity
            await asyncio.sleep(0.01)


async def until_resolved(yard: Yard, holds: Callable[[StationDescription], bool]) -> None:
    async with asyncio.timeout(8):
        while True:
            with suppress(StationNotOnboardedError):
                if holds(await yard.resolve()):
                    return
            await asyncio.sleep(0.02)


async def test_a_station_is_published_and_shown(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    async with running(yard.onboarding()) as onboarding:
        assert onboarding.state(POINT) == "checking"
        await until(lambda: onboarding.is_onboarded(POINT))
        identity = await until_identity(yard, state="published")

    found = await yard.resolve()
    assert found.multiaddrs == (f"/ip4/127.0.0.1/tcp/4001/p2p/{yard.server.peer_id}",)
    assert (found.name, found.connectors) == ("Yard", 2)
    assert identity["qr"] == f"{yard.did}?connector=1"
    assert identity["address"] == yard.key.address
    assert (identity["balance"], identity["reason"]) == ("0", "")
    assert 0 < int(identity["gas_balance"]) < 10**18
    assert f'"id": "{yard.did}"' in identity["document"]
    assert (await read_station_state(yard.bus, POINT)).identity.state == "published"
    assert await yard.sent() == 1


async def test_while_nothing_changes_the_chain_is_left_alone(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    async with running(yard.onboarding()):
        await until_identity(yard, state="published")
        asked = yard.client.asked
        await yard.announce()
        await asyncio.sleep(0.3)
        assert yard.client.asked == asked


async def test_a_restart_changes_nothing(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    async with running(yard.onboarding()):
        await until_identity(yard, state="published")
    async with running(yard.onboarding()) as again:
        await until(lambda: again.is_onboarded(POINT))
        assert await again.publish(POINT) == DidPublished(did=yard.did, transactions=())
    assert await yard.sent() == 1


async def test_a_restart_while_a_transaction_is_pending_ends_with_one_document(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    await yard.client.rpc("evm_setAutomine", False)
    async with asyncio.TaskGroup() as group:
        killed = group.create_task(yard.onboarding().publish(POINT))
        async with asyncio.timeout(8):
            while await yard.sent() == 0:  # noqa: ASYNC110 - the node tells of no pending ones
                await asyncio.sleep(0.01)
        killed.cancel()
    async with asyncio.TaskGroup() as group:
        again = group.create_task(yard.onboarding().publish(POINT))
        await asyncio.sleep(0.2)
        await yard.client.rpc("evm_setAutomine", True)
        await yard.node.mine()
    assert isinstance(again.result(), DidPublished)
    held = await DidRegistry(yard.client, Deployment()).read(EthrDid.parse(yard.did))
    assert len(held.attributes) == 6
    assert (await yard.resolve()).did == yard.did


async def test_a_new_tariff_is_published(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    async with running(yard.onboarding()) as onboarding:
        await until(lambda: onboarding.is_onboarded(POINT))
        await Register(yard.bus).set(POINT, tariff=Tariff(per_kwh=5 * 10**17))
        await until_resolved(yard, lambda found: found.tariff.per_kwh == 5 * 10**17)
    assert await yard.sent() == 2


async def test_a_p2p_server_that_moved_is_published(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    async with running(yard.onboarding()) as onboarding:
        await until(lambda: onboarding.is_onboarded(POINT))
        await yard.announce(port=4999)
        await until_resolved(yard, lambda found: "/tcp/4999/" in found.multiaddrs[0])
        assert onboarding.is_onboarded(POINT)


async def test_the_server_that_the_credential_names_is_announced(yard: Yard) -> None:
    other, yard.server = sorted((yard.server, P2pKey.generate()), key=lambda key: key.peer_id)
    await yard.announce(server=other)
    await yard.announce()
    await yard.register(yard.credential())
    async with running(yard.onboarding()):
        await until_identity(yard, state="published")
    assert (await yard.resolve()).peer_id == yard.server.peer_id


async def test_without_credential_nothing_is_published_until_there_is_one(yard: Yard) -> None:
    await yard.announce()
    await yard.register(None)
    async with running(yard.onboarding()) as onboarding:
        await until_identity(yard, state="not_onboarded", reason="no_credential")
        answer = await onboarding.publish(POINT)
        assert isinstance(answer, DidPublishFailed)
        assert answer.reason == "no_credential"
        assert not onboarding.is_onboarded(POINT)
        assert await yard.sent() == 0
        await Register(yard.bus).set(POINT, credential=yard.credential())
        await until(lambda: onboarding.is_onboarded(POINT))


async def test_without_p2p_server_nothing_is_published_until_one_comes(yard: Yard) -> None:
    await yard.register(yard.credential())
    async with running(yard.onboarding()) as onboarding:
        await until_identity(yard, state="not_onboarded", reason="no_p2p_server")
        await yard.announce()
        await until(lambda: onboarding.is_onboarded(POINT))


async def test_a_credential_by_someone_else_is_not_enough(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential(authority=new_key()))
    async with running(yard.onboarding()) as onboarding:
        await until_identity(yard, state="not_onboarded", reason="untrusted_authority")
        answer = await onboarding.publish(POINT)
    assert isinstance(answer, DidPublishFailed)
    assert answer.reason == "credential_invalid"
    assert await yard.sent() == 0


async def test_a_credential_over_another_p2p_key_is_not_enough(yard: Yard) -> None:
    credential = yard.credential()
    yard.server = P2pKey.generate()
    await yard.announce()
    await yard.register(credential)
    async with running(yard.onboarding()):
        await until_identity(yard, state="not_onboarded", reason="keys_mismatch")


async def test_when_the_credential_runs_out_the_station_sells_no_more(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential(seconds=60))
    async with running(yard.onboarding()) as onboarding:
        await until(lambda: onboarding.is_onboarded(POINT))
        yard.later = timedelta(seconds=60)
        assert not onboarding.is_onboarded(POINT)
        await until_identity(yard, state="not_onboarded", reason="credential_expired")


async def test_when_the_credential_is_revoked_the_station_sells_no_more(yard: Yard) -> None:
    await yard.announce()
    await yard.register(token := yard.credential())
    async with running(yard.onboarding(WATCHFUL)) as onboarding:
        await until(lambda: onboarding.is_onboarded(POINT))
        registry = DidRegistry(yard.client, Deployment())
        authority = EthrDid(CHAIN_ID, yard.authority.address)
        payer = Sender(yard.client, yard.node.accounts[1])
        await registry.change(authority, Changes(set=(revocation(token),)), yard.authority, payer)
        yard.later = timedelta(minutes=1)  # beyond what was read a moment ago
        await until_identity(yard, state="not_onboarded", reason="credential_revoked")
        assert not onboarding.is_onboarded(POINT)
        answer = await onboarding.publish(POINT)
        assert isinstance(answer, DidPublishFailed)
        assert answer.reason == "credential_invalid"
        with pytest.raises(CredentialRevokedError):
            await yard.resolve()
        await Register(yard.bus).set(POINT, credential=yard.credential(seconds=3600))
        await until(lambda: onboarding.is_onboarded(POINT))
        assert (await yard.resolve()).did == yard.did


async def test_a_station_whose_did_has_another_owner_sells_no_more(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    async with running(yard.onboarding(WATCHFUL)) as onboarding:
        await until(lambda: onboarding.is_onboarded(POINT))
        registry = DidRegistry(yard.client, Deployment())
        payer = Sender(yard.client, yard.node.accounts[1])
        did = EthrDid.parse(yard.did)
        await registry.change_owner(did, new_key().address, yard.key, payer)
        await until_identity(yard, state="not_onboarded", reason="not_owner")
        assert not onboarding.is_onboarded(POINT)
        with pytest.raises(KeysMismatchError):
            await yard.resolve()


async def test_a_chain_that_is_down_is_tried_until_it_answers(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    await yard.node.stop()
    async with running(yard.onboarding()) as onboarding:
        await until_identity(yard, state="chain_unavailable", reason="no_answer")
        answer = await onboarding.publish(POINT)
        assert isinstance(answer, DidPublishFailed)
        assert answer.reason == "chain_unavailable"
        await yard.node.start()
        await yard.node.fund(yard.gas.address, 10**18)
        await until(lambda: onboarding.is_onboarded(POINT))
    assert (await yard.resolve()).did == yard.did


async def test_a_document_that_the_chain_lost_is_published_again(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    async with running(yard.onboarding(WATCHFUL)) as onboarding:
        await until(lambda: onboarding.is_onboarded(POINT))
        await yard.node.stop()
        await asyncio.sleep(0.3)
        assert onboarding.is_onboarded(POINT), "what was published is not lost with the node"
        await yard.node.start()  # an empty chain: the deepest reorganisation there is
        await yard.node.fund(yard.gas.address, 10**18)
        await until_resolved(yard, lambda found: found.did == yard.did)
        assert onboarding.is_onboarded(POINT)


async def test_an_empty_gas_account_is_told_and_tried_again(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    await yard.node.fund(yard.gas.address, 0)
    async with running(yard.onboarding()) as onboarding:
        await until_identity(yard, state="not_published", reason="gas_account_low")
        await yard.node.fund(yard.gas.address, 10**18)
        await until(lambda: onboarding.is_onboarded(POINT))


async def test_a_station_whose_key_is_elsewhere_is_not_published(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    async with running(yard.onboarding(keyring={})) as onboarding:
        await until_identity(yard, state="not_onboarded", reason="no_key")
        assert not onboarding.is_onboarded(POINT)


async def test_a_configuration_that_cannot_be_read_is_told(yard: Yard) -> None:
    await yard.bus.write(keys.config(POINT), {"did": "did:web:x", "tariff": "{"})
    async with running(yard.onboarding()):
        identity = await until_identity(yard, state="not_onboarded", reason="misconfigured")
    assert "qr" not in identity


async def test_a_lease_that_is_lost_ends_the_care(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    async with running(yard.onboarding()) as onboarding:
        await until_identity(yard, state="published")
        onboarding.remove(POINT)
        await Register(yard.bus).set(POINT, name="Barn")
        await asyncio.sleep(0.2)
        assert onboarding.state(POINT) == "checking"
    assert await yard.sent() == 1


async def test_two_managers_that_publish_at_once_end_with_one_document(yard: Yard) -> None:
    await yard.announce()
    await yard.register(yard.credential())
    first, second = yard.onboarding(), yard.onboarding(gas=yard.node.accounts[3])
    answers = await asyncio.gather(first.publish(POINT), second.publish(POINT))
    assert all(isinstance(answer, DidPublished) for answer in answers)
    held = await DidRegistry(yard.client, Deployment()).read(EthrDid.parse(yard.did))
    assert len(held.attributes) == 6
