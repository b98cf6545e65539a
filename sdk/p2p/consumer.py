"""What an app embeds: find a station by its DID, lock a deposit, charge, pay for what was counted.

    async with Consumer(settings, resolver, chain, refund_account=mine) as consumer:
        await consumer.connect("did:ethr:0x7a69:0x...")
        quote = await consumer.quote(connector_id=1, deposit=10**18)
        await consumer.start(quote, wallet.send)
        async for event in consumer.status():
            ...

Vouchers, the final approval, and resuming after a lost connection happen by themselves.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Self

from sdk.chain.accounts import SigningKey
from sdk.events.envelope import Envelope
from sdk.events.service import (
    QuoteOffered,
    RequestRefused,
    ServiceAccepted,
    ServiceRejected,
    ServiceRequested,
    SessionStateReported,
    StopRequested,
)
from sdk.ids import Clock, utc_now
from sdk.p2p.consumer_errors import (
    NoAnswerError,
    NoSessionError,
    QuoteInvalidError,
    RequestRefusedError,
    ServiceRejectedError,
)
from sdk.p2p.consumer_events import LAST, ConnectionLost, ConnectionRestored, ConsumerEvent
from sdk.p2p.consumer_payouts import DriverPayouts, PayoutCheck
from sdk.p2p.consumer_settings import ConsumerChain, ConsumerSettings, Deposit, Quote
from sdk.p2p.consumer_state import ConsumerState, MemoryStore, Store
from sdk.p2p.conversation import Conversation
from sdk.p2p.driver import Driver
from sdk.p2p.enquiries import Enquiries
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.link import Link, Resolver, StationDescription
from sdk.p2p.node import NodeSettings
from sdk.p2p.payment import Limits
from sdk.p2p.quote_check import channel_of, open_quote
from sdk.p2p.signing import RequestWriter

TICK_SECONDS = 1.0
QUIET_SECONDS = 30.0
"""After so long without a word during a session, the station is asked whether it is there."""
KEPT_EVENTS = 10_000
LONGEST_OFFER = timedelta(minutes=5)
"""A quote whose making nobody remembers may have been open for so long."""


class Consumer:
    """One driver with one station; see the module. All of its methods are for one task."""

    def __init__(  # noqa: PLR0913 - what an app decides
        self,
        settings: ConsumerSettings,
        resolver: Resolver,
        chain: ConsumerChain,
        *,
        refund_account: str,
        state: ConsumerState | None = None,
        store: Store | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._settings = settings
        self._resolver = resolver
        self._chain = chain
        self._refund_account = refund_account
        self._state = state
        self._store = store or MemoryStore()
        self._clock = clock
        seed = bytes.fromhex(state.peer_seed) if state else os.urandom(32)
        secret = state.session_key if state else "0x" + os.urandom(32).hex()
        self._key = SigningKey.from_hex(secret)
        self._payouts = DriverPayouts(chain, settings.deployment, self._key)
        self._secrets = {"session_key": secret, "peer_seed": seed.hex()}
        self._writer = RequestWriter(self._key, clock, state.nonce + 1000 if state else 0)
        self._host = P2pHost(NodeSettings(P2pKey(seed)))
        self._conversation = Conversation(
            Link(self._host, clock),
            resolver,
            on_envelope=self._hear,
            on_lost=lambda reason: self._emit(ConnectionLost(reason)),
            on_restored=self._restore,
        )
        self._station: StationDescription | None = None
        self._driver: Driver | None = None
        self._events: asyncio.Queue[ConsumerEvent] = asyncio.Queue(KEPT_EVENTS)
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def session_key(self) -> str:
        """The account that signs for the driver."""
        return self._key.address

    @property
    def state(self) -> ConsumerState | None:
        """What must be kept to take the session up again; None before there is one."""
        return self._driver.state if self._driver else self._state

    async def __aenter__(self) -> Self:
        """Start the libp2p host."""
        await self._stack.enter_async_context(self._host)
        self._group = await self._stack.enter_async_context(asyncio.TaskGroup())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the station; a session goes on without the app until it is resumed."""
        for task in self._tasks:
            task.cancel()
        self._conversation.close()
        if isinstance(error, asyncio.CancelledError):
            # Perhaps by the group, since a task of ours failed: it then tells that instead.
            await self._stack.__aexit__(kind, error, trace)
        else:
            await self._stack.aclose()

    async def connect(self, did: str) -> StationDescription:
        """Find the station and make sure of it.

        Raises StationUntrustedError (do not pay), StationUnreachableError, the resolver's errors.
        """
        self._station = await self._conversation.open(did)
        self._tasks.append(self._group.create_task(self._conversation.run()))
        self._tasks.append(self._group.create_task(self._tick()))
        return self._station

    async def resume(self, deposit: Deposit | None = None) -> None:
        """Connect, and take up the session of the given `state`.

        With `deposit`, what `start` was kept from sending is sent if the station still waits for
        it; what may have been sent never is again. Raises as `connect`, NoSessionError,
        NoAnswerError, and what `deposit` raises.
        """
        state = self._state
        if state is None or state.quote is None:
            raise NoSessionError("there is no session to take up")
        station = await self.connect(state.did)
        driver = self._drive(open_quote(state.quote, station), state)
        await self._restore()
        if deposit is not None and driver.state.phase == "verifying" and not driver.over:
            await self._deposit_once(driver, deposit)

    async def recover(self, did: str, session_id: str) -> None:
        """Take up a session of which only the keys of the given `state` were kept.

        The station serves the quote again, with the refund and the sweep that it signed; what it
        says of the price is believed. Raises as `connect`, NoSessionError, QuoteInvalidError,
        NoAnswerError.
        """
        station = await self.connect(did)
        # Above every nonce that was used: they rise by ones, from 0 or from an earlier moment.
        self._writer.nonce = max(self._writer.nonce, int(self._clock().timestamp() * 1000))
        signed = await self._enquiries().quote_again(session_id)
        quote = open_quote(signed, station)
        _insist_on_same(self._state, quote, station)
        state = self._state or ConsumerState(did=did, **self._secrets)
        known = {"quote": signed, "requested": True, "deposited": True}
        known["idle_at"] = min(self._clock(), quote.expires_at - LONGEST_OFFER)
        driver = self._drive(quote, state.model_copy(update=known))
        await driver.keep()
        await self._restore()

    async def availability(self, connector_id: int) -> SessionStateReported:
        """Ask how a connector stands. Raises NoAnswerError, RequestRefusedError, NoSessionError."""
        return await self._enquiries().availability(connector_id)

    async def quote(self, connector_id: int, deposit: int) -> Quote:
        """Ask for a quote and check it.

        Raises QuoteRefusedError, QuoteInvalidError, RequestRefusedError, NoAnswerError.
        """
        return await self._enquiries().quote(connector_id, deposit)

    async def start(self, quote: Quote, deposit: Deposit) -> None:
        """Hold the connector and send the deposit; what follows is in `status`.

        Raises ServiceRejectedError, RequestRefusedError, NoAnswerError (nothing was deposited), and
        what `deposit` raises.
        """
        state = ConsumerState(did=quote.terms.provider_did, quote=quote.signed, **self._secrets)
        driver = self._drive(quote.terms, state)
        voucher = driver.sign_voucher(0)
        now = self._clock()
        await driver.keep(requested=True, voucher=voucher, voucher_at=now, idle_at=now)
        try:
            answer = await self._request_service(driver, quote, voucher)
        except RequestRefusedError:
            self._driver = None
            raise
        match answer.body:
            case ServiceAccepted(wallet=wallet) if wallet.lower() == quote.terms.wallet.lower():
                pass
            case ServiceRejected(reason=reason):
                self._driver = None
                raise ServiceRejectedError(reason)
            case SessionStateReported(session=session) if session is not None:
                if session.phase != "verifying":
                    self._driver = None
                    raise ServiceRejectedError(session.failure or session.phase)
            case other:
                raise NoAnswerError(f"an answer of type {other.type}")
        await self._deposit_once(driver, deposit)

    async def stop(self) -> None:
        """End the session. Raises NoSessionError, RequestRefusedError, NoAnswerError."""
        driver = self._known_driver()
        driver.note(stopped_at=driver.state.stopped_at or self._clock())
        await driver.hear(await self._ask(driver.request(StopRequested)))

    async def status(self) -> AsyncIterator[ConsumerEvent]:
        """Give what happens, until the receipt is there or the session was rejected."""
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, LAST):
                return

    async def next_event(self, seconds: float) -> ConsumerEvent | None:
        """Give what happens next, as `status` does; None if nothing does for so long."""
        try:
            async with asyncio.timeout(seconds):
                return await self._events.get()
        except TimeoutError:
            return None

    async def refund(self) -> str:
        """Take the whole deposit back, paying the gas: for a station that never settles.

        Gives the transaction hash. Raises RefundNotOpenError, NoSessionError, and chain errors.
        """
        return await self._payouts.refund(self._known_driver().quote)

    async def take_payout(self) -> str:
        """Execute the payout that the station left to the driver, paying the gas.

        Gives the transaction hash. Raises NoSessionError without one, and chain errors.
        """
        driver = self._known_driver()
        return await self._payouts.take(driver.quote, driver.state.released)

    async def sweep(self) -> str | None:
        """Take back what came into the wallet after it paid out, paying the gas.

        Gives the transaction hash; None where there is nothing, or the refund account would refuse
        it: there is one sweep only. Raises NoSessionError, and chain errors.
        """
        return await self._payouts.sweep(self._known_driver().quote)

    async def _deposit_once(self, driver: Driver, deposit: Deposit) -> None:
        """Note that it is sent before it is: an app that dies in between sends nothing twice."""
        if not driver.state.deposited:
            await driver.keep(deposited=True)
            await deposit(driver.quote.wallet, driver.quote.deposit)

    async def _request_service(self, driver: Driver, quote: Quote, voucher: object) -> Envelope:
        request = driver.request(ServiceRequested, quote=quote.signed, voucher=voucher)
        try:
            return await self._ask(request)
        except NoAnswerError:
            # It may have been taken and its answer lost: the session itself tells.
            answers: list[Envelope] = []

            async def ask(envelope: Envelope) -> Envelope:
                answers.append(await self._ask(envelope))
                return answers[-1]

            await driver.resume(ask)
            return answers[-1]

    def _drive(self, quote: QuoteOffered, state: ConsumerState) -> Driver:
        settings = self._settings
        channel = channel_of(quote, settings.deployment)
        self._driver = driver = Driver(
            state,
            quote,
            limits=Limits(quote, settings.speed_limit),
            channel=channel,
            key=self._key,
            writer=self._writer,
            payout=PayoutCheck(self._chain, channel, settings.payout_looks),
            store=self._store,
            clock=self._clock,
            send=self._conversation.send,
            emit=self._emit,
        )
        self._tasks.append(self._group.create_task(self._check_payout(driver)))
        return driver

    async def _ask(self, envelope: Envelope) -> Envelope:
        answer = await self._conversation.ask(envelope, self._settings.answer_seconds)
        if isinstance(answer.body, RequestRefused):
            raise RequestRefusedError(answer.body.request, answer.body.reason)
        return answer

    async def _hear(self, envelope: Envelope) -> None:
        if self._driver is not None:
            await self._driver.hear(envelope)

    async def _restore(self) -> None:
        if self._driver is not None and not self._driver.over:
            await self._driver.resume(
                lambda envelope: self._conversation.ask(envelope, self._settings.answer_seconds)
            )
        self._emit(ConnectionRestored())

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            driver = self._driver
            if driver is None or driver.over:
                continue
            await driver.sign_what_is_due()
            if self._conversation.quiet_seconds > QUIET_SECONDS:
                await self._check_alive(driver.quote.connector_id)

    async def _check_payout(self, driver: Driver) -> None:
        await driver.receipt_came.wait()
        while driver is self._driver and not driver.over:
            await driver.check_payout()
            await asyncio.sleep(TICK_SECONDS)

    async def _check_alive(self, connector_id: int) -> None:
        try:
            await self.availability(connector_id)
        except NoAnswerError:
            self._conversation.close()
        except RequestRefusedError:
            return

    def _emit(self, event: ConsumerEvent) -> None:
        if self._events.full():
            self._events.get_nowait()
        self._events.put_nowait(event)

    def _enquiries(self) -> Enquiries:
        if self._station is None:
            raise NoSessionError("connect to a station first")
        return Enquiries(
            self._station,
            self._settings,
            self._chain,
            key=self._key,
            refund_account=self._refund_account,
            writer=self._writer,
            clock=self._clock,
            ask=self._ask,
        )

    def _known_driver(self) -> Driver:
        if self._driver is None:
            raise NoSessionError("there is no session")
        return self._driver


def _insist_on_same(
    state: ConsumerState | None, served: QuoteOffered, station: StationDescription
) -> None:
    """Raise QuoteInvalidError where another quote is served than the one that is known."""
    if state is None or state.quote is None:
        return
    known = open_quote(state.quote, station)
    if known.session_id == served.session_id and known != served:
        raise QuoteInvalidError("the station served another quote than the one that was taken")
