"""`noroam sessions` and `noroam receipt`: real processes, a real Redis."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import ended_sessions as ended
import pytest
from forked_program import ROOT
from noroam_cli import NoroamCli
from pyarrow import parquet

from sdk.bus.redis_bus import RedisBus
from sdk.cli_show import shown_amount
from sdk.records.receipts import FIRST, check_receipt
from sdk.records.record import SessionRecord

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def noroam(redis_bus: RedisBus, redis_url: str, tmp_path: Path) -> Run:
    assert redis_bus is not None
    variables = {"REDIS_URL": redis_url, "DATA_DIR": str(tmp_path / "data")}
    return NoroamCli(tmp_path, variables).ended


@pytest.fixture
async def records(redis_bus: RedisBus) -> list[SessionRecord]:
    """Three sessions of one station, one of them without money, and one of another."""
    made: list[SessionRecord] = []
    previous = FIRST
    for flags in ((), (), ("private",)):
        content = ended.receipt(previous, ended.TIMED, flags=flags)
        record = ended.record(content, ended.readings(30))
        assert record.receipt is not None
        previous = check_receipt(record.receipt).hash
        made.append(record)
    made.append(ended.record(ended.receipt(charge_point_id="CP-2")))
    for number, record in enumerate(made):
        row = ended.row(record)
        await ended.store(redis_bus, record, row._replace(ended_ms=row.ended_ms + number))
    return made


async def test_sessions_are_listed_shown_and_added_up(
    noroam: Run, records: list[SessionRecord]
) -> None:
    listed = json.loads(noroam("sessions", "list", "--json").stdout)
    assert [each["session_id"] for each in listed] == [each.session_id for each in records]
    assert (listed[0]["spent"], listed[0]["private"]) == (str(records[0].status.cost), False)
    one = noroam("sessions", "list", "--month", "2026-11", "--charge-point", "CP-2", "--json")
    assert [each["charge_point_id"] for each in json.loads(one.stdout)] == ["CP-2"]
    shown = noroam("sessions", "list")
    assert shown.stdout.count("PRIVATE, no money") == 1
    assert records[0].session_id in shown.stdout
    wrong = noroam("sessions", "list", "--outcome", "paid")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "'paid' is none of" in wrong.stderr
    added = json.loads(noroam("sessions", "report", "--json").stdout)
    assert (added["month"], added["total"]["sessions"], added["total"]["private"]) == (
        "2026-11",
        3,
        1,
    )
    assert "2026-11-14" in noroam("sessions", "report", "--month", "2026-11").stdout


async def test_a_session_is_shown_line_by_line(noroam: Run, records: list[SessionRecord]) -> None:
    record = records[0]
    found = json.loads(noroam("sessions", "show", "CP-1", record.session_id, "--json").stdout)
    assert [step["phase"] for step in found["timeline"]] == list(ended.PHASES)
    assert (len(found["readings"]), found["curve"]["readings"]) == (30, 30)
    assert sum(int(line["amount"]) for line in found["price"]) == record.status.cost
    text = noroam("sessions", "show", "CP-1", record.session_id.upper().replace("0X", "0x")).stdout
    assert "tax" in text
    assert shown_amount(record.status.cost, 18, "") in text
    assert "19 %" in text
    absent = noroam("sessions", "show", "CP-2", record.session_id)
    assert absent.returncode == 1
    assert "no record" in absent.stderr


async def test_sessions_are_exported(
    noroam: Run, records: list[SessionRecord], tmp_path: Path
) -> None:
    done = noroam("sessions", "export", "all.csv", "--month", "2026-11")
    assert done.stdout == "4 sessions written to all.csv\n"
    with (tmp_path / "all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["session_id"] for row in rows} == {record.session_id for record in records}
    done = noroam(
        "sessions", "export", "some.parquet", "--from", "2026-11-14", "--to", "2026-12-01"
    )
    assert (done.returncode, done.stderr) == (0, "")
    table = parquet.read_table(tmp_path / "some.parquet").to_pylist()
    assert {int(row["spent"]) for row in table} == {record.status.cost for record in records}
    wrong = noroam("sessions", "export", "all.xlsx")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)


async def test_without_pyarrow_the_extra_is_named(noroam: Run, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden" / "pyarrow"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError\n")
    path = os.pathsep.join((str(hidden.parent), str(ROOT)))
    done = noroam("sessions", "export", "all.parquet", PYTHONPATH=path)
    assert done.returncode == 1
    assert done.stderr == "noroam: Parquet needs pyarrow: install noroam[parquet]\n"


async def test_receipts_are_got_and_checked_offline(
    noroam: Run, records: list[SessionRecord], tmp_path: Path
) -> None:
    got = [noroam("receipt", "show", "CP-1", each.session_id).stdout for each in records[:2]]
    file = tmp_path / "receipts.json"
    file.write_text(f"[{got[1]},{got[0]}]")
    nowhere = "redis://127.0.0.1:1/0"
    done = noroam("receipt", "verify", str(file), REDIS_URL=nowhere)
    assert (done.returncode, done.stderr) == (0, "")
    assert "each names the one before, from its first" in done.stdout
    found = json.loads(noroam("receipt", "verify", str(file), "--json").stdout)
    assert (found["valid"], len(found["receipts"])) == (True, 2)
    file.write_text(got[0].replace('\\"connector_id\\":1', '\\"connector_id\\":2'))
    forged = noroam("receipt", "verify", str(file))
    assert forged.returncode == 1
    assert "INVALID" in forged.stdout
    assert "not by the provider" in forged.stderr
    assert json.loads(noroam("receipt", "verify", str(file), "--json").stdout)["valid"] is False
    file.write_text("nothing")
    assert noroam("receipt", "verify", str(file)).returncode == 1
    assert noroam("receipt", "verify", str(tmp_path / "absent")).returncode == 2
