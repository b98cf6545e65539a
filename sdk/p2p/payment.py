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
from sdk.tariff import cost, cost_of_power, price_lines

P = TypeVar("P", bound=Payload)

SLACK_SECONDS = 10.0
"""Readings and messages may be late by so much before the app signs less than they say."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that the app pays: by the quote and, times `speed`, by its own clock.

    `speed` is 1 in the world, and the simulator's factor in a demonstration.
    """

    quote: QuoteOffered
    speed: float = 1.0

    def cost(self, energy_wh: int) -> int:
        """Price energy by the quoted tariff, never above the deposit."""
        return min(cost(self.quote.tariff, energy_wh), self.quote.deposit)

    def bound(self, since: datetime, now: datetime) -> int:
        """Give the most that can be due at `now` for a charge that began after `since`."""
        seconds = max(0.0, (now - since).total_seconds()) * self.speed + SLACK_SECONDS
        most = cost_of_power(self.quote.tariff, self.quote.maximum_power_w, seconds)
        return min(most, self.quote.deposit)


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
    meter_start_wh: int | None,
    bound: int,
) -> SettlementProposed:
    """Read a proposal that follows from quote and readings, of `bound` at most.

    Raises SettlementDisputedError.
    """
    proposal = _read(signed, SettlementProposed, limits.quote)
    energy = proposal.meter_stop_wh - proposal.meter_start_wh
    payout = channel.voucher(proposal.spent)
    faults = {
        "another session": proposal.session_id != limits.quote.session_id,
        "energy is not the difference of the readings": proposal.energy_wh != energy,
        "the reading at the start changed": meter_start_wh not in (None, proposal.meter_start_wh),
        "spent is not the price of the energy": proposal.spent != limits.cost(max(energy, 0)),
        "more energy than the time allows": proposal.spent > bound,
        "spent and refund are not the deposit": (
            proposal.spent + proposal.refund != proposal.deposit
        ),
        "the deposit is not what was locked": proposal.deposit < limits.quote.deposit,
        "the provider did not sign this payout": not channel.is_signed_by(
            payout, proposal.safe_signature, limits.quote.provider
        ),
    }
    _raise_first(faults)
    return proposal


def check_receipt(signed: ServiceDelivered, limits: Limits, most_signed: int) -> Receipt:
    """Read a receipt that follows from quote and vouchers. Raises SettlementDisputedError."""
    receipt = _read(signed, Receipt, limits.quote)
    quote = limits.quote
    faults = {
        "another session": receipt.session_id != quote.session_id,
        "another wallet": receipt.wallet.lower() != quote.wallet.lower(),
        "another tariff": receipt.tariff != quote.tariff,
        "another refund account": receipt.refund_account.lower() != quote.refund_account.lower(),
        "price lines that do not follow from the energy": (
            receipt.price_lines != price_lines(quote.tariff, receipt.energy_wh)
        ),
        "spent and refund are not the deposit": receipt.spent + receipt.refund != receipt.deposit,
        "more was spent than the app signed": receipt.spent > most_signed,
        "more was spent than the energy costs": receipt.spent > limits.cost(receipt.energy_wh),
    }
    _raise_first(faults)
    return receipt


def _read(signed: SignedBody, model: type[P], quote: QuoteOffered) -> P:
    try:
        payload = read_payload(signed, model)
        signer = recover_text(signed.payload, signed.signature)
    except (PayloadError, InvalidSignatureError) as error:
        raise SettlementDisputedError(f"it can't be read: {error}") from error
    if signer.lower() != quote.provider.lower():
        raise SettlementDisputedError("it is not signed by the provider")
    return payload


def _raise_first(faults: dict[str, bool]) -> None:
    for fault, found in faults.items():
        if found:
            raise SettlementDisputedError(fault)
