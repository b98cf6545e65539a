"""docs/conformance.md tells of each case and operation once, and each case is played once."""

import json
import re
from pathlib import Path

import pytest
from cases import CASES, OPERATIONS
from conformance_document import (
    DOCUMENT,
    MissingResultsError,
    document,
    read_document,
    read_results,
)

_SAID = {
    f"{direction} {name}": 1
    for name, operation in OPERATIONS.items()
    for direction in (
        {"charge point": ("received",), "central system": ("sent",)}.get(
            operation.direction, ("received", "sent")
        )
    )
}
GOOD = {case_id: {"result": "passed", "traffic": _SAID} for case_id in CASES}


def test_the_tables_are_whole() -> None:
    assert len(CASES) == 77
    assert len(OPERATIONS) == 39
    assert len(_SAID) == 40, "DataTransfer goes both ways"


def test_each_case_is_played_once() -> None:
    texts = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_cases_*.py")]
    played = [name for text in texts for name in re.findall(r'@CASES\.plays\("(\w+)"\)', text)]
    assert sorted(played) == sorted(CASES)


def test_the_document_lists_exactly_the_cases_and_operations() -> None:
    assert read_document(DOCUMENT.read_text("utf-8")) == dict.fromkeys(
        [*CASES, *OPERATIONS], "passed"
    )


def test_good_results_are_written() -> None:
    counts = read_results(json.dumps(GOOD))
    assert counts == dict.fromkeys(OPERATIONS, len(CASES))
    assert read_document(document(counts)).keys() == {*CASES, *OPERATIONS}


@pytest.mark.parametrize("result", [None, {"result": "failed", "traffic": _SAID}])
def test_a_case_that_is_missing_or_failed_is_not_written(result: object) -> None:
    results: dict[str, object] = {**GOOD, "TC_046_CSMS": result}
    if result is None:
        del results["TC_046_CSMS"]
    with pytest.raises(MissingResultsError, match=r"^TC_046_CSMS"):
        read_results(json.dumps(results))


@pytest.mark.parametrize("said", ["received Heartbeat", "sent DataTransfer", "sent GetLog"])
def test_an_operation_that_was_never_answered_is_not_written(said: str) -> None:
    less = {name: count for name, count in _SAID.items() if name != said}
    results = {case_id: {"result": "passed", "traffic": less} for case_id in CASES}
    with pytest.raises(MissingResultsError, match=said.split()[1]):
        read_results(json.dumps(results))
