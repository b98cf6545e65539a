import json

import pytest
from pydantic import BaseModel, Field, ValidationError

from sdk.bus.interface import BusUnavailableError, OverloadedError
from sdk.errors import InvalidInputError, NoroamError, UnavailableError
from sdk.register import ChargePointExistsError, UnknownChargePointError
from session_manager.access import (
    AccessClosedError,
    TooManyRequestsError,
    TooManyWrongKeysError,
    WrongKeyError,
)
from session_manager.api.problems import ProblemError, not_found, problem_of, wrong_fields


class _Inner(BaseModel, extra="forbid"):
    number: int = Field(lt=10)


class _Outer(BaseModel, extra="forbid"):
    parts: tuple[_Inner, ...] = ()
    odd_name: str = Field(alias="a/b~c", default="")


def _fault(text: str) -> ValidationError:
    with pytest.raises(ValidationError) as raised:
        _Outer.model_validate_json(text, strict=True)
    return raised.value


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [
        (UnknownChargePointError("no such"), 404, None),
        (ChargePointExistsError("is there"), 409, None),
        (WrongKeyError("no"), 401, "WWW-Authenticate"),
        (AccessClosedError("CREDENTIAL_KEY"), 503, None),
        (TooManyRequestsError(3), 429, "Retry-After"),
        (TooManyWrongKeysError(3), 429, "Retry-After"),
        (BusUnavailableError("redis://secret"), 503, "Retry-After"),
        (OverloadedError("lane"), 503, "Retry-After"),
        (UnavailableError("later"), 503, "Retry-After"),
        (InvalidInputError("bad"), 422, None),
        (NoroamError("inside"), 500, None),
        (not_found("thing"), 404, None),
    ],
)
def test_each_error_has_its_status(error: NoroamError, status: int, header: str | None) -> None:
    problem = problem_of(error)
    assert problem.status == problem.document.status == status
    assert problem.document.title
    assert list(problem.headers) == ([header] if header else [])


def test_what_is_inside_is_not_told() -> None:
    assert "redis://" not in problem_of(BusUnavailableError("redis://secret")).detail
    assert "inside" not in problem_of(NoroamError("inside")).detail


def test_faults_are_named_by_pointers_and_repeat_no_value() -> None:
    secret = "hunter2"
    text = json.dumps({"parts": [{"number": 1}, {"number": secret}], "a/b~c": 5, "more": secret})
    problem = wrong_fields(_fault(text))
    assert problem.status == 422
    assert [fault.pointer for fault in problem.errors] == ["/parts/1/number", "/a~1b~0c", "/more"]
    assert secret not in problem.document.model_dump_json()


def test_a_long_list_of_faults_is_cut_and_so_is_a_long_name() -> None:
    many = wrong_fields(_fault(json.dumps({f"x{number}": 1 for number in range(1_000)})))
    assert 0 < len(many.errors) <= 20
    long = wrong_fields(_fault(json.dumps({"x" * 10_000: 1})))
    assert len(long.errors[0].pointer or "") < 100


def test_the_callers_own_names_are_used() -> None:
    problem = wrong_fields(_fault('{"parts": 1}'), names={"parts": "csParts"})
    assert problem.errors[0].pointer == "/csParts"


def test_parameters_of_a_query_are_no_pointers() -> None:
    (fault,) = wrong_fields(_fault('{"parts": 1}'), of_query=True).errors
    assert (fault.parameter, fault.pointer) == ("parts", None)


def test_a_refusal_of_our_own_stays_as_it_is() -> None:
    problem = ProblemError(409, "Busy.", headers={"X": "y"})
    assert problem_of(problem) is problem
