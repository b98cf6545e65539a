"""One station with its P2P server and authority on a local chain, and the API of its console."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from api_world import ApiWorld, api_world

from p2p_server.identity import announce
from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.dev_node import CHAIN_ID, DevNode
from sdk.chain.heads import NewHeads
from sdk.chain.sender import Sender
from sdk.charge_point_config import ChargePointConfig, station_did
from sdk.did.authority import authority_did, issue_station_credential
from sdk.did.credential import StationSubject
from sdk.did.identifier import EthrDid
from sdk.ids import utc_now
from sdk.logs import get_logger
from sdk.p2p.keys import P2pKey
from sdk.register import Register
from sdk.tariff import Tariff
from session_manager.api.own_process import OwnChain, OwnProcess
from session_manager.chain_watch import ChainWatch
from session_manager.inspector import Inspector
from session_manager.onboarding import Onboarding
from session_manager.publisher import Publisher

POINT = "CP-1"
SERVER = "console-1"
SETTINGS = {"CHAIN_ID": str(CHAIN_ID), "CREDENTIAL_KEY": "***"}


@dataclass
class IdentityWorld:
    """`api` is the console's; what a Session Manager would do with the station's key is here."""

    api: ApiWorld
    client: ChainClient
    sender: Sender
    key: SigningKey = field(default_factory=new_key)
    authority: SigningKey = field(default_factory=new_key)
    server: P2pKey = field(default_factory=P2pKey.generate)

    @property
    def did(self) -> EthrDid:
        return EthrDid.parse(station_did(CHAIN_ID, self.key.address))

    @property
    def credential(self) -> str:
        subject = StationSubject(
            did=str(self.did),
            charge_point_id=POINT,
            account=self.key.address,
            ed25519=self.server.ed25519,
            x25519=self.server.x25519,
        )
        return issue_station_credential(
            self.authority, subject, utc_now(), timedelta(seconds=86_400)
        )

    async def register(self) -> None:
        """Register the station, and have its P2P server announce itself."""
        config = ChargePointConfig(
            charge_point_id=POINT,
            did=str(self.did),
            tariff=Tariff(per_kwh=3 * 10**17),
            connectors=2,
            name="Yard",
            credential=self.credential,
        )
        await Register(self.api.bus).add(config)
        listens = [f"/ip4/127.0.0.1/tcp/4001/p2p/{self.server.peer_id}"]
        await announce(self.api.bus, self.server, listens, utc_now)

    def onboarding(self) -> Onboarding:
        """Make what publishes the station's document."""
        known = {self.key.address: self.key}
        publisher = Publisher(self.client, self.sender, Deployment(), known.get)
        trusted = [authority_did(self.authority, CHAIN_ID)]
        inspector = Inspector(self.api.bus, publisher, trusted, utc_now)
        return Onboarding(self.api.bus, inspector, utc_now, get_logger("onboarding"))


@asynccontextmanager
async def own_process(node: DevNode, authority: SigningKey) -> AsyncIterator[OwnProcess]:
    """Give what a process tells that reaches the chain by `node`, and trusts one authority."""
    client = ChainClient([node.http_url], CHAIN_ID)
    sender, heads = Sender(client, node.accounts[0]), NewHeads(())
    watch = ChainWatch(client, sender, heads, Deployment(), get_logger("chain"))
    trusted = (authority_did(authority, CHAIN_ID),)
    chain = OwnChain(client, sender, watch, Deployment(), trusted, utc_now)
    try:
        yield OwnProcess(SERVER, SETTINGS, chain)
    finally:
        await client.close()


@asynccontextmanager
async def identity_world(redis_url: str, node: DevNode) -> AsyncIterator[IdentityWorld]:
    """Run the API with a chain, until the block ends."""
    authority = new_key()
    async with (
        own_process(node, authority) as process,
        api_world(redis_url, process=process) as api,
    ):
        chain = process.chain
        assert chain is not None
        yield IdentityWorld(api, chain.client, chain.sender, authority=authority)
