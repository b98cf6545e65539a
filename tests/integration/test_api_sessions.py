"""Ended sessions over HTTP: found by all that operators look for, page by page, and as files."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

import aiohttp
import ended_sessions as ended
import pytest
from api_answers import promised, refused
from api_world import ApiWorld, api_world
from pyarrow import parquet

from sdk.bus import keys
from sdk.bus.interface import Commit
from sdk.bus.redis_bus import RedisBus
from sdk.ids import new_event_id
from sdk.records.export import COLUMNS, MONEY
from sdk.records.reading import months, rows
from sdk.records.record import SessionRecord
from sdk.records.row import Row
from sdk.records.shown import row_shown

HOUR_MS = 3_600_000
TOKEN = "0x" + "ab" * 20


@pytest.fixture
async def api(redis_bus: RedisBus, redis_url: str) -> AsyncIterator[ApiWorld]:
    del redis_bus  # it has emptied the server
    async with api_world(redis_url) as world:
        yield world


async def put(api: ApiWorld, cp: str = "CP-1", **changes: Any) -> tuple[SessionRecord, Row]:
    record = ended.record(ended.receipt(charge_point_id=cp), ended.readings(3))
    row = ended.row(record, **changes)
    await ended.store(api.bus, record, row)
    return record, row


async def found(api: ApiWorld, role: Any = "operator", **query: str) -> list[str]:
    told = await api.get("/sessions", params=query, role=role)
    return [each["session_id"] for each in promised("list_sessions", told)["items"]]


async def test_each_filter_finds_what_it_names(api: ApiWorld) -> None:
    noon = ended.row(ended.record()).ended_ms
    _, plain = await put(api, ended_ms=noon)
    _, failed = await put(
        api, "CP-2", ended_ms=noon + 1, outcome="rejected", failure="start_timeout", connector_id=2
    )
    _, other = await put(api, ended_ms=noon + 2, token=TOKEN, stop_reason="operator")
    _, test = await put(api, ended_ms=noon + 3, flags=("private",))
    of = {"plain": plain.session_id, "failed": failed.session_id}
    of |= {"other": other.session_id, "test": test.session_id}
    for query, wanted in (
        ({}, ("test", "other", "failed", "plain")),
        ({"charge_point_id": "CP-2"}, ("failed",)),
        ({"connector_id": "2"}, ("failed",)),
        ({"outcome": "settled"}, ("test", "other", "plain")),
        ({"failure": "any"}, ("failed",)),
        ({"failure": "start_refused"}, ()),
        ({"stop_reason": "operator"}, ("other",)),
        ({"token": TOKEN}, ("other",)),
        ({"private": "true"}, ("test",)),
        ({"private": "false", "connector_id": "1"}, ("other", "plain")),
        ({"search": "cp-2"}, ("failed",)),
        ({"search": "nowhere"}, ()),
        ({"search": of["other"][:20]}, ("other",)),
    ):
        assert await found(api, "viewer", **query) == [of[name] for name in wanted], query
        totals = await api.get("/sessions/totals", params=query, role="viewer")
        total = promised("get_session_totals", totals)["total"]
        assert total["sessions"] + total["private"] == len(wanted)


async def test_days_are_those_of_the_zone(api: ApiWorld) -> None:
    # 00:30 on 15 November in Berlin, and 23:30 on the 14th by UTC
    late = 1_794_699_000_000
    _, row = await put(api, ended_ms=late)
    assert f"{row.ended_at:%d %H:%M}" == "14 23:30"
    for day, zone, is_there in (
        ("2026-11-14", "UTC", True),
        ("2026-11-15", "Europe/Berlin", True),
        ("2026-11-14", "Europe/Berlin", False),
    ):
        days = {"first_day": day, "last_day": day, "zone": zone}
        assert bool(await found(api, **days)) is is_there
    assert await found(api, first_day="2026-11-16") == []
    assert await found(api, last_day="2026-11-14") == [row.session_id]


async def test_a_driver_is_found_by_operators_alone(api: ApiWorld) -> None:
    record, row = await put(api)
    await put(api)
    assert record.receipt is not None
    receipt = json.loads(record.receipt.payload)
    did = receipt["consumer_did"]
    account = did.rpartition(":")[2]
    for query in ({"consumer_did": did}, {"search": did}, {"search": account.lower()}):
        assert await found(api, **query) == [row.session_id]
        refused(await api.get("/sessions", params=query, role="viewer"), 403)
    both = {"consumer_did": did, "search": "0x" + "12" * 20}
    assert await found(api, **both) == []
    listed = (await api.get("/sessions", role="operator")).json["items"]
    assert did in {each["consumer_did"] for each in listed}
    viewed = (await api.get("/sessions", role="viewer")).json["items"]
    assert {each["consumer_did"] for each in viewed} == {None}


async def test_a_receipt_finds_its_session(api: ApiWorld) -> None:
    record, row = await put(api, "CP-7")
    await put(api)
    assert record.receipt is not None
    payload = record.receipt.payload
    receipt = json.loads(payload)
    name = "0x" + sha256(payload.encode()).hexdigest()
    pasted = record.receipt.model_dump_json()
    texts = (pasted, f"[{pasted}]", name, receipt["transaction_hash"], row.session_id, name[:18])
    for text in texts:
        told = await api.call("POST", "/receipts/find", {"text": f" {text}\n"}, role="operator")
        (item,) = promised("find_receipt", told)["items"]
        assert (item["charge_point_id"], item["session_id"]) == ("CP-7", row.session_id)
        assert (item["hash"], item["faults"], item["is_ours"]) == (name, [], True)
    for query in (name, receipt["transaction_hash"]):
        assert await found(api, search=query) == [row.session_id]
    shown = promised("get_session", await api.get(f"/sessions/CP-7/{row.session_id}"))
    assert shown["receipt_check"] == {"hash": name, "signer": ended.STATION.address, "faults": []}
    assert shown["transactions"] == [{"kind": "payout", "hash": receipt["transaction_hash"]}]


async def test_a_receipt_that_is_not_ours_is_told_apart(api: ApiWorld) -> None:
    record, _ = await put(api)
    assert record.receipt is not None
    content = json.loads(record.receipt.payload)
    forged = {**record.receipt.model_dump(), "payload": json.dumps({**content, "spent": "1"})}
    strange = ended.signed(ended.receipt(charge_point_id="ELSEWHERE")).model_dump()
    told = await api.call("POST", "/receipts/find", {"text": json.dumps([forged, strange])})
    first, second = told.json["items"]
    assert (first["is_stored"], first["is_ours"], bool(first["faults"])) == (True, False, True)
    assert (second["is_stored"], second["is_ours"]) == (False, False)
    for text in ("{}", "no receipt", "0x12", "[" * 5_000):
        refused(await api.call("POST", "/receipts/find", {"text": text}), 422)
    body = {"text": json.dumps(strange)}
    refused(await api.call("POST", "/receipts/find", body, role="viewer"), 403)


async def test_pages_hold_while_sessions_end(api: ApiWorld) -> None:
    noon = ended.row(ended.record()).ended_ms
    # across two months, and several at one moment
    before = [
        await put(api, f"CP-{n % 3}", ended_ms=noon + (n // 4) * 60 * HOUR_MS) for n in range(30)
    ]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        told = await api.get("/sessions", params={"limit": "7", **cursor})
        page = promised("list_sessions", told)
        seen += [each["session_id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
        await put(api, f"CP-{len(seen) % 3}", ended_ms=noon + 900 * HOUR_MS)
    assert len(seen) == len(set(seen)) == 30
    assert set(seen) == {row.session_id for _, row in before}
    ends = {row.session_id: row.ended_ms for _, row in before}
    assert [ends[name] for name in seen] == sorted(ends.values(), reverse=True)


@pytest.mark.parametrize(
    "query",
    [
        {"first_day": "2026-11-31"},
        {"first_day": "2026-11-02", "last_day": "2026-11-01"},
        {"first_day": "1999-12-31"},
        {"first_day": "20261101"},
        {"first_day": "2026-11-01", "zone": "Europe/Nowhere"},
        {"first_day": "2026-11-01", "zone": "../../etc/passwd"},
        {"first_day": "2026-11-01", "month": "2026-11"},
        {"failure": "bad luck"},
        {"token": "0x12"},
        {"private": "perhaps"},
        {"consumer_did": "did:web:example.com"},
        {"search": "0x12"},
        {"search": "ab"},
        {"search": "did:ethr:0x1:nobody"},
    ],
)
async def test_what_makes_no_sense_is_refused(api: ApiWorld, query: dict[str, str]) -> None:
    for path in ("/sessions", "/sessions/totals", "/exports/sessions.csv"):
        told = await api.get(path, params=query)
        refused(told, 422)
        assert "passwd" not in told.text


async def exported(api: ApiWorld, kind: str, **query: str) -> tuple[bytes, aiohttp.ClientResponse]:
    headers = {"Authorization": f"Bearer {await api.key('viewer')}"}
    url = f"{api.url}/exports/sessions.{kind}"
    async with api.http.get(url, headers=headers, params=query) as response:
        assert response.status == 200
        return await response.read(), response


async def stored_rows(api: ApiWorld) -> Sequence[Row]:
    return [row async for row in rows(api.bus, await months(api.bus))]


async def test_exports_are_the_rows_in_redis(api: ApiWorld) -> None:
    noon = ended.row(ended.record()).ended_ms
    for number in range(12):
        changes: dict[str, Any] = {"failure": "start_timeout"} if number % 3 else {}
        await put(
            api,
            f"CP-{number % 2}",
            ended_ms=noon + number * 90 * HOUR_MS,
            spent=10**37 + number,
            flags=("private",) if number == 5 else (),
            **changes,
        )
    kept = await stored_rows(api)
    data, response = await exported(api, "csv")
    assert response.headers["Content-Type"] == "text/csv"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="sessions-')
    lines = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert [line["session_id"] for line in lines] == [row.session_id for row in kept]
    for line, row in zip(lines, kept, strict=True):
        shown = row_shown(row) | {"flags": " ".join(row.flags)}
        assert line == {name: _text(shown[name]) for name in COLUMNS}
    table = parquet.read_table(io.BytesIO((await exported(api, "parquet"))[0])).to_pylist()
    assert [each["session_id"] for each in table] == [row.session_id for row in kept]
    for each, row in zip(table, kept, strict=True):
        assert all(each[name] == Decimal(getattr(row, name)) for name in MONEY)
        assert (each["ended_at"], each["energy_wh"]) == (row.ended_at, row.energy_wh)
    some, _ = await exported(api, "csv", failure="any", charge_point_id="CP-1", month="2026-12")
    chosen = list(csv.DictReader(io.StringIO(some.decode(), newline="")))
    assert [line["session_id"] for line in chosen] == [
        row.session_id
        for row in kept
        if row.failure and row.charge_point_id == "CP-1" and row.month == "2026-12"
    ]
    assert chosen


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


async def test_an_empty_export_has_its_columns(api: ApiWorld) -> None:
    data, _ = await exported(api, "csv")
    assert data.decode() == ",".join(COLUMNS) + "\n"
    table = parquet.read_table(io.BytesIO((await exported(api, "parquet"))[0]))
    assert (tuple(table.column_names), table.num_rows) == (COLUMNS, 0)


async def test_a_name_is_no_formula(api: ApiWorld) -> None:
    await put(api, "-2")
    data, _ = await exported(api, "csv")
    (line,) = csv.DictReader(io.StringIO(data.decode(), newline=""))
    assert line["charge_point_id"] == "'-2"


@pytest.mark.parametrize("path", ["/exports/sessions.csv", "/sessions/totals"])
async def test_damaged_rows_are_a_fault_of_ours(api: ApiWorld, path: str) -> None:
    await put(api)
    await damage(api, "2026-11")
    assert "rows" in refused(await api.get(path), 500)


async def test_an_export_that_fails_on_its_way_does_not_end_well(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdk.records.reading._BATCH_BYTES", 1)
    await put(api)
    await api.bus.write(keys.row_months("CP-1"), {"2026-12": "1"})
    await damage(api, "2026-12")
    with pytest.raises(aiohttp.ClientError):
        await exported(api, "csv")


async def damage(api: ApiWorld, month: str) -> None:
    """Leave part of a row at the end of CP-1's month."""
    cut = {keys.rows("CP-1", month): b"cut"}
    await api.bus.apply(Commit("CP-1", new_event_id(), appends=cut))
