"""What is said about a session that was not paid out in time."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sdk.disputes import Dispute, advice, dispute_of
from sdk.events.service import ChargingStatus
from tests.session_kit import QUOTE

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WALLET = "0x" + "5a" * 20


def dispute(**fields: Any) -> Dispute:
    given = {"charge_point_id": "CP1", "session_id": "0xab", "wallet": WALLET, "payout": 5}
    return Dispute.model_validate({**given, "refund_opens_at": NOON, **fields})


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("gas_account_low", "send it funds"),
        ("chain_unavailable", "CHAIN_URLS"),
        ("reverted", WALLET),
        ("deposit_gone", "write it off"),
    ],
)
def test_each_reason_has_its_advice(reason: str, words: str) -> None:
    first, _ = advice(dispute(reasons=(reason,)), NOON)
    assert words in first


def test_no_reason_yet_is_no_alarm() -> None:
    first, _ = advice(dispute(), NOON)
    assert "goes on by itself" in first


def test_a_lost_deposit_is_said_once() -> None:
    said = advice(dispute(reasons=("deposit_gone",), flags=("deposit_lost",)), NOON)
    assert sum("holds nothing" in line for line in said) == 1
    assert "holds nothing" in advice(dispute(flags=("deposit_lost",)), NOON)[0]


def test_the_drivers_own_refund_is_told_by_its_time() -> None:
    assert "At 2026-06-01 12:00:00 UTC" in advice(dispute(), NOON - timedelta(seconds=1))[-1]
    assert "is open since 2026-06-01 12:00:00 UTC" in advice(dispute(), NOON)[-1]
    assert len(advice(dispute(payout=0), NOON)) == 1


def test_what_is_left_to_the_driver_leaves_nothing_to_decide() -> None:
    (only,) = advice(dispute(released=True, reasons=("reverted",)), NOON)
    assert "nothing to decide" in only


@pytest.mark.parametrize(("spent", "ends_as"), [(5, "settled"), (0, "refunded")])
def test_what_is_left_to_the_driver_ends_as_its_payout_does(spent: int, ends_as: str) -> None:
    payout = {"spent": str(spent), "signature": "0x" + "0" * 130}
    fields = {
        "status": ChargingStatus(session_id=QUOTE.session_id, phase="refunding").model_dump_json(),
        "state": json.dumps({"released": True, "payout": payout}),
        "quote": QUOTE.model_dump_json(),
    }
    found = dispute_of("CP1", "0xab", NOON.isoformat(), fields, NOON)
    assert (found.released, found.ends_as, found.payout) == (True, ends_as, spent)


@pytest.mark.parametrize("fields", [{}, {"status": "{", "state": "{}"}, {"status": "[]"}])
def test_what_cannot_be_read_keeps_its_place(fields: dict[str, str]) -> None:
    found = dispute_of("CP1", "0xab", "yesterday", fields, NOON)
    assert (found.session_id, found.since, found.phase, found.decisions) == ("0xab", None, None, ())
    assert "cannot read" in found.advice[0]
