"""What an app embeds: find a station by its DID, lock a deposit, charge, pay for what was counted.

    async with Consumer(settings, resolver, chain, refund_account=mine) as consumer:
        await consumer.connect("did:ethr:0x7a69:0x...")
        quote = await consumer.quote(connector_id=1, deposit=10**18)
        await consumer.start(quote, wallet.send)
        async for event in consumer.status():
            ...

Vouchers, the final approval, and resuming after a lost connection happen by themselves. An app that
began anew gives the `ConsumerState` that it kept, and calls `resume`. `DriverApp` in `sdk.p2p.app`
has several of them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Self

from sdk.errors import NoroamError
from sdk.events.envelope import Envelope
from sdk.events.service import (
    QuoteOffered,
    RequestRefused,
    ServiceAccepted,
    ServiceRejected,
    SessionStateReported,
    StopRequested,
)
from sdk.events.signed import read_payload
from sdk.ids import Clock, utc_now
from sdk.p2p.consumer_errors import (
    NoAnswerError,
    NoSessionError,
    QuoteInvalidError,
    RequestRefusedError,
    ServiceRejectedError,
)
from sdk.p2p.consumer_events import ConsumerEvent, is_last
from sdk.p2p.consumer_payouts import DriverPayouts
from sdk.p2p.consumer_settings import ConsumerChain, ConsumerSettings, Deposit, Quote
from sdk.p2p.consumer_state import ConsumerState, MemoryStore, Store
from sdk.p2p.driver import Driver
from sdk.p2p.driving import Driving
from sdk.p2p.link import Resolver, StationDescription
from sdk.p2p.quote_check import open_quote
from sdk.p2p.shared_host import SharedHost

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
        shared: SharedHost | None = None,
    ) -> None:
        """Use a host of its own, unless there is a `shared` one that runs already."""
        self._refund_account = refund_account
        self._state = state
        self._clock = clock
        self._has_host = shared is None
        self._driving = driving = Driving(
            settings,
            resolver,
            chain,
            state=state,
            store=store or MemoryStore(),
            clock=clock,
            shared=shared,
        )
        self._secrets = driving.secrets
        self._payouts = DriverPayouts(chain, settings.deployment, driving.key)
        self._stack = AsyncExitStack()

    @property
    def session_key(self) -> str:
        """The account that signs for the driver."""
        return self._driving.key.address

    @property
    def session_id(self) -> str | None:
        """The session's id; None before there is one."""
        driver = self._driving.driver
        return driver.quote.session_id if driver is not None else None

    @property
    def hub(self) -> str | None:
        """The peer id of the hub that leads to the station now; None where it is direct."""
        return self._driving.conversation.hub

    @property
    def state(self) -> ConsumerState | None:
        """What must be kept to take the session up again; None before there is one."""
        driver = self._driving.driver
        return driver.state if driver is not None else self._state

    async def __aenter__(self) -> Self:
        """Start the libp2p host."""
        if self._has_host:
            await self._stack.enter_async_context(self._driving.host)
        self._driving.group = await self._stack.enter_async_context(asyncio.TaskGroup())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the station; a session goes on without the app until it is resumed."""
        self._driving.stop()
        if isinstance(error, asyncio.CancelledError):
            # Perhaps by the group, since a task of ours failed: it then tells that instead.
            await self._stack.__aexit__(kind, error, trace)
        else:
            await self._stack.aclose()

    def fail(self, reason: str) -> None:
        """Tell whoever waits for events that the session is not looked after any more."""
        self._driving.fail(reason)

    async def connect(self, did: str) -> StationDescription:
        """Find the station and make sure of it.

        Raises StationUntrustedError (do not pay), StationUnreachableError, the resolver's errors.
        """
        station = await self._driving.conversation.open(did)
        self._driving.talk()
        return station

    async def resume(self, deposit: Deposit | None = None, *, patient: bool = False) -> None:
        """Connect, and take up the session of the given `state`.

        With `deposit`, what `start` was kept from sending is sent if the station still waits for
        it; what may have been sent never is again. With `patient` it returns at once, and goes on
        trying where the station is not reached: ConnectionRestored tells. In any case, `refund`,
        `take_payout` and `sweep` work from then on, and a session that was over is over again.
        Raises as `connect`, NoSessionError, NoAnswerError, and what `deposit` raises.
        """
        state = self._state
        if state is None or state.quote is None:
            raise NoSessionError("there is no session to take up")
        # What the app kept itself was checked when it came.
        driver = self._driving.drive(read_payload(state.quote, QuoteOffered), state)
        self._driving.unsent = deposit
        if driver.end_as_before() or patient:
            self._driving.watch(driver)
            if not driver.state.is_over:
                self._driving.conversation.expect(state.did, driver.quote.provider)
                self._driving.talk()
            return
        try:
            open_quote(state.quote, await self.connect(state.did))
        finally:
            self._driving.watch(driver)
        await self._driving.restore()

    async def recover(self, did: str, session_id: str) -> None:
        """Take up a session of which only the keys of the given `state` were kept.

        The station serves the quote again, with the refund and the sweep that it signed; what it
        says of the price is believed. Raises as `connect`, NoSessionError, QuoteInvalidError,
        NoAnswerError.
        """
        station = await self.connect(did)
        # Above every nonce that was used: they rise by ones, from 0 or from an earlier moment.
        self._driving.writer.nonce = max(
            self._driving.writer.nonce, int(self._clock().timestamp() * 1000)
        )
        signed = await self._driving.enquiries(self._refund_account).quote_again(session_id)
        quote = open_quote(signed, station)
        _insist_on_same(self._state, quote, station)
        state = self._state or ConsumerState(did=did, **self._secrets)
        known = {"quote": signed, "requested": True, "deposited": True}
        known["idle_at"] = min(self._clock(), quote.expires_at - LONGEST_OFFER)
        driver = self._driving.drive(quote, state.model_copy(update=known))
        self._driving.watch(driver)
        await driver.journal.keep()
        await self._driving.restore()

    async def availability(self, connector_id: int) -> SessionStateReported:
        """Ask how a connector stands. Raises NoAnswerError, RequestRefusedError, NoSessionError."""
        return await self._driving.enquiries(self._refund_account).availability(connector_id)

    async def quote(self, connector_id: int, deposit: int) -> Quote:
        """Ask for a quote and check it.

        Raises QuoteRefusedError, QuoteInvalidError, RequestRefusedError, NoAnswerError.
        """
        return await self._driving.enquiries(self._refund_account).quote(connector_id, deposit)

    async def start(self, quote: Quote, deposit: Deposit) -> None:
        """Hold the connector and send the deposit; what follows is in `status`.

        Raises ServiceRejectedError, RequestRefusedError, NoAnswerError (nothing was deposited), and
        what `deposit` raises.
        """
        state = ConsumerState(did=quote.terms.provider_did, quote=quote.signed, **self._secrets)
        driver = self._driving.drive(quote.terms, state)
        self._driving.watch(driver)
        voucher, now = driver.vouchers.sign(0), self._clock()
        await driver.journal.keep(requested=True, voucher=voucher, voucher_at=now, idle_at=now)
        answer = await self._driving.request_service(driver, quote, voucher)
        refusal = _refusal(answer, quote.terms)
        if refusal is not None:
            if not isinstance(refusal, NoAnswerError):
                await driver.journal.keep(phase="rejected")
                self._driving.forget()
            raise refusal
        await self._driving.deposit_once(driver, deposit)

    async def stop(self) -> None:
        """End the session. Raises NoSessionError, RequestRefusedError, NoAnswerError."""
        driver = self._driving.known_driver()
        driver.journal.note(stopped_at=driver.state.stopped_at or self._clock())
        await driver.hear(await self._driving.ask(driver.request(StopRequested)))

    async def status(self) -> AsyncIterator[ConsumerEvent]:
        """Give what happens, until the session is over for the driver; see `is_last`."""
        while True:
            event = await self._driving.events.get()
            yield event
            if is_last(event):
                return

    async def next_event(self, seconds: float) -> ConsumerEvent | None:
        """Give what happens next, as `status` does; None if nothing does for so long."""
        try:
            async with asyncio.timeout(seconds):
                return await self._driving.events.get()
        except TimeoutError:
            return None

    async def refund(self) -> str:
        """Take the whole deposit back, paying the gas: for a station that never settles.

        Gives the transaction hash; RefundTaken ends the session. Raises RefundNotOpenError,
        NoSessionError, and chain errors.
        """
        driver = self._driving.known_driver()
        transaction = await self._payouts.refund(driver.quote)
        await driver.note_refund(
            transaction, await self._payouts.paid_by(driver.quote, transaction)
        )
        return transaction

    async def take_payout(self) -> str:
        """Execute the payout that the station left to the driver, paying the gas.

        Gives the transaction hash. Raises NoSessionError without one, and chain errors.
        """
        driver = self._driving.known_driver()
        return await self._payouts.take(driver.quote, driver.state.released)

    async def sweep(self) -> str | None:
        """Take back what came into the wallet after it paid out, paying the gas.

        Gives the transaction hash; None where there is nothing, or the refund account would refuse
        it: there is one sweep only. Raises NoSessionError, and chain errors.
        """
        return await self._payouts.sweep(self._driving.known_driver().quote)

    @property
    def _driver(self) -> Driver | None:
        return self._driving.driver


def _refusal(answer: Envelope, terms: QuoteOffered) -> NoroamError | None:
    """Read the answer to ServiceRequested; None where the connector is held."""
    match answer.body:
        case ServiceAccepted(wallet=wallet) if wallet.lower() == terms.wallet.lower():
            return None
        case SessionStateReported(session=session) if session is not None:
            held = session.phase == "verifying"
            return None if held else ServiceRejectedError(session.failure or session.phase)
        case ServiceRejected(reason=reason):
            return ServiceRejectedError(reason)
        case RequestRefused(request=request, reason=reason):
            return RequestRefusedError(request, reason)
        case other:
            return NoAnswerError(f"an answer of type {other.type}")


def _insist_on_same(
    state: ConsumerState | None, served: QuoteOffered, station: StationDescription
) -> None:
    """Raise QuoteInvalidError where another quote is served than the one that is known."""
    if state is None or state.quote is None:
        return
    known = open_quote(state.quote, station)
    if known.session_id == served.session_id and known != served:
        raise QuoteInvalidError("the station served another quote than the one that was taken")
