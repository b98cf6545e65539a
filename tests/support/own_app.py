"""A driver's app in the test's own process, for what no honest app would do with its keys."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from machine import TOKEN, TestStation, World

from sdk.chain.accounts import SigningKey, new_key
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel
from sdk.chain.dev_node import CHAIN_ID
from sdk.chain.safe import SafeTx, create_proxy_call, exec_call, join_signatures
from sdk.chain.sender import Sender
from sdk.did.authority import authority_did
from sdk.did.registry import DidRegistry
from sdk.did.resolver import StationResolver
from sdk.events.service import QuoteOffered, Receipt
from sdk.ids import utc_now
from sdk.p2p import consumer_events as happened
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_chain import NodeChain
from sdk.p2p.consumer_settings import ConsumerSettings
from sdk.p2p.quote_check import channel_of

FAST = 1000.0
DEPOSIT = 2 * TOKEN


class OwnApp:
    """An app, its account, and its session on the chain."""

    def __init__(self, world: World, station: TestStation, consumer: Consumer) -> None:
        self.world = world
        self.station = station
        self.consumer = consumer
        self.payer = new_key()
        self.gas = Sender(world.client, self.payer)
        self.events: list[Any] = []
        self.quote: QuoteOffered | None = None

    @property
    def key(self) -> SigningKey:
        """The session key."""
        return self.consumer._driving.key

    @property
    def terms(self) -> QuoteOffered:
        assert self.quote is not None
        return self.quote

    @property
    def channel(self) -> Channel:
        return channel_of(self.terms, Deployment())

    async def start(self) -> None:
        """Take a quote and pay the deposit."""
        await self.world.node.fund(self.payer.address, 10 * TOKEN)
        quote = await self.consumer.quote(1, DEPOSIT)
        self.quote = quote.terms
        await self.consumer.start(quote, self.pay)

    async def pay(self, address: str, amount: int) -> None:
        """Send some to the wallet."""
        await self.gas.send(address, b"", value=amount)

    async def until(
        self, kind: type[Any] | tuple[type[Any], ...], holds: Callable[[Any], bool] = lambda _: True
    ) -> Any:
        """Follow the session up to an event."""
        async with asyncio.timeout(60):
            while True:
                event = await self.consumer.next_event(60)
                self.events.append(event)
                if isinstance(event, kind) and holds(event):
                    return event

    async def charging(self, energy_wh: int = 500) -> happened.StatusChanged:
        """Follow the session until so much was delivered."""
        event: happened.StatusChanged = await self.until(
            happened.StatusChanged, lambda it: it.status.energy_wh >= energy_wh
        )
        return event

    async def receipt(self) -> Receipt:
        """Follow the session to its receipt."""
        event: happened.ReceiptDelivered = await self.until(happened.ReceiptDelivered)
        return event.receipt

    async def deploy(self) -> None:
        """Deploy the session's wallet."""
        channel = self.channel
        call = create_proxy_call(channel.owners, channel.session_id, channel.deployment)
        await self.gas.send(channel.deployment.proxy_factory, call)

    async def execute(self, tx: SafeTx, provider_signature: str) -> str:
        """Have the deployed wallet execute `tx`; no questions are asked before."""
        channel = self.channel
        signatures = {
            channel.consumer: channel.sign(tx, self.key),
            channel.provider: provider_signature,
        }
        mined = await self.gas.send(channel.address, exec_call(tx, join_signatures(signatures)))
        return mined.transaction_hash

    async def balances(self) -> tuple[int, int, int]:
        """What station, refund account and wallet hold; the station began with one token."""
        read, terms = self.world.client.balance, self.terms
        station = await read(terms.provider) - TOKEN
        return station, await read(terms.refund_account), await read(terms.wallet)


@asynccontextmanager
async def own_app(
    world: World, station: TestStation, refund_account: str | None = None
) -> AsyncIterator[OwnApp]:
    """Connect an app whose refund account is a fresh one, unless one is given."""
    resolver = StationResolver(
        DidRegistry(world.client, Deployment()),
        (authority_did(world.authority, CHAIN_ID),),
        utc_now,
    )
    payer = new_key()
    await world.node.fund(payer.address, TOKEN)
    async with Consumer(
        ConsumerSettings(CHAIN_ID, Deployment(), speed_limit=FAST),
        resolver,
        NodeChain(world.client, payer),
        refund_account=refund_account or new_key().address,
    ) as consumer:
        await consumer.connect(station.did)
        yield OwnApp(world, station, consumer)
