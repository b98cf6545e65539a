"""A driver's app in the test's own process, which waits where it is told to."""

import asyncio
from contextlib import suppress

from machine import TOKEN, TestStation, World

from sdk.chain.accounts import new_key
from sdk.chain.addresses import Deployment
from sdk.chain.dev_node import CHAIN_ID
from sdk.chain.errors import ChainUnavailableError
from sdk.chain.sender import Sender
from sdk.did.authority import authority_did
from sdk.did.registry import DidRegistry
from sdk.did.resolver import StationResolver
from sdk.errors import NoroamError
from sdk.events.service import ChargingStatus, Receipt
from sdk.ids import utc_now
from sdk.p2p import consumer_events as happened
from sdk.p2p.consumer import Consumer
from sdk.p2p.consumer_chain import NodeChain
from sdk.p2p.consumer_errors import NoAnswerError, RequestRefusedError
from sdk.p2p.consumer_settings import ConsumerSettings
from sdk.p2p.consumer_state import ConsumerState

DEPOSIT = TOKEN


class SlowStore:
    """Keeps the state, and lets the app wait for it while `approves` is not set."""

    def __init__(self) -> None:
        self.approves = asyncio.Event()
        self.approves.set()
        self.signed = {0}
        """What any voucher allowed that the app may have sent."""

    async def save(self, state: ConsumerState) -> None:
        """See `Store.save`."""
        await self.approves.wait()
        if state.voucher is not None:
            self.signed.add(state.voucher.spent)


class ScriptedApp:
    """One driver. `requests`, `pays`, `stops` and `store.approves` are gates.

    A closed one holds that step: the request, the deposit, the stop, the approval.
    """

    def __init__(self, world: World, station: TestStation) -> None:
        self.requests, self.pays, self.stops = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.store = SlowStore()
        self.refund_account = new_key().address
        self.session_id = ""
        self.wallet = ""
        self.deposited = 0
        self.status: ChargingStatus | None = None
        self.receipt: Receipt | None = None
        self.rejected: str | None = None
        self.troubles: list[str] = []
        self._world = world
        self._station = station
        self._payer = new_key()

    @property
    def most_signed(self) -> int:
        """What the highest voucher allows."""
        return max(self.store.signed)

    @property
    def is_over(self) -> bool:
        """Whether the app knows how its session ended."""
        return self.receipt is not None or self.rejected is not None

    async def run(self) -> None:
        """Charge once, as an app does."""
        world = self._world
        await world.node.fund(self._payer.address, 2 * DEPOSIT)
        registry = DidRegistry(world.client, Deployment())
        trusted = (authority_did(world.authority, CHAIN_ID),)
        async with Consumer(
            ConsumerSettings(CHAIN_ID, Deployment()),
            StationResolver(registry, trusted, utc_now),
            NodeChain(world.client, self._payer),
            refund_account=self.refund_account,
            store=self.store,
        ) as consumer:
            await consumer.connect(self._station.did)
            await self.requests.wait()
            quote = await consumer.quote(1, DEPOSIT)
            self.session_id, self.wallet = quote.terms.session_id, quote.terms.wallet
            await consumer.start(quote, self._deposit)
            await self._follow(consumer)

    async def _deposit(self, address: str, amount: int) -> None:
        await self.pays.wait()
        wallet = Sender(self._world.client, self._payer)
        while True:
            try:
                await wallet.send(address, b"", value=amount)
            except ChainUnavailableError as error:
                self.troubles.append(f"deposit: {error}")
                if await self._world.client.balance(address) == amount:
                    break
                await asyncio.sleep(0.5)
            else:
                break
        self.deposited = amount

    async def _follow(self, consumer: Consumer) -> None:
        while not self.is_over:
            event = await consumer.next_event(0.1)
            if event is not None:
                self._take(event)
            if self.stops.is_set() and self.status is not None:
                await self._maybe_stop(consumer, self.status)

    async def _maybe_stop(self, consumer: Consumer, status: ChargingStatus) -> None:
        charged = status.phase == "charging" and status.energy_wh > 0
        if charged or (status.phase == "starting" and self.stops_early):
            with suppress(NoAnswerError, RequestRefusedError):
                await consumer.stop()

    stops_early = False
    """Stops before anything was charged, too."""

    def _take(self, event: happened.ConsumerEvent) -> None:
        match event:
            case happened.StatusChanged(status=status):
                self.status = status
            case happened.VoucherSigned() | happened.ProposalApproved():
                pass
            case happened.ReceiptDelivered(receipt=receipt):
                self.receipt = receipt
            case happened.SessionRejected(reason=reason):
                self.rejected = reason
            case _:
                self.troubles.append(str(event))


def said(error: BaseException) -> str:
    """Put what ended an app into one line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) if isinstance(error, NoroamError) else repr(error)
