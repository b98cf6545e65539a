"""Receipts are checked without any connection: what is right passes, each trick is named."""

import json
from datetime import timedelta
from typing import Any

import ended_sessions as ended
import pytest

from sdk.chain.accounts import new_key
from sdk.events.service import Receipt, ServiceDelivered
from sdk.records.receipts import (
    FIRST,
    NotAReceiptError,
    check_chains,
    check_receipt,
    read_receipts,
)
from sdk.tariff import price_lines


def faults(content: Receipt) -> tuple[str, ...]:
    return check_receipt(ended.signed(content)).faults


@pytest.mark.parametrize("tariff", [ended.TARIFF, ended.TIMED])
def test_a_right_receipt_is_valid(tariff: Any) -> None:
    checked = check_receipt(ended.signed(ended.receipt(tariff=tariff)))
    assert checked.faults == ()
    assert checked.signer == ended.STATION.address


def test_a_refund_and_a_last_voucher_are_valid() -> None:
    nothing: dict[str, Any] = {"usage": None, "price_lines": (), "energy_wh": 0, "spent": 0}
    nothing |= {"meter_start_wh": None, "meter_stop_wh": None, "started_at": None}
    refunded = ended.receipt(outcome="refunded", refund=ended.DEPOSIT, **nothing)
    less = ended.receipt(spent=5, refund=ended.DEPOSIT - 5, flags=("last_voucher",))
    used_up = ended.receipt(spent=10, deposit=10, refund=0)
    given_back = ended.receipt(outcome="refunded", spent=0, refund=ended.DEPOSIT)
    for content in (refunded, less, used_up, given_back):
        assert faults(content) == ()


RIGHT = ended.receipt()
LESS = {"spent": RIGHT.spent - 1, "refund": RIGHT.refund + 1}
MORE = {"spent": RIGHT.spent + 1, "refund": RIGHT.refund - 1}
USAGE = ended.usage()
LATER = USAGE.model_copy(update={"started_at": USAGE.started_at + timedelta(seconds=1)})
DEARER = ended.TARIFF.model_copy(update={"per_kwh": ended.TARIFF.per_kwh * 2})


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"refund": RIGHT.refund - 1}, "not the deposit"),
        ({"energy_wh": 3_001}, "not the difference"),
        ({"meter_stop_wh": 103_001, "energy_wh": 3_001}, "not of these readings"),
        ({"usage": LATER}, "does not begin with the transaction"),
        ({"tariff": DEARER}, "do not follow from tariff and usage"),
        ({"price_lines": price_lines(DEARER, USAGE)}, "do not follow from tariff and usage"),
        ({"usage": None, "tariff": DEARER}, "do not follow from tariff and energy"),
        ({"usage": None, "tariff": ended.TIMED}, "can't be computed"),
        (MORE, "more than the price"),
        ({**MORE, "flags": ("last_voucher",)}, "more than the price"),
        (LESS, "not the price"),
        ({"outcome": "refunded"}, "a refunded session spent"),
        ({"provider": ended.account()}, "not by the provider"),
        ({"provider_did": f"did:ethr:0x7a69:{ended.account()}"}, "not the account of its DID"),
        ({"provider_did": "did:web:example.org"}, "no did:ethr"),
    ],
)
def test_each_trick_is_named(change: dict[str, Any], fault: str) -> None:
    found = faults(RIGHT.model_copy(update=change))
    assert any(fault in each for each in found), found


def test_a_receipt_without_usage_is_computed_from_its_energy() -> None:
    assert faults(RIGHT.model_copy(update={"usage": None})) == ()


def test_a_changed_payload_or_another_signer_is_found() -> None:
    signed = ended.signed(RIGHT)
    changed = signed.payload.replace('"connector_id":1', '"connector_id":2')
    for forged in (
        ServiceDelivered(payload=changed, signature=signed.signature),
        ended.signed(RIGHT, new_key()),
    ):
        (fault,) = check_receipt(forged).faults
        assert "not by the provider" in fault
    none = ServiceDelivered(payload=signed.payload, signature="0x" + "00" * 65)
    assert check_receipt(none).faults
    unread = ServiceDelivered(payload="{}", signature=signed.signature)
    assert check_receipt(unread).receipt is None


def chain(count: int) -> list[ServiceDelivered]:
    made: list[ServiceDelivered] = []
    previous = FIRST
    for _ in range(count):
        made.append(ended.signed(ended.receipt(previous)))
        previous = check_receipt(made[-1]).hash
    return made


def test_receipts_that_follow_each_other_are_a_chain_in_any_order() -> None:
    one, two, three = chain(3)
    (found,) = check_chains([check_receipt(each) for each in (two, three, one)])
    assert (found.faults, found.begins) == ((), True)
    names = [json.loads(each.payload)["session_id"] for each in (one, two, three)]
    assert list(found.sessions) == names
    assert check_chains([check_receipt(one)]) == []


def test_a_gap_a_fork_and_a_double_are_found() -> None:
    one, two, three = chain(3)
    twin = ended.signed(ended.receipt(check_receipt(one).hash))

    def found(*some: ServiceDelivered) -> tuple[str, ...]:
        (checked,) = check_chains([check_receipt(each) for each in some])
        return checked.faults

    assert found(one, three) == ("a receipt between them is missing",)
    assert found(one, two, twin) == ("two receipts name the same one before",)
    assert found(one, two, two) == ("a receipt is there twice",)
    (later,) = check_chains([check_receipt(each) for each in (two, three)])
    assert (later.faults, later.begins) == ((), False)


def test_receipts_are_found_in_what_wraps_them() -> None:
    one, two = chain(2)
    a, b = one.model_dump(mode="json"), two.model_dump(mode="json")
    for text in (
        json.dumps([a, b], indent=1),
        json.dumps(a, indent=2) + "\n" + json.dumps(b, indent=2) + "\n",
        json.dumps(a) + "\n\n" + json.dumps(b) + "\n",
        json.dumps([{"id": "x", "body": a}, {"receipt": b}]),
        json.dumps([{"receipt": json.dumps(a)}, {"version": "1", "receipt": b}]),
    ):
        assert read_receipts(text) == [one, two]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", "null", '{"type":"ServiceDelivered"}', '"x"', "[" * 3000, "{}\n{"],
)
def test_what_holds_no_receipt_is_said(text: str) -> None:
    with pytest.raises(NotAReceiptError):
        read_receipts(text)
