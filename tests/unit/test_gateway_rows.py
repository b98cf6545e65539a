"""docs/gateway.md: each case of the two lists has a test that exists, or a decision that does."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "gateway.md"
TEXT = PAGE.read_text(encoding="utf-8")
EDGE_CASES, MALFORMED = 30, 25
_ROW = re.compile(r"^\| *([A-Z]\d+) *\|(.*)\|$", re.MULTILINE)
_TEST = re.compile(r"`(test_\w+\.py)::(\w+)`")
_LINK = re.compile(r"\]\(#([^)]*)\)")
_FILE_LINK = re.compile(r"\]\((?!#)([^)#]+)\)")


def rows() -> list[tuple[str, str]]:
    """Give name and text of each row of both tables."""
    return [(found[1], found[2]) for found in _ROW.finditer(TEXT)]


def anchors(level: str) -> list[str]:
    """Give the headings of a level, as links name them."""
    found = re.findall(rf"^{level} (.+)$", TEXT, re.MULTILINE)
    return [re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-") for name in found]


def functions_of(path: Path) -> Iterator[str]:
    """Give the names of the functions of a file."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def test_each_case_stands_there_once() -> None:
    expected = [f"E{n}" for n in range(1, EDGE_CASES + 1)]
    expected += [f"M{n}" for n in range(1, MALFORMED + 1)]
    assert [name for name, _ in rows()] == expected


@pytest.mark.parametrize(("name", "text"), rows(), ids=[name for name, _ in rows()])
def test_each_case_has_a_test_or_a_decision(name: str, text: str) -> None:
    assert text.count("|") == 2, f"{name}: case, what happens, tests"
    case, happens, _ = map(str.strip, text.split("|"))
    assert case
    assert happens
    decisions = _LINK.findall(text)
    assert _TEST.search(text) or decisions, f"{name} has neither"
    assert set(decisions) <= set(anchors("###")), f"{name} names a decision that there is not"


def test_each_test_exists() -> None:
    files = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
    named = Counter(_TEST.findall(TEXT))
    assert named
    known = {file: set(functions_of(files[file])) for file, _ in named if file in files}
    missing = [f"{file}::{test}" for file, test in named if test not in known.get(file, ())]
    assert not missing


def test_each_decision_is_named_and_each_link_leads_somewhere() -> None:
    linked = set(_LINK.findall(TEXT))
    assert linked <= {*anchors("##"), *anchors("###")}
    assert set(anchors("###")) <= linked
    for target in _FILE_LINK.findall(TEXT):
        assert (PAGE.parent / target).exists(), target
