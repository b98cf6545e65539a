"""What is measured of records: the memory that a million take, and a report of a month."""

import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from eth_utils.address import to_checksum_address
from redis.asyncio import Redis

from benchmarks.figures import tell
from sdk.bus import keys
from sdk.bus.interface import Commit, Once, StateWrite
from sdk.bus.redis_bus import RedisBus
from sdk.embedded import EmbeddedServer
from sdk.events.service import (
    ChargingStatus,
    Phase,
    QuoteOffered,
    Receipt,
    ServiceDelivered,
    SignedQuoteOffered,
)
from sdk.records.curve import Reading
from sdk.records.ending import ending, enlist
from sdk.records.moments import from_ms
from sdk.records.record import SessionRecord
from sdk.records.report import month_report
from sdk.records.row import Row, encode_row
from sdk.tariff import Tariff, price_lines, usage_of

MONTH = "2026-11"
TARIFF = Tariff.model_validate({"per_kwh": "400000000000000000"})
BEGIN_MS = 1_793_491_200_000
"""2026-11-01."""
RECORDS, SOME_WITH_CURVES = 20_000, 2_000
STATIONS = 200
READINGS = 240
"""An hour with a reading each 15 s."""
REPORTED = 100_000
MILLION = 1_000_000
MEGABYTE = 1_000_000
_PHASES: tuple[Phase, ...] = (
    "verifying",
    "authorising",
    "starting",
    "charging",
    "stopping",
    "settling",
    "executing",
    "settled",
)
Values = dict[str, float]


async def million() -> Values:
    """Store sessions as a Session Manager does, without and with a curve; tell of a million."""
    async with _bus() as (bus, redis):
        bare = await _bytes_each(bus, redis, RECORDS, readings=0)
    async with _bus() as (bus, redis):
        whole = await _bytes_each(bus, redis, SOME_WITH_CURVES, readings=READINGS)
    tell(f"  {bare:.0f} bytes without a curve, {whole:.0f} with one of {READINGS} readings")
    return {
        "records.million.mb": bare * MILLION / MEGABYTE,
        "records.million_with_curves.mb": whole * MILLION / MEGABYTE,
    }


