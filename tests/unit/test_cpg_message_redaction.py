"""What of a message the log shows."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpg.message_redaction import LARGEST, Redaction, UnreadableError
from sdk.secret_names import is_secret_name

TAG = "04A1B2C3D4"


def shown(frame: Any) -> Any:
    return json.loads(Redaction().frame(json.dumps(frame)))


@pytest.mark.parametrize(
    "payload",
    [
        {"idTag": TAG},
        {"IDTAG": TAG},
        {"id_tag": TAG},
        {"idTagInfo": {"status": "Accepted", "parentIdTag": TAG}},
        {"localAuthorizationList": [{"idTag": TAG, "idTagInfo": {"parentidtag": TAG}}]},
        {"idToken": {"idToken": TAG, "type": "ISO14443"}},
        {"key": "AuthorizationKey", "value": TAG},
        {"Key": "authorizationkey", "Value": TAG},
        {"key": "VendorWifiPassword", "value": TAG},
        {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": TAG}]},
        {"vendorId": "V", "data": json.dumps({"user": {"idTag": TAG}})},
        {"vendorId": "V", "data": json.dumps({"key": TAG})},
        {"vendorId": "V", "data": f"idTag={TAG};x=1"},
        {"vendorId": "V", "data": f"password: {TAG}"},
        {"type": "Refused", "techInfo": f"idTag {TAG} is unknown"},
        {"techInfo": f'Tag "{TAG}" was read, ID tag ({TAG}) refused'},
        {"vendorId": "V", "data": f"card {TAG}"},
        {"vendorId": "V", "data": f"Card ID {TAG}"},
        {"vendorId": "V", "messageId": "IdTagRead", "data": TAG},
        {"vendorId": "V", "MessageID": "card_uid", "data": f"<{TAG}>"},
        {"location": f"ftp://user:{TAG}@host/logs"},
        {"location": f"ftp://user:a@{TAG}@host/logs"},
        {"log": {"remoteLocation": f"https://host/logs?signature={TAG}"}},
        {"apiKey": [TAG, {"a": TAG}]},
        {TAG.lower(): 1, "secret": TAG.lower()},
    ],
)
def test_idtags_keys_and_passwords_are_masked(payload: Any) -> None:
    frame = shown([2, "m1", "Action", payload])
    assert TAG not in json.dumps(frame)
    assert "***" in json.dumps(frame)
    assert frame[:3] == [2, "m1", "Action"]


def test_a_number_can_be_an_idtag() -> None:
    assert shown([2, "1", "Authorize", {"idTag": 1234567}])[3] == {"idTag": "***"}


@pytest.mark.parametrize(
    "payload",
    [
        {"key": ["HeartbeatInterval", "AuthorizationKey"]},
        {"key": "HeartbeatInterval", "value": "60"},
        {"unknownKey": ["VendorKey"]},
        {"configurationKey": [{"key": "LocalAuthListMaxLength", "readonly": True, "value": "9"}]},
        {"configurationKey": [{"key": "GetConfigurationMaxKeys", "readonly": True, "value": "9"}]},
        {"idTagInfo": {"status": "Accepted", "expiryDate": "2026-01-02T03:04:05Z"}},
        {"connectorId": 1, "meterStart": 5, "reservationId": None, "flag": True, "f": 1.5},
        {"vendorId": "V", "messageId": "M", "data": '{"a":[1,2]}'},
        {"techInfo": "the card reader of stage 2 discards 5 frames, no tag was read"},
    ],
)
def test_the_rest_stays(payload: Any) -> None:
    assert shown([3, "m1", payload]) == [3, "m1", payload]


def test_what_was_masked_in_the_request_is_masked_in_the_answer() -> None:
    redaction = Redaction()
    redaction.frame(json.dumps([2, "1", "Authorize", {"idTag": TAG}]))
    echo = [4, "1", "InternalError", f"tag {TAG} is unknown", {"echo": [TAG], TAG: 1}]
    assert TAG.encode() not in redaction.frame(json.dumps(echo))


def test_why_we_refused_an_idtag_is_shown() -> None:
    redaction = Redaction()
    redaction.frame(json.dumps([2, TAG, "Authorize", {"idTag": TAG}]))
    ours = [4, TAG, "TypeConstraintViolation", "idTag: maxLength", {}]
    shown_answer = json.loads(redaction.frame(json.dumps(ours), is_ours=True))
    assert shown_answer == [4, "***", "TypeConstraintViolation", "idTag: maxLength", {}]


def test_what_is_no_json_or_too_long_is_not_shown() -> None:
    long = json.dumps([2, "1", "DataTransfer", {"data": "x" * LARGEST}])
    for text in ("{", b"\xff", "", long, "[" * 5_000, b'"\xed\xa0\x80"'):
        with pytest.raises(UnreadableError):
            Redaction().frame(text)


def test_what_is_wide_or_deep_ends_early() -> None:
    wide = [2, "1", "X", {"a": [[] for _ in range(5_000)]}]
    assert shown(wide)[3] == {"a": "…"}
    deep: Any = TAG
    for _ in range(200):
        deep = {"a": deep}
    assert TAG not in json.dumps(shown([2, "1", "X", deep]))


def test_an_overlong_name_counts_as_secret() -> None:
    assert is_secret_name("x" * 101)
    assert not is_secret_name("x" * 100)


@settings(deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text()
        | st.just("SECRET-1"),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["idTag", "key", "value", "data", "password", "a"]) | st.text(),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_whatever_it_is_it_stays_json_and_an_idtag_is_masked(payload: Any) -> None:
    frame = shown([2, "1", "X", {"x": payload, "idTag": "SECRET-1"}])
    assert frame[3]["idTag"] == "***"
