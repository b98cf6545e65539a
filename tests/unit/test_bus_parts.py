"""The pure parts of the bus: ids, streams in memory, limits, how a commit is written down."""

import re
from typing import Any

import pytest

from sdk.bus import keys
from sdk.bus.commit_call import CommitCall
from sdk.bus.interface import Commit, Guard, StateWrite
from sdk.bus.keys import Lane
from sdk.bus.limits import Limits
from sdk.bus.memory_store import MemoryStore, MemoryStream
from sdk.bus.stream_ids import normal, position
from sdk.bus.transactions import LARGEST, TransactionIdsUsedUpError, next_transaction_id
from sdk.events.envelope import Envelope
from sdk.ids import new_event_id

CP = "CP-1"


def envelope(body: dict[str, Any]) -> Envelope:
    return Envelope.model_validate(
        {
            "id": new_event_id(),
            "charge_point_id": CP,
            "at": "2026-01-01T00:00:00Z",
            "body": body,
        }
    )


def signed(event_type: str) -> Envelope:
    return envelope({"type": event_type, "payload": "{}", "signature": "0x" + "00" * 65})


def test_stream_ids_are_ordered_as_numbers() -> None:
    ids = ["9-10", "10-9", "9-9", "10-10", "8"]
    assert sorted(ids, key=position) == ["8", "9-9", "9-10", "10-9", "10-10"]
    assert normal("0") == "0-0"
    assert normal("7-1") == "7-1"


def test_a_stream_is_trimmed_below_a_position_but_keeps_its_newest() -> None:
    stream = MemoryStream()
    for _ in range(10):
        stream.append({})
    stream.drop_before("4-0", keep=3)
    assert stream.first_id == "4-0"
    stream.drop_before("10-0", keep=3)
    assert stream.first_id == "8-0"
    assert stream.last_id == "10-0"
    assert [entry.stream_id for entry in stream.after("8-0", 9)] == ["9-0", "10-0"]
    stream.keep_newest(1)
    assert len(stream) == 1


def test_values_expire() -> None:
    now = 100.0
    store = MemoryStore(lambda: now)
    store.set("short", "x", 5)
    store.set("long", "y")
    now = 105.0
    assert store.get("short") is None
    assert store.get("long") == "y"
    for number in range(1000):
        store.set(f"filler:{number}", "z", 1)
    assert "short" not in store._values


def test_commands_and_requests_that_change_something_are_remembered_longest() -> None:
    limits = Limits(event_memory=1, command_memory=2)
    reading = envelope({"type": "BalanceRequested"})
    assert limits.memory(Lane.IN, reading) == 1
    assert limits.memory(Lane.OCPP, reading) == 2
    assert limits.memory(Lane.IN, signed("StopRequested")) == 2
    assert limits.memory(Lane.IN, signed("SessionStateRequested")) == 1


def test_transaction_ids_end_with_31_bits() -> None:
    assert next_transaction_id(LARGEST) == 2**31 - 1
    for counter in (LARGEST + 1, 0, -1):
        with pytest.raises(TransactionIdsUsedUpError):
            next_transaction_id(counter)


def test_all_keys_of_a_commit_share_one_slot() -> None:
    commit = Commit(
        CP,
        cause=new_event_id(),
        guards=[Guard(keys.fence(CP), "1-x")],
        writes=[StateWrite(keys.session(CP, 1), {"version": "1"}, 0)],
        events=[(Lane.OUT, envelope({"type": "BalanceRequested"}))],
        reader="manager",
        stream_id="5-0",
        removed_fields={keys.id_tags(CP): ["TAG"]},
        appends={keys.rows(CP, "2026-11"): b"row"},
        constants={keys.record(CP, "0x01"): b"record"},
    )
    call = CommitCall(commit, "nonce", Limits())
    tags = {re.search(r"\{(.*?)\}", key)[1] for key in call.keys}  # type: ignore[index]
    assert tags == {CP}


def test_an_empty_commit_is_all_zeros() -> None:
    call = CommitCall(Commit(CP), "nonce", Limits())
    assert call.keys == []
    assert [argument for argument in call.args if argument != ""] == [0] * 11
