"""What a part of the benchmarks is that brings its own processes, or needs none."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Values = dict[str, float]


@dataclass(frozen=True, slots=True)
class Part:
    """The names that it measures, and what it does, for the setup line."""

    names: tuple[str, ...]
    what: str
    measure: Callable[[], Awaitable[Values]]
