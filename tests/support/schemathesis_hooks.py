"""What schemathesis leaves out when it asks the API, and whom it asks about."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import schemathesis
from schemathesis import Case, GenerationMode, HookContext
from schemathesis.core.parameters import ParameterLocation

POINT = "CP-1"
OTHER = "CP-OTHER"
"""May be removed: nobody else asks about it."""
NO_KEY = "0123456789ab"
_LONGEST_QUERY = 4_000
_TOLERANCE = 1e-8


@schemathesis.hook
def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
    """Ask about what there is, and leave the key alone that it asks with."""
    assert context is not None
    is_removal = case.method == "DELETE"
    for name, value in (
        ("charge_point_id", OTHER if is_removal else POINT),
        ("key_id", NO_KEY),
    ):
        if name in case.path_parameters and not _is_wrong_on_purpose(case):
            case.path_parameters[name] = value
    return case


def _is_wrong_on_purpose(case: Case[Any]) -> bool:
    path = case.meta.components.get(ParameterLocation.PATH) if case.meta else None
    return path is not None and path.mode is GenerationMode.NEGATIVE


@schemathesis.hook
def filter_case(context: HookContext, case: Case[Any]) -> bool:
    """Leave out what is judged before the API sees it, or more strictly than JSON can be read.

    aiohttp itself refuses request lines that are too long. pydantic takes what is very near to a
    multiple of 0.1 for one: nothing that is written in tenths has a binary value that strictly is.
    """
    assert context is not None
    if len(urlencode(case.query, doseq=True)) > _LONGEST_QUERY:
        return False
    return not any(map(_is_nearly_tenths, _numbers(case.body)))


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict):
        yield from _numbers(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from _numbers(item)


def _is_nearly_tenths(number: float) -> bool:
    rest = number % 0.1
    return round(number, 1) != number and min(rest, 0.1 - rest) < _TOLERANCE
