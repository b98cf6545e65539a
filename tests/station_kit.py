"""One station on a bus, driven as the Session Manager drives it; the test plays all others."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sdk.bus import keys
from sdk.bus.interface import Bus, Follower, Guard, Lease, Subscription
from sdk.bus.keys import Lane
from sdk.chain.accounts import SigningKey
from sdk.chain.client import ChainClient
from sdk.chain.heads import NewHeads
from sdk.chain.tokens import Tokens
from sdk.events.envelope import Envelope
from sdk.events.operations import (
    TriggerMessage,
)
from sdk.events.service import Phase, QuoteOffered, SignedQuoteOffered
from sdk.events.settlement import DepositConfirmed, SettlementExecuted
from sdk.events.signed import Request
from sdk.events.station import (
    BalanceReported,
    ChainUnreachable,
    DidDeactivated,
    DidPublished,
    PublicKeyReported,
)
from sdk.gateways import LiveGateways
from sdk.ids import new_event_id, utc_now
from sdk.logs import get_logger
from sdk.register import Register
from session_manager.consumers import Consumers
from session_manager.driver import READER, Driver, Tools
from session_manager.faults import fault_of
from session_manager.held import Held, read_held
from session_manager.operators import Operators
from session_manager.outgoing import Stationery
from session_manager.private_tag import keep_private_tag
from session_manager.reception import Reception
from session_manager.resuming import Resuming
from session_manager.selling import Selling
from session_manager.session.deadlines import Limits
from session_manager.session.state import Session
from session_manager.surroundings import Conditions, Surroundings
from session_manager.tokens import AllowedTokens
from session_manager.transactions import Transactions
from tests.session_kit import (
    CHAIN_ID,
    CP,
    DEPOSIT,
    HASH,
    LIMITS,
    NOON,
    PEER,
    STATION,
    App,
    accepted,
    read_quote,
    reading,
    started,
    station_config,
    station_quotes,
    stopped,
)


class Desk:
    """Answers operators without a chain."""

    async def balance(self) -> BalanceReported | ChainUnreachable:
        return BalanceReported(chain_id=CHAIN_ID, block_number=5, balances=())

    async def publish(self) -> DidPublished:
        return DidPublished(did=station_config().did)

    async def deactivate(self, did: str) -> DidDeactivated:
        return DidDeactivated(did=did, transaction="0x" + "d" * 64)

    async def reconnect(self) -> ChainUnreachable:
        raise RuntimeError("nobody thought of this")

    def public_key(self) -> PublicKeyReported:
        return PublicKeyReported(
            did=station_config().did, address=STATION.address, public_key=STATION.public_key
        )


PRIVATE_ID = "FREE-OF-CHARGE"


def _tokens() -> AllowedTokens:
    nowhere = ChainClient(["http://127.0.0.1:9"], CHAIN_ID)
    return AllowedTokens(Tokens(nowhere), NewHeads(()), (), get_logger("test"))


@dataclass
class Driving:
    """A driver at work; `fault` is what it ended with."""

    driver: Driver
    task: asyncio.Task[None]
    lease: Lease
    fault: list[Exception] = field(default_factory=list)

    async def kill(self) -> None:
        """End it without a word."""
        self.task.cancel()
        await asyncio.wait({self.task})

    async def ended(self) -> Exception:
        """Wait for it to end by itself."""
        async with asyncio.timeout(5):
            await asyncio.wait({self.task})
        return self.fault[0]


@dataclass
class House:
    """The station's lanes, as others see them."""

    bus: Bus
    group: asyncio.TaskGroup
    follower: Follower
    now: datetime = NOON
    conditions: Conditions = field(
        default_factory=lambda: Conditions(onboarded=True, chain_up=True, gas_low=False)
    )
    limits: Limits = LIMITS
    private_id: str | None = None
    out: list[Envelope] = field(default_factory=list)
    ocpp: list[Envelope] = field(default_factory=list)
    looked: dict[str, tuple[int, Session]] = field(default_factory=dict)
    last_published: str = "0"
    quotes_made: int = 0
    driving: Driving | None = None
    loaded: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    async def drive(self, owner: str = "one", bus: Bus | None = None) -> Driving:
        """Take the lease and drive, over another bus than the test's own if one is given."""
        lease = await self.bus.acquire_lease(CP, owner, 60)
        assert lease is not None
        driver = Driver(CP, 2, self.tools(bus or self.bus))
        fault: list[Exception] = []

        async def run() -> None:
            error = await fault_of(driver.run(lease, self.follower))
            if error is not None:
                fault.append(error)

        self.loaded.clear()
        task = self.group.create_task(run())
        self.tasks.append(task)
        self.driving = Driving(driver, task, lease, fault)
        task.add_done_callback(lambda _: self.loaded.set())
        await self.loaded.wait()
        return self.driving

    def tools(self, bus: Bus) -> Tools:
        quotes = station_quotes()
        surroundings = Surroundings(bus, lambda: self.conditions, LiveGateways(bus, utc_now))
        consumers = Consumers(
            quotes,
            Selling(bus, quotes, _tokens(), surroundings, self._nonce),
            Resuming(bus, quotes, surroundings),
        )
        transactions = Transactions(
            bus, self.private_id, lambda *begun: quotes.private(station_config(), *begun)
        )
        operators = Operators(bus, Desk(), self.clock, self._spawn)
        return Tools(
            bus=bus,
            clock=self.clock,
            limits=lambda: self.limits,
            log=get_logger("test"),
            stationery=Stationery(quotes, STATION, 30),
            reception=Reception(bus, consumers, operators, transactions),
            look=self._look,
            prepare=self._prepare,
        )

    async def _prepare(self, guard: Guard) -> None:
        await keep_private_tag(self.bus, CP, self.private_id, guard)

    async def send(self, body: Any, n: int | None = 1, peer: str | None = None) -> Envelope:
        """Put an event into the station's lane, and wait until it was handled."""
        envelope = self.envelope(body, n, peer)
        await self.publish(envelope)
        return envelope

    def envelope(self, body: Any, n: int | None = 1, peer: str | None = None) -> Envelope:
        wire = body if isinstance(body, dict) else body.model_dump(mode="json")
        fields = {"id": new_event_id(), "charge_point_id": CP, "at": self.now}
        rest = {"connector_id": n, "peer_id": peer, "body": wire}
        return Envelope.model_validate(fields | rest)

    async def publish(self, envelope: Envelope) -> None:
        self.last_published = (await self.bus.publish(Lane.IN, envelope)).stream_id
        await self.drain()

    async def ask(self, request: Request, app: App, peer: str = PEER) -> list[Envelope]:
        """Send a signed request; give what followed from it for consumers and operators."""
        envelope = await self.send(app.sign(request), peer=peer)
        return self.answers(envelope.id)

    def answers(self, cause: UUID) -> list[Envelope]:
        return [envelope for envelope in self.out if envelope.caused_by == cause]

    async def drain(self) -> None:
        """Wait until all that was sent has had its effect and is seen here."""
        async with asyncio.timeout(10):
            while self.driving is not None and not self.driving.task.done():
                if await self.bus.cursor(CP, READER) == self.last_published:
                    break
                await asyncio.sleep(0.001)
            await self._see_all(Lane.OUT, self.out)
            await self._see_all(Lane.OCPP, self.ocpp)

    async def _see_all(self, lane: Lane, seen: list[Envelope]) -> None:
        marker = self.envelope(TriggerMessage(requested_message="Heartbeat", expires_at=self.now))
        await self.bus.publish(lane, marker)
        while marker not in seen:  # noqa: ASYNC110 - a list tells nobody
            await asyncio.sleep(0.001)
        seen.remove(marker)

    async def advance(self, seconds: float) -> None:
        """Let time pass, and everything run out that was due."""
        self.now += timedelta(seconds=seconds)
        assert self.driving is not None
        driver = self.driving.driver
        driver._changed.set()
        async with asyncio.timeout(5):
            while self._is_due(driver):  # noqa: ASYNC110 - timers tell nobody
                await asyncio.sleep(0.001)
        await self.drain()

    def _is_due(self, driver: Driver) -> bool:
        due = driver._next()
        return due is not None and due[0] <= self.now

    async def held(self, n: int = 1) -> Held:
        """The session on a connector, as it is committed."""
        return read_held(await self.bus.read(keys.session(CP, n)))

    async def phase(self, n: int = 1) -> Phase:
        return (await self.held(n)).session.phase

    def told(self, kind: str, peer: str | None = PEER) -> list[Any]:
        """All bodies of a type that went to a peer (None: to nobody in particular)."""
        return [e.body for e in self.out if e.type == kind and e.peer_id == peer]

    def orders(self) -> list[str]:
        return [envelope.type for envelope in self.ocpp]

    def _nonce(self) -> str:
        self.quotes_made += 1
        return f"0x{self.quotes_made:064x}"

    def _look(self, _: str, sessions: Mapping[str, tuple[int, Session]]) -> None:
        self.looked = dict(sessions)
        self.loaded.set()

    def _spawn(self, work: Any) -> None:
        async def do() -> None:
            await fault_of(work)

        self.group.create_task(do())


