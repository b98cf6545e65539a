"""The app's checks of a quote, PURE: after them, nobody but the driver decides what is paid."""

from dataclasses import dataclass
from datetime import datetime

from sdk.chain.accounts import InvalidSignatureError, recover_text
from sdk.chain.addresses import Deployment
from sdk.chain.channel import Channel, session_id_of
from sdk.events.service import QuoteOffered, QuoteRequested, SignedQuoteOffered
from sdk.events.signed import PayloadError, read_payload
from sdk.fields import is_expired
from sdk.p2p.consumer_errors import QuoteInvalidError
from sdk.p2p.link import StationDescription
from sdk.tariff import tariff_hash


@dataclass(frozen=True, slots=True)
class QuoteTerms:
    """What the app itself is sure of: chain, contracts, and what it never accepts.

    That is a deposit that waits longer, and a station with more power.
    """

    chain_id: int
    deployment: Deployment
    longest_lock_s: int
    highest_power_w: int


def open_quote(signed: SignedQuoteOffered, station: StationDescription) -> QuoteOffered:
    """Read a quote that the station's account signed. Raises QuoteInvalidError."""
    try:
        quote = read_payload(signed, QuoteOffered)
        signer = recover_text(signed.payload, signed.signature)
    except (PayloadError, InvalidSignatureError) as error:
        raise QuoteInvalidError(f"the quote can't be read: {error}") from error
    if not _same(signer, station.provider) or not _same(quote.provider, station.provider):
        raise QuoteInvalidError("the quote is not signed by the station's account")
    return quote


def channel_of(quote: QuoteOffered, deployment: Deployment) -> Channel:
    """Give the payment channel that a quote describes, by the app's own contract addresses."""
    return Channel(
        chain_id=quote.chain_id,
        deployment=deployment,
        session_id=quote.session_id,
        consumer=quote.session_key,
        provider=quote.provider,
        refund_account=quote.refund_account,
        token=quote.token,
        refund_opens_at=quote.refund_opens_at,
    )


def check_quote(
    quote: QuoteOffered,
    request: QuoteRequested,
    station: StationDescription,
    terms: QuoteTerms,
    now: datetime,
) -> None:
    """Compare a quote with what was asked for, and prove wallet and refund.

    Raises QuoteInvalidError with the first fault.
    """
    fault = (
        _fault_of_answer(quote, request, station)
        or _fault_of_terms(quote, terms, now)
        or _fault_of_power(quote, station)
        or fault_of_channel(quote, channel_of(quote, terms.deployment))
    )
    if fault is not None:
        raise QuoteInvalidError(fault)


def _fault_of_answer(
    quote: QuoteOffered, request: QuoteRequested, station: StationDescription
) -> str | None:
    expected = {
        "provider_did": station.did,
        "charge_point_id": station.charge_point_id,
        "connector_id": request.connector_id,
        "consumer_nonce": request.consumer_nonce,
        "session_key": request.session_key,
        "refund_account": request.refund_account,
        "token": request.token,
        "deposit": request.deposit,
        "session_id": session_id_of(quote.consumer_nonce, quote.provider_nonce),
        "tariff_hash": tariff_hash(quote.tariff),
    }
    for name, value in expected.items():
        if not _same(getattr(quote, name), value):
            return f"the quote's {name} is not what it should be"
    return None


def _fault_of_terms(quote: QuoteOffered, terms: QuoteTerms, now: datetime) -> str | None:
    seconds = int(now.timestamp())
    faults = {
        "the quote is for another chain": quote.chain_id != terms.chain_id,
        "the quote has expired": is_expired(quote.expires_at, now),
        "the quote ends before it begins": quote.ends_by <= seconds,
        "the refund opens before charging must end": quote.refund_opens_at < quote.ends_by,
        "the refund opens too late": quote.refund_opens_at > seconds + terms.longest_lock_s,
        "the deposit is below the station's minimum": quote.deposit < quote.minimum_deposit,
        "the station's power is beyond belief": quote.maximum_power_w > terms.highest_power_w,
        "the station would stop before a voucher is due": (
            quote.exposure_limit is not None and quote.exposure_limit < quote.exposure_step
        ),
    }
    return next((fault for fault, found in faults.items() if found), None)


def _fault_of_power(quote: QuoteOffered, station: StationDescription) -> str | None:
    """Bound what the app signs by the power that the driver was shown."""
    more = quote.maximum_power_w > station.maximum_power_w
    return "the quote's power is more than the station's document says" if more else None


def fault_of_channel(quote: QuoteOffered, channel: Channel) -> str | None:
    """Say what the station did not sign as it must; None if the deposit can always come back."""
    if not _same(channel.address, quote.wallet):
        return "the wallet is not the one of both owners and this session"
    refund, sweep = channel.gated_refund(), channel.sweep()
    if not channel.is_signed_by(refund, quote.refund_signature, quote.provider):
        return "the refund is not signed by the provider"
    if not channel.is_signed_by(sweep, quote.sweep_signature, quote.provider):
        return "the sweep is not signed by the provider"
    return None


def _same(left: object, right: object) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    return left == right
