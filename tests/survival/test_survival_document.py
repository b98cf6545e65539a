"""docs/survival.md shows each cell of the two tables once, and how it ends."""

import json

import pytest
from survival_document import DOCUMENT, MissingResultsError, document, read_document, read_ends
from survival_tables import ENDS, FAULTS, PHASES, cells, expected_end

EXPECTED = {cell: expected_end(*cell) for cell in cells()}


def _results(**changes: object) -> str:
    good = {
        fault: {
            phase: {"end": expected_end(phase, fault), "faults": [], "seconds": 1.0}
            for phase in PHASES
        }
        for fault in FAULTS
    }
    return json.dumps(good | changes)


def test_the_document_lists_exactly_the_cells_of_the_tables() -> None:
    text = DOCUMENT.read_text()
    assert read_document(text) == EXPECTED
    assert text == document(EXPECTED)


def test_every_expected_end_is_an_end() -> None:
    assert set(EXPECTED.values()) <= {*ENDS}


def test_good_results_are_written() -> None:
    assert read_ends(_results()) == EXPECTED


@pytest.mark.parametrize(
    "result",
    [
        {},
        {phase: {"end": "charging", "faults": [], "seconds": 60.0} for phase in PHASES},
        {phase: {"end": "settled", "faults": ["a token is lost"]} for phase in PHASES},
    ],
)
def test_a_cell_that_is_missing_or_went_wrong_is_not_written(result: dict[str, object]) -> None:
    with pytest.raises(MissingResultsError, match=r"verifying-gateway_killed"):
        read_ends(_results(gateway_killed=result))
