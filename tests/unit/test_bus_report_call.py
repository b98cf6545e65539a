"""Which commits report.lua can carry out, and how they are written down for it."""

from dataclasses import replace
from typing import Any

import pytest

from sdk.bus import keys
from sdk.bus.interface import Commit, Guard, Once, Room, StateWrite, WrittenEnvelope
from sdk.bus.keys import Lane
from sdk.bus.limits import Limits
from sdk.bus.report_call import report_call
from sdk.events.envelope import Envelope
from sdk.ids import new_event_id

CP = "CP-1"
LIMITS = Limits(reserved_entries=77, open_entries=20, kept_entries=5)
CONNECTOR, TRANSACTION = keys.connector(CP, 1), keys.transaction(CP, 9)
SHOWN = {"energy_wh": "5", "sampled_at": "2026-01-01T00:00:00.000Z", "last_message": "m"}
COUNTED = {"energy_wh": "5"}
GUARD = Guard(keys.gateway(CP), "3-abc")
FIRST, SECOND = WrittenEnvelope("1", CP, b'{"n":1}'), WrittenEnvelope("2", CP, b'{"n":2}')
REPORT = Commit(
    CP,
    guards=(GUARD,),
    writes=[StateWrite(CONNECTOR, SHOWN), StateWrite(TRANSACTION, COUNTED)],
    events=[(Lane.IN, FIRST), (Lane.IN, SECOND)],
    once=Once(CONNECTOR, "last_message", "m"),
    room=Room.READINGS,
)
PLAIN = Envelope.model_validate(
    {
        "id": new_event_id(),
        "charge_point_id": CP,
        "at": "2026-01-01T00:00:00Z",
        "body": {"type": "BalanceRequested"},
    }
)


def test_a_commit_of_readings_is_written_down_in_the_script_s_order() -> None:
    call = report_call(REPORT, LIMITS)
    assert call is not None
    lane, readers = keys.lane(CP, Lane.IN), keys.readers(CP, Lane.IN)
    assert call.keys == [GUARD.key, CONNECTOR, lane, readers, TRANSACTION]
    shown = [part for pair in SHOWN.items() for part in pair]
    assert call.args == [
        *(GUARD.token, "last_message", "m", 77, 5, len(shown), 2),
        *shown,
        *("energy_wh", "5"),
        *("1", b'{"n":1}', "2", b'{"n":2}'),
    ]


def test_without_a_transaction_there_is_no_second_hash() -> None:
    call = report_call(replace(REPORT, writes=REPORT.writes[:1], events=REPORT.events[:1]), LIMITS)
    assert call is not None
    assert len(call.keys) == 4
    assert call.args[5:7] == [6, 0]
    assert call.args[-2:] == ["1", b'{"n":1}']


def test_transactions_have_a_room_of_their_own() -> None:
    call = report_call(replace(REPORT, room=Room.TRANSACTIONS), LIMITS)
    assert call is not None
    assert call.args[3] == 97


def test_commands_are_kept_too() -> None:
    call = report_call(replace(REPORT, events=[(Lane.OCPP, FIRST)]), LIMITS)
    assert call is not None
    assert call.keys[2:4] == [keys.lane(CP, Lane.OCPP), keys.readers(CP, Lane.OCPP)]


first, second = REPORT.writes


@pytest.mark.parametrize(
    "other",
    [
        {"cause": new_event_id()},
        {"reader": "gateway", "stream_id": "1-0"},
        {"reader": "gateway"},
        {"removed_fields": {CONNECTOR: ["energy_wh"]}},
        {"once": None},
        {"once": Once(TRANSACTION, "last_message", "m")},
        {"once": Once(keys.state(CP), "last_message", "m")},
        {"room": None},
        {"room": Room.STATE_ONLY},
        {"guards": ()},
        {"guards": (GUARD, Guard(keys.fence(CP), "1-x"))},
        {"writes": ()},
        {"writes": [first, second, StateWrite(keys.state(CP), COUNTED)]},
        {"writes": [first, StateWrite(TRANSACTION, None)]},
        {"writes": [first, StateWrite(TRANSACTION, {})]},
        {"writes": [first._replace(fields={}), second]},
        {"writes": [first._replace(expected_version=0), second]},
        {"writes": [first, second._replace(expected_version=4)]},
        {"writes": [first._replace(replace=True), second]},
        {"writes": [first, second._replace(replace=True)]},
        {"writes": [second, first]},
        {"events": ()},
        {"events": [(Lane.OUT, FIRST)]},
        {"events": [(Lane.IN, FIRST), (Lane.OCPP, SECOND)]},
        {"events": [(Lane.IN, PLAIN)]},
        {"events": [(Lane.IN, FIRST), (Lane.IN, PLAIN)]},
    ],
    ids=str,
)
def test_each_other_shape_is_left_to_apply(other: dict[str, Any]) -> None:
    assert report_call(REPORT, LIMITS) is not None
    assert report_call(replace(REPORT, **other), LIMITS) is None
