"""The demo's invented history in a real Valkey: as a Session Manager keeps it, and marked."""

from datetime import UTC, datetime
from functools import lru_cache

import demo_dispute
from demo_history import History
from demo_points import POINTS, DemoStation
from demo_sessions import GENERATED
from sdk.bus import keys
from sdk.bus.redis_bus import RedisBus
from sdk.chain.accounts import SigningKey
from sdk.chain.dev_node import CHAIN_ID
from sdk.disputes import read_disputes
from sdk.events.service import QuoteOffered, Receipt
from sdk.events.signed import read_payload
from sdk.records.presence import read_entries
from sdk.records.receipts import check_chains, check_receipt
from sdk.records.record import SessionRecord, decode_record
from sdk.records.row import Row, decode_rows
from sdk.register import ChargePointConfig, station_did

NOW = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
MONTH = "2026-11"


@lru_cache
def _stations() -> dict[str, DemoStation]:
    made = {}
    for number, point in enumerate(POINTS, 1):
        key = SigningKey.from_bytes(number.to_bytes(32))
        config = ChargePointConfig(
            charge_point_id=point.id,
            did=station_did(CHAIN_ID, key.address),
            tariff=point.tariff,
            connectors=point.connectors,
        )
        made[point.id] = DemoStation(point, config, key, "")
    return made


async def _written(bus: RedisBus) -> tuple[list[Row], list[SessionRecord]]:
    await History(bus, _stations()).write(2026, NOW, 7)
    rows, records = list[Row](), list[SessionRecord]()
    for name in _stations():
        blob = (await bus.read_blobs([keys.rows(name, MONTH)]))[0]
        rows += decode_rows(name, blob)
    for row in rows:
        key = keys.record(row.charge_point_id, row.session_id)
        records.append(decode_record((await bus.read_blobs([key]))[0]))
    return rows, records


async def test_all_of_it_is_marked_as_generated(redis_bus: RedisBus) -> None:
    rows, records = await _written(redis_bus)
    assert len(rows) > 50
    assert all(GENERATED in row.flags for row in rows)
    for record in records:
        assert GENERATED in record.status.flags
        assert record.quote is not None
        quote = read_payload(record.quote, QuoteOffered)
        for account in (quote.session_key, quote.refund_account):
            assert bytes.fromhex(account[2:]).endswith(GENERATED.encode())
        if record.receipt is not None:
            assert GENERATED in read_payload(record.receipt, Receipt).flags
    for name in _stations():
        presence = await redis_bus.read(keys.presence(name))
        assert GENERATED in presence
        assert len(read_entries(presence)) >= 3
    lines = await redis_bus.read_log()
    assert any(GENERATED in line.fields["text"] for line in lines)


async def test_its_receipts_are_right_and_follow_each_other(redis_bus: RedisBus) -> None:
    _, records = await _written(redis_bus)
    checked = [check_receipt(each.receipt) for each in records if each.receipt is not None]
    assert [each.faults for each in checked if each.faults] == []
    chains = check_chains(checked)
    assert len(chains) == 3
    assert all(chain.begins and not chain.faults for chain in chains)
    for name in _stations():
        newest = (await redis_bus.read(keys.last_receipt(name)))["hash"]
        assert newest in {each.hash for each in checked}


async def test_rows_say_what_records_say_and_one_earns_nothing(redis_bus: RedisBus) -> None:
    rows, records = await _written(redis_bus)
    for row, record in zip(rows, records, strict=True):
        assert (row.energy_wh, row.outcome) == (record.status.energy_wh, record.outcome)
        assert row.spent + row.refund == row.deposit
        assert (row.spent > 0) == (row.stop_reason is not None)
        assert bool(record.curve) == bool(row.energy_wh)
    earned = {
        name: sum(row.spent for row in rows if row.charge_point_id == name) for name in _stations()
    }
    assert [name for name, spent in earned.items() if not spent] == ["DEMO-3"]
    prices = [row.spent * 1000 / row.energy_wh / 10**18 for row in rows if row.outcome == "settled"]
    assert all(0.2 < price < 0.7 for price in prices)


async def test_its_dispute_can_be_refunded(redis_bus: RedisBus) -> None:
    quote = await demo_dispute.write(redis_bus, _stations()["DEMO-1"], NOW)
    [dispute] = await read_disputes(redis_bus, NOW, ["DEMO-1"])
    assert dispute.session_id == quote.session_id
    assert dispute.wallet == quote.wallet
    assert "refund" in dispute.decisions
    assert set(dispute.flags) == {GENERATED, "settlement_reverted"}
    assert not await redis_bus.read(keys.session("DEMO-1", 1))
