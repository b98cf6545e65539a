"""Sessions that ended, as a station would have signed and stored them."""

import random
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from eth_utils.address import to_checksum_address

from sdk.bus.interface import Bus, Commit, Outcome
from sdk.chain.accounts import SigningKey, new_key
from sdk.events.service import (
    ChargingStatus,
    Phase,
    QuoteOffered,
    Receipt,
    ServiceDelivered,
    SignedQuoteOffered,
)
from sdk.ids import new_event_id
from sdk.records.curve import Reading
from sdk.records.ending import ending, enlist
from sdk.records.moments import to_ms
from sdk.records.receipts import FIRST
from sdk.records.record import SessionRecord
from sdk.records.row import Row
from sdk.tariff import Tariff, Usage, price_lines, tariff_hash, usage_of

STATION = new_key()
CP = "CP-1"
STARTED = datetime(2026, 11, 14, 12, 0, 8, 250_000, tzinfo=UTC)
CHAIN_ID = 31_337
TARIFF = Tariff.model_validate({"per_kwh": "400000000000000000", "per_session": "0"})
TIMED = Tariff.model_validate(
    {
        "per_kwh": "400000000000000000",
        "per_session": "500000000000000000",
        "per_minute": "1000000000000000",
        "tax_percent": "19",
        "windows": [{"start": "22:00", "end": "12:30", "per_kwh": "300000000000000000"}],
        "timezone": "Europe/Berlin",
    }
)
DEPOSIT = 20 * 10**18
PHASES: tuple[Phase, ...] = ("verifying", "charging", "settling", "executing", "settled")


def random_hex(size: int = 32) -> str:
    return "0x" + secrets.token_hex(size)


def account() -> str:
    return to_checksum_address(secrets.token_bytes(20))


