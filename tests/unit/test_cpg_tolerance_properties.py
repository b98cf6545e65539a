"""Requests spoiled in every tolerated way are mended, keep their meaning, and are else refused."""

from copy import deepcopy
from datetime import UTC, datetime
from random import Random
from typing import Any, get_args

import pytest
from any_json import any_json, any_text
from fixed_seed import examples
from hypothesis import given
from hypothesis import strategies as st
from requests_of_charge_points import ACTIONS, FILLED_IN, payloads, spoil, walk

from cpg.odd_times import read_iso_time, read_odd_time
from cpg.shapes import Shape, schema_shape
from cpg.tolerance import mend
from cpg.validation import KNOWN_ACTIONS, Violation, check_request
from sdk.tolerances import Tolerance

ALL: frozenset[Tolerance] = frozenset(get_args(Tolerance))
NONE: frozenset[Tolerance] = frozenset()
NOW = datetime(2026, 11, 26, 10, tzinfo=UTC)
KINDS: tuple[Tolerance, ...] = ("odd_timestamps", "missing_parts", "extra_properties", "casing")
"""In an order in which a later fault does not hide an earlier one from the spoiler."""

requests = st.sampled_from(ACTIONS).flatmap(
    lambda action: st.tuples(st.just(action), payloads(action))
)
randoms = st.integers(0, 2**32).map(Random)


def is_refused(action: str, payload: dict[str, Any]) -> bool:
    if action not in KNOWN_ACTIONS:
        return True
    odd = []

    def look(shape: Shape, value: Any) -> Any:
        if shape.is_time and value is not None:
            odd.append(not isinstance(value, str) or read_iso_time(value) is None)
        return value

    walk(schema_shape(action), payload, look)
    try:
        check_request(action, payload)
    except Violation:
        return True
    return any(odd)


def meaning(action: str, payload: dict[str, Any], *, filled_in: bool) -> Any:
    """The payload with its times as moments, and without what may have been filled in."""

    def change(shape: Shape, value: Any) -> Any:
        if shape.is_time:
            return datetime.fromisoformat(value)
        if isinstance(value, dict) and filled_in:
            return {n: item for n, item in value.items() if n not in FILLED_IN}
        return value

    return walk(schema_shape(action), payload, change)


@pytest.mark.parametrize("kind", KINDS)
@examples(40)
@given(requests, randoms)
def test_faults_of_one_kind_are_mended_by_their_tolerance_alone(
    kind: Tolerance, request_: tuple[str, dict[str, Any]], random: Random
) -> None:
    spoiled = spoil(kind, *request_, random)
    mended = mend(*spoiled, frozenset({kind}), NOW)
    assert not is_refused(mended.action, mended.payload)
    assert mended.action == request_[0]
    expected = meaning(*request_, filled_in=kind == "missing_parts")
    assert meaning(mended.action, mended.payload, filled_in=kind == "missing_parts") == expected
    assert mended.used == (NONE if spoiled == request_ else {kind})
    assert is_refused(*spoiled) == (spoiled != request_)
    # an optional property in another casing is also one that the schema does not know
    others = mend(*spoiled, ALL - {kind, "extra_properties"}, NOW)
    assert is_refused(others.action, others.payload) == (spoiled != request_)


@examples(60)
@given(requests, st.sets(st.sampled_from(KINDS)), randoms)
def test_faults_of_many_kinds_are_mended_together(
    request_: tuple[str, dict[str, Any]], kinds: set[Tolerance], random: Random
) -> None:
    action, payload = request_
    name = action
    for kind in sorted(kinds, key=KINDS.index):
        name, payload = spoil(kind, action, payload, random)
    before = deepcopy(payload)
    mended = mend(name, payload, ALL, NOW)
    assert payload == before
    assert mended.used <= kinds
    assert not is_refused(mended.action, mended.payload)
    filled_in = "missing_parts" in kinds
    expected = meaning(*request_, filled_in=filled_in)
    assert meaning(mended.action, mended.payload, filled_in=filled_in) == expected
    assert mend(name, payload, mended.used, NOW) == mended
    assert mend(name, payload, NONE, NOW) == (name, payload, NONE)
    assert is_refused(name, payload) == bool(mended.used)


@examples(80)
@given(
    st.sampled_from(ACTIONS) | any_text,
    st.dictionaries(
        st.sampled_from(["idTag", "IDTAG", "meterValue", "timestamp", "transactionData"])
        | any_text,
        any_json
        | st.lists(
            st.dictionaries(st.sampled_from(["sampledValue", "timeStamp", "x"]), any_json),
            max_size=2,
        ),
        max_size=4,
    ),
    st.frozensets(st.sampled_from(KINDS)),
)
def test_nothing_that_comes_raises_or_needs_mending_twice(
    action: str, payload: dict[str, Any], profile: frozenset[Tolerance]
) -> None:
    before = deepcopy(payload)
    mended = mend(action, payload, profile, NOW)
    assert payload == before
    assert mended.used <= profile
    assert mend(mended.action, mended.payload, profile, NOW) == (*mended[:2], NONE)
    assert mended.payload is not payload
    assert (mended.payload == payload and mended.action == action) == (not mended.used)


@examples(80)
@given(any_text | st.text("0123456789 :./-+TZaApPmM", max_size=30) | any_json)
def test_whatever_stands_for_a_time_is_read_in_utc_or_not_at_all(value: Any) -> None:
    moment = read_odd_time(value)
    assert moment is None or moment.tzinfo is UTC
    if isinstance(value, str) and (strict := read_iso_time(value)) is not None:
        assert moment == strict
