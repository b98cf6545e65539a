"""How many examples a property is tried with: few and always the same, or many and new ones."""

import os

from hypothesis import settings

_TIMES = int(os.environ.get("FUZZ_TIMES", "0"))


def examples(count: int) -> settings:
    """Try `count` examples from a fixed seed; with FUZZ_TIMES=n, n times as many, others each run.

    A failure prints what it takes to see it again.
    """
    return settings(
        max_examples=count * max(1, _TIMES),
        derandomize=_TIMES == 0,
        database=None,
        deadline=None,
        print_blob=True,
    )
