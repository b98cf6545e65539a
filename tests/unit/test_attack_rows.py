"""docs/attacks.md: each attack has a test, and each test that it names exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| *([A-Z]\d+) *\|(.*)\|$", re.MULTILINE)
_TEST = re.compile(r"`(test_\w+\.py)::(\w+)`")
ROWS = [(found[1], found[2]) for found in _ROW.finditer(TEXT)]
LEAST_ROWS = 35


def functions_of(path: Path) -> set[str]:
    """Give the names of the functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in tree.body if isinstance(node, kinds)}


FILES = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
KNOWN = {file: functions_of(FILES[file]) for file, _ in _TEST.findall(TEXT) if file in FILES}


def test_rows_are_numbered_one_by_one() -> None:
    assert len(ROWS) >= LEAST_ROWS
    for letter in {name[0] for name, _ in ROWS}:
        numbers = [int(name[1:]) for name, _ in ROWS if name[0] == letter]
        assert numbers == list(range(1, len(numbers) + 1)), letter


@pytest.mark.parametrize(("name", "text"), ROWS, ids=[name for name, _ in ROWS])
def test_each_attack_has_tests_that_exist(name: str, text: str) -> None:
    cells = [cell.strip() for cell in text.split("|")]
    assert len(cells) == 4, f"{name}: attack, what is done, what holds, tests"
    assert all(cells)
    named = _TEST.findall(cells[3])
    assert named
    missing = [f"{file}::{test}" for file, test in named if test not in KNOWN.get(file, ())]
    assert not missing
