"""Randomness that a seed brings back. Pure."""

from random import Random


def seeded(*parts: str | float) -> Random:
    """Give a generator of its own to whoever names itself."""
    return Random(":".join(map(str, parts)))  # noqa: S311 - it must repeat, not surprise
