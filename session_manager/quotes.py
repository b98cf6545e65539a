"""Quotes: stateless, signed, short-lived; made and recognised here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from sdk.chain.accounts import InvalidSignatureError, SigningKey, recover_text
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel, session_id_of
from sdk.chain.tokens import TokenInfo
from sdk.events.charging import ChargingStarted
from sdk.events.service import QuoteOffered, QuoteRequested, ServiceRequested, SignedQuoteOffered
from sdk.events.signed import PayloadError, read_payload
from sdk.fields import is_expired
from sdk.register import ChargePointConfig
from sdk.tariff import most, tariff_hash

QuoteFault = Literal["quote_invalid", "quote_expired", "voucher_invalid"]


@dataclass(frozen=True, slots=True)
class QuoteTerms:
    """What all quotes of a process share; seconds.

    An app may be without a voucher for `voucher_interval` + `voucher_grace`.
    """

    chain_id: int
    valid: float
    session: int
    refund_margin: int
    voucher_interval: int
    voucher_grace: float


class Quotes:
    """Makes one station's quotes, and knows them again."""

    def __init__(self, key: SigningKey, deployment: Deployment, terms: QuoteTerms) -> None:
        """Quote for the station whose account is `key`."""
        self._key = key
        self._deployment = deployment
        self._terms = terms

    def offer(
        self,
        request: QuoteRequested,
        config: ChargePointConfig,
        token: TokenInfo,
        provider_nonce: str,
        now: datetime,
    ) -> SignedQuoteOffered:
        """Sign a quote with gated refund and sweep; `provider_nonce` is 32 random bytes."""
        terms = self._terms
        ends_by = int(now.timestamp()) + terms.session
        draft = QuoteOffered(
            provider_did=config.did,
            charge_point_id=config.charge_point_id,
            connector_id=request.connector_id,
            session_id=session_id_of(request.consumer_nonce, provider_nonce),
            consumer_nonce=request.consumer_nonce,
            provider_nonce=provider_nonce,
            session_key=request.session_key,
            refund_account=request.refund_account,
            provider=self._key.address,
            chain_id=terms.chain_id,
            token=request.token,
            wallet=_NOWHERE,
            tariff=config.tariff,
            tariff_hash=tariff_hash(config.tariff),
            deposit=request.deposit,
            minimum_deposit=config.minimum_deposit,
            maximum_power_w=config.maximum_power_w,
            exposure_step=config.exposure_step,
            exposure_limit=self._exposure_limit(config),
            token_decimals=token.decimals,
            token_symbol=token.symbol,
            voucher_interval_s=terms.voucher_interval,
            ends_by=ends_by,
            refund_opens_at=ends_by + terms.refund_margin,
            refund_signature=_UNSIGNED,
            sweep_signature=_UNSIGNED,
            expires_at=now + timedelta(seconds=terms.valid),
        )
        channel = self.channel(draft)
        quote = draft.model_copy(
            update={
                "wallet": channel.address,
                "refund_signature": channel.sign(channel.gated_refund(), self._key),
                "sweep_signature": channel.sign(channel.sweep(), self._key),
            }
        )
        return self.signed(quote)

    def signed(self, quote: QuoteOffered) -> SignedQuoteOffered:
        """Sign a quote of ours; for the same quote the same again."""
        payload = quote.model_dump_json()
        return SignedQuoteOffered(payload=payload, signature=self._key.sign_text(payload))

    def private(
        self, config: ChargePointConfig, started: ChargingStarted, n: int, now: datetime
    ) -> QuoteOffered:
        """Give the terms of a test without money: no owner, no wallet, nothing to sign."""
        name = f"private:{config.charge_point_id}:{started.transaction_id}"
        session_id = "0x" + sha256(name.encode()).hexdigest()
        ends_by = int(now.timestamp()) + self._terms.session
        return QuoteOffered(
            provider_did=config.did,
            charge_point_id=config.charge_point_id,
            connector_id=n,
            session_id=session_id,
            consumer_nonce=session_id,
            provider_nonce=session_id,
            session_key=_NOWHERE,
            refund_account=_NOWHERE,
            provider=self._key.address,
            chain_id=self._terms.chain_id,
            token=config.token,
            wallet=_NOWHERE,
            tariff=config.tariff,
            tariff_hash=tariff_hash(config.tariff),
            deposit=0,
            minimum_deposit=0,
            maximum_power_w=config.maximum_power_w,
            exposure_step=config.exposure_step,
            voucher_interval_s=self._terms.voucher_interval,
            ends_by=ends_by,
            refund_opens_at=ends_by,
            refund_signature=_UNSIGNED,
            sweep_signature=_UNSIGNED,
            expires_at=now,
        )

    def _exposure_limit(self, config: ChargePointConfig) -> int:
        """Say how far the cost may run ahead of the vouchers of an app in good order."""
        if config.exposure_limit is not None:
            return config.exposure_limit
        seconds = self._terms.voucher_interval + self._terms.voucher_grace
        reachable = most(config.tariff, config.maximum_power_w, seconds)
        return max(_STEPS * config.exposure_step, reachable)

    def fault(
        self, quote: QuoteOffered, request: ServiceRequested, now: datetime
    ) -> QuoteFault | None:
        """Say why our own quote can't be taken; None if it is fresh and voucher 0 covers it."""
        if request.session_id != quote.session_id:
            return "quote_invalid"
        if is_expired(quote.expires_at, now):
            return "quote_expired"
        channel = self.channel(quote)
        covered = request.voucher.spent == 0 and channel.is_signed_by(
            channel.voucher(0), request.voucher.signature, quote.session_key
        )
        return None if covered else "voucher_invalid"

    def recognise(self, signed: SignedQuoteOffered) -> QuoteOffered | None:
        """Read a quote that this station signed; None for any other."""
        try:
            signer = recover_text(signed.payload, signed.signature)
            quote = read_payload(signed, QuoteOffered)
        except (InvalidSignatureError, PayloadError):
            return None
        return quote if signer == self._key.address else None

    def channel(self, quote: QuoteOffered) -> Channel:
        """Give the payment channel that a quote describes."""
        return Channel(
            chain_id=quote.chain_id,
            deployment=self._deployment,
            session_id=quote.session_id,
            consumer=quote.session_key,
            provider=quote.provider,
            refund_account=quote.refund_account,
            token=quote.token,
            refund_opens_at=quote.refund_opens_at,
        )


_STEPS = 10
_NOWHERE = "0x" + "0" * 40
_UNSIGNED = "0x" + "0" * 130
