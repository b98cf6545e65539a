"""What an app asks before it has a session: how a connector stands, and for how much."""

import os
from collections.abc import Awaitable, Callable

from sdk.chain.accounts import SigningKey
from sdk.events.envelope import Envelope
from sdk.events.service import (
    QuoteRefused,
    QuoteRequested,
    SessionResumed,
    SessionStateReported,
    SessionStateRequested,
    SignedQuoteOffered,
)
from sdk.ids import Clock
from sdk.p2p.consumer_errors import (
    NoAnswerError,
    NoSessionError,
    QuoteInvalidError,
    QuoteRefusedError,
)
from sdk.p2p.consumer_settings import ConsumerChain, ConsumerSettings, Quote
from sdk.p2p.link import StationDescription
from sdk.p2p.quote_check import (
    QuoteTerms,
    channel_of,
    check_quote,
    fault_of_channel,
    open_quote,
)
from sdk.p2p.signing import RequestWriter

Ask = Callable[[Envelope], Awaitable[Envelope]]


class Enquiries:
    """Asks one station, as one driver, and checks what it answers."""

    def __init__(  # noqa: PLR0913 - what a quote is made and checked with
        self,
        station: StationDescription,
        settings: ConsumerSettings,
        chain: ConsumerChain,
        *,
        key: SigningKey,
        refund_account: str,
        writer: RequestWriter,
        clock: Clock,
        ask: Ask,
    ) -> None:
        self._station = station
        self._settings = settings
        self._chain = chain
        self._key = key
        self._refund_account = refund_account
        self._writer = writer
        self._clock = clock
        self._ask = ask

    async def availability(self, connector_id: int) -> SessionStateReported:
        """See `Consumer.availability`."""
        common = self._writer.common(self._station.did)
        request = SessionStateRequested(**common, connector_id=connector_id)
        body = (await self._ask(self._envelope(request))).body
        if isinstance(body, SessionStateReported):
            return body
        raise NoAnswerError(f"an answer of type {body.type}")

    async def quote(self, connector_id: int, deposit: int) -> Quote:
        """See `Consumer.quote`."""
        request = QuoteRequested(
            **self._writer.common(self._station.did),
            connector_id=connector_id,
            session_key=self._key.address,
            refund_account=self._refund_account,
            consumer_nonce="0x" + os.urandom(32).hex(),
            deposit=deposit,
            token=self._settings.token,
        )
        body = (await self._ask(self._envelope(request))).body
        if isinstance(body, QuoteRefused):
            raise QuoteRefusedError(body.reason)
        if not isinstance(body, SignedQuoteOffered):
            raise NoAnswerError(f"an answer of type {body.type}")
        return await self._checked(body, request)

    async def quote_again(self, session_id: str) -> SignedQuoteOffered:
        """Have the quote of a session served again, which moves the session to this peer.

        Raises NoSessionError, RequestRefusedError, QuoteInvalidError, NoAnswerError.
        """
        request = SessionResumed(**self._writer.common(self._station.did, session_id))
        envelope = self._writer.envelope(request, self._station.charge_point_id)
        body = (await self._ask(envelope)).body
        if not isinstance(body, SessionStateReported) or body.quote is None:
            raise NoSessionError(f"the station knows no session {session_id} of this key")
        quote = open_quote(body.quote, self._station)
        if quote.session_id != session_id or quote.session_key.lower() != self._key.address.lower():
            raise QuoteInvalidError("the station gave another session's quote")
        fault = fault_of_channel(quote, channel_of(quote, self._settings.deployment))
        if fault is not None:
            raise QuoteInvalidError(fault)
        return body.quote

    async def _checked(self, signed: SignedQuoteOffered, request: QuoteRequested) -> Quote:
        settings = self._settings
        terms = QuoteTerms(
            settings.chain_id,
            settings.deployment,
            settings.longest_lock_s,
            settings.highest_power_w,
        )
        quote = open_quote(signed, self._station)
        check_quote(quote, request, self._station, terms, self._clock())
        await self._chain.check_contracts(settings.deployment)
        if not await self._chain.is_unused(quote.wallet, quote.token):
            raise QuoteInvalidError("the wallet was used before")
        token = await self._chain.token(quote.token)
        if token.decimals != quote.token_decimals:
            raise QuoteInvalidError("the quote's token has other decimals on the chain")
        return Quote(signed, quote)

    def _envelope(self, request: QuoteRequested | SessionStateRequested) -> Envelope:
        return self._writer.envelope(request, self._station.charge_point_id, request.connector_id)
