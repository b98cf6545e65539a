"""Strategies: any JSON, and text that a socket may bring."""

from typing import Any

from hypothesis import strategies as st

any_text = st.text(st.characters(codec="utf-8"), max_size=20)
"""Everything that UTF-8 can write, control characters too."""

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | any_text
)

any_json: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=5,
)

objects = st.dictionaries(any_text, any_json, max_size=4)
