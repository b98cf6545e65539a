"""Writes docs/conformance.md from the last run: `python tests/support/conformance_document.py`.

With `--check` it writes nothing, and fails where the run does not bear the page out.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cases import CASES, OPERATIONS

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build" / "conformance.json"
DOCUMENT = ROOT / "docs" / "conformance.md"

Results = dict[str, dict[str, Any]]
"""Case -> `result` (passed, failed), `traffic` (`received Authorize` -> how often answered)."""
_DIRECTIONS = {
    "charge point": ("received",),
    "central system": ("sent",),
    "both": ("received", "sent"),
}
_PASSED = "passed"
_HEAD = f"""# OCPP 1.6 conformance

The {len(CASES)} test cases for a central system of the Open Charge Alliance's public list, and the
{len(OPERATIONS)} operations of OCPP 1.6 and its security extension. Each case is a test of that
name: the simulated charge point (`examples/charge_point.py`) plays it against a real gateway, asked
over the HTTP API. This page is written from a run of `tests/conformance` by
`python tests/support/conformance_document.py`.

It is our own reading of the cases, not a certificate.
"""


class MissingResultsError(Exception):
    """The last run does not bear out the page; the text names what is missing."""


def keep(case_id: str, result: str, traffic: Mapping[str, int]) -> None:
    """Write a case's result to the file that the document is made of."""
    RESULTS.parent.mkdir(exist_ok=True)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    known[case_id] = {"result": result, "traffic": dict(sorted(traffic.items()))}
    RESULTS.write_text(json.dumps(known, indent=1) + "\n")


def read_results(text: str) -> dict[str, int]:
    """Give the number of cases in which each operation was answered. Raises MissingResultsError."""
    results: Results = json.loads(text)
    for case_id in CASES:
        result = results.get(case_id, {}).get("result", "not run")
        if result != _PASSED:
            raise MissingResultsError(f"{case_id}: {result}")
    return {name: _cases_with(name, results) for name in OPERATIONS}


def _cases_with(name: str, results: Results) -> int:
    seen: set[str] = set()
    for direction in _DIRECTIONS[OPERATIONS[name].direction]:
        found = {
            case_id for case_id in CASES if results[case_id]["traffic"].get(f"{direction} {name}")
        }
        if not found:
            raise MissingResultsError(f"{name}: never {direction} and answered")
        seen |= found
    return len(seen)


def document(counts: Mapping[str, int]) -> str:
    """Write the page."""
    lines = [_HEAD, "## Cases", "", "| case | profile | title | result |", "|---|---|---|---|"]
    lines += [
        f"| {case_id} | {case.profile} | {case.title} | {_PASSED} |"
        for case_id, case in CASES.items()
    ]
    lines += ["", "## Operations", "", "| operation | asked by | profile | cases | result |"]
    lines += ["|---|---|---|---|---|"]
    lines += [
        f"| {name} | {_asked_by(name)} | {OPERATIONS[name].profile} | {counts[name]} | {_PASSED} |"
        for name in OPERATIONS
    ]
    return "\n".join(lines) + "\n"


def _asked_by(name: str) -> str:
    direction = OPERATIONS[name].direction
    return "either" if direction == "both" else f"the {direction}"


def read_document(text: str) -> dict[str, str]:
    """Give the result of each case and operation that a page tells of."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {row[0]: row[-1] for row in rows if row[-1] != "result"}


def main() -> None:
    """Write the page or check it; say what is missing."""
    try:
        counts = read_results(RESULTS.read_text())
        if "--check" not in sys.argv:
            DOCUMENT.write_text(document(counts))
    except (OSError, MissingResultsError) as error:
        sys.exit(f"docs/conformance.md is not borne out: {error}")


if __name__ == "__main__":
    main()
