"""What the API shows of hashes, events and messages that are odd, damaged or secret."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from any_json import any_json
from hypothesis import given
from hypothesis import strategies as st

from sdk.message_log import Message
from session_manager.api.charge_point_state import ChargePointState, StateHashes, state_shown
from session_manager.api.event_shown import shown
from session_manager.api.messages import message_shown
from session_manager.api.meter_values import values_of
from session_manager.api.stored import json_object, moment_text, whole_number

AT = datetime(2026, 11, 14, 12, tzinfo=UTC)
HASHES = st.dictionaries(
    st.sampled_from(("connected", "boot", "connected_at", "transaction_id", "phase", "id_tag"))
    | st.sampled_from(("connectors", "energy_wh", "power_w", "name", "security_profile")),
    st.text(max_size=20) | st.just("{}") | st.just("[1]"),
)


def _state(hash_: dict[str, str]) -> dict[str, Any]:
    hashes = StateHashes(
        config=hash_,
        state=hash_,
        identity=hash_,
        unsupported=hash_,
        drift=hash_,
        disputes=hash_,
        connectors=[hash_, hash_],
        sessions=[hash_],
    )
    return state_shown("CP-1", hashes, shows_tags=False)


@given(HASHES)
def test_damaged_hashes_give_gaps_and_no_error(hash_: dict[str, str]) -> None:
    found = _state(hash_)
    assert found.keys() == ChargePointState.model_fields.keys()
    json.dumps(found)


def test_an_empty_charge_point_is_as_the_model_says() -> None:
    state = ChargePointState.model_validate(_state({}))
    assert (state.connected, state.boot, state.local_list) == (False, None, "unknown")
    assert state.connectors[0].transaction_id is None


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("2026-11-14T12:00:00+00:00", "2026-11-14T12:00:00.000Z"),
        ("2026-11-14T12:00:00.123456+00:00", "2026-11-14T12:00:00.123Z"),
        ("2026-11-14T12:00:00.100000+00:00", "2026-11-14T12:00:00.100Z"),
        ("", None),
        (None, None),
    ],
)
def test_moments_are_told_in_one_form(stored: str | None, told: str | None) -> None:
    assert moment_text(stored) == told


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_is_the_same_but_for_its_microseconds(moment: datetime) -> None:
    told = moment_text(moment.isoformat())
    assert told is not None
    cut = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert datetime.fromisoformat(told) == cut


@pytest.mark.parametrize("text", [None, "", "x", "1.5", "[]", '"a"', "{"])
def test_what_cannot_be_read_is_none(text: str | None) -> None:
    assert whole_number(text) is None
    assert json_object(text) is None


@given(any_json)
def test_any_json_can_be_shown(value: Any) -> None:
    json.dumps(shown(value, shows_tags=False))


def test_secrets_are_masked_wherever_they_stand() -> None:
    value = {
        "configurationKey": [
            {"key": "AuthorizationKey", "value": "hunter2"},
            {"key": "HeartbeatInterval", "value": "300"},
            *({"key": f"Vendor{name}", "value": "hunter2"} for name in ("Pwd", "Token", "Seed")),
        ],
        "location": "ftp://user:hunter2@host/x",
        "password": "hunter2",
        "safe_signature": "hunter2",
        "peer_id": "hunter2",
    }
    text = json.dumps(shown(value, shows_tags=True))
    assert "hunter2" not in text
    assert "300" in text


def test_id_tags_are_masked_in_both_spellings() -> None:
    value = {"idTag": "T", "idTagInfo": {"parentIdTag": "T", "status": "S"}, "id_tag": "T"}
    masked = {"idTag": "***", "idTagInfo": {"parentIdTag": "***", "status": "S"}, "id_tag": "***"}
    assert shown(value, shows_tags=False) == masked
    assert shown(value, shows_tags=True) == value


def test_signed_samples_are_for_operators() -> None:
    samples = [
        {"value": "OCMF|...", "format": "SignedData"},
        {"Value": "OCMF|...", "Format": "signeddata"},
        {"value": "5", "format": "Raw"},
        {"value": "5"},
    ]
    masked = [{**samples[0], "value": "***"}, {**samples[1], "Value": "***"}, *samples[2:]]
    assert shown(samples, shows_tags=False) == masked
    assert shown(samples, shows_tags=True) == samples


def test_a_frame_is_shown_to_viewers_without_what_is_the_vendors() -> None:
    message = _meter({"vendorId": "V", "data": "secret"}, "DataTransfer")
    told = message_shown(message, shows_tags=False)
    assert json.loads(told["request"]) == [2, "1", "DataTransfer", {"vendorId": "V", "data": "***"}]
    assert message_shown(message, shows_tags=True) == message.model_dump(mode="json")
    cut = message.model_copy(update={"request": str(message.request)[:-3], "cut": True})
    assert message_shown(cut, shows_tags=False)["request"] == "***"


def test_drivers_accounts_are_masked_in_what_was_signed_too() -> None:
    names = ("session_key", "refund_account", "wallet", "consumer_did")
    value = {"payload": json.dumps(dict.fromkeys(names, "0xdriver")), "signature": "0x"}
    assert shown(value, shows_tags=False) == {"payload": dict.fromkeys(names, "***")}
    assert shown(value, shows_tags=True) == {"payload": dict.fromkeys(names, "0xdriver")}


def _meter(payload: Any, action: str = "MeterValues") -> Message:
    frame = json.dumps([2, "1", action, payload])
    return Message(at=AT, outcome="answered", direction="received", action=action, request=frame)


def test_samples_that_are_none_are_left_out() -> None:
    samples = [{"value": "1"}, {"measurand": "Voltage"}, 7, {"value": 5}]
    message = _meter({"connectorId": 1, "meterValue": [{"sampledValue": samples}, 7, {}]})
    (value,) = values_of(message)
    assert [sample.value for sample in value.samples] == ["1"]
    assert value.sampled_at is None


@given(any_json, st.sampled_from(("MeterValues", "StopTransaction", "Heartbeat")))
def test_any_payload_is_read_or_left_out(payload: Any, action: str) -> None:
    for value in values_of(_meter(payload, action)):
        assert value.samples


def test_a_message_that_was_cut_has_no_values() -> None:
    whole = _meter({"connectorId": 1, "meterValue": [{"sampledValue": [{"value": "1"}]}]})
    assert values_of(whole)
    assert not values_of(whole.model_copy(update={"request": str(whole.request)[:-3]}))
    assert not values_of(whole.model_copy(update={"direction": "sent"}))
