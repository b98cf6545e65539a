"""The OpenAPI document: valid, complete, and true of what is taken."""

import re
from datetime import UTC, datetime
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from sdk.events.ocpp16.messages import FROM_CENTRAL_SYSTEM, REQUESTS
from sdk.events.ocpp_part import OcppPart
from sdk.events.operations import ANSWERS
from sdk.events.operations.mapping import command_of
from session_manager.api.catalogue import ROUTES
from session_manager.api.examples import EXAMPLES
from session_manager.api.openapi import openapi
from session_manager.api.operation_words import WORDS
from session_manager.api.operations import check_integers
from session_manager.api.problems import ProblemError
from session_manager.api.profiles import NAMES, role_for
from session_manager.api.routes import Route

LATER = datetime(2030, 1, 1, tzinfo=UTC)
DOCUMENT = openapi(ROUTES)
OPERATION = "/api/v1/charge-points/{charge_point_id}/operations/"


def _validator(name: str) -> jsonschema.Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return jsonschema.Draft202012Validator(schema)


def _nodes(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(node for item in value.values() for node in _nodes(item))]
    if isinstance(value, list):
        return [node for item in value for node in _nodes(item)]
    return []


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    references = {node["$ref"] for node in _nodes(DOCUMENT) if isinstance(node.get("$ref"), str)}
    assert references
    assert references <= {f"#/components/schemas/{name}" for name in schemas}
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_patterns_are_those_of_ecma() -> None:
    patterns = [each for node in _nodes(DOCUMENT) if isinstance(each := node.get("pattern"), str)]
    assert patterns
    assert not [each for each in patterns if re.search(r"\(\?(?![:=!])|\\[AZ]", each)]


def test_conditions_are_parameters() -> None:
    heard = {
        each["operationId"]: {it["name"] for it in each["parameters"] if it["in"] == "header"}
        for path in DOCUMENT["paths"].values()
        for each in path.values()
    }
    assert heard["get_id_tag"] == {"If-None-Match"}
    assert heard["change_id_tag"] == heard["remove_charge_point"] == {"If-Match"}
    assert heard["follow_events"] == {"Last-Event-ID"}
    assert heard["Reset"] == set()


def test_headers_of_answers_are_told() -> None:
    told = {
        each["operationId"]: {
            status: set(answer.get("headers", ())) - {"X-Correlation-Id"}
            for status, answer in each["responses"].items()
        }
        for path in DOCUMENT["paths"].values()
        for each in path.values()
    }
    assert told["list_transactions"]["200"] == {"Link"}
    assert told["register_charge_point"]["201"] == {"Location"}
    assert told["add_id_tag"]["201"] == {"ETag", "Location"}
    assert told["get_id_tag"]["304"] == told["change_id_tag"]["200"] == {"ETag"}
    for answers in (told[route.name] for route in ROUTES if route.role is not None):
        assert (answers["401"], answers["500"]) == ({"WWW-Authenticate"}, set())
        assert answers["429"] == answers["503"] == {"Retry-After"}


def test_parameters_are_called_as_the_fields_are() -> None:
    names = {
        parameter["name"]
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
        for parameter in operation["parameters"]
    }
    assert names >= {"charge_point_id", "connector_id", "transaction_id", "id_tag"}
    assert not names & {"charge_point", "connector", "transaction", "tag"}


def test_there_is_a_path_for_each_operation_of_the_central_system() -> None:
    asked = {path.removeprefix(OPERATION) for path in DOCUMENT["paths"] if OPERATION in path}
    assert asked == {kind.__name__ for kind in ANSWERS}
    assert asked >= set(FROM_CENTRAL_SYSTEM)


def test_names_are_told_apart_and_parameters_are_told() -> None:
    found = [each for path in DOCUMENT["paths"].values() for each in path.values()]
    assert len({each["operationId"] for each in found}) == len(found) == len(ROUTES)
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            named = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
            assert named == re.findall(r"{(\w+)}", path)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: str(route.name))
def test_examples_are_what_is_taken(route: Route) -> None:
    if route.body is None:
        return
    assert route.example is not None
    _validator(route.body.__name__).validate(dict(route.example))
    request = route.body.model_validate(dict(route.example), by_alias=True, by_name=False)
    if isinstance(request, OcppPart):
        command_of(request, LATER)


def test_each_operation_says_in_one_sentence_what_it_does() -> None:
    assert set(WORDS) == set(NAMES)
    assert len(set(WORDS.values())) == len(NAMES)
    for name, words in WORDS.items():
        assert re.fullmatch(r"[A-Z][^.]*\.", words), name
        assert DOCUMENT["paths"][OPERATION + name]["post"]["description"].startswith(words)


def test_force_is_described() -> None:
    one = DOCUMENT["paths"]["/api/v1/charge-points/{charge_point_id}"]["delete"]
    (force,) = [each for each in one["parameters"] if each["name"] == "force"]
    assert "session" in force["description"]


def test_nobody_is_let_in_without_a_key_but_to_sign_in() -> None:
    open_ones = [route.name for route in ROUTES if route.role is None]
    assert open_ones == ["sign_in", "sign_out", "me"]
    for path in DOCUMENT["paths"].values():
        for operation in path.values():
            assert operation["security"] or operation["operationId"] in open_ones


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("ReserveNow", {**EXAMPLES["ReserveNow"], "idTag": ""}),
        ("ReserveNow", {**EXAMPLES["ReserveNow"], "connectorId": -1}),
        ("ReserveNow", {**EXAMPLES["ReserveNow"], "reservationId": 2**31}),
        ("RemoteStopTransaction", {"transactionId": 0}),
        ("SendLocalList", {"listVersion": 0, "updateType": "Full"}),
        (
            "SendLocalList",
            {"listVersion": 1, "updateType": "Full", "localAuthorizationList": [{"idTag": ""}]},
        ),
        ("ClearChargingProfile", {"stackLevel": -1}),
    ],
)
def test_the_document_says_what_is_refused(operation: str, body: dict[str, Any]) -> None:
    assert list(_validator(f"{operation}Request").iter_errors(body))


def test_integers_of_ocpp_have_32_bits() -> None:
    body = {**EXAMPLES["SetChargingProfile"]}
    body["csChargingProfiles"] = {**body["csChargingProfiles"], "chargingProfileId": 2**31}
    with pytest.raises(ProblemError) as raised:
        check_integers(REQUESTS["SetChargingProfile"].model_validate(body))
    pointers = [fault.pointer for fault in raised.value.errors]
    assert pointers == ["/csChargingProfiles/chargingProfileId"]


def test_what_changes_the_locks_is_for_administrators() -> None:
    for_administrators = {name for name in NAMES if role_for(name) == "administrator"}
    assert for_administrators == {
        "CertificateSigned",
        "DeleteCertificate",
        "GetInstalledCertificateIds",
        "InstallCertificate",
        "ReplacePassword",
        "SignedUpdateFirmware",
        "UpdateFirmware",
    }