@dataclass
class Ride:
    """One driver's session: every step of it, ready to be taken."""

    house: House
    app: App
    signed: SignedQuoteOffered
    quote: QuoteOffered
    peer: str = PEER

    @property
    def tag(self) -> str:
        return "NR" + self.quote.session_id[2:20].upper()

    async def hold(self) -> list[Envelope]:
        return await self.house.ask(self.app.service_request(self.signed), self.app, peer=self.peer)

    async def deposit(self, amount: int = DEPOSIT) -> Envelope:
        body = DepositConfirmed(session_id=self.quote.session_id, amount=amount, block_number=1)
        return await self.house.send(body)

    async def deposit_short(self) -> None:
        """Send one unit, and no more until the deadline, when the chain is looked at again."""
        await self.deposit(1)
        await self.house.advance(LIMITS.deposit)
        await self.deposit(1)

    async def start(self) -> None:
        """Up to the first watt-hour."""
        await self.hold()
        await self.deposit()
        await self.house.send(accepted(self.tag))
        await self.house.send(started(self.tag))

    async def charge(self, energy_wh: int = 3_000) -> Envelope:
        return await self.house.send(reading(energy_wh))

    async def pay(self, spent: int) -> list[Envelope]:
        return await self.house.ask(self.app.voucher_event(self.quote, spent), self.app, self.peer)

    async def stop(self, peer: str | None = None) -> list[Envelope]:
        return await self.house.ask(self.app.stop(self.quote), self.app, peer or self.peer)

    async def end(self, energy_wh: int = 3_000) -> None:
        """From the stop to the receipt."""
        await self.house.send(stopped(energy_wh))
        await self.house.ask(self.app.approval(self.quote, energy_wh), self.app, self.peer)
        await self.house.send(self.paid_out(energy_wh))

    def paid_out(self, spent: int) -> SettlementExecuted:
        return SettlementExecuted(
            session_id=self.quote.session_id,
            transaction_hash=HASH,
            block_number=2,
            deposit=DEPOSIT,
            spent=spent,
            refund=DEPOSIT - spent,
            gas_used=350_000,
        )


