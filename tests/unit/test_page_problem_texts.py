"""The page's German for what the API says: each English sentence there is still said by it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "dui" / "src" / "parts" / "problemTexts.ts"
_ENTRY = re.compile(
    r"\[\s*(?:'((?:[^'\\]|\\.)*)'|\"([^\"]*)\"),\s*(?:'((?:[^'\\]|\\.)*)')\s*,?\s*\]"
)
_ANYTHING = "…"


class _Form(BaseModel, extra="forbid"):
    needed: int


_WRONG: tuple[tuple[Any, Any], ...] = (
    (_Form, {}),
    (_Form, {"needed": 1, "other": 1}),
    (int, []),
    (int, "x"),
    (str, 1),
    (Annotated[int, Field(gt=7)], 7),
    (Annotated[int, Field(ge=7)], 6),
    (Annotated[int, Field(le=7)], 8),
    (Annotated[str, Field(min_length=1)], ""),
    (Annotated[str, Field(min_length=2)], ""),
    (Annotated[str, Field(max_length=1)], "ab"),
    (Annotated[str, Field(max_length=2)], "abc"),
)
"""What makes pydantic say its sentences."""


def entries() -> dict[str, str]:
    """Give the German of each English sentence."""
    found = _ENTRY.findall(TEXTS.read_text("utf-8"))
    return {single or double: german for single, double, german in found}


def said() -> frozenset[str]:
    """Give each text that the services' code has, and pydantic's; `…` stands for what differs."""
    texts = set[str]()
    for package in ("sdk", "session_manager"):
        for path in (ROOT / package).rglob("*.py"):
            texts.update(_texts(ast.parse(path.read_text("utf-8"))))
    for kind, wrong in _WRONG:
        with pytest.raises(ValidationError) as raised:
            TypeAdapter(kind).validate_python(wrong)
        message = raised.value.errors()[0]["msg"]
        texts |= {message, re.sub(r"\d+", _ANYTHING, message)}
    return frozenset(texts)


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else _ANYTHING
                for part in node.values
            )


def test_each_sentence_is_said_somewhere() -> None:
    known = entries()
    assert len(known) > 60
    assert sorted(set(known) - said()) == []


def test_german_has_a_place_for_what_differs_and_no_more() -> None:
    wrong = {
        english: german
        for english, german in entries().items()
        if german.count(_ANYTHING) not in {english.count(_ANYTHING), 0}
    }
    assert wrong == {}
