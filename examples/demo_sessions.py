"""The demo's invented visits as sessions that ended, each marked as `generated`.

They are what a Session Manager keeps, and signed by the station: what marks them is the flag in
row, record and receipt, and that all accounts of drivers end in "generated", in ASCII. Their
transactions are on no chain.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from eth_utils.address import to_checksum_address

from demo_points import TOKEN, DemoStation
from demo_week import Visit
from sdk.chain.addresses import Deployment
from sdk.chain.dev_node import CHAIN_ID
from sdk.chain.tokens import NATIVE_DECIMALS, TokenInfo
from sdk.events.service import Phase, QuoteOffered, QuoteRequested, SignedQuoteOffered
from sdk.events.settlement import SettlementExecuted
from sdk.events.signed import read_payload
from sdk.fields import NATIVE_TOKEN
from sdk.records.curve import Reading
from sdk.records.moments import to_ms
from sdk.tariff import Usage, cost, end, idle_from, usage_of
from session_manager.ending import Ended
from session_manager.quotes import Quotes, QuoteTerms
from session_manager.receipts import receipt_of, sign_receipt
from session_manager.session.state import Session, id_tag_of

GENERATED = "generated"
_TERMS = QuoteTerms(
    chain_id=CHAIN_ID,
    valid=600,
    session=8 * 3600,
    refund_margin=3600,
    voucher_interval=60,
    voucher_grace=30,
)
_EVERY_S = 60
_TAPERS_AT = 0.85
_ROUNDED = TOKEN // 100
_GAS_PRICE = 10**9
_NO_DEPOSIT = "deposit_missing"
_BEFORE: tuple[tuple[Phase, int], ...] = (
    ("verifying", -45),
    ("authorising", -14),
    ("starting", -9),
)
_AFTER: tuple[tuple[Phase, int], ...] = (("stopping", 0), ("settling", 3), ("executing", 5))
_PAID_AFTER = timedelta(seconds=12)


@dataclass(frozen=True)
class Charged:
    """What a visit used, by its readings."""

    readings: tuple[Reading, ...]
    usage: Usage


def account_of(name: str) -> str:
    """Give an account that belongs to nobody, and says so."""
    mark = GENERATED.encode()
    return to_checksum_address(sha256(name.encode()).digest()[: 20 - len(mark)] + mark)


def quote_of(
    station: DemoStation, visit: Visit, driver: str, deposit: int
) -> tuple[SignedQuoteOffered, QuoteOffered]:
    """Sign the quote that the driver with this account took, and give it as it is read."""
    asked = QuoteRequested(
        provider_did=station.config.did,
        expires_at=visit.begins_at,
        nonce=1,
        connector_id=visit.connector_id,
        session_key=driver,
        refund_account=account_of(f"refund {visit.driver}"),
        consumer_nonce=_hash("consumer", visit),
        deposit=deposit,
    )
    signed = Quotes(station.key, Deployment(), _TERMS).offer(
        asked,
        station.config,
        TokenInfo(NATIVE_TOKEN, NATIVE_DECIMALS, ""),
        _hash("provider", visit),
        visit.begins_at,
    )
    return signed, read_payload(signed, QuoteOffered)


def charged(station: DemoStation, visit: Visit, meter_wh: int) -> Charged:
    """Make the readings of a visit, one a minute, and what they come to."""
    rng = random.Random(_hash("curve", visit))  # noqa: S311 - the same curve each time
    begin, minutes = visit.begins_at, max(2, round(visit.charges_for.total_seconds() / _EVERY_S))
    readings = [Reading(to_ms(begin), meter_wh, 0, rng.randrange(8, 45))]
    for minute in range(1, minutes + 1):
        share = minute / minutes
        taper = 1.0 if share < _TAPERS_AT else 1.0 - (share - _TAPERS_AT) * 4
        power = round(visit.power_w * taper * rng.uniform(0.97, 1.0))
        last = readings[-1]
        at = to_ms(begin) + minute * _EVERY_S * 1_000
        soc = min(100, (readings[0].soc_percent or 0) + round(55 * share))
        readings.append(Reading(at, last.energy_wh + power * _EVERY_S // 3_600, power, soc))
    told = [(datetime.fromtimestamp(it.at_ms / 1_000, UTC), it.energy_wh) for it in readings]
    usage = usage_of(station.config.tariff, told)
    if visit.idle:
        usage = end(idle_from(usage, usage.read_at), usage.read_at + visit.idle)
    return Charged(tuple(readings), usage)


def paid_session(
    station: DemoStation, visit: Visit, used: Charged, number: int, previous: str
) -> Ended:
    """Make a session that charged and was paid; `previous` names the receipt before."""
    price = cost(station.config.tariff, used.usage)
    share = Decimal("0.9") if visit.stop_reason == "deposit_used_up" else Decimal("1.4")
    deposit = int(price * share) // _ROUNDED * _ROUNDED
    signed, quote = quote_of(station, visit, account_of(f"driver {visit.driver}"), deposit)
    stopped_at = used.usage.until
    session = charging_session(quote, visit, used, number).model_copy(
        update={
            "phase": "settled",
            "executed": _payout(quote, visit, min(price, deposit)),
            "timeline": (
                *timeline_to_payout(visit.begins_at, stopped_at),
                ("settled", stopped_at + _PAID_AFTER),
            ),
        }
    )
    receipt = sign_receipt(receipt_of(session, previous), station.key)
    return Ended(session, stopped_at + _PAID_AFTER, receipt, signed)


def failed_session(station: DemoStation, visit: Visit, number: int, previous: str) -> Ended:
    """Make a session that never charged: without a deposit, or with all of it given back."""
    deposit = 5 * TOKEN
    signed, quote = quote_of(station, visit, account_of(f"driver {visit.driver}"), deposit)
    begin, at = visit.begins_at, visit.ends_at
    begun = _begun(quote, visit).model_copy(update={"failure": visit.failure, "nonce": number})
    if visit.failure == _NO_DEPOSIT:
        steps: list[tuple[Phase, datetime]] = [("verifying", begin), ("rejected", at)]
        ended = begun.model_copy(update={"phase": "rejected", "timeline": tuple(steps)})
        return Ended(ended, at, None, signed)
    tried = [(phase, begin + timedelta(seconds=late)) for phase, late in _BEFORE]
    steps = [*tried, ("refunding", at - _PAID_AFTER), ("refunded", at)]
    session = begun.model_copy(
        update={
            "phase": "refunded",
            "deposit": deposit,
            "executed": _payout(quote, visit, 0),
            "timeline": tuple(steps),
        }
    )
    return Ended(session, at, sign_receipt(receipt_of(session, previous), station.key), signed)


def charging_session(quote: QuoteOffered, visit: Visit, used: Charged, number: int) -> Session:
    """Make a session whose charging is over, and which was not paid yet."""
    return _begun(quote, visit).model_copy(
        update={
            "phase": "executing",
            "deposit": quote.deposit,
            "transaction_id": number,
            "stopped_at": used.usage.until,
            "usage": used.usage,
            "price": cost(quote.tariff, used.usage),
            "readings": len(used.readings),
            "power_w": 0,
            "soc_percent": used.readings[-1].soc_percent,
            "sampled_at": used.usage.read_at,
            "stop_reason": visit.stop_reason,
            "closed": True,
            "timeline": timeline_to_payout(visit.begins_at, used.usage.until),
        }
    )


def timeline_to_payout(begin: datetime, stop: datetime) -> tuple[tuple[Phase, datetime], ...]:
    """Give when each phase began, up to `executing`."""
    before = [(phase, begin + timedelta(seconds=late)) for phase, late in _BEFORE]
    after = [(phase, stop + timedelta(seconds=late)) for phase, late in _AFTER]
    return (*before, ("charging", begin), *after)


def _begun(quote: QuoteOffered, visit: Visit) -> Session:
    return Session(
        phase="verifying",
        session_id=quote.session_id,
        quote=quote,
        nonce=visit.driver,
        id_tag=id_tag_of(quote.session_id),
        flags=(GENERATED,),
    )


def _payout(quote: QuoteOffered, visit: Visit, spent: int) -> SettlementExecuted:
    gas = 340_000 + int(_hash("gas", visit)[-4:], 16) % 20_000
    return SettlementExecuted(
        session_id=quote.session_id,
        transaction_hash=_hash("payout", visit),
        block_number=0,
        deposit=quote.deposit,
        spent=spent,
        refund=quote.deposit - spent,
        gas_used=gas,
        gas_fee=gas * _GAS_PRICE,
    )


def _hash(what: str, visit: Visit) -> str:
    """Give 32 bytes that are the same for the same visit, and no other's."""
    place = f"{visit.charge_point_id}:{visit.connector_id}:{visit.begins_at.isoformat()}"
    return "0x" + sha256(f"{what}:{place}".encode()).hexdigest()