async def report() -> Values:
    """Report a month of 100,000 sessions at 200 charge points, with nothing read before."""
    rng = random.Random(1)  # noqa: S311 - a load
    async with _bus() as (bus, redis):
        for number in range(STATIONS):
            name = f"CP-{number:04}"
            made = b"".join(encode_row(row_of(rng, name)) for _ in range(REPORTED // STATIONS))
            await redis.set(keys.rows(name, MONTH), made)
            await enlist(bus, name)
        begin = perf_counter()
        found = await month_report(bus, MONTH)
        took = (perf_counter() - begin) * 1000
    assert found.total.sessions == REPORTED
    return {"records.month_report": took}


@asynccontextmanager
async def _bus() -> AsyncIterator[tuple[RedisBus, Redis]]:
    with TemporaryDirectory() as folder:
        server = await EmbeddedServer.start(Path(folder))
        bus, redis = RedisBus.from_url(server.url), Redis.from_url(server.url)
        try:
            yield bus, redis
        finally:
            await bus.close()
            await redis.aclose()
            await server.stop()


async def _bytes_each(bus: RedisBus, redis: Redis, count: int, *, readings: int) -> float:
    rng = random.Random(1)  # noqa: S311 - a load
    row = row_of(rng, "WARM")
    await _end(bus, row, record_of(rng, row, readings))
    before = await _used(redis)
    for number in range(count):
        # as many to a charge point as a month of it has
        row = row_of(rng, f"CP-{number // (REPORTED // STATIONS):04}")
        await _end(bus, row, record_of(rng, row, readings))
    return (await _used(redis) - before) / count


async def _end(bus: RedisBus, row: Row, record: SessionRecord) -> None:
    end = ending(row, record)
    held = keys.last_receipt(row.charge_point_id)
    commit = Commit(
        row.charge_point_id,
        writes=[*end.writes, StateWrite(held, {"hash": row.session_id})],
        once=Once(held, "hash", row.session_id),
        appends=end.appends,
        constants=end.constants,
    )
    await bus.apply(commit)


async def _used(redis: Redis) -> int:
    return int((await redis.info("memory"))["used_memory"])


def row_of(rng: random.Random, charge_point_id: str) -> Row:
    """Make the row of a session that ended in `MONTH`."""
    ended = BEGIN_MS + rng.randrange(30 * 86_400_000)
    energy, deposit = rng.randrange(1_000, 60_000), 25 * 10**18
    spent = energy * 4 * 10**14
    return Row(
        charge_point_id=charge_point_id,
        connector_id=rng.randrange(1, 3),
        session_id="0x" + secrets.token_hex(32),
        outcome=rng.choice(("settled", "settled", "settled", "refunded")),
        ended_ms=ended,
        started_ms=ended - 3_600_000,
        stop_reason="consumer",
        energy_wh=energy,
        charging_s=3_500,
        chain_id=31_337,
        deposit=deposit,
        spent=spent,
        refund=deposit - spent,
        gas_used=350_705,
        gas_fee=350_705 * 10**9,
        transaction_id=rng.randrange(1, 10**6),
    )


def record_of(rng: random.Random, row: Row, readings: int) -> SessionRecord:
    """Make the record of a row: hashes and signatures are random, as real ones are to a codec."""
    receipt = _receipt(row)
    return SessionRecord(
        session_id=row.session_id,
        charge_point_id=row.charge_point_id,
        connector_id=row.connector_id,
        outcome="settled",
        ended_at=from_ms(row.ended_ms),
        status=ChargingStatus(
            session_id=row.session_id,
            phase="settled",
            transaction_id=row.transaction_id,
            meter_start_wh=receipt.meter_start_wh,
            meter_wh=receipt.meter_stop_wh,
            energy_wh=row.energy_wh,
            sampled_at=receipt.stopped_at,
            deposit=row.deposit,
            cost=row.spent,
            remaining=row.refund,
            voucher=row.spent,
            stop_reason="consumer",
        ),
        quote=SignedQuoteOffered(payload=_quote(receipt).model_dump_json(), signature=_hex(65)),
        receipt=ServiceDelivered(
            payload=receipt.model_dump_json(exclude_none=True), signature=_hex(65)
        ),
        timeline=tuple(
            (phase, from_ms(row.started_ms + place * 450_000 + rng.randrange(1000)))
            for place, phase in enumerate(_PHASES)
        ),
        curve=tuple(curve_of(rng, row.started_ms, readings)),
        gas_used=row.gas_used,
        peer_id="12D3KooW" + secrets.token_hex(22).replace("0", "z"),
        nonce=rng.randrange(200),
    )


def _receipt(row: Row) -> Receipt:
    driver, station = _account(), _account()
    begin, end = from_ms(row.started_ms), from_ms(row.started_ms + 3_500_000)
    usage = usage_of(TARIFF, [(begin, 100_000), (end, 100_000 + row.energy_wh)])
    return Receipt(
        provider_did=f"did:ethr:{row.chain_id:#x}:{station}",
        session_id=row.session_id,
        charge_point_id=row.charge_point_id,
        connector_id=row.connector_id,
        consumer_did=f"did:ethr:{row.chain_id:#x}:{driver}",
        outcome="settled",
        stop_reason="consumer",
        transaction_id=row.transaction_id,
        started_at=begin,
        stopped_at=end,
        meter_start_wh=usage.meter_start_wh,
        meter_stop_wh=usage.meter_wh,
        energy_wh=row.energy_wh,
        usage=usage,
        tariff=TARIFF,
        price_lines=price_lines(TARIFF, usage),
        chain_id=row.chain_id,
        token=row.token,
        wallet=_account(),
        provider=station,
        refund_account=_account(),
        deposit=row.deposit,
        spent=row.spent,
        refund=row.refund,
        transaction_hash=_hex(32),
        previous=_hex(32),
    )


def _quote(receipt: Receipt) -> QuoteOffered:
    return QuoteOffered(
        provider_did=receipt.provider_did,
        charge_point_id=receipt.charge_point_id,
        connector_id=receipt.connector_id,
        session_id=receipt.session_id,
        consumer_nonce=_hex(32),
        provider_nonce=_hex(32),
        session_key=receipt.consumer_did.rpartition(":")[2],
        refund_account=receipt.refund_account,
        provider=receipt.provider,
        chain_id=receipt.chain_id,
        token=receipt.token,
        wallet=receipt.wallet,
        tariff=TARIFF,
        tariff_hash=_hex(32),
        deposit=receipt.deposit,
        minimum_deposit=10**18,
        maximum_power_w=11_000,
        exposure_step=2 * 10**17,
        voucher_interval_s=60,
        ends_by=BEGIN_MS // 1000,
        refund_opens_at=BEGIN_MS // 1000,
        refund_signature=_hex(65),
        sweep_signature=_hex(65),
        expires_at=from_ms(BEGIN_MS),
    )


def curve_of(rng: random.Random, begin_ms: int, count: int) -> list[Reading]:
    """Make a curve: a reading each 15 s, some ms late, of a car whose power flickers."""
    readings, energy = [], 100_000
    for number in range(count):
        power = max(0, round(rng.gauss(10_900, 60)))
        energy += power * 15 // 3600
        at = begin_ms + 15_000 * number + rng.randrange(40)
        readings.append(Reading(at, energy, power, 20 + 60 * number // count))
    return readings


def _hex(size: int) -> str:
    return "0x" + secrets.token_hex(size)


def _account() -> str:
    return to_checksum_address(secrets.token_bytes(20))