def readings(count: int, begin: datetime = STARTED, seed: int = 1) -> tuple[Reading, ...]:
    """Make a curve: a reading each 10 s, a little late, of a car whose power flickers."""
    rng = random.Random(seed)  # noqa: S311 - the same curve each time
    energy, made = 100_000, []
    for number in range(count):
        power = max(0, round(rng.gauss(10_900, 60)))
        energy += power * 10 // 3600 if number else 0
        at = to_ms(begin) + 10_000 * number + (rng.randrange(20) if number else 0)
        made.append(Reading(at, energy, power, 20 + 60 * number // count))
    return tuple(made)


def usage(tariff: Tariff = TARIFF, energy_wh: int = 3_000) -> Usage:
    end = STARTED + timedelta(hours=1)
    return usage_of(tariff, [(STARTED, 100_000), (end, 100_000 + energy_wh)])


def receipt(previous: str = FIRST, tariff: Tariff = TARIFF, **changes: Any) -> Receipt:
    """Make the receipt of a settled session; `changes` can make it a wrong one."""
    used = usage(tariff)
    lines = price_lines(tariff, used)
    spent = sum(line.amount for line in lines)
    right = Receipt(
        provider_did=f"did:ethr:{CHAIN_ID:#x}:{STATION.address}",
        session_id=random_hex(),
        charge_point_id=CP,
        connector_id=1,
        consumer_did=f"did:ethr:{CHAIN_ID:#x}:{account()}",
        outcome="settled",
        stop_reason="consumer",
        transaction_id=7,
        started_at=used.started_at,
        stopped_at=used.until,
        meter_start_wh=used.meter_start_wh,
        meter_stop_wh=used.meter_wh,
        energy_wh=used.meter_wh - used.meter_start_wh,
        usage=used,
        tariff=tariff,
        price_lines=lines,
        chain_id=CHAIN_ID,
        token="0x" + "0" * 40,
        wallet=account(),
        provider=STATION.address,
        refund_account=account(),
        deposit=DEPOSIT,
        spent=spent,
        refund=DEPOSIT - spent,
        transaction_hash=random_hex(),
        previous=previous,
    )
    return right.model_copy(update=changes)


def signed(content: Receipt, key: SigningKey = STATION) -> ServiceDelivered:
    payload = content.model_dump_json(exclude_none=True)
    return ServiceDelivered(payload=payload, signature=key.sign_text(payload))


def quote(content: Receipt) -> SignedQuoteOffered:
    offered = QuoteOffered(
        provider_did=content.provider_did,
        charge_point_id=content.charge_point_id,
        connector_id=content.connector_id,
        session_id=content.session_id,
        consumer_nonce=random_hex(),
        provider_nonce=random_hex(),
        session_key=content.consumer_did.rpartition(":")[2],
        refund_account=content.refund_account,
        provider=content.provider,
        chain_id=content.chain_id,
        token=content.token,
        wallet=content.wallet,
        tariff=content.tariff,
        tariff_hash=tariff_hash(content.tariff),
        deposit=content.deposit,
        minimum_deposit=10**18,
        maximum_power_w=11_000,
        exposure_step=2 * 10**17,
        voucher_interval_s=60,
        ends_by=1_800_000_000,
        refund_opens_at=1_800_003_600,
        refund_signature=random_hex(65),
        sweep_signature=random_hex(65),
        expires_at=STARTED,
    )
    payload = offered.model_dump_json()
    return SignedQuoteOffered(payload=payload, signature=STATION.sign_text(payload))


def record(content: Receipt | None = None, curve: tuple[Reading, ...] = ()) -> SessionRecord:
    content = content or receipt()
    ended = STARTED + timedelta(hours=1, seconds=12, milliseconds=345)
    return SessionRecord(
        session_id=content.session_id,
        charge_point_id=content.charge_point_id,
        connector_id=content.connector_id,
        outcome=content.outcome,
        ended_at=ended,
        status=ChargingStatus(
            session_id=content.session_id,
            phase=content.outcome,
            transaction_id=content.transaction_id,
            meter_start_wh=content.meter_start_wh,
            meter_wh=content.meter_stop_wh,
            energy_wh=content.energy_wh,
            sampled_at=content.stopped_at,
            deposit=content.deposit,
            cost=content.spent,
            remaining=content.refund,
            voucher=content.spent,
            stop_reason=content.stop_reason,
            flags=content.flags,
        ),
        quote=quote(content),
        receipt=signed(content),
        timeline=tuple(
            (phase, STARTED + timedelta(seconds=number * 5, milliseconds=number))
            for number, phase in enumerate(PHASES)
        ),
        curve=curve,
        gas_used=350_705,
        peer_id="12D3KooWGzBkvXTnwzMvVb7cJq2TfGqWQ4L9dS5gG3c4v8Zp1abc",
        nonce=145,
    )


def row(of: SessionRecord, **changes: Any) -> Row:
    status = of.status
    return Row(
        charge_point_id=of.charge_point_id,
        connector_id=of.connector_id,
        session_id=of.session_id,
        outcome=of.outcome,
        ended_ms=to_ms(of.ended_at),
        started_ms=to_ms(STARTED),
        stop_reason=status.stop_reason,
        failure=status.failure,
        flags=status.flags,
        energy_wh=status.energy_wh,
        charging_s=3_600,
        chain_id=CHAIN_ID,
        deposit=status.deposit,
        spent=status.cost,
        refund=status.remaining,
        gas_used=of.gas_used,
        gas_fee=of.gas_used * 10**9,
        transaction_id=status.transaction_id,
    )._replace(**changes)


async def store(bus: Bus, of: SessionRecord, stored: Row) -> None:
    """End a session as a Session Manager does."""
    await enlist(bus, stored.charge_point_id)
    end = ending(stored, of)
    commit = Commit(
        stored.charge_point_id,
        new_event_id(),
        writes=end.writes,
        appends=end.appends,
        constants=end.constants,
    )
    assert await bus.apply(commit) is Outcome.APPLIED
