"""Receipts: they add up, anyone can check them, and each names the one before."""

import pytest

from sdk.chain.accounts import recover_text
from sdk.events.service import Receipt
from sdk.events.signed import read_payload
from sdk.records.receipts import FIRST
from sdk.tariff import Tariff
from session_manager.receipts import receipt_hash, receipt_of, sign_receipt
from session_manager.session.state import Session
from tests.session_kit import (
    DEPOSIT,
    DRIVER,
    HASH,
    STATION,
    executed,
    expired,
    in_phase,
    run,
)


def silent() -> Session:
    return run(in_phase("settling"), expired("approval"), executed(2_000))


@pytest.mark.parametrize("session", [in_phase("settled"), in_phase("refunded"), silent()])
def test_spent_and_refund_are_the_deposit(session: Session) -> None:
    receipt = receipt_of(session, FIRST)
    assert receipt.spent + receipt.refund == receipt.deposit == DEPOSIT
    assert receipt.transaction_hash == HASH


def test_a_settled_session_tells_readings_and_price() -> None:
    receipt = receipt_of(in_phase("settled"), FIRST)
    assert receipt.outcome == "settled"
    assert receipt.meter_stop_wh is not None
    assert receipt.meter_start_wh is not None
    assert receipt.meter_stop_wh - receipt.meter_start_wh == receipt.energy_wh == 3_000
    assert sum(line.amount for line in receipt.price_lines) == receipt.spent == 3_000
    assert receipt.consumer_did.endswith(DRIVER.address)


def test_a_silent_consumers_receipt_says_what_was_taken() -> None:
    receipt = receipt_of(silent(), FIRST)
    assert (receipt.spent, receipt.flags) == (2_000, ("last_voucher",))


def test_a_refund_tells_why() -> None:
    receipt = receipt_of(in_phase("refunded"), FIRST)
    assert (receipt.outcome, receipt.failure) == ("refunded", "start_refused")
    assert (receipt.spent, receipt.energy_wh) == (0, 0)


def test_there_is_no_receipt_before_the_chain_moved() -> None:
    with pytest.raises(LookupError):
        receipt_of(in_phase("executing"), FIRST)


def test_anyone_can_check_who_signed() -> None:
    receipt = receipt_of(in_phase("settled"), FIRST)
    delivered = sign_receipt(receipt, STATION)
    assert recover_text(delivered.payload, delivered.signature) == STATION.address
    assert read_payload(delivered, Receipt) == receipt


def test_each_receipt_names_the_one_before() -> None:
    first = sign_receipt(receipt_of(in_phase("settled"), FIRST), STATION)
    second = receipt_of(in_phase("refunded"), receipt_hash(first))
    assert second.previous == receipt_hash(first) != FIRST
    forged = sign_receipt(receipt_of(in_phase("settled"), HASH), STATION)
    assert receipt_hash(forged) != receipt_hash(first)


def test_the_tariff_is_the_one_quoted() -> None:
    assert receipt_of(in_phase("settled"), FIRST).tariff == Tariff(per_kwh=1_000)