async def ride(house: House, key: SigningKey | None = None, n: int = 1, peer: str = PEER) -> Ride:
    """Get a quote."""
    app = App(key=key) if key is not None else App()
    app.now = house.now
    answer = (await house.ask(app.quote_request(connector_id=n), app, peer))[0]
    assert isinstance(answer.body, SignedQuoteOffered), answer.body
    return Ride(house, app, answer.body, read_quote(answer.body), peer)


@asynccontextmanager
async def open_house(bus: Bus) -> AsyncIterator[House]:
    """Register the station, let its charge point be there, and listen to what goes out."""
    await Register(bus).add(station_config())
    await bus.write(keys.state(CP), {"connected": "1"})
    for n in (1, 2):
        await bus.write(keys.connector(CP, n), {"status": "Preparing", "transaction_id": ""})
    async with bus.follow() as follower, asyncio.TaskGroup() as group:
        house = House(bus, group, follower)
        for lane, seen in ((Lane.OUT, house.out), (Lane.OCPP, house.ocpp)):
            subscription = await follower.subscribe(CP, lane, after="0")
            house.tasks.append(group.create_task(_collect(subscription, seen)))
        yield house
        for task in house.tasks:
            task.cancel()


async def _collect(subscription: Subscription, seen: list[Envelope]) -> None:
    async for delivery in subscription:
        seen.append(delivery.envelope)  # noqa: PERF401 - one by one, as they come
