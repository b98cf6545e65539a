"""Violations: the codes of OCPP 1.6, and descriptions in which nothing of the sender's stands."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from any_json import any_json
from fixed_seed import examples
from hypothesis import given
from hypothesis import strategies as st

from cpg.validation import KNOWN_ACTIONS, Violation, check_request, check_response

SAMPLE = {"timestamp": "2026-11-26T10:00:00Z", "sampledValue": [{"value": "1"}]}


@pytest.mark.parametrize(
    ("action", "payload", "code", "description"),
    [
        ("Heartbeat", {"x": 1}, "FormationViolation", ".: additionalProperties"),
        ("Authorize", {}, "OccurenceConstraintViolation", "idTag: required"),
        ("Authorize", {"idTag": 5}, "TypeConstraintViolation", "idTag: type"),
        ("Authorize", {"idTag": "x" * 21}, "TypeConstraintViolation", "idTag: maxLength"),
        (
            "StatusNotification",
            {"connectorId": 1, "errorCode": "NoError", "status": "Gone"},
            "FormationViolation",
            "status: enum",
        ),
        (
            "MeterValues",
            {"connectorId": 1, "meterValue": [SAMPLE, {**SAMPLE, "sampledValue": [{}]}]},
            "OccurenceConstraintViolation",
            "meterValue.1.sampledValue.0.value: required",
        ),
        (
            "MeterValues",
            {"connectorId": 1, "meterValue": []},
            "OccurenceConstraintViolation",
            "meterValue: minItems",
        ),
        ("LogStatusNotification", {"status": "x"}, "FormationViolation", "status: enum"),
        ("../Heartbeat", {}, "NotImplemented", ""),
        ("AuthorizeResponse", {}, "NotImplemented", ""),
    ],
)
def test_each_fault_has_its_code(
    action: str, payload: dict[str, Any], code: str, description: str
) -> None:
    with pytest.raises(Violation) as caught:
        check_request(action, payload)
    assert (caught.value.code, caught.value.description) == (code, description)


def test_each_action_has_a_schema_for_its_answer() -> None:
    for action in KNOWN_ACTIONS:
        with pytest.raises(Violation):
            check_response(action, {"of no schema": 1})


@pytest.mark.parametrize("inner", [[], {}, "x"])
def test_a_payload_as_deep_as_the_parser_allows_is_refused_in_words(inner: Any) -> None:
    for _ in range(1000):
        inner = [inner]
    for payload in ({"idTag": inner}, {"idTag": "A", "x": inner}):
        with pytest.raises(Violation):
            check_request("Authorize", payload)


SECRET = "4A5B6C7D"
names = st.sampled_from(["idTag", "connectorId", "meterValue", "timestamp", "data", SECRET])
values = (
    st.sampled_from([SECRET * 40, [SECRET], {SECRET: SECRET}, 1])
    | any_json
    | st.lists(st.dictionaries(st.sampled_from(["timestamp", "sampledValue", SECRET]), any_json))
)


def description(
    check: Callable[[str, dict[str, Any]], None], action: str, payload: dict[str, Any]
) -> str:
    try:
        check(action, payload)
    except Violation as violation:
        return violation.description
    return ""


@examples(60)
@given(st.sampled_from(sorted(KNOWN_ACTIONS)), st.dictionaries(names, values, max_size=4))
def test_no_description_holds_what_was_sent(action: str, payload: dict[str, Any]) -> None:
    for check in (check_request, check_response):
        described = description(check, action, payload)
        assert SECRET not in described
        assert len(described) <= 255
        assert re.fullmatch(r"|[A-Za-z0-9.]+: [A-Za-z]+", described)
