"""Writes docs/survival.md from the last run: `python tests/support/survival_document.py`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from survival_tables import FAULTS, PHASES, cells, expected_end

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build" / "survival.json"
DOCUMENT = ROOT / "docs" / "survival.md"

Ends = Mapping[tuple[str, str], str]
"""(phase, fault) -> where the session ended."""

_HEAD = """# What a session survives

Every phase of a session meets every fault, on real services, a real Valkey and a real chain. This
page is written from a run of `tests/survival` by `python tests/support/survival_document.py`.

Each cell is where the session ended once the fault was over. In every cell the tokens were found to
the last unit: what the driver deposited is with the station, on the refund account, or in the
wallet; the receipt says what the chain says; and neither side lost what it had not signed for.
"""
_FAULT = "fault"


class MissingResultsError(Exception):
    """The last run has no good result for a cell; the text names it."""


def read_ends(text: str) -> dict[tuple[str, str], str]:
    """Read the ends from a run's results. Raises MissingResultsError."""
    results = json.loads(text)
    ends = {}
    for phase, fault in cells():
        result = results.get(fault, {}).get(phase)
        if result is None:
            raise MissingResultsError(f"{phase}-{fault} was not run")
        if result["faults"] or result["end"] != expected_end(phase, fault):
            raise MissingResultsError(f"{phase}-{fault} went wrong: {result}")
        ends[phase, fault] = result["end"]
    return ends


def document(ends: Ends) -> str:
    """Write the page."""
    lines = [_HEAD, f"| {_FAULT} / phase | {' | '.join(PHASES)} |"]
    lines.append("|---" * (len(PHASES) + 1) + "|")
    for fault in FAULTS:
        found = " | ".join(ends[phase, fault] for phase in PHASES)
        lines.append(f"| {_name(fault)} | {found} |")
    lines += ["", "What is meant by each phase:", ""]
    lines += [f"- **{phase}**: {meaning}." for phase, meaning in PHASES.items()]
    lines += ["", "What is meant by each fault:", ""]
    lines += [f"- **{_name(fault)}**: {meaning}." for fault, meaning in FAULTS.items()]
    return "\n".join(lines) + "\n"


def read_document(text: str) -> dict[tuple[str, str], str]:
    """Read the cells of a page back."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    head, *rest = rows
    names = {_name(fault): fault for fault in FAULTS}
    return {
        (phase, names.get(row[0], row[0])): end
        for row in rest
        for phase, end in zip(head[1:], row[1:], strict=True)
    }


def _name(fault: str) -> str:
    return fault.replace("_", " ")


def main() -> None:
    """Write the page, or say what is missing."""
    try:
        DOCUMENT.write_text(document(read_ends(RESULTS.read_text())))
    except (OSError, MissingResultsError) as error:
        sys.exit(f"docs/survival.md was not written: {error}")


if __name__ == "__main__":
    main()
