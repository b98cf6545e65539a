"""What a charge point may do against the specification and be heard nevertheless."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator

from sdk.errors import InvalidInputError

Tolerance = Literal["casing", "extra_properties", "missing_parts", "numeric_ids", "odd_timestamps"]

MEANINGS: Mapping[Tolerance, str] = {
    "casing": "names and values in other casing are taken for the specification's",
    "extra_properties": "properties that the specification does not know are dropped",
    "missing_parts": (
        "an absent payload, error code, vendor, model or timestamp (the time of arrival counts) is "
        "filled in, null counts as absent, and samples without value are dropped"
    ),
    "numeric_ids": "message ids may be JSON integers, and are echoed as such",
    "odd_timestamps": (
        "timestamps in other formats are read; of an unreadable one the time of arrival counts"
    ),
}
"""What each kind does; the reason for each is firmware in the field."""

Tolerances = Annotated[
    tuple[Tolerance, ...], AfterValidator(lambda kinds: tuple(sorted(set(kinds))))
]
"""A charge point's profile: sorted, without doubles; empty is strict."""

_ALL, _NONE = "all", "none"


def option_name(kind: Tolerance) -> str:
    """Give what a kind is called on the command line."""
    return kind.replace("_", "-")


def read_tolerances(names: Iterable[str]) -> tuple[Tolerance, ...]:
    """Read kinds as the command line gives them; `all` and `none` stand alone.

    Raises InvalidInputError, which names the choices.
    """
    given = {name.strip().lower().replace("_", "-") for name in names}
    if given == {_NONE}:
        return ()
    if given == {_ALL}:
        return tuple(sorted(MEANINGS))
    known: dict[str, Tolerance] = {option_name(kind): kind for kind in get_args(Tolerance)}
    if _NONE in given or _ALL in given or not given <= set(known):
        raise InvalidInputError(f"tolerate: {', '.join(sorted(known))}; or all; or none")
    return tuple(sorted(known[name] for name in given))
