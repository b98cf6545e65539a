"""What the app signs while charging and at the end, PURE: vouchers, proposals, receipts."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sdk.chain.accounts import InvalidSignatureError, recover_text
from sdk.chain.channel import Channel
from sdk.events.service import QuoteOffered, Receipt, ServiceDelivered
from sdk.events.settlement import SettlementProposed, SignedSettlementProposed
from sdk.events.signed import Payload, PayloadError, SignedBody, read_payload
from sdk.p2p.consumer_errors import SettlementDisputedError
from sdk.p2p.usage_check import SLACK, Bounds, usage_fault
from sdk.tariff import Usage, begin, cost, is_plain, most, price_lines, read

P = TypeVar("P", bound=Payload)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that the app pays: by the quote and, times `speed`, by its own clock.

    `speed` is 1 in the world, and the simulator's factor in a demonstration.
    """

    quote: QuoteOffered
    speed: float = 1.0

    def cost(self, usage: Usage | None) -> int:
        """Price what was used by the quoted tariff, never above the deposit."""
        return min(cost(self.quote.tariff, usage), self.quote.deposit) if usage else 0

    def bound(self, since: datetime, now: datetime) -> int:
        """Give the most that can be due at `now` for a charge that began after `since`."""
        seconds = max(0.0, (now - since).total_seconds()) * self.speed + SLACK.total_seconds()
        highest = most(self.quote.tariff, self.quote.maximum_power_w, seconds)
        return min(highest, self.quote.deposit)


@dataclass(frozen=True, slots=True)
class Signed:
    """The last voucher: what it allows in all, and when it was signed."""

    spent: int
    at: datetime


def voucher_due(quote: QuoteOffered, amount: int, last: Signed, now: datetime) -> bool:
    """Tell whether a voucher over `amount` is to be signed now.

    It is when that is an exposure step more than the last one, or anything more after the interval,
    or all of the deposit.
    """
    more = amount - last.spent
    if more <= 0:
        return False
    waited = (now - last.at).total_seconds() >= quote.voucher_interval_s
    return more >= quote.exposure_step or waited or amount >= quote.deposit


def check_proposal(
    signed: SignedSettlementProposed,
    limits: Limits,
    channel: Channel,
    *,
    before: Usage | None,
    bounds: Bounds,
) -> SettlementProposed:
    """Read a proposal that follows from quote and readings, and from no more than time allows.

    `before` is what was used by the last status. Raises SettlementDisputedError.
    """
    proposal = _read(signed, SettlementProposed, limits.quote)
    usage, quote = usage_of_proposal(proposal, limits.quote, bounds.now), limits.quote
    _insist_on_tariff(usage, quote)
    energy = proposal.meter_stop_wh - proposal.meter_start_wh
    payout = channel.voucher(proposal.spent)
    faults = {
        "another session": proposal.session_id != quote.session_id,
        "energy is not the difference of the readings": proposal.energy_wh != energy,
        "no usage to compute the price from": usage is None and proposal.spent > 0,
        "the usage is not that of the readings": usage is not None
        and (usage.meter_start_wh, usage.meter_wh)
        != (proposal.meter_start_wh, proposal.meter_stop_wh),
        "spent is not the price of the energy": proposal.spent != limits.cost(usage),
        "more energy than the time allows": (
            proposal.spent > limits.bound(bounds.since, bounds.now)
        ),
        "spent and refund are not the deposit": (
            proposal.spent + proposal.refund != proposal.deposit
        ),
        "the deposit is not what was locked": (
            not proposal.released and proposal.deposit < quote.deposit
        ),
        "the provider did not sign this payout": not channel.is_signed_by(
            payout, proposal.safe_signature, quote.provider
        ),
    }
    _raise_first(faults)
    fault = usage_fault(quote, usage, before, bounds) if usage is not None else None
    if fault is not None:
        raise SettlementDisputedError(fault)
    return proposal


def usage_of_proposal(
    proposal: SettlementProposed, quote: QuoteOffered, now: datetime
) -> Usage | None:
    """Give what a proposal says was used; for a plain tariff the readings tell it."""
    if proposal.usage is not None or not is_plain(quote.tariff) or not proposal.energy_wh:
        return proposal.usage
    usage = begin(quote.tariff, now, proposal.meter_start_wh)
    if proposal.meter_stop_wh < proposal.meter_start_wh:
        return None
    return read(quote.tariff, usage, now, proposal.meter_stop_wh)


def check_receipt(signed: ServiceDelivered, limits: Limits, most_signed: int) -> Receipt:
    """Read a receipt that follows from quote and vouchers. Raises SettlementDisputedError."""
    receipt = _read(signed, Receipt, limits.quote)
    quote = limits.quote
    _insist_on_tariff(receipt.usage, quote)
    faults = {
        **_other_terms(receipt, quote),
        # An account that refuses its refund leaves that in the wallet, for the sweep.
        "a deposit that is not what was locked": (
            receipt.outcome == "settled" and receipt.refund > 0 and receipt.deposit < quote.deposit
        ),
        "price lines that do not follow from the usage": (
            receipt.price_lines
            != (price_lines(quote.tariff, receipt.usage) if receipt.usage else ())
        ),
        "energy that is not the usage's": (
            receipt.energy_wh != (receipt.usage.energy_wh if receipt.usage else 0)
        ),
        "spent and refund are not the deposit": receipt.spent + receipt.refund != receipt.deposit,
        "more was spent than the app signed": receipt.spent > most_signed,
        "more was spent than the energy costs": receipt.spent > limits.cost(receipt.usage),
    }
    _raise_first(faults)
    return receipt


def _other_terms(receipt: Receipt, quote: QuoteOffered) -> dict[str, bool]:
    token = (quote.token.lower(), quote.token_decimals)
    return {
        "another session": receipt.session_id != quote.session_id,
        "another wallet": receipt.wallet.lower() != quote.wallet.lower(),
        "another tariff": receipt.tariff != quote.tariff,
        "another token": (receipt.token.lower(), receipt.token_decimals) != token,
        "another chain": receipt.chain_id != quote.chain_id,
        "another station's account": receipt.provider.lower() != quote.provider.lower(),
        "another refund account": receipt.refund_account.lower() != quote.refund_account.lower(),
    }


def _read(signed: SignedBody, model: type[P], quote: QuoteOffered) -> P:
    try:
        payload = read_payload(signed, model)
        signer = recover_text(signed.payload, signed.signature)
    except (PayloadError, InvalidSignatureError) as error:
        raise SettlementDisputedError(f"it can't be read: {error}") from error
    if signer.lower() != quote.provider.lower():
        raise SettlementDisputedError("it is not signed by the provider")
    return payload


def _insist_on_tariff(usage: Usage | None, quote: QuoteOffered) -> None:
    if usage is not None and len(usage.energy) != len(quote.tariff.windows) + 1:
        raise SettlementDisputedError("the usage is one of another tariff")


def _raise_first(faults: dict[str, bool]) -> None:
    for fault, found in faults.items():
        if found:
            raise SettlementDisputedError(fault)
