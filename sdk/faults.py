"""What is wrong with data that a model refuses, in one line and without what was given. Pure."""

from pydantic import ValidationError


def first_fault(error: ValidationError) -> str:
    """Give the first fault as "field.part: what is wrong"."""
    where, what = _first(error)
    return f"{where}: {what}"


def plain_fault(error: ValidationError) -> str:
    """Give the first fault as `first_fault` does, but a rule of ours in its own words alone."""
    where, what = _first(error)
    return f"{where}: {what.removeprefix('Value error, ')}"


def _first(error: ValidationError) -> tuple[str, str]:
    first = error.errors(include_input=False, include_url=False)[0]
    return ".".join(str(part) for part in first["loc"]), first["msg"]
