"""What stands behind a `Consumer`: one conversation with a station, and at most one session."""

import asyncio
import os

from sdk.chain.accounts import SigningKey
from sdk.events.envelope import Envelope
from sdk.events.service import QuoteOffered, RequestRefused, ServiceRequested, Voucher
from sdk.ids import Clock
from sdk.p2p.consumer_errors import NoAnswerError, NoSessionError, RequestRefusedError
from sdk.p2p.consumer_events import (
    ConnectionLost,
    ConnectionRestored,
    ConsumerEvent,
    SessionFailed,
)
from sdk.p2p.consumer_payouts import PayoutCheck
from sdk.p2p.consumer_settings import ConsumerChain, ConsumerSettings, Deposit, Quote
from sdk.p2p.consumer_state import ConsumerState, Store
from sdk.p2p.conversation import Conversation
from sdk.p2p.dialing import DirectDialer
from sdk.p2p.driver import Driver
from sdk.p2p.enquiries import Enquiries
from sdk.p2p.host import P2pHost
from sdk.p2p.keys import P2pKey
from sdk.p2p.link import Link, Resolver
from sdk.p2p.node import NodeSettings
from sdk.p2p.payment import Limits
from sdk.p2p.quote_check import channel_of
from sdk.p2p.session_watch import SessionWatch
from sdk.p2p.shared_host import SharedHost
from sdk.p2p.signing import RequestWriter

KEPT_EVENTS = 10_000
NONCES_AHEAD = 1000
"""So many requests may have been signed that the kept state does not know of."""


class Driving:
    """See the module. `group` must be given before `talk` and `watch`."""

    group: asyncio.TaskGroup

    def __init__(  # noqa: PLR0913 - what an app decides
        self,
        settings: ConsumerSettings,
        resolver: Resolver,
        chain: ConsumerChain,
        *,
        state: ConsumerState | None,
        store: Store,
        clock: Clock,
        shared: SharedHost | None,
    ) -> None:
        self.driver: Driver | None = None
        self.unsent: Deposit | None = None
        self.events: asyncio.Queue[ConsumerEvent] = asyncio.Queue(KEPT_EVENTS)
        self._settings = settings
        self._chain = chain
        self._store = store
        self._clock = clock
        self._shared = shared
        seed, secret = _seed(state, shared), _session_key(state)
        self.secrets = {"session_key": secret, "peer_seed": seed.hex()}
        self.key = SigningKey.from_hex(secret)
        self.host = shared.host if shared else P2pHost(NodeSettings(P2pKey(seed)))
        dialer = shared.dialer if shared else DirectDialer(self.host)
        self.conversation = Conversation(
            Link(dialer, self.host.peer_id, clock),
            resolver,
            clock,
            on_envelope=self._hear,
            on_lost=lambda reason: self._emit(ConnectionLost(reason)),
            on_restored=self.restore,
        )
        self.writer = RequestWriter(
            self.key,
            clock,
            state.nonce + NONCES_AHEAD if state else 0,
            lambda: self.conversation.reply_key,
        )
        self._talking: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    def known_driver(self) -> Driver:
        """Give the session's side. Raises NoSessionError."""
        if self.driver is None:
            raise NoSessionError("there is no session")
        return self.driver

    def enquiries(self, refund_account: str) -> Enquiries:
        """Give what asks before there is a session. Raises NoSessionError before `connect`."""
        station = self.conversation.station
        if station is None:
            raise NoSessionError("connect to a station first")
        return Enquiries(
            station,
            self._settings,
            self._chain,
            key=self.key,
            refund_account=refund_account,
            writer=self.writer,
            clock=self._clock,
            ask=self.ask,
        )

    def talk(self) -> None:
        """Begin to listen to the station; the way to it is there, or expected."""
        if self._talking is not None:
            self._talking.cancel()
        self._talking = self.group.create_task(self.conversation.run())

    def drive(self, quote: QuoteOffered, state: ConsumerState) -> Driver:
        """Take on a session, in place of the one before; `watch` is to follow."""
        self.forget()
        settings = self._settings
        channel = channel_of(quote, settings.deployment)
        self.driver = Driver(
            state,
            quote,
            limits=Limits(quote, settings.speed_limit),
            channel=channel,
            key=self.key,
            writer=self.writer,
            payout=PayoutCheck(self._chain, channel, settings.payout_looks),
            store=self._store,
            clock=self._clock,
            send=self.conversation.send,
            emit=self._emit,
            others=self._shared.others if self._shared else lambda _: False,
        )
        return self.driver

    def watch(self, driver: Driver) -> None:
        """Look after the session from now on."""
        watch = SessionWatch(
            driver,
            self.conversation,
            self._chain,
            clock=self._clock,
            emit=self._emit,
            check_alive=self._check_alive,
        )
        self._watching = self.group.create_task(watch.run())

    def forget(self) -> None:
        """Drop the session."""
        self.driver = None
        if self._watching is not None:
            self._watching.cancel()

    def stop(self) -> None:
        """End all that runs, and the way to the station."""
        for task in (self._talking, self._watching):
            if task is not None:
                task.cancel()
        self.conversation.close()

    def fail(self, reason: str) -> None:
        """Tell that nothing more is done about the session."""
        self._emit(SessionFailed(reason))

    async def ask(self, envelope: Envelope) -> Envelope:
        """Send a request and give its answer. Raises NoAnswerError, RequestRefusedError."""
        answer = await self._exchange(envelope)
        if isinstance(answer.body, RequestRefused):
            raise RequestRefusedError(answer.body.request, answer.body.reason)
        return answer

    async def request_service(self, driver: Driver, quote: Quote, voucher: Voucher) -> Envelope:
        """Take a quote; give the answer, or what the session itself tells. Raises NoAnswerError."""
        request = driver.request(ServiceRequested, quote=quote.signed, voucher=voucher)
        try:
            return await self._exchange(request)
        except NoAnswerError:
            # It may have been taken and its answer lost.
            answers: list[Envelope] = []

            async def ask(envelope: Envelope) -> Envelope:
                answers.append(await self._exchange(envelope))
                return answers[-1]

            await driver.resume(ask)
            return answers[-1]

    async def deposit_once(self, driver: Driver, deposit: Deposit) -> None:
        """Note that it is sent before it is: an app that dies in between sends nothing twice."""
        if not driver.state.deposited:
            await driver.journal.keep(deposited=True)
            await deposit(driver.quote.wallet, driver.quote.deposit)

    async def restore(self) -> None:
        """Take the session up over the way there is now. Raises NoAnswerError."""
        driver, unsent = self.driver, self.unsent
        if driver is not None and not driver.over:
            await driver.resume(self._exchange_and_settle)
        self._emit(ConnectionRestored(self.conversation.hub))
        if driver is None or driver.over or unsent is None:
            return
        if driver.state.phase == "verifying":
            self.unsent = None
            await self.deposit_once(driver, unsent)

    async def _exchange(self, envelope: Envelope) -> Envelope:
        return await self.conversation.ask(envelope, self._settings.answer_seconds)

    async def _exchange_and_settle(self, envelope: Envelope) -> Envelope:
        answer = await self._exchange(envelope)
        await self.conversation.settle()
        return answer

    async def _hear(self, envelope: Envelope) -> None:
        if self.driver is not None:
            await self.driver.hear(envelope)

    async def _check_alive(self) -> None:
        """Ask the station anything; without an answer dial again."""
        quote = self.known_driver().quote
        try:
            await self.enquiries(quote.refund_account).availability(quote.connector_id)
        except NoAnswerError:
            self.conversation.close()
        except RequestRefusedError:
            return

    def _emit(self, event: ConsumerEvent) -> None:
        if self.events.full():
            self.events.get_nowait()
        self.events.put_nowait(event)


def _seed(state: ConsumerState | None, shared: SharedHost | None) -> bytes:
    if shared is not None:
        return shared.seed
    return bytes.fromhex(state.peer_seed) if state else os.urandom(32)


def _session_key(state: ConsumerState | None) -> str:
    return state.session_key if state else "0x" + os.urandom(32).hex()
